"""The records that no reader sees yet, and what each of them waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, func, not_, select
from sqlalchemy.orm import Session

from kb import findings, likenesses, records
from kb.card import missing
from kb.models import Finding, Record, Tag
from kb.vocabulary import Awaits, FindingState, Status, TagStatus

# In the order of a record's way to its readers.
WAITING = (
    Status.INBOX,
    Status.DRAFT,
    Status.PRIVACY_CHECK,
    Status.IN_REVIEW,
    Status.RETURNED,
)


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
    doubts: tuple[str, ...]
    missing: tuple[str, ...]  # fields of its card


def entries(
    session: Session, awaits: Awaits = Awaits.ANYTHING, *, limit: int, offset: int = 0
) -> list[Entry]:
    """Return the records that wait, the oldest first, in as many queries for fifty as for five."""
    query = (
        select(Record)
        .where(_waits(awaits))
        .order_by(Record.created, Record.id)
        .limit(limit)
        .offset(offset)
        .options(*records.WITH_PARTS)
    )
    found = session.scalars(query).all()
    ids = [record.id for record in found]
    named = findings.open_counts(session, ids)
    alike = likenesses.open_counts(session, ids)
    return [_entry(record, named[record.id], alike[record.id]) for record in found]


def totals(session: Session) -> dict[Awaits, int]:
    """Return how many records wait for what."""
    counts = (func.count().filter(_waits(awaits)) for awaits in Awaits)
    row = session.execute(select(*counts).select_from(Record)).one()
    return dict(zip(Awaits, row, strict=True))


def open_findings(session: Session) -> int:
    """Return how many findings nobody has decided yet, in all the queue."""
    query = select(func.count()).select_from(Finding).join(Record, Record.id == Finding.record_id)
    waiting = and_(Finding.state == FindingState.OPEN, _waits(Awaits.ANYTHING))
    return session.scalar(query.where(waiting)) or 0


def next_of(session: Session, awaits: Awaits, *, after: int) -> int | None:
    """Return the record that waits for this behind `after` in the queue, or else the first one."""
    waiting = select(Record.id).where(_waits(awaits), Record.id != after)
    waiting = waiting.order_by(Record.created, Record.id).limit(1)
    created = session.scalar(select(Record.created).where(Record.id == after))
    if created is not None:
        behind = (Record.created > created) | (and_(Record.created == created, Record.id > after))
        found = session.scalar(waiting.where(behind))
        if found is not None:
            return found
    return session.scalar(waiting)


def _entry(record: Record, named: int, alike: int) -> Entry:
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
        doubts=tuple(record.doubts),
        missing=missing(records.read(record)),
    )


def _waits(awaits: Awaits) -> ColumnElement[bool]:
    """Return the condition on a record that it stands in the queue and waits for this."""
    named = Record.id.in_(select(Finding.record_id).where(Finding.state == FindingState.OPEN))
    alike = Record.id.in_(likenesses.open_records())
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
