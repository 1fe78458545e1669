"""A story told on the pages: its answers by the codes of the templates, and what they come to.

The pages keep what was answered as the templates name it (`F01`, `F06.2a`, and `F09.1t` for a table
of numbers), so that a filled file, a read document and a told story all become a record alike.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ingest import answers as reading
from ingest.forms import Filled, Place, ticked
from ingest.language import language_of
from ingest.places import countries_in
from ingest.questions import DATA, LETTERS, Kind, Question, choices
from kb import content

Rows: TypeAlias = Sequence[Sequence[str]]  # of a table of numbers: COLUMNS of `questions`
Answer: TypeAlias = str | Rows
Answers: TypeAlias = Mapping[str, Answer]

TITLE, COUNTRY = "A01", "A02"
MOST_BLOCKS = 40  # ideas, or kinds of help, of one story
ENOUGH = 200  # characters that tell in which language they are written
LONGEST_TITLE = 120  # characters

_CODE = re.compile(r"([A-Z]\d\d)(?:\.(\d{1,2})([a-z]))?")
_SENTENCE = re.compile(r"(?<=[.!?؟])\s")


def place(code: str) -> Place | None:
    """Return what a code answers; None where it is no code.

    >>> place("F06.2a")
    Place(code='F06', number=2, letter='a', copy=0)
    >>> place("F01"), place("F6")
    (Place(code='F01', number=0, letter='', copy=0), None)
    """
    found = _CODE.fullmatch(code)
    return Place(found[1], int(found[2] or 0), found[3] or "") if found else None


def code(place: Place) -> str:
    """Return the code of a place.

    >>> code(Place("F06", 2, "a")), code(Place("F01"))
    ('F06.2a', 'F01')
    """
    return f"{place.code}.{place.number}{place.letter}" if place.number else place.code


def blocks(kind: Kind, question: Question, said: Answers) -> list[int]:
    """Return the numbers of the blocks of a question that hold anything, in order."""
    inside = {one.code for one in kind.inside(question)}
    places = (place(code) for code, answer in said.items() if answer)
    return sorted({one.number for one in places if one and one.code in inside and one.number})


def filled(
    kind: Kind, language: str, said: Answers, beside: Sequence[tuple[str, str]] = ()
) -> Filled:
    """Return the answers as a filled template has them."""
    found = Filled(kind, language, beside=list(beside), guided=True)
    labels = _choices(kind)
    for name, answer in said.items():
        where = place(name)
        if where is None or not answer:
            continue
        if not isinstance(answer, str):
            found.numbers[where] = [tuple(row) for row in answer]
            continue
        choice = labels.get((where.code, where.letter), "")
        label = choices(choice).get(answer) if choice else None
        found.answers[where] = label[language] if label else answer
    return found


def unfilled(said: Filled) -> dict[str, Answer]:
    """Return the answers of a filled template by their codes; a choice by its value.

    Blocks that somebody copied in the file follow the others.
    """
    found: dict[str, Answer] = {}
    labels = _choices(said.kind)
    last = max((one.number for one in (*said.answers, *said.numbers)), default=0)
    for where, text in said.answers.items():
        choice = labels.get((where.code, where.letter), "")
        chosen = ticked(text, choice, said.language)[0] if choice else []
        countries = countries_in(text) if where.code == COUNTRY else []
        chosen += [one.code for one in countries[:1] if one.named]
        found[code(_uncopied(where, last))] = chosen[0] if len(chosen) == 1 else text
    for where, rows in said.numbers.items():
        found[code(_uncopied(where, last))] = [list(row) for row in rows]
    return found


def record_of(
    kind: Kind, language: str, said: Answers, beside: Sequence[tuple[str, str]] = ()
) -> content.Record:
    """Return the record that the answers tell, in the language they are written in."""
    record = reading.told(filled(kind, language, said, beside), title=title_of(kind, said))
    text = "\n".join(answer for answer in said.values() if isinstance(answer, str))
    written_in = language_of(text) if len(text) >= ENOUGH else ""
    return record.model_copy(update={"language": written_in or language})


def title_of(kind: Kind, said: Answers) -> str:
    """Return the title, or the beginning of the first answer in its place."""
    codes = [TITLE, *(one.code for one in kind.questions)]
    for answer in (said.get(code) for code in codes):
        if isinstance(answer, str) and answer.strip():
            first = _SENTENCE.split(" ".join(answer.split()), maxsplit=1)[0]
            if len(first) <= LONGEST_TITLE:
                return first
            return first[:LONGEST_TITLE].rpartition(" ")[0] + " …"
    return "…"


def _choices(kind: Kind) -> dict[tuple[str, str], str]:
    """Return the set of choices of each answer that is one of them, by code and letter."""
    asked = (*kind.about, *kind.questions)
    whole = {(one.code, ""): one.choice for one in asked if one.choice}
    return whole | {
        (one.code, letter): part.choice
        for one in asked
        for letter, part in zip(LETTERS, one.parts, strict=False)
        if part.choice
    }


def _uncopied(where: Place, last: int) -> Place:
    """Give the copy of a block a number of its own."""
    if not where.copy:
        return where
    number = where.number + where.copy * max(last, 1)
    return where._replace(number=min(number, MOST_BLOCKS), copy=0)


def numbers_code(question: Question, number: int) -> str:
    """Return the code of the table of numbers in a block."""
    return question.code_of(number, DATA)
