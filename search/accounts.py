"""What records tell of their changes: read for a hundred in as many statements as for one."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from kb import content
from kb.before_after import BeforeAfter, before_after, strongest
from kb.models import ChangeIdea, IdeaConcept, Measure, Place, Record, Section
from kb.privacy import View
from kb.records import read_idea, read_measure, read_part
from kb.remembered import Remembered
from kb.scores import band, strength
from kb.texts import part_reworded
from kb.told import Version
from kb.vocabulary import Direction, Level, RecordType, SectionRole, StrengthBand, Unit, Verdict
from search.filters import Scope, in_scope

# Sections that a summing-up quotes, or that it says are missing.
READ = (
    SectionRole.SUMMARY,
    SectionRole.CHANGES,
    SectionRole.RESULTS,
    SectionRole.DID_NOT_WORK,
    SectionRole.COST,
    SectionRole.ADVICE,
    SectionRole.CONCLUSION,
)
STRONG = frozenset({StrengthBand.GOOD, StrengthBand.COMPELLING})

MOST_REMEMBERED = 1000  # accounts, about 45 kB each

P = TypeVar("P", Place, ChangeIdea, Measure, Section)
V = TypeVar("V")
PlaceKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The main measure of a record in two numbers."""

    record_id: int
    direction: Direction | None
    result: BeforeAfter
    strength: int  # 0 to 10, of this measure's data

    @property
    def unit(self) -> Unit:
        """The unit of both numbers."""
        return self.result.unit

    @property
    def strong(self) -> bool:
        """Whether its data are good or compelling."""
        return band(self.strength) in STRONG


@dataclass(frozen=True)
class Account:
    """What one record tells of its changes, as far as its reader may know it."""

    record_id: int
    version: Version
    title: str
    language: str
    level: Level
    verdict: Verdict
    verdict_reason: str
    strength: int  # 0 to 10; 0 also without any measure
    cost_said: bool
    places: tuple[content.Place, ...]  # as the naming allows; none where it allows nothing
    ideas: tuple[content.ChangeIdea, ...]
    measures: tuple[content.Measure, ...]  # small numbers kept back
    sections: tuple[tuple[int | None, content.Section], ...]  # with position; the summary has none

    @cached_property
    def measured(self) -> Measured | None:
        """The main measure; None with fewer than two points."""
        started = min((idea.started for idea in self.ideas if idea.started), default=None)
        measure = strongest(self.measures, started)
        result = before_after(measure, started) if measure else None
        if measure is None or result is None:
            return None
        total = strength(measure, first_change=started).total
        return Measured(self.record_id, measure.direction, result, total)

    @property
    def followed(self) -> bool:
        """Whether some measure has two points or more, told or kept back."""
        return self.measured is not None or any(
            sum(point.counted(measure.unit) for point in measure.points) > 1
            for measure in self.measures
        )

    @cached_property
    def where(self) -> frozenset[PlaceKey]:
        """The facilities and districts it happened in; a record that shows none is one by itself.

        Whether two records come from the same hidden facility must not show in a number.
        """
        shown = {
            (p.country, *(name.casefold() for name in (p.admin1, p.admin2, p.facility)))
            for p in self.places
            if p.facility or p.admin2 or p.admin1
        }
        return frozenset(shown or {(f"record {self.record_id}",)})


_REMEMBERED = {scope: Remembered[Account](MOST_REMEMBERED) for scope in Scope}


def accounts(session: Session, record_ids: Collection[int], scope: Scope) -> list[Account]:
    """Return what these records tell, in the order given; those out of `scope` are left out."""
    stamp = select(Record.id, Record.version, Record.updated, Record.naming)
    visible = stamp.where(Record.id.in_(list(record_ids)), in_scope(scope))
    stamps: dict[int, Hashable] = {}
    for row in session.execute(visible):
        stamps[row.id] = tuple(row)
    kept = _REMEMBERED[scope]
    known = {id_: kept.get(session, id_, stamp) for id_, stamp in stamps.items()}
    missing = [id_ for id_, account in known.items() if account is None]
    for read in _read(session, missing, scope) if missing else ():
        id_ = read.record_id
        known[id_] = kept.keep(session, id_, stamps[id_], read)
    return [account for id_ in record_ids if (account := known.get(id_)) is not None]


def records_of(told: Iterable[Any]) -> tuple[int, ...]:
    """Return the records that accounts, measures or ideas are of, ascending, each once."""
    return tuple(sorted({one.record_id for one in told}))


def _read(session: Session, record_ids: Collection[int], scope: Scope) -> Iterator[Account]:
    """Yield what these records tell, each as it stands in the database."""
    columns = (
        Record.id,
        Record.version,
        Record.updated,
        Record.title,
        Record.summary,
        Record.language,
        Record.level,
        Record.verdict,
        Record.verdict_reason,
        Record.strength,
        Record.naming,
        Record.record_type,
        Record.context_numbers,
        Record.cost,
        Record.resource_need,
    )
    visible = select(*columns).where(Record.id.in_(record_ids), in_scope(scope))
    rows = {row.id: row for row in session.execute(visible)}
    places = _parts(session, Place, rows, partial(read_part, content.Place))
    ideas = _parts(session, ChangeIdea, rows, read_idea, options=_INTERVENTIONS)
    measures = _parts(session, Measure, rows, read_measure, options=selectinload(Measure.points))
    sections = _parts(session, Section, rows, _section, where=Section.role.in_(READ))
    for id_, row in rows.items():
        seen = View(
            row.naming,
            row.language,
            places[id_],
            measures[id_],
            row.context_numbers,
            of_deaths=row.record_type is RecordType.REVIEW_FINDING,
        )
        texts = tuple((at, part_reworded(section, seen.text)) for at, section in sections[id_])
        yield Account(
            record_id=id_,
            version=(row.version, row.updated),
            title=seen.text(row.title),
            language=row.language,
            level=row.level,
            verdict=row.verdict,
            verdict_reason=seen.text(row.verdict_reason),
            strength=row.strength or 0,
            cost_said=bool(row.cost or row.resource_need)
            or any(section.role is SectionRole.COST for _, section in texts),
            places=tuple(places[id_]) if scope is Scope.ALL else seen.shown_places,
            ideas=tuple(part_reworded(idea, seen.text) for idea in ideas[id_]),
            measures=seen.shown_measures,
            sections=((None, _summary(seen.text(row.summary))), *texts),
        )


_INTERVENTIONS = selectinload(ChangeIdea.interventions).joinedload(IdeaConcept.concept)


def _parts(
    session: Session,
    kind: type[P],
    record_ids: Iterable[int],
    read: Callable[[P], V],
    *,
    where: ColumnElement[bool] | None = None,
    options: ORMOption | None = None,
) -> Mapping[int, list[V]]:
    """Return the parts of this kind as values, by record, each in the record's order."""
    query = select(kind).where(kind.record_id.in_(list(record_ids))).order_by(kind.position)
    query = query if where is None else query.where(where)
    found: defaultdict[int, list[V]] = defaultdict(list)
    for row in session.scalars(query if options is None else query.options(options)):
        found[row.record_id].append(read(row))
    return found


def _summary(text: str) -> content.Section:
    return content.Section(role=SectionRole.SUMMARY, body=text)


def _section(row: Section) -> tuple[int, content.Section]:
    return row.position, read_part(content.Section, row)
