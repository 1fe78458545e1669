"""The words of phrases.yaml as patterns over folded text: by what words a field is told."""

import re
from functools import cache
from pathlib import Path

import yaml

from ingest.sentences import fold

FALLBACK = "en"  # stands in for a language that has no phrases


def pattern(field: str, language: str = "") -> re.Pattern[str]:
    """Return what finds the phrases of `field` in a folded text of `language` (BCP 47).

    English stands in for a language that has none; where none is known, all are looked for.

    >>> bool(pattern("did_not_work", "fr").search(fold("Cela n’a pas marché.")))
    True
    """
    return _pattern(field, language.partition("-")[0])


@cache
def _pattern(field: str, language: str) -> re.Pattern[str]:
    said = _phrases()[field]
    every = [phrase for phrases in said.values() for phrase in phrases]
    phrases = (said.get(language) or said[FALLBACK]) if language else every
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(_as_pattern, longest_first))})\b")


def _as_pattern(phrase: str) -> str:
    words = (r"\w+" if word == "*" else _word(word) for word in phrase.split())
    return r"[\s-]+".join(words)


def _word(word: str) -> str:
    return re.escape(fold(word)).replace(r"\*", r"\w*")


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    text = Path(__file__).with_name("phrases.yaml").read_text(encoding="utf-8")
    known: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return known
