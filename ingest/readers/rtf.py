"""RTF: through LibreOffice where installed (tables, headings), else its text."""

import re

from striprtf.striprtf import rtf_to_text

from ingest.readers import docx, legacy
from ingest.readers.content import Content
from ingest.readers.limits import Limits
from ingest.readers.pipetable import tabulate
from ingest.readers.refusal import Reason, UnreadableError

_CELL_END = "|"  # how striprtf writes the end of a table cell
_LINE_END = re.compile(r"(?<!\|)\n(?!\|)")  # not within a table
_MOST_GROUPS = 500
# striprtf stops there; the number is 1 where none is told
_NO_NUMBER = re.compile(r"(?<!\\)((?:\\\\)*\\uc)(?![A-Za-z]|-?\d)")
_CHARACTER = re.compile(r"(?<!\\)((?:\\\\)*\\u)(-?\d+)")  # by its number
_NUMBERS = range(-0x8000, 0x110000)  # of 16 bits with a sign, or what some programs write instead
_DIGITS = 12  # more than any number of a character has
_UNKNOWN = 0xFFFD


def read(data: bytes, limits: Limits) -> Content:
    """Read RTF by way of LibreOffice where it is installed, else its words and tables.

    Raises:
        UnreadableError: nested too deeply, or LibreOffice cannot open it.
    """
    if _depth(data) > _MOST_GROUPS:
        raise UnreadableError(Reason.TOO_DEEP)
    if not legacy.office():
        return read_plain(data, limits)
    return docx.read(legacy.convert(data, "rtf", "docx"), limits)


def read_plain(data: bytes, limits: Limits) -> Content:
    """Read the words and the tables of RTF; headings are lost."""
    source = data[: limits.text_bytes].decode("latin-1")
    source = _CHARACTER.sub(_known, _NO_NUMBER.sub(r"\g<1>1", source))
    text = str(rtf_to_text(source, errors="ignore"))  # type: ignore[no-untyped-call]
    doubts = ["Only the words and tables were read; headings may be lost."]
    if len(data) > limits.text_bytes:
        doubts.append(f"Cut after {limits.text_bytes:,} bytes.")
    return Content(markdown=_LINE_END.sub("\n\n", tabulate(text, _CELL_END)), doubts=tuple(doubts))


def _known(character: re.Match[str]) -> str:
    """Return the character where it has a number that can be one."""
    begin, number = character.groups()
    return character[0] if int(number[:_DIGITS]) in _NUMBERS else f"{begin}{_UNKNOWN}"


def _depth(data: bytes) -> int:
    """Return how many groups stand inside one another at most."""
    depth = deepest = 0
    for sign in data:
        if sign == ord("{"):
            depth += 1
            deepest = max(deepest, depth)
        elif sign == ord("}"):
            depth -= 1
    return deepest
