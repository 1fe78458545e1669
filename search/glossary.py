"""Everyday words of the wards in five languages, beside the taxonomy's names of concepts.

Much of what people ask for is no label of any concept: a phone, a register, a cough, a key. Here
such words stand in the languages of `search.stopwords`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from kb.folding import tokens

Idea: TypeAlias = dict[str, tuple[str, ...]]  # the ways to say it, by language
Forms: TypeAlias = tuple[str, ...]  # of the tokens of one way

LANGUAGES = ("en", "fr", "es", "pt", "sw")
LONGEST = 4  # words of one entry
_FILE = Path(__file__).with_name("glossary.txt")


class Glosses(NamedTuple):
    """Everyday words of a question as they are said elsewhere."""

    english: tuple[str, ...]  # of those said in another language
    elsewhere: tuple[str, ...]  # in all languages but that in which each is said


def ideas() -> Iterator[Idea]:
    """Yield what the glossary has."""
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        columns = (column.split(",") for column in line.split("|"))
        ways = (tuple(way.strip() for way in column) for column in columns)
        yield dict(zip(LANGUAGES, ways, strict=True))


def glosses(text: str, language: str = "") -> Glosses:
    """Return how the words of `text` are said in other languages; the longest entries first.

    Only words of `language` are looked up; where it is not known, those of each, and a word that
    is English is not taken for another.

    >>> glosses("la balance de la maternité", "fr").english
    ('scale', 'weighing', 'maternity')
    """
    forms = [token.form for token in tokens(text)]
    languages = (language,) if language in LANGUAGES else LANGUAGES
    found = list(_found(forms, languages))
    english = (way for spoken, idea in found if spoken != "en" for way in idea["en"])
    ways = (
        way
        for spoken, idea in found
        for language, said in idea.items()
        if language != spoken
        for way in said
    )
    return Glosses(tuple(dict.fromkeys(english)), tuple(dict.fromkeys(ways)))


def _found(forms: Sequence[str], languages: Iterable[str]) -> Iterator[tuple[str, Idea]]:
    """Yield the ideas, each with the language in which it is said."""
    at = 0
    while at < len(forms):
        for size in range(min(LONGEST, len(forms) - at), 0, -1):
            said = tuple(forms[at : at + size])
            language = next((one for one in languages if said in _by_forms()[one]), None)
            if language is not None:
                yield from ((language, idea) for idea in _by_forms()[language][said])
                break
        at += size


@cache
def _by_forms() -> dict[str, dict[Forms, list[Idea]]]:
    found: dict[str, dict[Forms, list[Idea]]] = {language: {} for language in LANGUAGES}
    for idea in ideas():
        for language, ways in idea.items():
            for way in ways:
                forms = tuple(token.form for token in tokens(way))
                found[language].setdefault(forms, []).append(idea)
    return found
