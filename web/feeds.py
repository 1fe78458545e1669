"""Atom feeds, private and for everybody. Source: RFC 4287."""

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
    authors: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()  # address and label of each concept
    lang: str = ""  # of title and text, where it is not the feed's


def atom(
    *,
    title: str,
    author: str,
    home: str,
    key: str,
    lang: str,
    entries: Iterable[Entry],
    here: str = "",
) -> bytes:
    """Return the feed. `key` and the keys of entries are unique in this library for ever.

    `here` is the address of the feed itself; a private one does not say its own.
    """
    told = list(entries)
    feed = Element("feed", {"xmlns": NAMESPACE, f"{{{XML}}}lang": lang})
    _text(feed, "id", f"{home}/{key}")
    _text(feed, "title", title)
    _text(feed, "updated", _moment(max((one.at for one in told), default=BEGINNING)))
    _text(SubElement(feed, "author"), "name", author)
    SubElement(feed, "link", {"rel": "alternate", "href": home})
    if here:
        SubElement(feed, "link", {"rel": "self", "href": here, "type": MEDIA_TYPE})
    for one in told:
        entry = SubElement(feed, "entry", {f"{{{XML}}}lang": one.lang} if one.lang else {})
        _text(entry, "id", f"{home}/{one.key}")
        _text(entry, "title", one.title)
        _text(entry, "updated", _moment(one.at))
        SubElement(entry, "link", {"rel": "alternate", "href": one.link})
        for name in one.authors:
            _text(SubElement(entry, "author"), "name", name)
        for term, label in one.about:
            SubElement(entry, "category", {"term": term, "label": label})
        if one.text:
            _text(entry, "summary", one.text)
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = "".join(c for c in text if c.isprintable() or c in "\n\t")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
