"""What differs between a record and one like it; read from fields, never from the text."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import ChangeIdea, Concept, IdeaConcept, Place, Record, Tag
from kb.vocabulary import Decision, Naming, Scheme, StrengthBand, Verdict
from search.filters import Scope, tag_counts

# Values that say that nobody said.
UNSAID = frozenset(
    {Verdict.NOT_REPORTED, Verdict.NOT_APPLICABLE, StrengthBand.NOT_ASSESSED, Decision.PENDING}
)


class Aspect(StrEnum):
    """What two records can differ in, in the order in which it is told."""

    COUNTRY = "country"
    FACILITY_TYPE = "facility-type"
    LEVEL = "level"
    VERDICT = "verdict"
    DECISION = "decision"  # about the same intervention
    INTERVENTIONS = "interventions"  # tried there, and not here
    STRENGTH = "strength"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Difference:
    """What one has here and the other there; for an intervention not tried here, only there."""

    aspect: Aspect
    here: tuple[str, ...]  # codes, notations, or values of a closed set
    there: tuple[str, ...]
    concept: str = ""  # the intervention that was decided about differently


@dataclass(slots=True)
class Traits:
    """What is compared: values by aspect, and what was decided about each intervention."""

    values: dict[Aspect, set[str]] = field(default_factory=lambda: defaultdict(set))
    tried: set[str] = field(default_factory=set)  # interventions
    decisions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def differences(here: Traits, there: Traits) -> tuple[Difference, ...]:
    """Return where the two differ, in the order of `Aspect`; what one does not tell is none.

    A facility of another level is told by its type alone, where both tell that.
    """
    found = []
    for aspect in Aspect:
        mine, other = here.values[aspect], there.values[aspect]
        if mine and other and mine.isdisjoint(other):
            found.append(Difference(aspect, tuple(sorted(mine)), tuple(sorted(other))))
    if any(one.aspect is Aspect.FACILITY_TYPE for one in found):
        found = [one for one in found if one.aspect is not Aspect.LEVEL]
    for concept in sorted(here.decisions.keys() & there.decisions.keys()):
        mine, other = here.decisions[concept], there.decisions[concept]
        if mine.isdisjoint(other):
            sides = tuple(sorted(mine)), tuple(sorted(other))
            found.append(Difference(Aspect.DECISION, *sides, concept=concept))
    if more := sorted(there.tried - here.tried):
        found.append(Difference(Aspect.INTERVENTIONS, (), tuple(more)))
    order = list(Aspect)
    return tuple(sorted(found, key=lambda one: order.index(one.aspect)))


def traits(session: Session, record_ids: Collection[int], scope: Scope) -> Mapping[int, Traits]:
    """Return what is compared of each record, as far as its reader may know it."""
    found: defaultdict[int, Traits] = defaultdict(Traits)
    _of_records(session, record_ids, found)
    _of_places(session, record_ids, scope, found)
    _of_tags(session, record_ids, scope, found)
    _of_ideas(session, record_ids, found)
    return found


def _of_records(session: Session, record_ids: Collection[int], found: Mapping[int, Traits]) -> None:
    rows = session.execute(
        select(
            Record.id, Record.level, Record.verdict, Record.language, Record.strength_band
        ).where(Record.id.in_(record_ids))
    )
    for row in rows:
        values = found[row.id].values
        values[Aspect.LEVEL].add(row.level)
        values[Aspect.LANGUAGE].add(row.language.partition("-")[0])
        values[Aspect.VERDICT] |= {row.verdict} - UNSAID
        values[Aspect.STRENGTH] |= {row.strength_band} - UNSAID


def _of_places(
    session: Session, record_ids: Collection[int], scope: Scope, found: Mapping[int, Traits]
) -> None:
    for record_id, naming, country, facility_type in session.execute(
        select(Place.record_id, Record.shown_naming, Place.country, Place.facility_type)
        .join(Record, Record.id == Place.record_id)
        .where(Place.record_id.in_(record_ids))
    ):
        if scope is Scope.ALL or naming is not Naming.ANONYMOUS:
            values = found[record_id].values
            values[Aspect.COUNTRY] |= {country} - {""}
            values[Aspect.FACILITY_TYPE] |= {facility_type} if facility_type else set()


def _of_tags(
    session: Session, record_ids: Collection[int], scope: Scope, found: Mapping[int, Traits]
) -> None:
    # The scheme is asked of the rows: as a condition, SQLite begins with all concepts of it.
    for record_id, notation, scheme in session.execute(
        select(Tag.record_id, Concept.notation, Concept.scheme)
        .join(Concept, Concept.id == Tag.concept_id)
        .where(Tag.record_id.in_(record_ids), tag_counts(scope))
    ):
        if scheme is Scheme.INTERVENTIONS:
            found[record_id].tried.add(notation)


def _of_ideas(session: Session, record_ids: Collection[int], found: Mapping[int, Traits]) -> None:
    for record_id, notation, decision in session.execute(
        select(ChangeIdea.record_id, Concept.notation, ChangeIdea.decision)
        .join(IdeaConcept, IdeaConcept.change_idea_id == ChangeIdea.id)
        .join(Concept, Concept.id == IdeaConcept.concept_id)
        .where(ChangeIdea.record_id.in_(record_ids))
    ):
        found[record_id].tried.add(notation)
        if decision not in UNSAID:
            found[record_id].decisions[notation].add(decision)
