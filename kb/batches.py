"""Batches: what one run did to many records, kept file by file, and taken back as one."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true, update
from sqlalchemy.orm import Session, selectinload

from kb import borrowed_collections, gate, history, own_terms, permissions, records, waiting
from kb.db import utcnow
from kb.errors import ConflictError, KBError, NotFoundError
from kb.models import (
    Batch,
    BatchItem,
    CollectionPart,
    Conflict,
    Event,
    Finding,
    Likeness,
    Link,
    Record,
    Reuse,
    Review,
)
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import (
    BatchKind,
    Became,
    FindingState,
    LikenessState,
    Role,
    Status,
)
from kb.wording import marked

AT_ONCE = 500  # names in one query


@dataclass(frozen=True, slots=True)
class Left:
    """A record that undoing left alone, and why."""

    record_id: int
    title: str
    reason: str
    hint: str = ""  # what to do about it

    def __str__(self) -> str:
        """Return why, and what to do about it."""
        return f"{self.reason} {self.hint}".rstrip()


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a batch did, or would do."""

    batch_id: int
    removed: tuple[int, ...]  # records that were taken out again
    restored: tuple[int, ...]  # records that say again what they said before
    conflicts: tuple[Left, ...]  # records that somebody has worked on since


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in a list: how many files became what."""

    batch: Batch
    counts: dict[Became, int]
    is_being_read: bool  # some worker has a file of it


def begin(
    session: Session, kind: BatchKind, asked: Sequence[str], *, by: str, why: str = ""
) -> Batch:
    """Return a new batch, or the one that was interrupted while doing just this."""
    unfinished = (
        select(Batch)
        .where(Batch.kind == kind, Batch.finished.is_(None), Batch.undone.is_(None))
        .order_by(Batch.id.desc())
    )
    for batch in session.scalars(unfinished):
        if batch.asked == list(asked):
            return batch
    batch = Batch(kind=kind, asked=list(asked), by=by, undone_by="", why=why)
    session.add(batch)
    session.flush()
    return batch


def note(
    session: Session,
    batch_id: int,
    *,
    name: str,
    position: int,
    became: Became,
    record: Record | None = None,
    before: int | None = None,
    sha256: str = "",
    reason: str = "",
    code: str = "",
    doubts: Iterable[str] = (),
) -> BatchItem:
    """Write down what became of one file; `before` is the record's version until then, if any.

    What the batch itself added or changed stays so when a resumed run meets it again.
    """
    item = session.scalar(select(BatchItem).filter_by(batch_id=batch_id, name=name))
    if item is None:
        item = BatchItem(batch_id=batch_id, name=name)
        session.add(item)
    elif item.became in _DID and became is Became.KNOWN:
        return item
    item.position, item.sha256, item.became, item.reason = position, sha256, became, reason
    item.code = code
    item.record_id = record.id if record else None
    item.title = record.title if record else ""
    item.before = before
    item.after = record.version if record and became in _DID else None
    item.doubts = list(doubts)
    return item


def follow(session: Session, record: Record, *, before: int) -> None:
    """Let the batch that left the record at version `before` answer for its version now.

    For what the library did to its own draft, such as suggesting tags again: that is nobody's work.
    """
    items = select(BatchItem).filter_by(record_id=record.id, after=before)
    for item in session.scalars(items):
        item.after = record.version


def finish(session: Session, batch_id: int) -> Batch | None:
    """Say that the batch has come to its end; one that met only known files leaves no trace."""
    batch = get(session, batch_id)
    if all(item.became is Became.KNOWN for item in batch.items):
        session.delete(batch)
        return None
    batch.finished = batch.finished or utcnow()
    return batch


def end(session: Session, batch: Batch) -> None:
    """Say that the batch has come to its end, where nothing of it waits, whoever began it."""
    if batch.finished is None and not waiting.left(session, batch.id):
        batch.finished = utcnow()


def get(session: Session, batch_id: int, person: Person | None = None) -> Batch:
    """Return the batch with its items; where `person` is given, only one that is theirs.

    Raises:
        NotFoundError: there is none of that number.
    """
    query = select(Batch).where(Batch.id == batch_id, _theirs(person))
    batch = session.scalar(query.options(selectinload(Batch.items)))
    if batch is None:
        raise NotFoundError(
            marked("There is no batch %(number)s.", number=str(batch_id)),
            hint=marked("See the list of batches."),
        )
    return batch


def items_of(session: Session, batch_id: int, names: Sequence[str]) -> Iterator[BatchItem]:
    """Yield what became of the files of the batch that have these names."""
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        yield from session.scalars(
            select(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.name.in_(some))
        )


def all_of(session: Session, person: Person | None = None, *, limit: int = 100) -> list[Summary]:
    """Return the batches, newest first, with how many files became what: all, or `person`'s."""
    query = select(Batch).where(_theirs(person)).order_by(Batch.id.desc())
    batches = session.scalars(query.limit(limit)).all()
    counted = session.execute(
        select(BatchItem.batch_id, BatchItem.became, func.count())
        .where(BatchItem.batch_id.in_([batch.id for batch in batches]))
        .group_by(BatchItem.batch_id, BatchItem.became)
    )
    counts: dict[int, dict[Became, int]] = {batch.id: {} for batch in batches}
    for batch_id, became, number in counted:
        counts[batch_id][became] = number
    is_open = any(batch.finished is None for batch in batches)
    in_hand = waiting.in_hand(session) if is_open else set()
    return [Summary(batch, counts[batch.id], batch.id in in_hand) for batch in batches]


