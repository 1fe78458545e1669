"""Which records may answer: the reader's filters and the scope, as conditions of SQL."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from kb.models import Concept, Place, Record, Tag
from kb.vocabulary import (
    FacilityType,
    Level,
    Naming,
    RecordType,
    Status,
    StrengthBand,
    TagStatus,
    Verdict,
    Visibility,
)

# Neither can be read, so neither is indexed; every other status is, and the scope decides.
UNREADABLE = (Status.WITHDRAWN, Status.RETIRED)
SURE_ENOUGH = 0.5  # confidence from which a suggested tag counts inside the team

Narrower: TypeAlias = Callable[[str], Collection[str]]  # notation -> itself and all below it
RecordIds: TypeAlias = NDArray[np.int64]  # (n,)


class Scope(StrEnum):
    """Whose eyes a search is for."""

    PUBLIC = "public"  # published, visible to everyone, places only as their naming allows
    ALL = "all"  # everything that is not withdrawn or retired: for the library's own team


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for: values of one field are alternatives, fields must all hold."""

    topics: tuple[str, ...] = ()  # notations; each stands for its narrower concepts too
    interventions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-3
    levels: tuple[Level, ...] = ()
    facility_types: tuple[FacilityType, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    languages: tuple[str, ...] = ()  # BCP 47
    record_types: tuple[RecordType, ...] = ()
    years: tuple[int, ...] = ()  # in which the work began
    strengths: tuple[StrengthBand, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is filtered at all."""
        return any(getattr(self, field.name) for field in fields(self))

    def without(self, name: str) -> "Filters":
        """Return the same filters with the field `name` open."""
        return replace(self, **{name: ()})


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many records have one value of a facet."""

    value: str  # notation, country code, or the value of a closed set
    count: int


def indexed() -> ColumnElement[bool]:
    """Return the condition on a record that it can be found at all."""
    return Record.status.not_in(UNREADABLE)


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a record that `scope` may see it."""
    if scope is Scope.ALL:
        return indexed()
    return and_(Record.status == Status.PUBLISHED, Record.visibility == Visibility.PUBLIC)


def condition(filters: Filters, scope: Scope, narrower: Narrower) -> ColumnElement[bool]:
    """Return the one condition on `Record` that stands for `filters` within `scope`."""
    parts = [in_scope(scope)]
    parts += [_tagged(chosen, scope, narrower) for chosen in _concepts(filters) if chosen]
    parts += [column.in_(values) for column, values in _columns(filters) if values]
    if filters.countries:
        parts.append(_placed(Place.country.in_(filters.countries), scope))
    if filters.facility_types:
        parts.append(_placed(Place.facility_type.in_(filters.facility_types), scope))
    if filters.years:
        parts.append(or_(*(_began_in(year) for year in filters.years)))
    return and_(*parts)


def tag_counts(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a tag counts in filters and facets of `scope`."""
    confirmed = Tag.status == TagStatus.CONFIRMED
    if scope is Scope.PUBLIC:
        return confirmed
    return or_(confirmed, and_(Tag.status == TagStatus.SUGGESTED, Tag.confidence >= SURE_ENOUGH))


def place_counts(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a record that its places may be counted and filtered by.

    A filter that finds an anonymous facility by its country has named the country.
    """
    return (
        Record.shown_naming.in_(tuple(Naming))
        if scope is Scope.ALL
        else (Record.shown_naming != Naming.ANONYMOUS)
    )


def _concepts(filters: Filters) -> Iterable[tuple[str, ...]]:
    return filters.topics, filters.interventions


def _columns(
    filters: Filters,
) -> Iterable[tuple[InstrumentedAttribute[Any], tuple[object, ...]]]:
    return (
        (Record.level, filters.levels),
        (Record.verdict, filters.verdicts),
        (Record.language, filters.languages),
        (Record.record_type, filters.record_types),
        (Record.strength_band, filters.strengths),
    )


def _tagged(notations: tuple[str, ...], scope: Scope, narrower: Narrower) -> ColumnElement[bool]:
    wanted = {n for notation in notations for n in (notation, *narrower(notation))}
    return Record.id.in_(
        select(Tag.record_id)
        .join(Concept, Concept.id == Tag.concept_id)
        .where(Concept.notation.in_(sorted(wanted)), tag_counts(scope))
    )


def _placed(where: ColumnElement[bool], scope: Scope) -> ColumnElement[bool]:
    return and_(place_counts(scope), Record.id.in_(select(Place.record_id).where(where)))


def _began_in(year: int) -> ColumnElement[bool]:
    return Record.start_date.between(date(year, 1, 1), date(year, 12, 31))
