"""Lists of the API as tables, for spreadsheets: one row each, nothing nested."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from fastapi import Response

from kb.spreadsheets import harmless
from web.api.answers import Concept, RecordSummary
from web.speaking import CSV

T = TypeVar("T")

RECORDS: Final[Mapping[str, Callable[[RecordSummary], Any]]] = {
    "id": lambda one: one.id,
    "url": lambda one: one.url,
    "title": lambda one: one.title,
    "summary": lambda one: one.summary,
    "language": lambda one: one.language,
    "record_type": lambda one: one.record_type,
    "level": lambda one: one.level,
    "countries": lambda one: list(dict.fromkeys(place.country for place in one.places)),
    "start_date": lambda one: one.start_date,
    "end_date": lambda one: one.end_date,
    "verdict": lambda one: one.verdict,
    "strength": lambda one: one.strength.total if one.strength else None,
    "tags": lambda one: [tag.notation for tag in one.tags],
    "licence": lambda one: one.licence,
    "published": lambda one: one.published.isoformat(),
    "updated": lambda one: one.updated.isoformat(),
    "version": lambda one: one.version,
}
CONCEPTS: Final[Mapping[str, Callable[[Concept], Any]]] = {
    "notation": lambda one: one.notation,
    "scheme": lambda one: one.scheme,
    "pref_label": lambda one: one.pref_label["en"],
    "broader": lambda one: one.broader,
    "related": lambda one: one.related,
    "exact_match": lambda one: one.exact_match,
    "deprecated": lambda one: "true" if one.deprecated else "",
    "replaced_by": lambda one: one.replaced_by,
}


def table(
    rows: Iterable[T],
    columns: Mapping[str, Callable[[T], Any]],
    headers: Mapping[str, str] = {},
) -> Response:
    """Return the rows as CSV with a head (RFC 4180), and with the `headers` of the JSON answer."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([cell(of(row)) for of in columns.values()] for row in rows)
    kept = {name: value for name, value in headers.items() if name.lower() == "link"}
    return Response(
        written.getvalue(), media_type=f"{CSV}; charset=utf-8", headers={**kept, "Vary": "Accept"}
    )


def cell(value: Any) -> str:
    """Return a value as a cell; several stand with a semicolon between, and nothing is run.

    >>> cell(["a", "b"]), cell(None), cell("=HYPERLINK(1)"), cell(7)
    ('a; b', '', "'=HYPERLINK(1)", '7')
    """
    if value is None:
        return ""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return str(harmless(text))
