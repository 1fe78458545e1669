"""Boards: where the stories of a facility, a district and a country stand, for who works there.

Counts and dates only, of what its reader may read anyway (`permissions.readable`). They are for
the people of the place and rank nobody: facilities stand in order of their names.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session

from kb import content
from kb.models import Concept, Enquiry, Measure, Place, Point, Record, Tag
from kb.people import FIELDS, Person
from kb.permissions import readable
from kb.privacy import shown_place
from kb.vocabulary import (
    EnquiryKind,
    EnquiryState,
    Naming,
    Scheme,
    Status,
    TagStatus,
    Verdict,
    Visibility,
)

# Where a story stands, for its team: what it still waits for, or that readers have it.
UNDER_WAY = (Status.INBOX, Status.DRAFT, Status.RETURNED)
SENT_IN = (Status.IN_REVIEW, Status.PRIVACY_CHECK)
HELPED = (Verdict.WORKED, Verdict.PARTLY)
STORIES = 200  # of a facility or a problem on one page
MOST_PROBLEMS = 12
HERE, IN_THE_COUNTRY, ELSEWHERE = range(3)  # how far a story is, as far as its naming tells
# The coach of a district sees the names of its facilities; who wants none at all has none here.
_NAMED = case((Record.naming == Naming.ANONYMOUS, ""), else_=Place.facility)


@dataclass(frozen=True, slots=True)
class Story:
    """A story on a board."""

    record_id: int
    title: str
    language: str
    status: Status
    verdict: Verdict
    strength: int | None  # 0-10
    updated: datetime
    last_point: date | None  # first day of the last period that has numbers


@dataclass(frozen=True, slots=True)
class FacilityLine:
    """A facility of a district: how many of its stories stand where, and its last number."""

    facility: str  # empty for stories that name none
    under_way: int
    sent_in: int
    published: int
    last_point: date | None
    open_requests: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that stories of a district have, and the published ones that got better at it."""

    notation: str  # of a topic
    facilities: tuple[str, ...]  # whose stories on it have not worked, or not yet
    # How far away each is, and the story: of the district first, then of the country.
    solved: tuple[tuple[int, Story], ...]


