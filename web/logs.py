"""Messages as lines of JSON: when, how grave, where, what; nobody's address, words or name."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final

# The number of the request that is being answered, also in what it calls.
request: ContextVar[str] = ContextVar("request", default="")

EMAIL: Final = re.compile(r"[^\s@<>\"'()]+@[^\s@<>\"'()]+")
QUERY: Final = re.compile(r"\?\S+")
ADDRESS: Final = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])[0-9a-fA-F]*(?::[0-9a-fA-F]*){3,}"
)
LEFT_OUT: Final = "…"


class Lines(logging.Formatter):
    """Write a message as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Of an exception it has kind and places: its words may be people's."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": harmless(record.getMessage()),
        }
        if request.get():
            line["request"] = request.get()
        line |= getattr(record, "said", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def harmless(message: str) -> str:
    """Return a message without e-mail addresses, what was asked for, and computers' addresses.

    >>> harmless("GET /search?q=hiv from 10.0.0.7 by neema@clinic.example failed")
    'GET /search… from … by … failed'
    """
    for pattern in (EMAIL, QUERY, ADDRESS):
        message = pattern.sub(LEFT_OUT, message)
    return message


def begin() -> None:
    """Write all messages of this process as lines to its standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("web").setLevel(logging.INFO)


def _places(found: TracebackType | None) -> list[str]:
    """Return where it happened, from the outermost call on: file, line and function."""
    return [f"{one.filename}:{one.lineno} {one.name}" for one in extract_tb(found)]
