"""What a reader takes along: a message, a link for WhatsApp, a short address and its QR code."""

from unicodedata import category
from urllib.parse import quote, urlsplit

import segno
from markupsafe import Markup

from kb import content
from kb.vocabulary import FacilityType
from web.catalogue import PublicRecord
from web.i18n import direction
from web.names import Names

MESSAGE = 700  # characters (code points) of a share text, the link included
TITLE, PLACE, IDEA, MEASURE, SUMMARY = 120, 80, 100, 70, 280  # at most, in characters
IDEAS = 3
LEAST = 20  # characters of a line that still says something
TOGETHER = frozenset({"Mn", "Mc", "Me", "Cf"})  # signs that belong to the letter before
LTR, END = "\u2066", "\u2069"  # what stands between them runs from left to right
OFFICE = FacilityType.ADMINISTRATIVE  # gives no care: what it is called would say nothing
QUIET = 4  # modules of white around a QR code: ISO/IEC 18004


def share_text(record: PublicRecord, names: Names, link: str) -> str:
    """Return the record as a message: title, place, what was done in three lines, result, link.

    Never more than `MESSAGE` characters for a `link` of up to 580, and always with it at the end.
    """
    said = record.said
    lines = [shorten(said.title, TITLE), shorten(whereabouts(said, names), PLACE)]
    ideas = [f"- {shorten(idea.text, IDEA)}" for idea in said.change_ideas[:IDEAS]]
    lines += ideas or [shorten(said.summary, SUMMARY)]
    lines.append(_outcome(record, names))
    return "\n".join([*_within([line for line in lines if line], MESSAGE - len(link) - 1), link])


def whatsapp(text: str) -> str:
    """Return the address that opens WhatsApp with `text` written, to be sent to whom one likes.

    >>> whatsapp("34% & more")
    'https://wa.me/?text=34%25%20%26%20more'
    """
    return f"https://wa.me/?text={quote(text, safe='')}"


def whereabouts(said: content.Record, names: Names) -> str:
    """Say where it happened, as far as the record's naming shows it; empty where nothing may be."""
    place = next(iter(said.places), content.Place())
    kind = place.facility_type
    what = names.facet("facility_type", kind) if kind and kind is not OFFICE else ""
    country = names.country(place.country) if place.country else ""
    return " · ".join(filter(None, (place.facility or what, place.admin2 or place.admin1, country)))


def shorten(text: str, length: int) -> str:
    """Return `text` on one line, cut at the end of a word where it is longer than `length`.

    >>> shorten("Weigh the baby  after the first feed", 24)
    'Weigh the baby after …'
    >>> shorten("Wiegenkindernahrungsbeginn", 10)
    'Wiegenkin…'
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    if length < 1:
        return ""
    end = line.rfind(" ", 0, length - 1)
    if end >= length // 2:
        return f"{line[:end].rstrip(' ,;:–-')} …"
    end = length - 1  # one long word, or a script without spaces between words
    while end and category(line[end]) in TOGETHER:
        end -= 1
    return f"{line[:end]}…"


def spoken(address: str) -> str:
    """Return an address as people write it on paper.

    >>> spoken("https://library.example/r/7")
    'library.example/r/7'
    """
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}"


def qr_code(address: str) -> Markup:
    """Return the QR code of `address` as an `<svg>` of one path, black on white."""
    rows = segno.make(address, error="m", micro=False).matrix
    drawn = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    size = len(rows) + 2 * QUIET
    return Markup(
        '<svg class="qr" viewBox="0 0 {0} {0}" shape-rendering="crispEdges" aria-hidden="true">'
        '<rect width="{0}" height="{0}" fill="#fff"/><path d="{1}" fill="#000"/></svg>'
    ).format(size, drawn)


def _outcome(record: PublicRecord, names: Names) -> str:
    """The main measure in two numbers, else what became of it."""
    said, result = record.said, record.result
    if result is None:
        known = said.verdict not in {"not-reported", "not-applicable"}
        return names.facet("outcome_verdict", said.verdict) if known else ""
    before, after = names.figures(result)
    numbers = f"{before} → {after}"
    if direction(names.language) == "rtl":
        numbers = f"{LTR}{numbers}{END}"
    return f"{shorten(result.name, MEASURE)}: {numbers}"


def _within(lines: list[str], length: int) -> list[str]:
    """Return as many of the lines as fit, each with its end; the last may be cut short."""
    kept: list[str] = []
    for line in lines:
        room = length - sum(len(one) + 1 for one in kept)
        if len(line) > room and room < LEAST:
            break
        kept.append(shorten(line, room))
    return kept
