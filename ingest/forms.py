"""Read a filled template back: which answer stands in which box, letter for letter.

Codes in the boxes (`F09`, `F06.2a`) say what an answer answers, so that rows may be added, moved
or copied, in any program. Nothing that somebody wrote is dropped: what stands outside the boxes is
kept as a section of its own, with a doubt. `ingest.answers` makes a record of it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ingest.document import Form
from ingest.questions import (
    COLUMNS,
    DATA,
    LANGUAGES,
    LETTERS,
    MARK,
    Kind,
    Part,
    Question,
    about,
    choices,
    kinds,
    languages,
    page,
    version,
    word,
)
from ingest.sentences import fold

MOST_COPIES = 40  # of a block

_CODE = re.compile(r"\s*([A-Z]\d\d(?:\.\d{1,2}[a-z]?)?)(?=\s|$)")
_TICKED = "☒☑✓✔✗✘xX"
_OPEN = "☐□"


class Place(NamedTuple):
    """Where an answer belongs: a question, and in a block its number and the row's letter."""

    code: str  # of the question
    number: int = 0  # of the block, from 1; 0 where it has none
    letter: str = ""
    copy: int = 0  # of a block that somebody copied, from 0


@dataclass(slots=True)
class Filled:
    """What a template says, by place; a place that is not there was not answered."""

    kind: Kind
    language: str
    answers: dict[Place, str] = field(default_factory=dict)
    numbers: dict[Place, list[tuple[str, ...]]] = field(default_factory=dict)
    beside: list[tuple[str, str]] = field(default_factory=list)  # label and text
    doubts: list[str] = field(default_factory=list)
    guided: bool = False  # told on the pages, where whoever skips a question sees what is missing

    def answer(self, code: str) -> str:
        """Return the answer to a question, or ""."""
        return self.answers.get(Place(code), "")

    def blocks(self, question: Question) -> list[tuple[int, int]]:
        """Return number and copy of each block of a question that holds anything, in order."""
        inside = {one.code for one in self.kind.inside(question)}
        places = [*self.answers, *self.numbers]
        return sorted({(p.number, p.copy) for p in places if p.code in inside and p.number})

    def parts(self, question: Question, block: tuple[int, int]) -> Iterator[tuple[Part, str]]:
        """Yield the rows of a block that were answered."""
        for one in self.kind.inside(question):
            for letter, part in zip(LETTERS, one.parts, strict=False):
                text = self.answers.get(Place(one.code, block[0], letter, block[1]), "")
                if text:
                    yield part, text


def read(form: Form) -> Filled | None:
    """Return what a filled template says, or None where its mark names none of ours."""
    mark = MARK.fullmatch(form.mark)
    if mark is None or mark["kind"] not in kinds():
        return None
    kind = kinds()[mark["kind"]]
    language = mark["language"] if mark["language"] in languages() else LANGUAGES[0]
    filled = Filled(kind, language)
    newer = int(mark["version"]) > version()
    if newer:
        filled.doubts.append(
            f"The template's version {mark['version']} is newer than this library knows"
            f" ({version()}); what it could not place is kept below."
        )
    if language != mark["language"]:
        filled.doubts.append(f"The template's language {mark['language']} is not known here.")
    reading = _Reading(filled, newer=newer)
    for table in form.tables:
        reading.table(table)
    for text in form.beside:
        reading.aside(text)
    if filled.beside:
        filled.doubts.append("Some text stands outside the answer boxes; it is kept at the end.")
    return filled


def ticked(text: str, choice: str, language: str) -> tuple[list[str], str]:
    """Return the values chosen among boxes to tick, or typed, and what is written beside them.

    >>> ticked("☐ kept  ☒ changed  ☐ dropped", "decision", "en")
    (['adapted'], '')
    >>> ticked("Dropped", "decision", "en"), ticked("☐ kept ☐ changed", "decision", "en")
    ((['abandoned'], ''), ([], ''))
    """
    labels = {value: label[language] for value, label in choices(choice).items()}
    found: list[str] = []
    rest = text
    for value, label in sorted(labels.items(), key=lambda one: -len(one[1])):
        boxed = _boxed(label).search(fold(rest))
        if boxed:
            if boxed["tick"] or boxed["box"] not in _OPEN:
                found.append(value)
            rest = f"{rest[: boxed.start()]} {rest[boxed.end() :]}"
    left = " ".join(rest.split())
    if not found:  # typed, in place of the boxes or beside them
        found = [value for value, label in labels.items() if fold(label) == fold(left)]
        left = "" if found else left
    return sorted(found, key=list(labels).index), left


@cache
def _boxed(label: str) -> re.Pattern[str]:
    """A label after its box, which is ticked, or has a tick before it."""
    tick = rf"(?:(?<!\w)(?P<tick>[{_TICKED}])[ \t]?|(?<!\w))"
    box = f"(?P<box>[{_TICKED}{_OPEN}])"
    said = re.escape(fold(label))
    return re.compile(rf"{tick}{box}[ \t\u00a0]{{0,4}}{said}(?!\w)")


