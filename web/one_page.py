"""A story on one page of paper: what of it is printed, so that it ends where the page ends."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import ceil
from typing import NamedTuple

from kb import content, markup
from kb.before_after import main_measure
from kb.vocabulary import Decision, SectionRole
from web.catalogue import PublicRecord
from web.followed import Followed, followed
from web.names import Names
from web.pictures.scale import Size
from web.sharing import shorten, whereabouts

SHEET = Size("chart-sheet", 660, 175, 12)  # on paper 176 × 47 mm
# What A4 holds at 11 point between margins of 14 mm, in a wide font such as DejaVu Sans.
LINES = 50
LETTERS = 80  # to a line
# Letters to a line of the title beside the QR code, and its height in lines.
TITLE_LETTERS, TITLE_LINE = 32, 1.4
CODE = 6.2  # lines: the QR code, which the title and its place may be higher than
HEAD, FOOT = 2.8, 4.8  # lines beside those of the title; lines below everything
NUMBERS = 15.5  # lines: two numbers, the chart, and what may be said of it
HEADING = 1.4  # lines: above the change ideas
APART = 0.42  # lines between two texts
BOLD = 1.12  # times as wide
NAME, MARK = 20, 20  # characters: what a text is called before it; what became of an idea
TITLE, WHERE, IDEA = 120, 60, 110  # characters at most
MOST_IDEAS = 6
LEAST = 30  # characters of a text that still say something
SAME_START = 60  # characters: a problem that begins like the summary is the summary once more
# Share of the lines that are left where the letters of the text, or of the page, are tall.
TALL = {"am": 0.66, "ar": 0.64, "bn": 0.7, "hi": 0.7, "ne": 0.7, "ti": 0.66, "ur": 0.7}


@dataclass(frozen=True, slots=True)
class Tried:
    """A change idea: what, how or why, and what became of it."""

    text: str
    more: str
    decision: Decision


class Texts(NamedTuple):
    """What is told in words, each plain; an empty one is not told."""

    summary: str
    problem: str
    did_not_work: str
    organised: str  # who did it, when and where, and how everybody was included
    cost: str
    offer: str


@dataclass(frozen=True, slots=True)
class OnePage:
    """What is printed of a record, short enough for the page."""

    record: PublicRecord
    short: str  # address, as short as can be
    title: str
    where: str
    measure: Followed | None
    tried: tuple[Tried, ...]
    n_more: int  # change ideas that only the page of the record tells
    texts: Texts
    cut: bool  # something is told in full only on the page of the record


class Piece(NamedTuple):
    """A text that may be cut, what stands before it on its line, and what it needs besides."""

    text: str
    before: float = 0  # characters
    besides: float = 0  # lines

    @property
    def fewest(self) -> int:
        """The lines without which it would not be printed at all."""
        return ceil((self.before + bool(self.text)) / LETTERS)


def one_page(record: PublicRecord, names: Names, *, short: str) -> OnePage:
    """Choose and shorten what is printed of a record; `short` is the address that leads back."""
    said, title = record.said, shorten(record.said.title, TITLE)
    told = [Piece(text, NAME, APART) if text else Piece("") for text in _told(said, names)]
    room = _room(said, title, names.language)
    chosen = _chosen(said.change_ideas, room - HEADING - _least(told))
    measure, ideas = _measured(said, chosen, names)
    how = [Piece(_how(idea), _before(idea)) for idea in ideas]
    pieces = [*told, *how]
    lengths = fitted(pieces, room - HEADING * bool(how))
    texts = [shorten(piece.text, most) for piece, most in zip(pieces, lengths, strict=True)]
    return OnePage(
        record=record,
        short=short,
        title=title,
        where=shorten(whereabouts(said, names), WHERE),
        measure=measure,
        tried=tuple(
            Tried(shorten(idea.text, IDEA), more, idea.decision)
            for idea, more in zip(ideas, texts[len(told) :], strict=True)
        ),
        n_more=len(said.change_ideas) - len(ideas),
        texts=Texts._make(texts[: len(told)]),
        cut=texts != [piece.text for piece in pieces],
    )


def fitted(pieces: Sequence[Piece], room: float) -> list[int]:
    """Return how many characters of each text may be printed, when all have `room` lines.

    Lines are dealt out one by one: short texts stay whole, and long ones share what is left.

    >>> fitted([Piece("a" * 900, 10), Piece("short"), Piece("b" * 900)], 6)
    [230, 5, 160]
    """
    lines = [piece.fewest for piece in pieces]
    free = room - _least(pieces)
    while free >= 1:
        longer = [n for n, piece in enumerate(pieces) if _held(piece, lines[n]) < len(piece.text)]
        if not longer:
            break
        for n in longer[: int(free)]:
            lines[n] += 1
            free -= 1
    held = list(map(_held, pieces, lines))
    enough = (min(LEAST, len(piece.text)) for piece in pieces)
    return [most if most >= least else 0 for most, least in zip(held, enough, strict=True)]


def _held(piece: Piece, n_lines: int) -> int:
    return min(len(piece.text), int(n_lines * LETTERS - piece.before))


def _least(pieces: Iterable[Piece]) -> float:
    return sum(piece.fewest + piece.besides for piece in pieces)


def _room(said: content.Record, title: str, language: str) -> float:
    """Return how many lines are left for texts beside what is always printed."""
    taken = max(CODE, HEAD + TITLE_LINE * ceil(len(title) / TITLE_LETTERS)) + FOOT
    taken += NUMBERS if _main(said) else 0
    languages = (said.language.partition("-")[0], language)
    return (LINES - taken) * min(TALL.get(one, 1) for one in languages)


def _chosen(ideas: Iterable[content.ChangeIdea], room: float) -> list[content.ChangeIdea]:
    """Return the first ideas, as many as have a line or two each."""
    chosen: list[content.ChangeIdea] = []
    for idea in islice(ideas, MOST_IDEAS):
        room -= ceil(_before(idea) / LETTERS)
        if chosen and room < 0:
            break
        chosen.append(idea)
    return chosen


def _before(idea: content.ChangeIdea) -> float:
    return MARK + BOLD * min(len(idea.text), IDEA)


def _main(said: content.Record) -> content.Measure | None:
    main = main_measure(said)
    return main if main and main.points else None


def _measured(
    said: content.Record, ideas: Sequence[content.ChangeIdea], names: Names
) -> tuple[Followed | None, Sequence[content.ChangeIdea]]:
    """Return the main measure, and the change ideas as its chart numbers them."""
    main = _main(said)
    if main is None:
        return None, ideas
    first, last = main.points[0].period, main.points[-1].period

    def drawn(idea: content.ChangeIdea) -> tuple[bool, date]:
        there = idea.started is not None and first <= idea.started <= last
        return not there, idea.started if there and idea.started else date.max

    ordered = sorted(ideas, key=drawn)
    numbered = (idea.model_copy(update={"text": str(n)}) for n, idea in enumerate(ordered, start=1))
    alone = said.model_copy(update={"measures": (main,), "change_ideas": tuple(numbered)})
    return next(iter(followed(alone, names, sizes=(SHEET,)))), ordered


def _told(said: content.Record, names: Names) -> Texts:
    cost = said.cost or content.Cost()
    summary, problem = _one_line(said.summary), _section(said, SectionRole.PROBLEM)
    if problem.startswith(summary[:SAME_START]):
        summary = ""
    return Texts(
        summary=summary,
        problem=problem,
        did_not_work=_section(said, SectionRole.DID_NOT_WORK),
        organised=_one_line(_organised(said.logistics)),
        cost=_one_line(cost.text or names.amount(cost)) or _section(said, SectionRole.COST),
        offer=_one_line(said.offer),
    )


def _how(idea: content.ChangeIdea) -> str:
    """How it was done; of what was dropped or changed rather why."""
    how = [_prose(idea.steps), idea.tests, idea.evidence_note]
    if idea.decision in {Decision.ABANDONED, Decision.ADAPTED}:
        how.reverse()
    return _one_line(" ".join(how))


def _organised(logistics: dict[str, str]) -> str:
    parts = ("who", "when", "where", "how_long", "everyone_included")
    return " · ".join(filter(None, (logistics.get(part, "").strip() for part in parts)))


def _section(said: content.Record, role: SectionRole) -> str:
    return _one_line(" ".join(_prose(s.body) for s in said.sections if s.role is role))


def _prose(markdown: str) -> str:
    return " ".join(_sentences(markdown))


def _sentences(markdown: str) -> Iterator[str]:
    """Yield the lines that are prose: a row of a table says nothing without its table."""
    for line in markup.to_text(markdown).splitlines():
        if " | " not in line:
            yield line


def _one_line(text: str) -> str:
    return " ".join(text.split())
