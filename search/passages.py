"""Cut a text into passages, the units that are encoded and shown."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from kb.vocabulary import SectionRole

# Measured on six judged sets: against whole texts, passages of 100 words that begin every 75
# gain 1.5 to 6 % nDCG@10 (docs/search.md).
SIZE = 100  # words
STEP = 75  # words from the beginning of one passage to that of the next

# Looked for only where a run of signs begins: from each of its signs, a long one takes minutes.
WORD = re.compile(r"(?<![^\s|])[^\s|]*\w[^\s|]*")
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
MARKED_LINE = re.compile(r"^[ \t]*(?=\||#|>|[-*+][ \t]|\d+[.)][ \t])", re.MULTILINE)
TABLE_LINE = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
SENTENCE = re.compile(r"[.!?…।؟。][\"'”’»)\]]*\s+(?=[^a-z\s])")


class Passage(NamedTuple):
    """`text` is exactly `body[start:end]` of its section; offsets count characters."""

    section: SectionRole
    start: int
    end: int
    text: str


class _Edge(NamedTuple):
    """A place where a passage may begin or end: a character, and the words before it."""

    at: int
    word: int
    natural: bool  # of the text: a paragraph, a sentence, a row; not merely between two words


def split(
    body: str, section: SectionRole = SectionRole.OTHER, *, size: int = SIZE, step: int = STEP
) -> list[Passage]:
    r"""Cut `body` into overlapping passages of about `size` words, one every `step`.

    They begin and end at the paragraph, sentence or table row nearest to that, within a
    quarter of `size`, or between two words. A table row is cut only if it has more than
    `size` words. Every word is in some passage; a text without words has none.

    >>> [p.text for p in split("One two. Three four.\n\nFive six.", size=4, step=2)]
    ['One two. Three four.', 'Three four.\n\nFive six.']
    """
    if not 0 < step <= size:
        raise ValueError(f"step must be 1 to size ({size}) words, not {step}")
    words = [match.start() for match in WORD.finditer(body)]
    if not words:
        return []
    windows = _windows(_edges(body, words, size), size=size, step=step)
    return [_passage(body, section, start, end) for start, end in windows]


def _windows(edges: list[_Edge], *, size: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield the characters where each passage begins and ends; `edges` are where they may."""
    slack = size // 4
    start, end, last = edges[0], edges[0], edges[-1]
    while last.word - start.word > size + slack:
        low = end.word + 1
        high = max(start.word + 2 * size, low + size)  # further than any row reaches
        end = _nearest(edges, start.word + size, slack, low=low, high=high)
        yield start.at, end.at
        if end == last:
            return
        start = _nearest(edges, start.word + step, slack, low=start.word + 1, high=end.word)
    yield start.at, last.at


def _nearest(edges: list[_Edge], target: int, slack: int, *, low: int, high: int) -> _Edge:
    """Return the edge nearest to the word `target`, of those from the word `low` to `high`.

    Natural ones within `slack` words go first, then the nearest of all.
    """
    first = bisect_left(edges, low, key=lambda edge: edge.word)
    behind = bisect_right(edges, high, key=lambda edge: edge.word)

    def distance(edge: _Edge) -> tuple[bool, int]:
        away = abs(edge.word - target)
        return not edge.natural or away > slack, away

    return min(edges[first:behind], key=distance)


def _edges(body: str, words: list[int], size: int) -> list[_Edge]:
    rows = [
        (bisect_left(words, start), bisect_left(words, end))
        for start, end in (match.span() for match in TABLE_LINE.finditer(body))
    ]
    inside = {w for first, end in rows if end - first <= size for w in range(first + 1, end)}
    natural = {
        bisect_left(words, match.end()): match.end()
        for match in chain(*(rule.finditer(body) for rule in (SENTENCE, PARAGRAPH, MARKED_LINE)))
    }
    between = [
        _Edge(natural.get(word, at), word, natural=word in natural)
        for word, at in enumerate(words)
        if word not in inside and word > 0
    ]
    return [_Edge(0, 0, natural=True), *between, _Edge(len(body), len(words), natural=True)]


def _passage(body: str, section: SectionRole, start: int, end: int) -> Passage:
    text = body[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return Passage(section, start, start + len(text), text)
