"""What is to be taken out of a file, and whether it is gone."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kb.errors import InvalidError

REDACTED = "▇▇▇"


class UncleanError(InvalidError):
    """No copy of the file can be made of which it is certain that it is clean."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a curator decided: words to replace, and pictures that show a face."""

    words: Mapping[str, str] = field(default_factory=dict)  # what stands there → what shall
    faces: frozenset[str] = frozenset()  # where they are, in the words of `ingest.readers.hidden`


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The bytes of the copy, its media type where it is another, and what was done."""

    data: bytes
    suffix: str  # of the copy's name, with its dot
    note: str = ""  # a sentence for the curator


class Words:
    """The words to take out, ready to be found in any layout of spaces."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._to = {_bare(said): instead or REDACTED for said, instead in words.items() if said}
        longest_first = sorted(self._to, key=len, reverse=True)
        spaced = (r"\s+".join(map(re.escape, said.split())) for said in longest_first)
        pattern = "|".join(spaced)
        self._pattern = re.compile(pattern, re.IGNORECASE) if pattern else None

    @property
    def wanted(self) -> frozenset[str]:
        """All of them, folded as they are compared."""
        return frozenset(self._to)

    def __bool__(self) -> bool:
        return self._pattern is not None

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return where the words stand, and what shall stand there instead."""
        if self._pattern is None:
            return []
        return [
            (found.start(), found.end(), self._to[_bare(found[0])])
            for found in self._pattern.finditer(text)
        ]

    def out_of(self, text: str) -> str:
        """Return `text` with every one of them replaced."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._to[_bare(found[0])], text)

    def refuse_left(self, texts: Iterable[str]) -> None:
        """Raise UncleanError where one of them is still in one of `texts`."""
        for text in texts:
            if left := self.spans(text):
                start, end, _ = left[0]
                raise UncleanError(
                    f"“{text[start:end]}” could not be taken out of the file for certain.",
                    hint="Take it out in the program that made the file, and ingest that.",
                )


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()
