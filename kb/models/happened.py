"""What happened: versions, reviews, events, batches. Only ever added to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import BatchKind, Became, Status


class RecordVersion(Base):
    """What a record said at one version. Never changed; `kb.appendonly` has the database see to it.

    The one exception: `kb.audit.purge` empties `content`, and an event says so.
    """

    __tablename__ = "record_version"
    __table_args__ = (UniqueConstraint("record_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[Moment]
    by: Mapped[str]
    note: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # `kb.content.Record`; {} when purged
    # The columns of the record that are no content: where it stood. None for versions of old.
    standing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Review(Base):
    """What a reviewer decided about a version of a record, and asked of its author."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[Moment]
    reviewer: Mapped[str]
    outcome: Mapped[Status]  # where the record went: returned, in review, published, …
    questions: Mapped[list[str]] = mapped_column(JSON)


class Event(Base):
    """Something that happened: who, what, when. Only ever added, each chained to the one before.

    `kb.audit.append` is the only way in. A record's number outlives its row here.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("previous"),  # the chain has one end: two events never follow the same
        Index("ix_event_verb", "verb"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    verb: Mapped[str]
    record_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # {} when purged
    detail_sha256: Mapped[str]  # hex; stays when the detail is purged, and keeps the chain whole
    previous: Mapped[str]  # hash of the event before; empty for the first
    hash: Mapped[str]  # sha256 of all the above but `detail`, hex


class Batch(Base):
    """One run that made or changed many records; it can be undone as one."""

    __tablename__ = "batch"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    kind: Mapped[BatchKind]
    asked: Mapped[list[str]] = mapped_column(JSON)  # files and folders, or changes, as named
    why: Mapped[str] = mapped_column(server_default="")  # where a person decided it
    finished: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone_by: Mapped[str]

    items: Mapped[list["BatchItem"]] = relationship(
        cascade="all, delete-orphan", order_by="BatchItem.position"
    )


class BatchItem(Base):
    """What became of one file or record of a batch, and why."""

    __tablename__ = "batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]  # path of the file, row of an import, or number of the record
    sha256: Mapped[str]  # hex, empty where the file could not be opened
    became: Mapped[Became]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    before: Mapped[int | None]  # version of the record before the batch; None for a new one
    after: Mapped[int | None]  # version the batch left
    title: Mapped[str]
    reason: Mapped[str]  # why it failed, in a sentence with what to do
    code: Mapped[str] = mapped_column(server_default="")  # the same for programs
    doubts: Mapped[list[str]] = mapped_column(JSON)
