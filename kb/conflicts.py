"""What was changed here and at its home: what waits for a person, and which text stands here then.

Each decision is a batch of its own: undoing it lets the conflict wait again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import (
    batches,
    borrowed_collections,
    borrowing,
    collections,
    editions,
    history,
    permissions,
    records,
)
from kb.borrowing import GONE, Decision, Open
from kb.db import utcnow
from kb.editions import Content
from kb.errors import ConflictError
from kb.models import Batch, BorrowedCollection, Collection, Conflict, Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import BatchKind, Became
from kb.wording import marked


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a decision, oldest first."""

    records: Sequence[tuple[Conflict, Record]]
    collections: Sequence[tuple[BorrowedCollection, Collection]]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.records) + len(self.collections)


class OpenCollection(NamedTuple):
    """A conflict about a collection, with both texts."""

    row: BorrowedCollection
    collection: Collection
    ours: Content
    theirs: Content


def waiting(session: Session, person: Person) -> Waiting:
    """Return what `person` may decide."""
    query = (
        select(Conflict, Record)
        .join(Record, Record.id == Conflict.record_id)
        .where(
            Conflict.decision == "",
            Record.status.not_in(GONE),
            permissions.allowed(person, Act.CURATE),
        )
    )
    packages = (
        select(BorrowedCollection, Collection)
        .join(Collection, Collection.id == BorrowedCollection.collection_id)
        .where(BorrowedCollection.newer.is_not(None))
    )
    return Waiting(
        [(row[0], row[1]) for row in session.execute(query.order_by(Conflict.id))],
        [
            (row[0], row[1])
            for row in session.execute(packages.order_by(BorrowedCollection.collection_id))
        ],
    )


def of_record(session: Session, record_id: int) -> Open | None:
    """Return what waits about a record, with both texts; None where nothing does."""
    query = select(Conflict.id).filter_by(record_id=record_id, decision="")
    found = session.scalar(query.order_by(Conflict.id.desc()).limit(1))
    return borrowing.conflict(session, found) if found else None


def of_collection(session: Session, collection_id: int) -> OpenCollection | None:
    """Return what waits about a collection, with both texts; None where nothing does."""
    collection = collections.get(session, collection_id)
    row = borrowed_collections.of(session, collection_id)
    if row is None or row.newer is None:
        return None
    ours, theirs = editions.written(collection), Content.model_validate(row.newer)
    return OpenCollection(row, collection, ours, theirs)


def decide(
    session: Session, conflict_id: int, decision: Decision, *, version: int | None = None, by: str
) -> Batch:
    """Keep what is said here, or take what its home says, as one batch.

    `version` is the one of the record that was compared.

    Raises:
        NotFoundError: there is no such conflict.
        ConflictError: it was decided already, or the record was changed meanwhile.
        InvalidError: a published record would lack what a reader needs.
    """
    found = borrowing.conflict(session, conflict_id)
    record, before = found.record, found.record.version
    if version is not None:
        records.refuse_older(record, version)

    def act(batch: Batch) -> None:
        borrowing.decide(session, conflict_id, decision, by=by)
        found.conflict.batch_id = batch.id
        changed = record.version != before
        batches.note(
            session,
            batch.id,
            name=f"record {record.id}",
            position=0,
            became=Became.CHANGED if changed else Became.KNOWN,
            record=record,
            before=before if changed else None,
        )

    return _as_batch(session, [record.library, record.title, decision], act, by=by)


def decide_collection(
    session: Session,
    collection_id: int,
    decision: Decision,
    *,
    version: int | None = None,
    by: str,
) -> Batch:
    """Keep what the collection says here, or take what its home says, as one batch.

    `version` is the one of the collection that was compared.

    Raises:
        NotFoundError: there is no such collection.
        ConflictError: it was decided already, or the collection was changed meanwhile.
    """
    found = of_collection(session, collection_id)
    if found is None:
        raise ConflictError(
            marked("Nothing waits here any more: somebody decided it."),
            hint=marked("Look at it as it is now."),
        )
    collections.refuse_older(found.collection, version)

    def act(batch: Batch) -> None:
        if decision == "theirs":
            borrowed_collections.take(session, found.row, found.theirs, batch_id=batch.id, by=by)
        else:
            borrowed_collections.keep(found.row, batch_id=batch.id)
        history.happened(
            session, "conflict decided", by=by, collection=str(collection_id), kept=decision
        )
        batches.note(
            session,
            batch.id,
            name=f"collection {collection_id}",
            position=0,
            became=Became.CHANGED if decision == "theirs" else Became.KNOWN,
        )

    return _as_batch(session, [found.row.library, found.collection.title, decision], act, by=by)


def _as_batch(
    session: Session, asked: Sequence[str], act: Callable[[Batch], None], *, by: str
) -> Batch:
    """Let `act` be done as a batch, which stays also where only words were weighed."""
    batch = Batch(
        kind=BatchKind.DECISION, asked=list(asked), by=by, undone_by="", finished=utcnow()
    )
    session.add(batch)
    session.flush()
    act(batch)
    session.flush()
    return batch
