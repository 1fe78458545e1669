"""What one reader returns: Markdown as found, before it is cleaned and cut."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.document import Form, Metadata


@dataclass(frozen=True, slots=True)
class Content:
    """The text and the declarations of one file."""

    markdown: str
    title: str = ""  # from a Title style or the like: certain
    declared_title: str = ""  # from the file's properties: often left over from a template
    metadata: Metadata = field(default_factory=Metadata)
    doubts: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    media_type: str = ""  # where the format has several
    # Pages of which some are pictures: their Markdown, and how to draw (as a PIL image) those
    # that only OCR can read. Without pictures `markdown` is all there is.
    pages: tuple[str, ...] = ()
    pictures: Mapping[int, Callable[[], Any]] = field(default_factory=dict)
    form: Form | None = None


def comments_doubt(count: int) -> str:
    """Return the doubt about comments in the margin, or "" where there are none."""
    if count == 1:
        return "One comment was left out."
    return f"{count} comments were left out." if count else ""


# C0 and C1 controls but tab and newline, lone surrogates, non-characters, the signs that turn
# letters round (a name that ends in fdp.exe is shown as exe.pdf), and the invisible ones that
# split words for a search: soft hyphen, zero-width space, BOM.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202d\u202e\ufeff\ufffe\uffff\ud800-\udfff]"
)
# Every repetition is bounded: a file of nothing but spaces must not cost a minute.
_ACTIVE_LINK = re.compile(
    r"(\]\(\s{0,9}<?|^[ ]{0,9}\[[^\]\n]{1,99}\]:\s{0,9}<?|<|(?:href|src)\s{0,9}=\s{0,9}[\"']?)"
    r"\s{0,9}(?:javascript|vbscript|data|file)\s{0,9}:",
    re.IGNORECASE | re.MULTILINE,
)


def clean(text: str) -> str:
    r"""Return `text` in NFC, without control characters, lone surrogates and active links.

    Source: Unicode Standard Annex 15 for NFC.

    >>> clean("Cafe\u0301 \x00[x](javascript:alert) ")
    'Café [x](#alert)'
    """
    text = re.sub(r"\r\n|[\r\v\f]", "\n", text)
    text = INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = _ACTIVE_LINK.sub(r"\1#", text)
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n ")


def one_line(text: str) -> str:
    """Return `text` cleaned, on one line."""
    return " ".join(clean(text).split())


# Titles that a program or a template wrote, not the author.
_LEFT_OVER = re.compile(
    r"microsoft (word|powerpoint|excel)\b.*|untitled.*|powerpoint presentation"
    r"|(document|presentation|book|slide|title|sheet)\s*\d*|.*\.\w{3,4}",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)


def title_of(content: Content) -> str:
    """Return the file's own title, or "".

    A Title style wins; then a first heading that stands above all others; then the
    title among the file's properties unless a program left it there; then a first `#` heading.
    """
    if content.title:
        return one_line(content.title)
    headings = [(len(marks), text) for marks, text in _HEADING.findall(content.markdown)]
    (level, first), others = (headings[0], headings[1:]) if headings else ((0, ""), [])
    stands_above = all(deeper > level for deeper, _ in others) and (level == 1 or bool(others))
    declared = one_line(content.declared_title)
    if declared and not stands_above and not _LEFT_OVER.fullmatch(declared):
        return declared
    return one_line(first) if stands_above or level == 1 else ""


def iso_date(value: str | None) -> date | None:
    """Return the day of an ISO 8601 or PDF (`D:20240131…`) moment; None where it is neither."""
    found = re.match(r"\s*(?:D:)?(\d{4})-?(\d\d)-?(\d\d)", value or "")
    if not found:
        return None
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def language_tag(value: str) -> str:
    """Return a declared language where it has the form of a BCP 47 tag, else "".

    >>> language_tag("pt_BR"), language_tag("C")
    ('pt-BR', '')
    """
    tag = value.strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) else ""