class _Reading:
    """Goes through the rows and puts each text where its code says."""

    def __init__(self, filled: Filled, *, newer: bool) -> None:
        self._filled = filled
        self._newer = newer
        self._places, self._heads = _codes(filled.kind)
        self._asks, self._said = _words(filled.kind, filled.language)
        self._choices = _ticking(filled.kind)
        self._seen: Counter[tuple[str, int, str]] = Counter()

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Read one table or sheet."""
        current: Place | None = None
        label = ""
        answering = waiting = counting = False
        for row in rows:
            code = "" if waiting and len(row) == 1 else self._code(row)
            text = "\n".join(cell.strip() for cell in row if cell.strip())
            if code in self._heads:
                current, answering, waiting, counting = None, False, False, False
            elif code in self._places or (code and self._newer):
                label = self._label(code, row)
                current, counting = self._place(code), code.endswith(DATA)
                answering, waiting = True, len(row) == 1
                self._add(current, label, "" if counting else self._answer(code, row))
            elif counting and current and not self._is_ours(text):
                if text:
                    cells = tuple(cell.strip() for cell in [*row, *[""] * len(COLUMNS)])
                    self._filled.numbers.setdefault(current, []).append(cells[: len(COLUMNS)])
            elif answering and (waiting or not self._is_ours(text)):
                self._add(current, label, text)
                waiting = False
            else:
                current, answering = (None, False) if text else (current, answering)
                self.aside(text)

    def aside(self, text: str) -> None:
        """Keep what was written outside the boxes, unless it is the template's own words."""
        if text.strip() and not self._is_ours(text):
            self._filled.beside.append(("", text.strip()))

    def _code(self, row: Sequence[str]) -> str:
        match = _CODE.match(row[0]) if row else None
        return match[1] if match else ""

    def _place(self, code: str) -> Place | None:
        place = self._places.get(code)
        if place is None or not place.number:
            return place
        self._seen[place[:3]] += 1
        return place._replace(copy=min(self._seen[place[:3]] - 1, MOST_COPIES))

    def _label(self, code: str, row: Sequence[str]) -> str:
        if row[0].strip() == code:
            return row[1].strip() if len(row) > 1 else ""
        return row[0].strip().removeprefix(code).strip(" ★\n")

    def _answer(self, code: str, row: Sequence[str]) -> str:
        """The cells beside the question, and what somebody wrote below it in the same cell."""
        alone = row[0].strip() == code
        typed = self._below(code, self._label(code, row)) if not alone else ""
        beside = (cell.strip() for cell in row[2 if alone else 1 :])
        return "\n".join(filter(None, (typed, *beside)))

    def _below(self, code: str, label: str) -> str:
        ask = self._asks.get(code, "")
        if not ask or not label.startswith(ask):
            return ""
        rest = label.removeprefix(ask).strip()
        for hint in ("tick", "choose"):
            rest = rest.removeprefix(word(hint, self._filled.language)).strip()
        return rest

    def _add(self, place: Place | None, label: str, text: str) -> None:
        text = text.strip()
        if not text or (place and self._unticked(place, text)):
            return
        if place is None:  # of a newer version
            self._filled.beside.append((label, text))
            return
        had = self._filled.answers.get(place)
        self._filled.answers[place] = f"{had}\n{text}" if had else text

    def _unticked(self, place: Place, text: str) -> bool:
        choice = self._choices.get((place.code, place.letter))
        return bool(choice) and ticked(text, choice or "", self._filled.language) == ([], "")

    def _is_ours(self, text: str) -> bool:
        lines = text.split("\n")
        return _bare(text) in self._said or all(_bare(line) in self._said for line in lines)


def _bare(text: str) -> str:
    return " ".join(text.replace("★", " ").split())


@cache
def _codes(kind: Kind) -> tuple[dict[str, Place], frozenset[str]]:
    """Return where each code belongs, and the codes that only head a block."""
    places: dict[str, Place] = {one.code: Place(one.code) for one in kind.about}
    heads: set[str] = set()
    for one in kind.questions:
        if one.boxed:
            places[one.code] = Place(one.code)
        else:
            heads.add(one.code)
        for number in range(1, one.times + 1):
            heads.add(one.code_of(number, ""))
            letters = LETTERS[: len(one.parts)] + (DATA if one.data else "")
            places |= {one.code_of(number, x): Place(one.code, number, x) for x in letters}
    return places, frozenset(heads)


@cache
def _ticking(kind: Kind) -> dict[tuple[str, str], str]:
    """Return the set of choices of each answer that is one of them."""
    asked = (*kind.about, *kind.questions)
    single = {(one.code, ""): one.choice for one in asked if one.choice}
    parts = (
        (one.code, x, part) for one in asked for x, part in zip(LETTERS, one.parts, strict=False)
    )
    return single | {(code, x): part.choice for code, x, part in parts if part.choice}


@cache
def _words(kind: Kind, language: str) -> tuple[dict[str, str], frozenset[str]]:
    """Return the question of each code, and all lines that the template itself says."""
    rows = list(about(kind, language))
    asks = {row.code: row.ask for row in rows}
    said = {kind.title[language], kind.whom[language], *asks.values()}
    measures = 0
    for item in page(kind, language):
        asks[item.code] = item.ask
        said |= {item.ask, *item.choices}
        for block in item.blocks:
            said.add(block.title)
            asks |= {row.code: row.ask for row in block.rows}
            measures += bool(block.data)
            rows += block.rows
    said |= {choice for row in rows for choice in row.choices} | set(asks.values())
    names = (
        "star",
        "how",
        "about",
        "story",
        "more",
        "tick",
        "choose",
        "numbers",
        "newline",
        "send",
    )
    said |= {word(name, language) for name in (*names, *COLUMNS)}
    said |= {word(f"sheet_{name}", language) for name in ("story", "data", "help")}
    said |= {word(name, language) for name in ("code", "question", "answer")}
    said.add(word("codes", language).format(code=f"{kind.letter}01"))
    data = word("sheet_data", language)
    listed = ", ".join(f"“{data} {n}”" for n in range(1, measures + 1))
    said.add(word("tables", language).format(data=listed))
    said.add(f"{word('version', language)} · {kind.mark(language)}")
    return asks, frozenset(map(_bare, said)) | {""}
