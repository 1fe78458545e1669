"""Private Atom feeds. Source: RFC 4287."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
MEDIA_TYPE = "application/atom+xml"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # of a feed without entries


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a feed tells."""

    key: str  # stays the same for ever
    title: str
    link: str
    at: datetime
    text: str = ""


def atom(
    *, title: str, author: str, home: str, key: str, lang: str, entries: Iterable[Entry]
) -> bytes:
    """Return the feed. `key` and the keys of entries are unique in this library for ever."""
    told = list(entries)
    feed = Element("feed", {"xmlns": NAMESPACE, f"{{{XML}}}lang": lang})
    _text(feed, "id", f"{home}/{key}")
    _text(feed, "title", title)
    _text(feed, "updated", _moment(max((one.at for one in told), default=BEGINNING)))
    _text(SubElement(feed, "author"), "name", author)
    SubElement(feed, "link", {"rel": "alternate", "href": home})
    for one in told:
        entry = SubElement(feed, "entry")
        _text(entry, "id", f"{home}/{one.key}")
        _text(entry, "title", one.title)
        _text(entry, "updated", _moment(one.at))
        SubElement(entry, "link", {"rel": "alternate", "href": one.link})
        if one.text:
            _text(entry, "summary", one.text)
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = "".join(c for c in text if c.isprintable() or c in "\n\t")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
