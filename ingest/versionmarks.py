"""Marks of versions in file names: which story a file is, and which of two files is newer."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from babel.dates import get_month_names

from ingest.periods import LANGUAGES
from ingest.sentences import fold, tokens

NAME_LENGTH = 255  # characters that are looked at

# What people write on a version, in five languages.
_DRAFT = r"draft|brouillon|borrador|rascunho|rasimu|provisoire|preliminar"
_FINAL = r"finale?|definiti[fv][aeo]?|vf|ultim[ao]|clean|approved|mwisho"
_WORD = r"(?<![^\W_])(?:{})(?![^\W\d_])"  # a name has no spaces to rely on: story_FINAL2
_RANKS = ((re.compile(_WORD.format(_DRAFT)), -1), (re.compile(_WORD.format(_FINAL)), 1))
_NUMBER = re.compile(
    r"(?<![^\W_])(?:(?:v|vf|ver|vers|version|versao|toleo|rev|revision)[\s._-]?"
    rf"|(?:{_DRAFT}|{_FINAL})(?:[\s._-](?=\d(?!\d)))?)"  # “draft 12 July” is a day
    r"(\d{1,2}(?:\.\d{1,2})*)(?![^\W_])"
)
_PLAIN = re.compile(
    r"^\d{1,3}[\s_.-]+|\(\d\)|"
    + _WORD.format("versions?|versao|toleo|copy of|copy|copie|copia|nakala|edited|revised")
)
_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d\d)[._-]?([01]\d)[._-]?([0-3]\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file name says: the story without its marks, and the marks in order of weight."""

    stem: str
    number: tuple[int, ...] = ()  # of the version, such as (2, 1)
    rank: int = 0  # -1 draft, 0 unmarked, 1 final
    day: tuple[int, int, int] = (0, 0, 0)  # year, month, day; 0 where not said


def mark(name: str) -> Mark:
    """Return what the file name says about story and version.

    >>> mark("01-EIBF_story_FINAL_v2.docx")
    Mark(stem='eibf story', number=(2,), rank=1, day=(0, 0, 0))
    >>> mark("EIBF story draft 12 July 2023.pdf")
    Mark(stem='eibf story', number=(), rank=-1, day=(2023, 7, 12))
    """
    rest = fold(PurePath(name).stem[:NAME_LENGTH])
    rank = next((rank for words, rank in _RANKS if words.search(rest)), 0)
    number = _NUMBER.search(rest)
    day, rest = _taken_day(_NUMBER.sub(" ", rest))
    for pattern in (*(words for words, _ in _RANKS), _PLAIN):
        rest = pattern.sub(" ", rest)
    counted = tuple(map(int, number[1].split("."))) if number else ()
    return Mark(" ".join(tokens(rest)), counted, rank, day)


def newer(one: Mark, other: Mark) -> int:
    """Return 1 where `one` is the newer, -1 where `other` is, 0 where the names do not say.

    >>> newer(mark("story v3.docx"), mark("story_FINAL_v2.docx"))
    1
    """
    if one.number and other.number and one.number != other.number:
        return 1 if one.number > other.number else -1
    if one.rank != other.rank:
        return 1 if one.rank > other.rank else -1
    if any(one.day) and any(other.day) and one.day != other.day:
        return 1 if one.day > other.day else -1
    return 0


def _taken_day(name: str) -> tuple[tuple[int, int, int], str]:
    """Return year, month and day, and `name` without them."""
    digits = _DIGITS.search(name)
    if digits:
        year, month, day = map(int, digits.groups())
        return (year, month, day), _DIGITS.sub(" ", name)
    words = _month_words().search(name)
    year_said = _YEAR.search(name)
    year = int(year_said[1]) if year_said else 0
    if words is None:
        return (year, 0, 0), _YEAR.sub(" ", name)
    day = int(words[1] or 0)
    return (year, _months()[words[2]], day), _YEAR.sub(" ", _month_words().sub(" ", name))


@cache
def _months() -> dict[str, int]:
    """Names of months in five languages; short forms in English only, elsewhere they are words."""
    names = [(get_month_names("wide", locale=language)) for language in LANGUAGES]
    names.append(get_month_names("abbreviated", locale="en"))
    return {fold(str(name)): number for months in names for number, name in months.items()}


@cache
def _month_words() -> re.Pattern[str]:
    names = "|".join(sorted(_months(), key=len, reverse=True))
    return re.compile(rf"(?:(?<!\d)([0-3]?\d)[\s._-]*)?(?<![^\W\d_])({names})(?![^\W\d_])")
