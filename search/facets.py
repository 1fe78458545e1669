"""How many records are left behind each value of each filter."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeAlias

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from kb.models import Concept, Place, Record, Tag
from kb.vocabulary import Scheme
from search.filters import FacetCount, Filters, Scope, in_scope, place_counts, tag_counts

Facets: TypeAlias = Mapping[str, tuple[FacetCount, ...]]  # by the names of the fields of Filters
Broader: TypeAlias = Callable[[str], Collection[str]]  # notation -> itself and all above it

NAMES = tuple(field.name for field in fields(Filters))
LISTABLE = 10_000  # ids that may stand in one statement


@dataclass(slots=True)
class _Values:
    """What one record has of each facet."""

    of: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in NAMES})


def counts(
    session: Session,
    filters: Filters,
    scope: Scope,
    *,
    broader: Broader,
    ids: Collection[int] | None = None,
) -> Facets:
    """Return for each facet its values and how many records have them, most first.

    A facet respects the filters on all others, but not its own, so that one sees what
    choosing another value would give. A record counts for a concept and for every broader
    one. `ids` narrows it to the records that match a question. Chosen values stay, even
    with nothing behind them.
    """
    chosen = {name: set(map(str, getattr(filters, name))) for name in NAMES}
    counters: dict[str, Counter[str]] = {
        name: Counter(dict.fromkeys(sorted(values), 0)) for name, values in chosen.items()
    }
    for values in _values(session, scope, broader, ids):
        failed = [name for name in NAMES if chosen[name] and not chosen[name] & values.of[name]]
        # Without a failure it counts everywhere; with one, where that filter is left out.
        for name in NAMES if not failed else failed if len(failed) == 1 else ():
            counters[name].update(values.of[name])
    return {name: _most_first(counter) for name, counter in counters.items()}


def _values(
    session: Session, scope: Scope, broader: Broader, ids: Collection[int] | None
) -> Iterable[_Values]:
    among = _among(ids)
    found = _of_records(session, in_scope(scope) & among)
    above: dict[str, Collection[str]] = {}
    for record_id, notation, scheme in session.execute(
        select(Tag.record_id, Concept.notation, Concept.scheme)
        .join(Concept, Concept.id == Tag.concept_id)
        .join(Record, Record.id == Tag.record_id)
        .where(in_scope(scope), tag_counts(scope), among)
    ):
        if notation not in above:
            above[notation] = broader(notation)
        found[record_id].of[_FIELDS[scheme]].update(above[notation])
    for record_id, country, facility_type in session.execute(
        select(Place.record_id, Place.country, Place.facility_type)
        .join(Record, Record.id == Place.record_id)
        .where(in_scope(scope), place_counts(scope), among)
    ):
        if country:
            found[record_id].of["countries"].add(country)
        if facility_type:
            found[record_id].of["facility_types"].add(str(facility_type))
    wanted = None if ids is None else set(ids)
    return [values for id_, values in found.items() if wanted is None or id_ in wanted]


_FIELDS = {Scheme.TOPICS: "topics", Scheme.INTERVENTIONS: "interventions"}
_COLUMNS = {
    "levels": Record.level,
    "verdicts": Record.verdict,
    "languages": Record.language,
    "record_types": Record.record_type,
    "strengths": Record.strength_band,
}


def _of_records(session: Session, where: ColumnElement[bool]) -> dict[int, _Values]:
    found: defaultdict[int, _Values] = defaultdict(_Values)
    columns = [column.label(name) for name, column in _COLUMNS.items()]
    for row in session.execute(select(Record.id, Record.start_date, *columns).where(where)):
        of = found[row.id].of
        if row.start_date:
            of["years"].add(str(row.start_date.year))
        for name in _COLUMNS:
            of[name].add(str(getattr(row, name)))
    return found


def _among(ids: Collection[int] | None) -> ColumnElement[bool]:
    return true() if ids is None or len(ids) > LISTABLE else Record.id.in_(ids)


def _most_first(counter: Counter[str]) -> tuple[FacetCount, ...]:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetCount(value, count) for value, count in ordered)
