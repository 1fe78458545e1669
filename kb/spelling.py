"""Guess the word of a vocabulary that a misspelt word was meant to be."""

from collections import defaultdict
from collections.abc import Mapping

FUZZY_FROM = 5  # letters: KMC and KNC, ANC and AND are too close
TWO_EDITS_FROM = 8  # letters


class Speller:
    """Words, and how often each occurs; among equally near ones the most frequent is meant."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = words
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in words:
            if len(word) >= FUZZY_FROM - 1 and word.isalpha():  # folding may have cost a letter
                self._by_start[word[0], len(word)].append(word)

    def correct(self, word: str, *, letters: int) -> str | None:
        """Return the nearest word; none when the word is known, short, or near no other.

        `letters` counts the word as typed: one edit is allowed from five, two from eight. The
        first letter must be right; it is rarely mistyped, and other is not mother.
        """
        if letters < FUZZY_FROM or word in self.words or not word.isalpha():
            return None
        most = 1 if letters < TWO_EDITS_FROM else 2
        near = [
            (distance, -self.words[other], other)
            for length in range(len(word) - most, len(word) + most + 1)
            for other in self._by_start.get((word[0], length), ())
            if len(set(word) ^ set(other)) <= 2 * most  # an edit changes two letters at most
            and (distance := edits(word, other)) <= most
        ]
        return min(near)[2] if near else None


def edits(one: str, other: str) -> int:
    """Return how many letters to insert, drop, replace or swap with the next turn one into other.

    Source: optimal string alignment, the restricted Damerau-Levenshtein distance.

    >>> edits("breatsfeeding", "breastfeeding"), edits("malria", "malaria"), edits("same", "same")
    (1, 1, 0)
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
