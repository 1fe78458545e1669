"""The records that no reader sees yet, what each of them waits for, and which comes first."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, not_, select, true
from sqlalchemy.orm import Session, aliased

from kb import findings, likenesses, locks, permissions, records, threads
from kb.card import missing
from kb.db import UTCDateTime, utcnow
from kb.models import Concept, Finding, Need, Record, RecordLock, Review, Tag
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import (
    Awaits,
    FindingState,
    Level,
    Order,
    Scheme,
    Status,
    TagStatus,
    Turn,
    Visibility,
)
from kb.worth import Facts, Worth, rarest, worth

# In the order of a record's way to its readers.
WAITING = (
    Status.INBOX,
    Status.DRAFT,
    Status.PRIVACY_CHECK,
    Status.IN_REVIEW,
    Status.RETURNED,
)
OVERDUE_DAYS = 30  # where no setting says otherwise
DEMAND_DAYS = 90  # questions that were asked longer ago say little of what is wanted now
SURE_ENOUGH = 0.5  # a suggestion below says little of what a record is about


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records of the queue somebody wants to see, and in which order."""

    awaits: Awaits = Awaits.ANYTHING
    order: Order = Order.VALUE
    turn: Turn | None = None
    language: str = ""
    level: Level | None = None
    overdue: bool = False


ANYTHING = Asked()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A record of the queue, and why it stands where it stands."""

    record_id: int
    since: datetime  # when it came, or was sent in
    turn: Turn
    worth: Worth
    overdue: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the queue, and how much of what is open in it."""

    record_id: int
    title: str
    language: str
    status: Status
    created: datetime
    file: str  # name of the file it was made from, or empty
    findings: int
    likenesses: int
    suggested: int  # tags
    questions: int  # to its author, without an answer
    doubts: tuple[str, ...]
    missing: tuple[str, ...]  # fields of its card
    ranked: Ranked
    lock: RecordLock | None  # where somebody has it open


def ranking(
    session: Session,
    asked: Asked = ANYTHING,
    person: Person | None = None,
    *,
    overdue_days: int = OVERDUE_DAYS,
    now: datetime | None = None,
) -> list[Ranked]:
    """Return the records that wait, the first to look at first, in four queries.

    Where `person` is given, only those that they may curate. Those that wait for their author come
    behind those that wait for the desk.
    """
    now = now or utcnow()
    rows = session.execute(_wanted(asked, person)).all()
    told = _facts(session, rows, now)
    ranked = [_ranked(row, told[row.id], overdue_days) for row in rows]
    if asked.overdue:
        ranked = [one for one in ranked if one.overdue]
    if asked.order is Order.AGE:
        return sorted(ranked, key=lambda one: (one.since, one.record_id))
    return sorted(
        ranked,
        key=lambda one: (
            one.turn is Turn.AUTHOR,
            -round(one.worth.total, 2),  # a moment's difference in age is none
            one.since,
            one.record_id,
        ),
    )


def entries(
    session: Session,
    ranked: Sequence[Ranked],
    person: Person | None = None,
) -> list[Entry]:
    """Return what is open in these records, in as many queries for fifty as for five.

    Where `person` is given, with the pairs that they may decide.
    """
    ids = [one.record_id for one in ranked]
    query = select(Record).where(Record.id.in_(ids)).options(*records.WITH_PARTS)
    found = {record.id: record for record in session.scalars(query)}
    named = findings.open_counts(session, ids)
    alike = likenesses.open_counts(session, ids, person)
    asked = threads.open_counts(session, ids)
    held = locks.of(session, ids)
    return [
        _entry(
            found[one.record_id],
            one,
            named=named[one.record_id],
            alike=alike[one.record_id],
            asked=asked[one.record_id],
            lock=held.get(one.record_id),
        )
        for one in ranked
    ]


def totals(session: Session, person: Person | None = None) -> dict[Awaits, int]:
    """Return how many records wait for what; where `person` is given, of those they may curate."""
    counts = (func.count().filter(_waits(awaits, person)) for awaits in Awaits)
    row = session.execute(select(*counts).select_from(Record).where(_theirs(person))).one()
    return dict(zip(Awaits, row, strict=True))


