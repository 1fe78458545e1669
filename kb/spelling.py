"""Guess which word of a vocabulary a misspelt word was meant to be."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from rapidfuzz.distance import OSA

FUZZY_FROM = 5  # letters: KMC and KNC, ANC and AND are too close
TWO_EDITS_FROM = 8  # letters


class Guess(NamedTuple):
    """What a misspelt word may have been: the nearest words, the most frequent first."""

    words: tuple[str, ...]
    edits: int


class Speller:
    """Words, and how often each occurs."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = words
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in words:
            if word.isalpha():
                self._by_start[word[0], len(word)].append(word)

    def guess(self, word: str, *, letters: int) -> Guess | None:
        """Return the nearest words; none when the word is known, short, or near no other.

        `letters` counts the word as typed: one edit is allowed from five, two from eight. The
        first letter must be right; it is rarely mistyped, and other is not mother.
        """
        if letters < FUZZY_FROM or word in self.words or not word.isalpha():
            return None
        most = 1 if letters < TWO_EDITS_FROM else 2
        distances = {
            other: edits(word, other)
            for length in range(len(word) - most, len(word) + most + 1)
            for other in self._by_start.get((word[0], length), ())
            if len(set(word) ^ set(other)) <= 2 * most  # an edit changes two letters at most
        }
        least = min(distances.values(), default=most + 1)
        nearest = [other for other, distance in distances.items() if distance == least]
        nearest.sort(key=lambda other: (-self.words[other], other))
        return Guess(tuple(nearest), least) if least <= most else None


def edits(one: str, other: str) -> int:
    """Return how many letters to insert, drop, replace or swap with the next turn one into other.

    Source: optimal string alignment, the restricted Damerau-Levenshtein distance.

    >>> edits("breatsfeeding", "breastfeeding"), edits("malria", "malaria"), edits("same", "same")
    (1, 1, 0)
    """
    return OSA.distance(one, other)
