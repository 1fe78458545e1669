"""E-mail: who wrote what, in the best of its bodies, and the names of what was attached."""

import email
import email.policy
from datetime import date
from email.message import EmailMessage, MIMEPart

from bs4 import BeautifulSoup

from ingest.document import Metadata
from ingest.readers.content import Content, iso_date, one_line
from ingest.readers.decoding import decode
from ingest.readers.html import main_content
from ingest.readers.limits import Limits
from ingest.readers.markup import to_markdown

_STRUCTURE = ("table", "ul", "ol", "h1", "h2", "h3")
_MOST_HEADER_CHARS = 1_000


def read(data: bytes, limits: Limits) -> Content:
    """Read a message; the HTML body only where it holds tables, lists or headings."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    subject = _header(message, "subject")
    names = [one_line(part.get_filename() or "") for part in message.iter_attachments()]
    attachments = tuple(name for name in names if name)
    lines = [f"{name}: {_header(message, name)}" for name in ("From", "To", "Date")]
    listed = f"Attachments: {', '.join(attachments)}" if attachments else ""
    parts = [f"# {subject}" if subject else "", "\n".join(lines), _body(message, limits), listed]
    return Content(
        markdown="\n\n".join(filter(None, parts)),
        title=subject,
        metadata=Metadata(author=_header(message, "From"), created=_day(message)),
        doubts=(f"Attached and not read: {', '.join(attachments)}.",) if attachments else (),
        attachments=attachments,
    )


def _header(message: EmailMessage, name: str) -> str:
    return one_line(str(message.get(name, "")))[:_MOST_HEADER_CHARS]


def _day(message: EmailMessage) -> date | None:
    moment = getattr(message.get("date"), "datetime", None)
    return iso_date(moment.isoformat()) if moment else None


def _body(message: EmailMessage, limits: Limits) -> str:
    plain, html = message.get_body(("plain",)), message.get_body(("html", "related"))
    if html is not None and html.get_content_type() == "text/html":
        soup = BeautifulSoup(_text(html)[: limits.text_bytes], "lxml")
        if plain is None or soup.find(_STRUCTURE):
            return to_markdown(main_content(soup))
    return "" if plain is None else _text(plain)[: limits.text_bytes]


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # an unknown or a wrong charset
        payload = part.get_payload(decode=True)
        return decode(payload) if isinstance(payload, bytes) else ""
