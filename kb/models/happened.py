"""What happened: versions, reviews, events, batches. Only ever added to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import BatchKind, Became, Status


class RecordVersion(Base):
    """What a record said at one version: the JSON of `kb.content.Record`. Never changed."""

    __tablename__ = "record_version"
    __table_args__ = (UniqueConstraint("record_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[Moment]
    by: Mapped[str]
    note: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


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
    """Something that happened to a record: who, what, when. Only ever added."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    verb: Mapped[str]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Batch(Base):
    """One run that made or changed many records; it can be undone as one."""

    __tablename__ = "batch"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    kind: Mapped[BatchKind]
    asked: Mapped[list[str]] = mapped_column(JSON)  # files and folders as they were named
    finished: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone_by: Mapped[str]

    items: Mapped[list["BatchItem"]] = relationship(
        cascade="all, delete-orphan", order_by="BatchItem.position"
    )


class BatchItem(Base):
    """What became of one file of a batch, and why."""

    __tablename__ = "batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]  # path of the file, or the row of an import
    sha256: Mapped[str]  # hex, empty where the file could not be opened
    became: Mapped[Became]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    before: Mapped[int | None]  # version of the record before the batch; None for a new one
    after: Mapped[int | None]  # version the batch left
    title: Mapped[str]
    reason: Mapped[str]  # why it failed, in a sentence with what to do
    doubts: Mapped[list[str]] = mapped_column(JSON)
