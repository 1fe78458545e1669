"""Where the words stand that a field or a tag was read from, and what to mark in the text."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from kb import content, markup
from kb.card import CardField
from kb.curating import Field
from web.marking import Anchor, holds


class Passage(NamedTuple):
    """Words of the text that something was read from, and where a link to them leads."""

    quote: str
    heading: str
    target: str  # id on the page; empty where the text no longer has the words


@dataclass(frozen=True, slots=True)
class Read:
    """A field of the card, ready to print."""

    name: str
    value: str  # empty where it is what the passages say
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A field to look at, ready to print."""

    field: Field
    passage: Passage | None
    quoted: bool  # the passage says more than the field does


class Marks:
    """The passages to mark in each section, gathered while what quotes them is laid out.

    The id of a passage is made of its words: a part of the page that is drawn anew still leads
    to the text that stands beside it.
    """

    def __init__(self, said: content.Record) -> None:
        self.title = said.title
        self.sections = said.sections
        self.anchors: list[list[Anchor]] = [[] for _ in said.sections]

    def passage(self, quote: str, *, heading: str = "", section: int | None = None) -> Passage:
        """Return where `quote` stands, looking first where it was read."""
        at, plain = self._where(quote, section), _words(quote)
        if at is None:
            in_title = holds(self.title, quote)
            return Passage(plain, "" if in_title else heading, "title" if in_title else "")
        digest = hashlib.sha256(f"{at}:{quote}".encode()).hexdigest()
        anchor = Anchor(f"passage-{digest[:8]}", quote)
        self.anchors[at].append(anchor)
        return Passage(plain, self.sections[at].heading or heading, anchor.name)

    def _where(self, quote: str, section: int | None) -> int | None:
        here = [section] if section is not None and 0 <= section < len(self.sections) else []
        order = [*here, *range(len(self.sections))]
        return next((at for at in order if holds(self.sections[at].body, quote)), None)

    def marked(self) -> Iterator[tuple[content.Section, list[Anchor]]]:
        """Yield the sections that have a text, with what to mark in each."""
        for section, anchors in zip(self.sections, self.anchors, strict=True):
            if section.body.strip():
                yield section, list(dict.fromkeys(anchors))


def read(field: CardField, marks: Marks) -> Read:
    """Return a field of the card with its passages."""
    passages = [marks.passage(one.quote, section=one.section) for one in field.evidence]
    quoted = "\n\n".join(one.quote for one in field.evidence)
    return Read(field.name, "" if field.value == quoted else field.value, tuple(_joined(passages)))


def shown(field: Field, marks: Marks) -> Shown:
    """Return a field to look at with the passage that says so, if one does."""
    quote, section = field.source
    passage = marks.passage(quote, section=section) if quote else None
    there = passage if passage and passage.target not in {"", "title"} else None
    return Shown(field, there, quoted=bool(there) and quote != field.value)


def _words(quote: str) -> str:
    """Return what a reader sees of a quote; of a row of a table that stands alone, its cells."""
    one_row = quote.lstrip().startswith("|") and "\n" not in quote.strip()
    return (markup.row_to_text(quote) if one_row else markup.to_text(quote)) or quote


def _joined(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Yield passages that follow each other in one section as one; its link leads to the first."""
    for (_, there, _), group in groupby(
        passages, key=lambda one: (one.heading, bool(one.target), one.target == "title")
    ):
        some = list(group)
        if there:
            yield some[0]._replace(quote=" ".join(one.quote for one in some))
        else:
            yield from some
