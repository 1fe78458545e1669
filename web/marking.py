"""Mark passages in HTML that is already safe: what a field of the card was read from."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from html import escape, unescape
from typing import NamedTuple

# What nh3 writes: a tag whose attributes stand in double quotes, or text.
_PIECES = re.compile(r'<(?:[^<>"]|"[^"]*")*>|[^<]+')


class Anchor(NamedTuple):
    """Words to mark, and the id that a link to them has."""

    name: str
    quote: str


def with_marks(html: str, anchors: Sequence[Anchor]) -> str:
    """Return `html` with each quote in `<mark id=name>`, where it stands; else unchanged.

    Only letters and digits are compared, so a quote is found whatever its layout is, and across
    cells and paragraphs. Tags stay as they are: marks are only ever put around text.

    >>> with_marks("<p>From <em>34 %</em> to 80 %</p>", [Anchor("e1", "34 % to")])
    '<p>From <em><mark id="e1">34 %</mark></em><mark> to</mark> 80 %</p>'
    """
    pieces = _PIECES.findall(html)
    texts = [None if piece.startswith("<") else unescape(piece) for piece in pieces]
    whole = "".join(text for text in texts if text is not None)
    spans = _spans(whole, anchors)
    if not spans:
        return html
    out, at = [], 0
    for piece, text in zip(pieces, texts, strict=True):
        if text is None:
            out.append(piece)
        else:
            out.append(_marked(text, at, spans))
            at += len(text)
    return "".join(out)


def holds(text: str, quote: str) -> bool:
    r"""Tell whether the words of `quote` stand in `text`, whatever the layout of either.

    >>> holds("| Month | n |\\n| May | **3** |", "May | 3")
    True
    """
    return bool(wanted := _words(quote)) and wanted in _words(text)


def _words(text: str) -> str:
    return "".join(filter(str.isalnum, text))


class _Span(NamedTuple):
    start: int
    end: int
    names: tuple[str, ...]  # ids that belong at its start


def _spans(whole: str, anchors: Iterable[Anchor]) -> list[_Span]:
    """Return the stretches to mark, apart from each other, in order."""
    places = [place for place, character in enumerate(whole) if character.isalnum()]
    words = "".join(whole[place] for place in places)
    found = []
    for name, quote in anchors:
        wanted = _words(quote)
        start = words.find(wanted) if wanted else -1
        if start >= 0:
            found.append((places[start], places[start + len(wanted) - 1] + 1, name))
    cuts = sorted({edge for start, end, _ in found for edge in (start, end)})
    spans = []
    for start, end in itertools.pairwise(cuts):
        if any(a <= start and end <= b for a, b, _ in found):
            names = tuple(name for a, _, name in found if a == start)
            spans.append(_Span(start, _with_punctuation(whole, end, cuts), names))
    return spans


def _with_punctuation(whole: str, end: int, cuts: Sequence[int]) -> int:
    """Return the end of the mark with the sign behind the last word, as in “34 %”."""
    rest = re.match(r" ?[%.!?)”»]", whole[end : end + 2])
    longer = end + rest.end() if rest else end
    following = bisect_right(cuts, end)
    return min(longer, cuts[following]) if following < len(cuts) else longer


def _marked(text: str, at: int, spans: Sequence[_Span]) -> str:
    """Return the text that begins at `at` of the whole, escaped, with its marks."""
    out, done = [], 0
    for start, end, names in spans:
        first, last = max(start - at, done), min(end - at, len(text))
        if first >= last:
            continue
        ids = names if start >= at else ()
        out.append(escape(text[done:first], quote=False))
        out += [f'<span id="{escape(name)}"></span>' for name in ids[1:]]
        name = f' id="{escape(ids[0])}"' if ids else ""
        out.append(f"<mark{name}>{escape(text[first:last], quote=False)}</mark>")
        done = last
    return "".join([*out, escape(text[done:], quote=False)])
