"""What the guided templates ask: questions.yaml as values, and their order on the page.

A question has a code for ever (`F09`); a row of a block that is asked several times has the
block's number and a letter (`F06.2a`). By these codes, which stand in the file for everybody to
see, a filled template is read back from any program that keeps tables.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kb.vocabulary import Level, RecordType, SectionRole

LANGUAGES = ("en", "fr", "es", "pt", "sw", "ar")
TO_THE_LEFT = frozenset({"ar"})  # those of them that are written so
LETTERS = "abcdefghijklmnopqrstuvwxyz"
COLUMNS = ("period", "numerator", "denominator", "value", "note")  # of a table of numbers
DATA = "t"  # letter of the head of a table of numbers
# maktaba-facility-en-v1
MARK = re.compile(
    r"\bmaktaba-(?P<kind>[a-z]{1,20})-(?P<language>[a-z]{2,3})-v(?P<version>\d{1,4})\b"
)

Words = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a block."""

    key: str
    ask: Words
    lines: int = 1
    choice: str = ""  # a set of choices
    number: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question; with `parts` it is asked `times` times."""

    code: str
    ask: Words
    star: bool = False
    role: SectionRole | None = None
    fills: str = ""
    lines: int = 3
    choice: str = ""
    number: bool = False
    rows: str = ""
    parts: tuple[Part, ...] = ()
    title: Words = field(default_factory=dict)
    times: int = 0
    inside: str = ""
    data: bool = False
    from_level: Level = Level.DISTRICT
    of: tuple[str, ...] = ()

    @property
    def boxed(self) -> bool:
        """Whether it has an answer of its own, beside its blocks."""
        return not self.parts or self.data

    def code_of(self, number: int, letter: str) -> str:
        """Return the code of a row of a block, counted from 1."""
        return f"{self.code}.{number}{letter}"


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each
class Kind:
    """One of the four templates."""

    name: str
    letter: str
    record_type: RecordType
    level: Level
    title: Words
    whom: Words
    about: tuple[Question, ...]
    questions: tuple[Question, ...]

    def mark(self, language: str) -> str:
        """Return what a file says of itself: kind, language and version."""
        return f"maktaba-{self.name}-{language}-v{version()}"

    def inside(self, question: Question) -> tuple[Question, ...]:
        """Return the question and those whose rows stand in its blocks."""
        return (question, *(one for one in self.questions if one.inside == question.code))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a block, in one language."""

    code: str
    ask: str
    lines: int = 1
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A titled group of rows; with `data` a table of numbers follows them."""

    code: str
    title: str
    rows: tuple[Row, ...]
    data: str = ""  # code of the head of the table


@dataclass(frozen=True, slots=True)
class Item:
    """A question on the page, in one language."""

    code: str
    ask: str
    star: bool
    lines: int  # 0: it has only blocks
    choices: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@cache
def version() -> int:
    """Return the version of the questions."""
    number: int = _source()["version"]
    return number


def languages() -> Mapping[str, str]:
    """Return the name of each language in itself."""
    names: Mapping[str, str] = _source()["languages"]
    return names


def word(name: str, language: str) -> str:
    """Return one of the words around the questions."""
    text: str = _source()["words"][name][language]
    return text


def choices(name: str) -> Mapping[str, Words]:
    """Return a closed set: the value that is kept, and how it is called."""
    found: Mapping[str, Words] = _source()["choices"][name]
    return found


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the templates by name."""
    return {name: _kind(name, said) for name, said in _source()["kinds"].items()}


def about(kind: Kind, language: str) -> tuple[Row, ...]:
    """Return the short lines at the top: title, place, dates."""
    return tuple(
        Row(one.code, one.ask[language], 1, _labels(one.choice, language)) for one in kind.about
    )


def page(kind: Kind, language: str) -> Iterator[Item]:
    """Yield the questions in the order of the page."""
    for one in kind.questions:
        if not one.inside:
            yield Item(
                code=one.code,
                ask=one.ask[language],
                star=one.star,
                lines=(1 if one.number or one.choice else one.lines) if one.boxed else 0,
                choices=_labels(one.choice, language),
                blocks=tuple(_blocks(kind, one, language)),
            )


def _blocks(kind: Kind, question: Question, language: str) -> Iterator[Block]:
    for number in range(1, question.times + 1):
        rows = tuple(
            Row(
                one.code_of(number, letter),
                part.ask[language],
                part.lines,
                _labels(part.choice, language),
            )
            for one in kind.inside(question)
            for letter, part in zip(LETTERS, one.parts, strict=False)
        )
        title = f"{question.title[language]} {number}"
        data = question.code_of(number, DATA) if question.data else ""
        yield Block(question.code_of(number, ""), title, rows, data)


def _labels(choice: str, language: str) -> tuple[str, ...]:
    return tuple(label[language] for label in choices(choice).values()) if choice else ()


@cache
def _source() -> dict[str, Any]:
    text = Path(__file__).with_name("questions.yaml").read_text(encoding="utf-8")
    source: dict[str, Any] = yaml.safe_load(text)
    return source


def _kind(name: str, said: dict[str, Any]) -> Kind:
    about = [_question(one) for one in _source()["about"]]
    return Kind(
        name=name,
        letter=said["letter"],
        record_type=RecordType(said["record_type"]),
        level=Level(said["level"]),
        title=said["title"],
        whom=said["for"],
        about=tuple(one for one in about if not one.of or name in one.of),
        questions=tuple(_question(one) for one in said["questions"]),
    )


def _question(said: dict[str, Any]) -> Question:
    rows = _source()["rows"].get(said.get("rows"), {})
    changed = {
        "role": SectionRole(said["role"]) if "role" in said else None,
        "parts": tuple(Part(**part) for part in rows.get("parts", ())),
        "title": rows.get("title", {}),
        "from_level": Level(said.get("from_level", Level.DISTRICT)),
        "of": tuple(said.get("of", ())),
    }
    return Question(**said | changed)
