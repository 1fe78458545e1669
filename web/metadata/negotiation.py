"""Which form of a record a program asks for. Source: RFC 9110, 12.5.1."""

import re
from collections.abc import Sequence
from typing import NamedTuple


class Asked(NamedTuple):
    """One media range of an Accept header."""

    kind: str
    quality: float  # [0, 1]


def best(accept: str, offered: Sequence[str]) -> str | None:
    """Return the offered media type that is wanted most; the first of equals; None for none.

    The most specific range that names a type decides about it. Without a header, or with one that
    nobody can read, everything is welcome.

    >>> best("application/ld+json", ["text/html", "application/ld+json"])
    'application/ld+json'
    >>> best("text/html,application/xml;q=0.9,*/*;q=0.8", ["text/html", "application/json"])
    'text/html'
    >>> best("image/png", ["text/html"]), best("", ["text/html"])
    (None, 'text/html')
    """
    ranges = asked(accept)
    if not ranges:
        return offered[0]
    ranked = [(_quality(ranges, kind), -place, kind) for place, kind in enumerate(offered)]
    quality, _place, kind = max(ranked)
    return kind if quality > 0 else None


def asked(accept: str) -> list[Asked]:
    """Return the media ranges of an Accept header; what cannot be read is left out.

    >>> asked("text/html;q=0.5, */*;level=1, x")
    [Asked(kind='text/html', quality=0.5), Asked(kind='*/*', quality=1.0)]
    """
    found = []
    for part in accept.split(","):
        kind, *parameters = (one.strip() for one in part.split(";"))
        if re.fullmatch(r"[^/\s]+/[^/\s]+", kind):
            found.append(Asked(kind.lower(), _weight(parameters)))
    return found


def _weight(parameters: Sequence[str]) -> float:
    said = next((one[2:] for one in parameters if one.lower().startswith("q=")), "1")
    try:
        return min(max(float(said), 0.0), 1.0)
    except ValueError:
        return 1.0


def _quality(ranges: Sequence[Asked], kind: str) -> float:
    family = f"{kind.partition('/')[0]}/*"
    for wanted in (kind, family, "*/*"):
        named = [one.quality for one in ranges if one.kind == wanted]
        if named:
            return max(named)
    return 0.0