def open_findings(session: Session, person: Person | None = None) -> int:
    """Return how many findings nobody has decided yet, in all of their queue."""
    query = select(func.count()).select_from(Finding).join(Record, Record.id == Finding.record_id)
    waiting = and_(Finding.state == FindingState.OPEN, _waits(Awaits.ANYTHING))
    return session.scalar(query.where(waiting, _theirs(person))) or 0


def next_of(
    session: Session,
    asked: Asked,
    person: Person | None = None,
    *,
    after: int,
    overdue_days: int = OVERDUE_DAYS,
) -> int | None:
    """Return the record behind `after` in the queue, or else the first one.

    Records that somebody other than `person` has open are passed over.
    """
    ranked = ranking(session, asked, person, overdue_days=overdue_days)
    ids = [one.record_id for one in ranked]
    start = ids.index(after) + 1 if after in ids else 0
    others = locks.of_others(session, by=person.by) if person else frozenset()
    waiting = (one for one in ids[start:] + ids[:start] if one != after and one not in others)
    return next(waiting, None)


RankRow = Row[int, datetime, Status, bool]  # id, since, status, whether it was called ready


def _wanted(asked: Asked, person: Person | None) -> Select[int, datetime, Status, bool]:
    since = func.coalesce(Record.submitted, Record.created, type_=UTCDateTime()).label("since")
    ready = _is_ready().label("ready")
    query = select(Record.id, since, Record.status, ready).where(
        _waits(asked.awaits, person), _theirs(person)
    )
    if asked.language:
        query = query.where(Record.language == asked.language)
    if asked.level:
        query = query.where(Record.level == asked.level)
    if asked.turn:
        query = query.where(_of_turn(asked.turn))
    return query


def _theirs(person: Person | None) -> ColumnElement[bool]:
    return permissions.allowed(person, Act.CURATE) if person else true()


def _is_ready() -> ColumnElement[bool]:
    """Return the condition that somebody called the record ready as it is (`kb.reviewing`)."""
    said = select(Review.id).where(
        Review.record_id == Record.id,
        Review.version == Record.version,
        Review.outcome == Status.IN_REVIEW,
    )
    return said.exists()


def _of_turn(turn: Turn) -> ColumnElement[bool]:
    if turn is Turn.AUTHOR:
        return Record.status == Status.RETURNED
    if turn is Turn.SECOND:
        return _is_ready()
    return and_(Record.status != Status.RETURNED, not_(_is_ready()))


def _turn_of(row: RankRow) -> Turn:
    if row.status is Status.RETURNED:
        return Turn.AUTHOR
    return Turn.SECOND if row.ready else Turn.CURATOR


def _facts(session: Session, rows: Sequence[RankRow], now: datetime) -> dict[int, Facts]:
    """Return what is known of each record, from its tags, the questions and the shelf."""
    tags = _tags(session, [row.id for row in rows])
    wanted = _demand(session, now)
    published = _published_pairs(session, tags)
    told = {}
    for row in rows:
        of_it = tags.get(row.id, ())
        about = [tag for tag in of_it if _is_about(tag)]
        most = max(about, key=lambda tag: wanted[tag.notation], default=None)
        told[row.id] = Facts(
            days=(now - row.since) / timedelta(days=1),
            asked=wanted[most.notation] if most else 0,
            wanted=most.notation if most and wanted[most.notation] else "",
            rarest=rarest(
                [tag.notation for tag in about if tag.scheme is Scheme.TOPICS],
                [tag.notation for tag in about if tag.scheme is Scheme.INTERVENTIONS],
                published,
            ),
            confidences=tuple(t.confidence for t in of_it if t.status is TagStatus.SUGGESTED),
        )
    return told


TagRow = Row[int, str, Scheme, float, TagStatus]  # record_id, notation, scheme, confidence, status


def _tags(session: Session, record_ids: Collection[int]) -> dict[int, list[TagRow]]:
    query = (
        select(Tag.record_id, Concept.notation, Concept.scheme, Tag.confidence, Tag.status)
        .join(Concept, Concept.id == Tag.concept_id)
        .join(Record, Record.id == Tag.record_id)
        .where(Record.status.in_(WAITING), Tag.status != TagStatus.REJECTED)
        .order_by(Tag.id)
    )
    of_record: dict[int, list[TagRow]] = {record_id: [] for record_id in record_ids}
    for row in session.execute(query):
        if row.record_id in of_record:
            of_record[row.record_id].append(row)
    return of_record