def of_kind(session: Session, kind: BatchKind, *, limit: int) -> Sequence[Batch]:
    """Return the batches of one kind, newest first."""
    query = select(Batch).filter_by(kind=kind).order_by(Batch.id.desc()).limit(limit)
    return session.scalars(query).all()


def preview(session: Session, batch_id: int) -> Undone:
    """Return what `undo` would do, without doing it.

    Raises:
        NotFoundError: there is no such batch.
        ConflictError: it was undone already, or others built upon what it added to the taxonomy.
    """
    batch = get(session, batch_id)
    _refuse_twice(batch)
    removed, restored, conflicts = [], [], []
    going = borrowed_collections.untouched(session, batch_id)
    for record_id, change in reversed(_changes(batch).items()):
        record = session.get(Record, record_id)
        if record is None:  # somebody took it out already
            continue
        if reason := _worked_on(session, record, change, going) or _lost(
            session, record_id, change
        ):
            conflicts.append(Left(record.id, record.title, reason))
        elif change.before is None:
            removed.append(record.id)
        else:
            restored.append(record.id)
    own_terms.refuse_where_built_upon(session, batch, restored)
    return Undone(batch_id, tuple(removed), tuple(restored), tuple(conflicts))


def undo(session: Session, batch_id: int, *, by: str, why: str = "") -> Undone:
    """Take the batch back: what it added goes, what it changed is again all that it was before.

    Every kind of batch is undone here: whoever notes each change with the version before it
    (`note`) can have it taken back. What a batch did to something else than a record is the
    affair of whoever did it.

    A record that somebody has worked on since is left as it is and named among the conflicts.
    The original files stay, in the folder that only the library's team reads.

    Raises:
        NotFoundError: there is no such batch.
        ConflictError: it was undone already.
    """
    plan = preview(session, batch_id)
    batch = get(session, batch_id)
    because = why or f"batch {batch_id} was undone"
    _ask_again(session, batch_id, by=by)
    for record_id in plan.removed:
        records.remove(session, record_id, by=by, why=because)
    plan = _put_back(session, plan, _changes(batch), by=by)
    records.changed_now(session, plan.restored)
    batch.undone, batch.undone_by = utcnow(), by
    batch.finished = batch.finished or batch.undone  # what was interrupted is not gone on with
    waiting.forget(session, batch_id)
    session.flush()
    history.happened(
        session,
        "batch undone",
        by=by,
        batch=str(batch_id),
        removed=" ".join(map(str, plan.removed)),
        restored=" ".join(map(str, plan.restored)),
        left=" ".join(str(left.record_id) for left in plan.conflicts),
        why=why,
    )
    return plan


def _ask_again(session: Session, batch_id: int, *, by: str) -> None:
    """Take back what the batch did to collections, and let what it decided be decided again."""
    borrowed_collections.undo(session, batch_id, by=by)
    undecided = {"decision": "", "decided_by": "", "decided": None, "batch_id": None}
    session.execute(update(Conflict).filter_by(batch_id=batch_id).values(undecided))


def _put_back(
    session: Session, plan: Undone, changes: Mapping[int, "_Change"], *, by: str
) -> Undone:
    """Put back what the plan says; what turns out not to be possible is a conflict."""
    restored, conflicts = [], list(plan.conflicts)
    note = f"batch {plan.batch_id} undone"
    for record_id in plan.restored:
        before = changes[record_id].before
        assert before is not None
        try:
            with session.begin_nested():
                record = records.put_back(session, record_id, before, by=by, note=note)
                follow(session, record, before=before)  # the batch before this can be undone, too
        except KBError as error:
            title = records.get(session, record_id).title
            conflicts.append(Left(record_id, title, error.args[0], error.hint))
        else:
            restored.append(record_id)
    return replace(plan, restored=tuple(restored), conflicts=tuple(conflicts))


