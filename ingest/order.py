"""What is to be taken out of a file, and whether it is gone."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import category, normalize

from kb.errors import InvalidError

REDACTED = "▇▇▇"


class UncleanError(InvalidError):
    """No copy of the file can be made of which it is certain that it is clean."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a curator decided: words to replace, and pictures that show a face."""

    words: Mapping[str, str] = field(default_factory=dict)  # what stands there → what shall
    faces: frozenset[str] = frozenset()  # where they are, in the words of `ingest.readers.hidden`
    longest: int = 0  # pixels of the longer side of a photo, which is made smaller; 0: as it is


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The bytes of the copy, its media type where it is another, and what was done."""

    data: bytes
    suffix: str  # of the copy's name, with its dot
    note: str = ""  # a sentence for the curator


class Words:
    """The words to take out, ready to be found in any layout of spaces, signs and accents."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._said = {squeezed(said): said for said in words if squeezed(said)}
        self._to = {squeezed(said): instead or REDACTED for said, instead in words.items()}
        longest_first = sorted(self._said, key=len, reverse=True)
        pattern = "|".join(r"[\W_]*".join(_tokens(self._said[key])) for key in longest_first)
        bounded = rf"(?<![^\W_])(?:{pattern})(?![^\W_])"
        self._pattern = re.compile(bounded) if pattern else None
        self._met: set[str] = set()

    def __bool__(self) -> bool:
        return self._pattern is not None

    @property
    def squeezed(self) -> Collection[str]:
        """All of them, as letters and digits alone."""
        return self._said.keys()

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return where the words stand, and what shall stand there instead."""
        if self._pattern is None:
            return []
        folded, places = _folded(text)
        spans = []
        for found in self._pattern.finditer(folded):
            key = squeezed(found[0])
            self._met.add(key)
            # up to where the next letter begins: the accents after the last one go with it
            start, last = places[found.start()], places[found.end() - 1]
            end = last + 1
            while end < len(text) and not _fold(text[end]):
                end += 1
            spans.append((start, end, self._to[key]))
        return spans

    def out_of(self, text: str) -> str:
        """Return `text` with every one of them replaced."""
        parts, at = [], 0
        for start, end, instead in self.spans(text):
            parts += [text[at:start], instead]
            at = end
        return "".join([*parts, text[at:]])

    def refuse_left(self, texts: Iterable[str]) -> None:
        """Raise UncleanError where one of them is still in one of `texts`."""
        for text in texts:
            if left := self.spans(text):
                start, end, _ = left[0]
                raise UncleanError(
                    f"“{text[start:end]}” could not be taken out of the file for certain.",
                    hint=_BY_HAND,
                )

    def refuse_unmet(self, where: str = "in the file") -> None:
        """Raise UncleanError where one of them was never met: it may stand there otherwise.

        A date of birth in a sheet is a number of days, and a name may be a picture.
        """
        for key, said in self._said.items():
            if key not in self._met:
                raise UncleanError(f"“{said}” was not found {where}.", hint=_BY_HAND)


_BY_HAND = "Take it out in the program that made the file, and ingest that."
_TOKEN = re.compile(r"[^\W_]+")


def squeezed(text: str) -> str:
    """Return the letters and digits of `text` alone, folded: what it says in any layout."""
    return "".join(_tokens(text))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_folded(text)[0])


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return `text` without case, accents and signs that nobody sees, and where each letter was."""
    if text.isascii():
        return text.lower(), range(len(text))
    letters, places = [], []
    for place, letter in enumerate(text):
        for one in _fold(letter):
            letters.append(one)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=4096)
def _fold(letter: str) -> str:
    parts = normalize("NFKD", normalize("NFKD", letter).casefold())
    return "".join(one for one in parts if category(one) not in {"Mn", "Me", "Cf"})
