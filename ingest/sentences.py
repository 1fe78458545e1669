"""Text to sentences that keep their place, and the folding under which words are compared."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

LONGEST_ABBREVIATION = 8  # characters, more than any of those below

_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+•]\s+|\(?\d{1,2}[.)]\s+)+")
_NEW_BLOCK = re.compile(r"^\s*(?:$|#|>|\||[-*+•]\s|\(?\d{1,2}[.)]\s)")
# A full stop ends a sentence before a capital, a quote, a number or a bold mark, unless the
# word before it is a usual abbreviation or a single letter.
_STOP = re.compile(r"[.!?…]+[\"'»”’)*_]*\s+(?=[\"'«“‘(*_¿¡]*[A-ZÀ-ÖØ-Þ0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Sr|Sra|Dra|St|no|No|nº|approx|incl|e\.g|i\.e|vs|p|pp|art|cf|av|Bw|Bi"
    r"|[KTU]?[Ss]h|Rs|aprox|env)"
    r"|\b[A-Z])\.\s+$"
)


class Sentence(NamedTuple):
    """A sentence with its place: `text == whole[start:end]`, always."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Return `text` without case and accents, as long as it was: places in one are in the other.

    >>> fold("Région de l’Été")
    "region de l'ete"
    """
    return "".join(map(_folded, text))


def tokens(text: str) -> tuple[str, ...]:
    """Return the folded words and numbers of `text`, in order.

    >>> tokens("3.1 D'où nous sommes partis")
    ('3', '1', 'd', 'ou', 'nous', 'sommes', 'partis')
    """
    return tuple(re.findall(r"[^\W_]+", fold(text)))


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of Markdown `text`, in order; a table row is a sentence of its own."""
    return [found for block in _blocks(text) for found in _in_block(text, *block)]


def one_line(text: str) -> str:
    r"""Return Markdown `text` as one line without marks of emphasis, list or heading.

    >>> one_line("**À partir du 6 mars:**\n la matrone reste.")
    'À partir du 6 mars: la matrone reste.'
    """
    bare = re.sub(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|`", "", text)
    return " ".join(_LINE_MARK.sub("", bare).split())


@cache
def _folded(character: str) -> str:
    base = unicodedata.normalize("NFKD", character.casefold())
    bare = "".join(part for part in base if not unicodedata.combining(part))
    return {"’": "'"}.get(bare, bare) if len(bare) == 1 else character


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start = place = 0
    for line in text.splitlines(keepends=True):
        if _NEW_BLOCK.match(line) and start < place:
            yield start, place
            start = place
        place += len(line)
        if line.lstrip().startswith(("|", "#")):
            yield start, place
            start = place
    if start < place:
        yield start, place


def _in_block(text: str, start: int, end: int) -> Iterator[Sentence]:
    mark = _LINE_MARK.match(text[start:end])
    begin = start + (mark.end() if mark else 0)
    if not text[begin:end].startswith("|"):
        for stop in _STOP.finditer(text, begin, end):
            near = max(begin, stop.start() - LONGEST_ABBREVIATION)
            if not _ABBREVIATION.search(text, near, stop.end()):
                yield from _trimmed(text, begin, stop.end())
                begin = stop.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Sentence]:
    body = text[start:end]
    start += len(body) - len(body.lstrip())
    inner = body.strip()
    if inner:
        yield Sentence(inner, start, start + len(inner))