def _is_about(tag: TagRow) -> bool:
    return tag.status is TagStatus.CONFIRMED or tag.confidence >= SURE_ENOUGH


def _demand(session: Session, now: datetime) -> Counter[str]:
    """Return how often each concept was asked for in vain of late."""
    since = now.date() - timedelta(days=DEMAND_DAYS)
    query = select(Need.concepts, func.sum(Need.times)).where(Need.day >= since)
    asked: Counter[str] = Counter()
    for concepts, times in session.execute(query.group_by(Need.concepts)):
        for notation in concepts.split():
            asked[notation] += times
    return asked


def _published_pairs(
    session: Session, tags: Mapping[int, Iterable[TagRow]]
) -> dict[tuple[str, str], int]:
    """Return how many published records tell of each topic and intervention together."""
    about = {row.notation for rows in tags.values() for row in rows if _is_about(row)}
    topic, kind = aliased(Concept), aliased(Concept)
    of_topic, of_kind = aliased(Tag), aliased(Tag)
    query = (
        select(topic.notation, kind.notation, func.count())
        .select_from(of_topic)
        .join(topic, topic.id == of_topic.concept_id)
        .join(of_kind, of_kind.record_id == of_topic.record_id)
        .join(kind, kind.id == of_kind.concept_id)
        .join(Record, Record.id == of_topic.record_id)
        .where(
            topic.scheme == Scheme.TOPICS,
            kind.scheme == Scheme.INTERVENTIONS,
            of_topic.status == TagStatus.CONFIRMED,
            of_kind.status == TagStatus.CONFIRMED,
            Record.status == Status.PUBLISHED,
            Record.visibility == Visibility.PUBLIC,
        )
        .group_by(topic.notation, kind.notation)
    )
    rows = session.execute(query)
    return {(t, i): count for t, i, count in rows if t in about and i in about}


def _ranked(row: RankRow, facts: Facts, overdue_days: int) -> Ranked:
    turn = _turn_of(row)
    return Ranked(
        record_id=row.id,
        since=row.since,
        turn=turn,
        worth=worth(facts, overdue=overdue_days),
        overdue=turn is not Turn.AUTHOR and facts.days >= overdue_days,
    )


def _entry(
    record: Record,
    ranked: Ranked,
    *,
    named: int,
    alike: int,
    asked: int,
    lock: RecordLock | None,
) -> Entry:
    originals = (a.file.name for a in record.attachments if a.original)
    return Entry(
        record_id=record.id,
        title=record.title,
        language=record.language,
        status=record.status,
        created=record.created,
        file=next(originals, ""),
        findings=named,
        likenesses=alike,
        suggested=sum(tag.status is TagStatus.SUGGESTED for tag in record.tags),
        questions=asked,
        doubts=tuple(record.doubts),
        missing=missing(records.read(record)),
        ranked=ranked,
        lock=lock,
    )


def _waits(awaits: Awaits, person: Person | None = None) -> ColumnElement[bool]:
    """Return the condition on a record that it stands in the queue and waits for this.

    A pair that `person` may not decide waits for somebody else.
    """
    named = Record.id.in_(select(Finding.record_id).where(Finding.state == FindingState.OPEN))
    alike = Record.id.in_(likenesses.open_records(person))
    tagged = Record.id.in_(select(Tag.record_id).where(Tag.status == TagStatus.SUGGESTED))
    conditions: dict[Awaits, Sequence[ColumnElement[bool]]] = {
        Awaits.ANYTHING: (),
        Awaits.PRIVACY: (named,),
        Awaits.LIKENESS: (alike,),
        Awaits.TAGS: (tagged,),
        Awaits.DOUBTS: (cast(Record.doubts, String) != "[]",),
        Awaits.NOTHING: (not_(named), not_(alike), not_(tagged)),
    }
    return and_(Record.status.in_(WAITING), *conditions[awaits])
