"""What a question marks: "quoted phrases", which must occur, and -words, which must not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TypeAlias

from kb.folding import tokens

QUOTES = {'"': '"', "“": "”", "«": "»"}
MINUS = "-"
Span: TypeAlias = tuple[int, int]  # characters, end not included
BLANK = "\t"  # no word, and no label runs across it


@dataclass(frozen=True, slots=True)
class Marked:
    """A question, and what of it stands in quotes or after a minus."""

    text: str
    phrases: tuple[str, ...] = ()  # words as typed, one space between two; each once
    excluded: tuple[str, ...] = ()  # likewise: words and phrases
    marked: tuple[Span, ...] = ()  # where quoted and excluded parts stand
    asked: str = ""  # as long as `text`, with blanks where something is excluded

    @property
    def plain(self) -> str:
        """What is asked, without what is excluded."""
        return " ".join(part for part in map(str.strip, self.asked.split(BLANK)) if part)


@dataclass(frozen=True, slots=True)
class _Part:
    """Characters `start` to `end` of a question that are marked, and the words among them."""

    start: int
    end: int
    said: str
    excluded: bool


def read(text: str) -> Marked:
    """Return what `text` marks; time is linear in it.

    A minus counts only at the beginning of a word, before a letter or a quote: skin-to-skin and
    -5 % are text. So is a quote that nothing closes, or with no word in it.

    >>> read('"golden hour" feeding -HIV -"skin to skin"').phrases
    ('golden hour',)
    >>> read('"golden hour" feeding -HIV -"skin to skin"').excluded
    ('HIV', 'skin to skin')
    >>> read("post-natal care, 5 - 7 days, -5 %").excluded
    ()
    """
    spaced = text.replace(BLANK, " ")
    parts = list(_parts(spaced))
    out = [part for part in parts if part.excluded]
    kept = zip([0, *(part.end for part in out)], [*(p.start for p in out), len(text)], strict=True)
    asked = [spaced[start:end] for start, end in kept]
    blanks = [BLANK * (part.end - part.start) for part in out]
    return Marked(
        text=text,
        phrases=tuple(dict.fromkeys(part.said for part in parts if not part.excluded)),
        excluded=tuple(dict.fromkeys(part.said for part in out)),
        marked=tuple((part.start, part.end) for part in parts),
        asked="".join(chain(*zip_longest(asked, blanks, fillvalue=""))),
    )


def _parts(text: str) -> Iterator[_Part]:
    at, before = 0, " "  # where to read on, and the character that stands before
    unclosed: set[str] = set()  # quotes that nothing further on closes
    while at < len(text):
        minus = text[at] == MINUS and before.isspace()
        opening = at + minus
        end = _end_of_quote(text, opening, unclosed) if not before.isalnum() else None
        if end is None and minus and text[opening : opening + 1].isalpha():
            end = _end_of_word(text, opening)
        said = " ".join(token.surface for token in tokens(text[opening:end])) if end else ""
        if end and said:
            yield _Part(at, end, said, excluded=minus)
        at = end or at + 1
        before = text[at - 1]


def _end_of_quote(text: str, opening: int, unclosed: set[str]) -> int | None:
    """Return where the quote that opens here ends, its sign included; None if none does."""
    closing = QUOTES.get(text[opening : opening + 1])
    if closing is None or closing in unclosed:
        return None
    found = text.find(closing, opening + 1)
    if found < 0:
        unclosed.add(closing)
        return None
    return found + 1


def _end_of_word(text: str, start: int) -> int:
    end = start
    while end < len(text) and not text[end].isspace() and text[end] not in QUOTES:
        end += 1
    return end
