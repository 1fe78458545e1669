"""Bytes to text, whatever the encoding."""

import codecs
import re

from charset_normalizer import from_bytes

from ingest.readers.refusal import Reason, UnreadableError

# UTF-32 first: its little-endian mark begins with that of UTF-16
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BEYOND_ASCII = 0x80
_FOREIGN_SHARE = 0.25
_SAMPLE_BYTES = 200_000
_HEAD = 4_096
_STRAY_BYTES_IN_UTF8 = 1 / 200
_FIRST_OF_MANY = 0xC0  # the first byte of a letter that UTF-8 writes in several
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\ufffd]")
_BINARY_SHARE = 0.1

# Single-byte tables that charset detection confuses with Windows Latin 1 in short texts.
_LATIN = re.compile(r"cp125[0247]|cp85\d|latin_1|iso8859_(1|2|4|9|10|13|14|15|16)|mac_.*|hp_roman8")


def decode(data: bytes) -> str:
    """Return the text in `data`: by byte order mark, else UTF-8, else by its letters.

    Raises:
        UnreadableError: the bytes are not text (reason `unsupported`).
    """
    text = data.decode(_encoding(data), errors="replace")
    head = text[:20_000]
    if len(_CONTROLS.findall(head)) > _BINARY_SHARE * len(head):
        raise UnreadableError(Reason.UNSUPPORTED, detail="its bytes are not text")
    return text


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    return (
        _utf32_without_mark(data) or _utf16_without_mark(data) or _utf8(data) or _single_byte(data)
    )


def _utf32_without_mark(data: bytes) -> str | None:
    """In UTF-32 the two upper bytes of nearly every letter are NUL, the lowest hardly ever."""
    head = data[:_HEAD]
    letters = len(head) // 4
    first, second, third, fourth = (head[at::4].count(0) for at in range(4))
    if letters and min(third, fourth) >= letters and first < letters / 10:
        return "utf-32-le"
    if letters and min(first, second) >= letters and fourth < letters / 10:
        return "utf-32-be"
    return None


def _utf16_without_mark(data: bytes) -> str | None:
    """Latin text in UTF-16 has a NUL in every other byte."""
    head = data[:_HEAD]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    enough = len(head) * 0.2
    if odd > enough and odd > 10 * max(even, 1):
        return "utf-16-le"
    if even > enough and even > 10 * max(odd, 1):
        return "utf-16-be"
    return None


def _utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken bytes is still UTF-8, as is one cut inside a character."""
    stray = data.decode("utf-8", errors="replace").count("\ufffd")
    letters = sum(1 for byte in data[:_SAMPLE_BYTES] if byte >= _FIRST_OF_MANY)
    if stray == 0 or (stray < len(data) * _STRAY_BYTES_IN_UTF8 and stray < letters / 10):
        return "utf-8"
    return None


def _single_byte(data: bytes) -> str:
    """In a script other than Latin, most letters lie beyond ASCII."""
    sample = data[:_SAMPLE_BYTES]
    beyond = sum(1 for byte in sample if byte >= _BEYOND_ASCII)
    if beyond < _FOREIGN_SHARE * len(sample):
        return "cp1252"
    best = from_bytes(sample).best()
    if best is None or _LATIN.fullmatch(best.encoding):
        return "cp1252"
    return best.encoding