@dataclass(frozen=True, slots=True)
class District:
    """A district of a country in numbers."""

    admin1: str
    admin2: str
    stories: int
    published: int
    facilities: int
    last_point: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A country in numbers: for the minister, and to see what is not covered."""

    stories: int
    published: int
    public: int
    worked: int  # of the published ones
    did_not_work: int
    facilities: int
    districts: tuple[District, ...]
    topics: tuple[tuple[str, int], ...]  # notation, published stories; the most first
    pairs: dict[tuple[str, str], int]  # district and topic → published stories


def facility(session: Session, person: Person, place: content.Place) -> list[Story]:
    """Return the stories of a facility that `person` may read, those under way first."""
    found = _stories(session, person, Record.id.in_(select(Place.record_id).where(_in(place))))
    order = {status: n for n, status in enumerate((*UNDER_WAY, *SENT_IN))}
    return sorted(found, key=lambda one: order.get(one.status, len(order)))


def facilities(session: Session, person: Person, place: content.Place) -> list[FacilityLine]:
    """Return the facilities of a district by name, in as many queries for fifty as for five."""
    rows = session.execute(
        select(_NAMED.label("facility"), Record.id, Record.status)
        .join(Record, Record.id == Place.record_id)
        .where(_in(place), readable(person))
        .where(Record.status.not_in((Status.WITHDRAWN, Status.RETIRED)))
        .distinct()
    ).all()
    last = _last_points(session, {row.id for row in rows})
    asked = _open_requests(session, {row.id for row in rows})
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        lines[row.facility].append(row)
    return [
        FacilityLine(
            facility=name,
            under_way=sum(row.status in UNDER_WAY for row in of_it),
            sent_in=sum(row.status in SENT_IN for row in of_it),
            published=sum(row.status is Status.PUBLISHED for row in of_it),
            last_point=max((last[row.id] for row in of_it if row.id in last), default=None),
            open_requests=sum(asked[row.id] for row in of_it),
        )
        for name, of_it in sorted(lines.items(), key=lambda one: (not one[0], one[0].casefold()))
    ]


def problems(session: Session, person: Person, place: content.Place) -> list[Problem]:
    """Return what stories of a district struggle with, and who got better at it, nearest first.

    A story struggles with a topic while it is under way, or where nothing worked. Who got better
    is published, and has a verdict of its team that says so.
    """
    rows = session.execute(
        select(Concept.notation, _NAMED.label("facility"))
        .select_from(Tag)
        .join(Concept, Concept.id == Tag.concept_id)
        .join(Record, Record.id == Tag.record_id)
        .join(Place, Place.record_id == Record.id)
        .where(_in(place), Concept.scheme == Scheme.TOPICS, Tag.status != TagStatus.REJECTED)
        .where(readable(person), Record.verdict.not_in(HELPED))
        .where(Record.status.not_in((Status.WITHDRAWN, Status.RETIRED)))
        .distinct()
    ).all()
    struggling: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        struggling[row.notation].add(row.facility)
    most = sorted(struggling, key=lambda n: (-len(struggling[n]), n))[:MOST_PROBLEMS]
    solved = _solved(session, person, most, place)
    return [
        Problem(notation, tuple(sorted(filter(None, struggling[notation]))), solved[notation])
        for notation in most
    ]


def countries(session: Session, person: Person) -> set[str]:
    """Return the codes of the countries that have a story which `person` may read."""
    told = (
        select(Place.country)
        .join(Record, Record.id == Place.record_id)
        .where(readable(person), Place.country != "")
        .where(Record.status.not_in((Status.WITHDRAWN, Status.RETIRED)))
    )
    return set(session.scalars(told.distinct()))


def coverage(session: Session, person: Person, *, country: str) -> Coverage:
    """Return a country in numbers, of what `person` may read."""
    rows = session.execute(
        select(
            Record.id,
            Record.status,
            Record.visibility,
            Record.verdict,
            Place.admin1,
            Place.admin2,
            Place.facility,
        )
        .join(Place, Place.record_id == Record.id)
        .where(Place.country == country, readable(person))
        .where(Record.status.not_in((Status.WITHDRAWN, Status.RETIRED)))
    ).all()
    published = {row.id: row for row in rows if row.status is Status.PUBLISHED}
    topics = _topics(session, published)
    districts = {row.id: row.admin2 for row in rows if row.admin2}
    return Coverage(
        stories=len({row.id for row in rows}),
        published=len(published),
        public=sum(row.visibility is Visibility.PUBLIC for row in published.values()),
        worked=sum(row.verdict in HELPED for row in published.values()),
        did_not_work=sum(row.verdict is Verdict.DID_NOT_WORK for row in published.values()),
        facilities=len({(row.admin2, row.facility) for row in rows if row.facility}),
        districts=_districts(session, rows),
        topics=tuple(Counter(n for _, n in topics).most_common()),
        pairs=Counter((districts[record], n) for record, n in topics if record in districts),
    )


def _stories(session: Session, person: Person, where: ColumnElement[bool]) -> list[Story]:
    query = select(
        Record.id,
        Record.title,
        Record.language,
        Record.status,
        Record.verdict,
        Record.strength,
        Record.updated,
    ).where(where, readable(person), Record.status.not_in((Status.WITHDRAWN, Status.RETIRED)))
    rows = session.execute(query.order_by(Record.updated.desc()).limit(STORIES)).all()
    last = _last_points(session, {row.id for row in rows})
    return [Story(*row, last_point=last.get(row.id)) for row in rows]


def _last_points(session: Session, record_ids: Collection[int]) -> dict[int, date]:
    """Return the last period with a number, by record."""
    query = (
        select(Measure.record_id, func.max(Point.period))
        .join(Point, Point.measure_id == Measure.id)
        .where(Measure.record_id.in_(record_ids))
        .where(Point.value.is_not(None) | Point.numerator.is_not(None))
        .group_by(Measure.record_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _open_requests(session: Session, record_ids: Collection[int]) -> Counter[int]:
    query = (
        select(Enquiry.record_id, func.count())
        .where(Enquiry.kind == EnquiryKind.SUPPORT, Enquiry.state == EnquiryState.OPEN)
        .where(Enquiry.record_id.in_(record_ids))
        .group_by(Enquiry.record_id)
    )
    counted: Counter[int] = Counter()
    for record_id, number in session.execute(query):
        if record_id is not None:
            counted[record_id] = number
    return counted


def _solved(
    session: Session, person: Person, notations: Sequence[str], here: content.Place
) -> dict[str, tuple[tuple[int, Story], ...]]:
    """Return the published stories on each topic that got better, the nearest first."""
    rows = session.execute(
        select(Concept.notation, Tag.record_id, Record.naming, Place.country, Place.admin2)
        .select_from(Tag)
        .join(Concept, Concept.id == Tag.concept_id)
        .join(Record, Record.id == Tag.record_id)
        .outerjoin(Place, Place.record_id == Record.id)
        .where(Concept.notation.in_(notations), Tag.status == TagStatus.CONFIRMED)
        .where(readable(person), Record.status == Status.PUBLISHED)
        .where(Record.verdict.in_(HELPED))
    ).all()
    near: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        told = content.Place(country=row.country or "", admin2=row.admin2 or "")
        far = _how_far(shown_place(told, row.naming), here)
        known = near[row.notation].get(row.record_id, far)
        near[row.notation][row.record_id] = min(far, known)
    ids = {row.record_id for row in rows}
    found = {one.record_id: one for one in _stories(session, person, Record.id.in_(ids))}
    return {
        notation: tuple(
            sorted(
                ((far, found[n]) for n, far in near[notation].items() if n in found),
                key=lambda one: (one[0], -(one[1].strength or 0), one[1].record_id),
            )
        )
        for notation in notations
    }


def _how_far(place: content.Place, here: content.Place) -> int:
    if place.country != here.country:
        return ELSEWHERE
    return HERE if place.admin2 and place.admin2 == here.admin2 else IN_THE_COUNTRY


def _in(place: content.Place) -> ColumnElement[bool]:
    """Return the condition that a place of a record lies within `place`."""
    wanted = {name: getattr(place, name) for name in FIELDS if getattr(place, name)}
    return and_(true(), *(getattr(Place, name) == value for name, value in wanted.items()))


def _topics(session: Session, record_ids: Collection[int]) -> list[tuple[int, str]]:
    query = (
        select(Tag.record_id, Concept.notation)
        .join(Concept, Concept.id == Tag.concept_id)
        .where(Tag.record_id.in_(record_ids), Tag.status == TagStatus.CONFIRMED)
        .where(Concept.scheme == Scheme.TOPICS)
        .order_by(Concept.notation)
    )
    return [(record_id, notation) for record_id, notation in session.execute(query)]


def _districts(session: Session, rows: Sequence[Any]) -> tuple[District, ...]:
    last = _last_points(session, {row.id for row in rows})
    by_district: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        if row.admin2:
            by_district[row.admin1, row.admin2].append(row)
    return tuple(
        District(
            admin1=admin1,
            admin2=admin2,
            stories=len({row.id for row in of_it}),
            published=len({row.id for row in of_it if row.status is Status.PUBLISHED}),
            facilities=len({row.facility for row in of_it if row.facility}),
            last_point=max((last[row.id] for row in of_it if row.id in last), default=None),
        )
        for (admin1, admin2), of_it in sorted(by_district.items())
    )
