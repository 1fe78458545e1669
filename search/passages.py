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
TAIL = 25  # words; so little left over joins the passage before it

WORD = re.compile(r"[^\s|]*\w[^\s|]*")
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


def split(
    body: str, section: SectionRole = SectionRole.OTHER, *, size: int = SIZE, step: int = STEP
) -> list[Passage]:
    r"""Cut `body` into overlapping passages of about `size` words, one every `step`.

    They begin and end at the paragraph, sentence or table row nearest to that; a table row
    is cut only if it has more than twice `size` words. Every word is in some passage; a text
    without words has none.

    >>> [p.text for p in split("One two. Three four.\n\nFive six.", size=4, step=2)]
    ['One two. Three four.', 'Three four.\n\nFive six.']
    """
    if not 0 < step <= size:
        raise ValueError(f"step must be 1 to size ({size}) words, not {step}")
    words = [match.start() for match in WORD.finditer(body)]
    if not words:
        return []
    windows = _windows(_edges(body, words), words, size=size, step=step)
    return [_passage(body, section, start, end) for start, end in windows]


def _windows(
    edges: list[_Edge], words: list[int], *, size: int, step: int
) -> Iterator[tuple[int, int]]:
    # The last edge stands behind the last word.
    start, end, last = edges[0], edges[0], edges[-1]
    while last.word - start.word > size + min(TAIL, size // 4):
        end = _nearest(edges, words, start.word + size, end.word + 1, start.word + 2 * size)
        yield start.at, end.at
        if end == last:
            return
        start = _nearest(edges, words, start.word + step, start.word + 1, end.word)
    yield start.at, last.at


def _nearest(edges: list[_Edge], words: list[int], target: int, low: int, high: int) -> _Edge:
    """Return the edge nearest to the word `target`, of those from `low` to `high`."""
    first = bisect_left(edges, low, key=lambda edge: edge.word)
    behind = bisect_right(edges, high, key=lambda edge: edge.word)
    if first == behind:
        cut = min(max(target, low), high)
        return _Edge(words[cut], cut)
    return min(edges[first:behind], key=lambda edge: abs(edge.word - target))


def _edges(body: str, words: list[int]) -> list[_Edge]:
    rows = [match.span() for match in TABLE_LINE.finditer(body)]
    ends_of_rows = [end for _, end in rows]

    def inside_a_row(at: int) -> bool:
        row = bisect_left(ends_of_rows, at)
        return row < len(rows) and rows[row][0] < at < rows[row][1]

    places = {
        match.end()
        for match in chain(PARAGRAPH.finditer(body), SENTENCE.finditer(body))
        if not inside_a_row(match.end())
    }
    places |= {match.end() for match in MARKED_LINE.finditer(body)} | set(ends_of_rows)
    edges = {bisect_left(words, at): at for at in sorted(places)}
    return [
        _Edge(0, 0),
        *(_Edge(at, word) for word, at in sorted(edges.items()) if 0 < word < len(words)),
        _Edge(len(body), len(words)),
    ]


def _passage(body: str, section: SectionRole, start: int, end: int) -> Passage:
    text = body[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return Passage(section, start, start + len(text), text)
