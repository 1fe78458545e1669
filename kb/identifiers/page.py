"""A text that is looked through, with what the rules ask of it, and what they find."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from kb.vocabulary import IdentifierKind

WORD = re.compile(r"[^\W\d_]++")
LOWER = re.compile(r"(?<!\w)[^\W\d_A-ZÀ-Þ][^\W\d_]++")
GAP = re.compile(r"[ \t\u00a0*_]{1,6}")


class Identifier(NamedTuple):
    """A passage that may tell who somebody is; `text` is the page's `[start:end]`."""

    kind: IdentifierKind
    start: int
    end: int
    text: str
    confidence: float  # in [0, 1]


@dataclass(frozen=True)
class Page:
    """A text and its language, a BCP 47 tag or empty where nobody knows."""

    text: str
    language: str

    @cached_property
    def common(self) -> frozenset[str]:
        """The words that stand somewhere in lower case: no names, then."""
        return frozenset(word for word in LOWER.findall(self.text) if word[0].islower())

    def found(self, kind: IdentifierKind, start: int, end: int, confidence: float) -> Identifier:
        """Return the passage as something found."""
        return Identifier(kind, start, end, self.text[start:end], confidence)

    def before(self, start: int, length: int = 40) -> str:
        """Return what stands before `start` in the same line, `length` characters at most."""
        return self.text[max(0, start - length) : start].rpartition("\n")[2]

    def after(self, end: int, length: int = 40) -> str:
        """Return what stands after `end` in the same line, `length` characters at most."""
        return self.text[end : end + length].partition("\n")[0]