def report(session: Session, batch_id: int) -> Undone | None:
    """Return what undoing the batch did; None where it was not undone.

    Why a record was left alone is looked up anew: what somebody did with it still stands.
    """
    batch = get(session, batch_id)
    told = select(Event).filter_by(verb="batch undone").order_by(Event.id.desc())
    found = (event for event in session.scalars(told) if event.detail["batch"] == str(batch_id))
    event = next(found, None) if batch.undone else None
    if event is None:
        return None
    removed, restored, left = (
        tuple(map(int, event.detail.get(name, "").split()))
        for name in ("removed", "restored", "left")
    )
    changes = _changes(batch)
    conflicts = [
        Left(
            record.id,
            record.title,
            _worked_on(session, record, changes[record.id])
            or _lost(session, record.id, changes[record.id]),
        )
        for record in (session.get(Record, record_id) for record_id in left)
        if record is not None and record.id in changes
    ]
    return Undone(batch_id, removed, restored, tuple(conflicts))


def _theirs(person: Person | None) -> ColumnElement[bool]:
    """Return the condition on a batch that `person` may see it, and take it back.

    They may curate every record that it touched, and began it or hold one of them still: a batch
    shows the names of all its files, and undoing it changes all its records.
    """
    if person is None or person.has(Role.CURATOR, at=()):
        return true()
    held = select(Record.id).where(permissions.allowed(person, Act.CURATE))
    of_batch = BatchItem.batch_id == Batch.id
    strange = exists().where(of_batch, BatchItem.record_id.not_in(held))
    known = exists().where(of_batch, BatchItem.record_id.in_(held))
    return and_(~strange, or_(known, Batch.by == person.by))


_DID = frozenset({Became.ADDED, Became.CHANGED})


def _refuse_twice(batch: Batch) -> None:
    if batch.undone is not None:
        raise ConflictError(
            marked(
                "Batch %(number)s was undone already, on %(day)s by %(who)s.",
                number=str(batch.id),
                day=batch.undone.date(),
                who=batch.undone_by,
            ),
            hint=marked("To have its files again, ingest them again."),
        )


class _Change(NamedTuple):
    """What a batch did to one record: its version before, None for a new one, and after."""

    before: int | None
    after: int | None


def _changes(batch: Batch) -> dict[int, _Change]:
    """Return what the batch did to each record, in its order; several changes count as one."""
    changes: dict[int, _Change] = {}
    for item in batch.items:
        if item.became in _DID and item.record_id is not None:
            first = changes.get(item.record_id, _Change(item.before, None))
            changes[item.record_id] = _Change(first.before, item.after)
    return changes


def _worked_on(
    session: Session, record: Record, change: _Change, going: Collection[int] = ()
) -> str:
    """Return what somebody has done with the record since, in words; empty if nothing.

    That it stands in a collection which is `going` too is nobody's work.
    """
    if record.version != change.after:
        return marked("It was edited since.")
    if change.before is not None:  # what people did beside the text stays, whatever it says
        return ""
    if record.status is not Status.DRAFT:
        return marked("It is no draft any more.")
    return next(
        (
            words
            for words, rows in _work_on(record.id, going)
            if session.scalar(exists(rows).select())
        ),
        "",
    )


def _lost(session: Session, record_id: int, change: _Change) -> str:
    """Return why what the record said before cannot come back, in words; empty if it can."""
    if change.before is None:
        return ""
    try:
        said = history.version(session, record_id, change.before)
    except NotFoundError:  # purged
        return marked("What it said before was purged.")
    unknown = records.unknown_concepts(session, said)
    if unknown:
        return marked("The taxonomy no longer has %(concepts)s.", concepts=", ".join(unknown))
    return ""


def _work_on(record_id: int, going: Collection[int]) -> Iterator[tuple[str, Select[Any]]]:
    """Yield what people may have done with a record without changing it, and the rows of that."""
    yield (
        marked("Somebody decided what in it may name people."),
        select(Finding.id).where(
            Finding.record_id == record_id,
            Finding.state != FindingState.OPEN,
            Finding.decided_by != gate.ALWAYS,
        ),
    )
    yield (
        marked("Somebody compared it with another record."),
        select(Likeness.id).where(
            or_(Likeness.record_id == record_id, Likeness.other_id == record_id),
            Likeness.state != LikenessState.OPEN,
        ),
    )
    yield (
        marked("It is linked with another record."),
        select(Link.id).where(or_(Link.record_id == record_id, Link.other_id == record_id)),
    )
    yield (
        marked("It stands in a collection."),
        select(CollectionPart.id).where(
            CollectionPart.record_id == record_id, CollectionPart.collection_id.not_in(going)
        ),
    )
    for words, kind in (
        (marked("It was reviewed."), Review),
        (marked("A team reported that it tried it too."), Reuse),
    ):
        yield words, select(kind.id).where(kind.record_id == record_id)
