"""Where a harvest goes on: a token that says it all, so that the library remembers nothing.

It never ends, may be used again, and holds after a restart. It is not signed: whoever makes one up
asks for what everybody may ask for. Its digest finds one that was cut or changed on the way.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from web.oai.arguments import OaiError

DIGEST = 8  # hex digits
MOST_CHARS = 2_000
LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Position:
    """What was asked, and the last record that was sent."""

    verb: str
    prefix: str
    chosen: str  # the set; empty for all
    start: str  # ISO 8601, or empty
    end: str
    after: str  # moment of the last record, ISO 8601
    after_id: int
    sent: int
    total: int  # of the whole list, when it began


def written(position: Position) -> str:
    """Return the position as a token.

    >>> p = Position("ListRecords", "oai_dc", "", "", "", "2026-11-28T09:00:00+00:00", 7, 100, 250)
    >>> read(written(p)) == p
    True
    """
    said = json.dumps(list(asdict(position).values()), separators=(",", ":")).encode()
    text = urlsafe_b64encode(said).decode().rstrip("=")
    return f"{digest(text)}.{text}"


def read(token: str) -> Position:
    """Return the position that a token says.

    Raises:
        OaiError: badResumptionToken.
    """
    said, _dot, text = token.partition(".")
    if len(token) > MOST_CHARS or said != digest(text):
        raise OaiError("badResumptionToken", "This token is cut or was never given. Begin anew.")
    padded = text + "=" * (-len(text) % 4)
    try:
        position = Position(*json.loads(urlsafe_b64decode(padded)))
        sound = _is_sound(position)
    except (ValueError, TypeError) as error:
        raise OaiError("badResumptionToken", "This token says nothing. Begin anew.") from error
    if not sound:
        raise OaiError("badResumptionToken", "This token names no place in a list. Begin anew.")
    return position


def _is_sound(position: Position) -> bool:
    moments = [
        datetime.fromisoformat(one) for one in (position.after, position.start or position.after)
    ]
    moments += [datetime.fromisoformat(position.end)] if position.end else []
    numbers = (position.after_id, position.sent, position.total)
    words = (position.verb, position.prefix, position.chosen)
    return (
        all(moment.tzinfo is not None for moment in moments)
        and all(type(n) is int and 0 <= n <= LARGEST for n in numbers)
        and all(isinstance(word, str) for word in words)
    )


def digest(text: str) -> str:
    """Return what stands before a token, so that a cut one is noticed."""
    return sha256(text.encode()).hexdigest()[:DIGEST]
