"""Reports of use in the layout of COUNTER 5.1, as tables.

They are like COUNTER's, not audited ones: a visitor is told apart by day where COUNTER has
sessions of an hour, and a story is looked at on its page in full, which counts as investigation.

Source: COUNTER Code of Practice, release 5.1, 3.2 (headers) and 4 (reports).
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from kb.models import Usage
from kb.spreadsheets import harmless
from kb.usage import Sum, by_month
from kb.vocabulary import Counted, Use

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Item = tuple[Counted, int]
Months = dict[date, int]


class Report(NamedTuple):
    """What one report is called, what it is about, and its columns before the months."""

    name: str
    things: tuple[Counted, ...]
    columns: tuple[str, ...]
    each: bool  # a row for each thing, else one for all


ITEM: Final = ("Publisher", "Publisher_ID", "Platform", "DOI", "Proprietary_ID", "URI")
REPORTS: Final[Mapping[str, Report]] = {
    "PR": Report("Platform Report", tuple(Counted), ("Platform",), each=False),
    "DR": Report("Database Report", tuple(Counted), ("Database", "Platform"), each=False),
    "TR": Report("Title Report", (Counted.COLLECTION,), ("Title", *ITEM), each=True),
    "IR": Report("Item Report", (Counted.RECORD,), ("Item", *ITEM), each=True),
}
SEARCHES: Final = {"PR": "Searches_Platform", "DR": "Searches_Regular"}
METRICS: Final[Sequence[tuple[str, Use, Callable[[Sum], int]]]] = tuple(
    (f"{how}_Item_{what}s", way, pick)
    for what, way in (("Investigation", Use.INVESTIGATION), ("Request", Use.REQUEST))
    for how, pick in (("Total", lambda one: one.times), ("Unique", lambda one: one.visitors))
)


class About(NamedTuple):
    """What a thing is called in a report."""

    title: str
    doi: str = ""
    uri: str = ""


def days(rows: Iterable[Usage], about: Mapping[Item, About]) -> str:
    """Return every number of every day as CSV."""
    head = ("day", "thing", "number", "title", "way", "times", "visitors")
    nothing = About("")
    table = (
        (
            *(row.day, row.thing, row.number),
            about.get((row.thing, row.number), nothing).title,
            *(row.way, row.times, row.visitors),
        )
        for row in rows
    )
    return _written((head, *table), ",")


def report(
    kind: str,
    rows: Iterable[Usage],
    about: Mapping[Item, About],
    *,
    library: str,
    period: tuple[date, date],
    now: datetime,
) -> str:
    """Return a report as tab-separated lines: thirteen of head, an empty one, the table."""
    form = REPORTS[kind]
    wanted = [row for row in rows if row.thing in form.things]
    months = _months(*period)
    body = list(_body(kind, wanted, about, library, months))
    metrics = sorted({str(line[len(form.columns)]) for line in body})
    head = (
        ("Report_Name", form.name),
        ("Report_ID", kind),
        ("Release", "5.1"),
        ("Institution_Name", "The World"),
        ("Institution_ID", ""),
        ("Metric_Types", "; ".join(metrics)),
        ("Report_Filters", ""),
        ("Report_Attributes", ""),
        ("Exceptions", ""),
        ("Reporting_Period", f"begin_date={period[0]}; end_date={period[1]}"),
        ("Created", f"{now:%Y-%m-%dT%H:%M:%SZ}"),
        ("Created_By", "Maktaba"),
        ("Registry_Record", ""),
        (),
        (*form.columns, "Metric_Type", "Reporting_Period_Total", *map(_month, months)),
    )
    return _written((*head, *body), "\t")


def _body(
    kind: str, rows: Sequence[Usage], about: Mapping[Item, About], library: str, months: list[date]
) -> Iterator[Sequence[object]]:
    form, known = REPORTS[kind], by_month(rows)
    things = sorted({(row.thing, row.number) for row in rows})
    for group in [[one] for one in things] if form.each else [things]:
        named = _named(form, group, about, library)
        for metric, way, pick in METRICS:
            yield from _line(named, metric, months, _added(known, group, way, pick))
    if kind in SEARCHES:
        named = _named(form, [], about, library)
        searched = _added(known, things, Use.SEARCH, lambda one: one.times)
        yield from _line(named, SEARCHES[kind], months, searched)


def _named(
    form: Report, group: Sequence[Item], about: Mapping[Item, About], library: str
) -> tuple[str, ...]:
    if not form.each:
        return (library,) * len(form.columns)
    (thing, number) = group[0]
    said = about.get((thing, number), About(""))
    return (said.title, library, "", library, said.doi, f"{thing}:{number}", said.uri)


def _added(
    known: Mapping[tuple[Counted, int, Use], Mapping[date, Sum]],
    group: Iterable[Item],
    way: Use,
    pick: Callable[[Sum], int],
) -> Months:
    found: Months = {}
    for thing, number in group:
        for month, one in known.get((thing, number, way), {}).items():
            found[month] = found.get(month, 0) + pick(one)
    return found


def _line(
    named: tuple[str, ...], metric: str, months: list[date], found: Months
) -> Iterator[Sequence[object]]:
    if any(found.values()):  # a report has no lines of noughts
        yield (*named, metric, sum(found.values()), *(found.get(month, 0) for month in months))


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    ahead = (first.month - 1 + n for n in range(count))
    return [date(first.year + n // 12, n % 12 + 1, 1) for n in ahead]


def _month(first: date) -> str:
    """Return a month as COUNTER writes it, in English whatever the computer speaks.

    >>> _month(date(2026, 11, 1))
    'Nov-2026'
    """
    return f"{MONTHS[first.month - 1]}-{first.year}"


def _written(lines: Iterable[Sequence[object]], separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerows([harmless(str(cell)) for cell in line] for line in lines)
    return text.getvalue()
