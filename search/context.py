"""“Places like mine”: what a record says of its place, and how like two places are."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import Facet, Place, Record, Section
from kb.vocabulary import FacilityType, Level, Naming, ResourceNeed, SectionRole
from search.filters import Scope

SETTING = "setting"  # name of the facet
BIRTHS = "monthly_births"  # key of Record.context_numbers
ABOUT = 1.5  # times as many births at most, for two places to have about as many
MONTHS = 12
# Where a story says how large its place is.
TELLING = (SectionRole.CONTEXT, SectionRole.PROBLEM)


class Part(StrEnum):
    """What of two places is compared."""

    LEVEL = "level"
    FACILITY_TYPE = "facility-type"
    SETTING = "setting"
    BIRTHS = "births"  # a month
    RESOURCE_NEED = "resource-need"


# How much a part says of what could be done there as it was done here.
WEIGHTS: Mapping[Part, float] = {
    Part.LEVEL: 1,
    Part.FACILITY_TYPE: 2,
    Part.SETTING: 1,
    Part.BIRTHS: 2,
    Part.RESOURCE_NEED: 1,
}


@dataclass(frozen=True, slots=True)
class Context:
    """A place as far as it is told; what is not told is None or empty."""

    level: Level | None = None
    facility_types: tuple[FacilityType, ...] = ()
    settings: tuple[str, ...] = ()  # values of the facet
    births: float | None = None  # a month
    resource_need: ResourceNeed | None = None

    def __bool__(self) -> bool:
        """Return whether anything is told."""
        return bool(_told(self))


@dataclass(frozen=True, slots=True)
class Shared:
    """What two places have in common."""

    part: Part
    value: str  # of the closed set or the facet; births as the other place's number, rounded


def shared(mine: Context, other: Context) -> tuple[Shared, ...]:
    """Return what the two places have in common, in the order of `Part`.

    >>> centre = Context(Level.FACILITY, births=180)
    >>> [one.value for one in shared(centre, Context(Level.FACILITY, births=211))]
    ['facility', '210']
    """
    found = []
    if mine.level is not None and mine.level is other.level:
        found.append(Shared(Part.LEVEL, mine.level.value))
    kinds = (kind for kind in mine.facility_types if kind in other.facility_types)
    found += [Shared(Part.FACILITY_TYPE, kind.value) for kind in kinds]
    found += [Shared(Part.SETTING, one) for one in mine.settings if one in other.settings]
    if mine.births and other.births and _about(mine.births, other.births):
        found.append(Shared(Part.BIRTHS, f"{_two_digits(other.births):.0f}"))
    if mine.resource_need is not None and mine.resource_need is other.resource_need:
        found.append(Shared(Part.RESOURCE_NEED, mine.resource_need.value))
    return tuple(found)


def likeness(mine: Context, other: Context) -> float:
    """Return how much of what is told of my place holds for the other, in [0, 1].

    A part counts by its weight, and once, however many values of it are shared. What is not
    told of the other counts as different: nobody knows.
    """
    told = sum(WEIGHTS[part] for part in _told(mine))
    alike = sum(WEIGHTS[part] for part in {one.part for one in shared(mine, other)})
    return alike / told if told else 0.0


def contexts(session: Session, record_ids: Collection[int], scope: Scope) -> Mapping[int, Context]:
    """Return the context of each record, without what its naming hides from this reader.

    The births of a month are the curator's number, where the reader may know whose it is, or else
    what the text says.
    """
    types, settings = _facility_types(session, record_ids, scope), _settings(session, record_ids)
    births = _births_told(session, record_ids)
    rows = session.execute(
        select(
            Record.id,
            Record.level,
            Record.shown_naming,
            Record.resource_need,
            Record.context_numbers,
        ).where(Record.id.in_(record_ids))
    )
    found = {}
    for row in rows:
        known = scope is Scope.ALL or row.shown_naming is Naming.NAMED
        number = _number(row.context_numbers.get(BIRTHS, "")) if known else None
        found[row.id] = Context(
            level=row.level,
            facility_types=tuple(sorted(types[row.id])),
            settings=tuple(sorted(settings[row.id])),
            births=number or births.get(row.id),
            resource_need=row.resource_need,
        )
    return found


# Two groups at most: with any number of them, a long row of numbers is read again from each.
_NUMBER = re.compile(r"\d{1,3}(?:[,. \u00a0\u202f]\d{3}){1,2}(?!\d)|\d{1,6}")
_WORD = r"[^\W\d]{1,20}\s{1,3}"
_BIRTHS_A_MONTH = re.compile(
    rf"(?<!\d)(?:(?P<low>{_NUMBER.pattern})\s{{0,3}}(?:to|and|or|–|-|et|à|a|y|e|hadi)\s{{0,3}})?"
    rf"(?P<high>{_NUMBER.pattern})\s{{1,3}}(?:{_WORD})?"
    r"(?:births|deliveries|accouchements|naissances|partos|nacimientos|nascimentos"
    r"|huzaliwa|wanazaliwa|hujifungua|wanajifungua)\s{1,3}"
    rf"(?:{_WORD}){{0,2}}?"
    r"(?P<span>monthly|yearly|annually|mensuels|mensuales|mensais|annuels|anuales|anuais|months?|mois"
    r"|mes|mês|mwezi|years?|an|año|ano|mwaka)\b",
    re.IGNORECASE,
)
_YEARS = ("year", "annu", "anu", "an", "añ", "mwaka")


def births_a_month(text: str) -> float | None:
    """Return how many births a month the text first tells of; None when it does not say.

    Of a range the middle, of a year's number a twelfth.

    >>> births_a_month("A health centre with 170 to 190 deliveries a month.")
    180.0
    >>> births_a_month("Environ 600 accouchements par an")
    50.0
    """
    for match in _BIRTHS_A_MONTH.finditer(text):
        high = _number(match["high"])
        low = _number(match["low"] or "")
        if high is None:
            continue
        middle = (low + high) / 2 if low is not None and low < high else high
        yearly = match["span"].casefold().startswith(_YEARS)
        return middle / MONTHS if yearly else middle
    return None


def _told(context: Context) -> list[Part]:
    values = {
        Part.LEVEL: context.level,
        Part.FACILITY_TYPE: context.facility_types,
        Part.SETTING: context.settings,
        Part.BIRTHS: context.births,
        Part.RESOURCE_NEED: context.resource_need,
    }
    return [part for part, value in values.items() if value]


def _about(one: float, other: float) -> bool:
    return max(one, other) <= ABOUT * min(one, other)


def _two_digits(number: float) -> float:
    """Round as one would say it: 211 is about 210."""
    return float(f"{number:.1e}")


def _number(said: str) -> float | None:
    match = _NUMBER.search(said)
    number = float(re.sub(r"\D", "", match[0])) if match else 0.0
    return number or None


def _facility_types(
    session: Session, record_ids: Collection[int], scope: Scope
) -> Mapping[int, set[FacilityType]]:
    found: defaultdict[int, set[FacilityType]] = defaultdict(set)
    rows = session.execute(
        select(Place.record_id, Record.shown_naming, Place.facility_type)
        .join(Record, Record.id == Place.record_id)
        .where(Place.record_id.in_(record_ids), Place.facility_type.is_not(None))
    )
    for record_id, naming, facility_type in rows:
        if facility_type and (scope is Scope.ALL or naming is not Naming.ANONYMOUS):
            found[record_id].add(facility_type)
    return found


def _settings(session: Session, record_ids: Collection[int]) -> Mapping[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for record_id, value in session.execute(
        select(Facet.record_id, Facet.value).where(
            Facet.record_id.in_(record_ids), Facet.name == SETTING
        )
    ):
        found[record_id].add(value)
    return found


def _births_told(session: Session, record_ids: Collection[int]) -> Mapping[int, float]:
    found: dict[int, float] = {}
    for record_id, body in session.execute(
        select(Section.record_id, Section.body)
        .where(Section.record_id.in_(record_ids), Section.role.in_(TELLING))
        .order_by(Section.record_id, Section.position)
    ):
        if record_id not in found and (births := births_a_month(body)):
            found[record_id] = births
    return found
