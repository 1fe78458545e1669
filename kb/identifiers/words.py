"""The words of `words.yaml`, ready to be looked up."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def said() -> dict[str, Any]:
    """Return what the file says."""
    text = files("kb.identifiers").joinpath("words.yaml").read_text(encoding="utf-8")
    words: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return words


@cache
def folded(name: str) -> frozenset[str]:
    """Return the list `name` in lower case."""
    return frozenset(str(word).casefold() for word in said()[name])


@cache
def roles(name: str) -> dict[str, str]:
    """Return which role each word of the table `name` stands for, by the word in lower case."""
    return {word.casefold(): role for role, words in said()[name].items() for word in words}


def any_of(phrases: list[str]) -> str:
    """Return the pattern of one of the phrases, the longest that fits, over runs of spaces."""
    longest = sorted({phrase.casefold() for phrase in phrases}, key=lambda p: (-len(p), p))
    return "|".join(re.escape(phrase).replace(r"\ ", r"[ \t]{1,3}") for phrase in longest)
