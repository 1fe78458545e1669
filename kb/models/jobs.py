"""Work that waits: files to be read, what a program asked for, what it was answered before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import JobState


class Job(Base):
    """Files that somebody sent, to become drafts. A worker claims the row for a while."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries_counted"),
        Index("ix_job_state_created", "state", "created"),
        {"sqlite_autoincrement": True},  # an address is never given to somebody else's
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )  # None of whoever sits at the computer
    by: Mapped[str]
    created: Mapped[Moment]
    finished: Mapped[datetime | None] = mapped_column(UTCDateTime())
    state: Mapped[JobState]
    owner: Mapped[str]  # the worker that has claimed it; empty for none
    lease: Mapped[datetime | None] = mapped_column(UTCDateTime())  # nobody takes it up before
    tries: Mapped[int]
    done: Mapped[int]  # files looked at
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # `kb.jobs.File`, in their order
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id", ondelete="SET NULL"))
    error: Mapped[str]  # why it was given up; empty else


class WaitingFile(Base):
    """A file of a batch that nobody has read yet. A worker claims the row, and ends it."""

    __tablename__ = "waiting_file"
    __table_args__ = (
        UniqueConstraint("batch_id", "path"),
        CheckConstraint("tries >= 0", name="tries_counted"),
        Index("ix_waiting_file_batch_id_position", "batch_id", "position"),
        {"sqlite_autoincrement": True},  # who was thought dead ends nobody else's row
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    position: Mapped[int]  # in its batch
    path: Mapped[str]  # absolute, as whoever asked sees it
    owner: Mapped[str] = mapped_column(index=True)  # the worker that has it; empty for none
    lease: Mapped[datetime | None] = mapped_column(UTCDateTime())  # nobody takes it up before
    tries: Mapped[int]


class Answered(Base):
    """What a request with an Idempotency-Key was answered, until it expires."""

    __tablename__ = "answered"
    __table_args__ = (
        UniqueConstraint("by", "key"),
        CheckConstraint("key <> ''", name="key_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str]
    key: Mapped[str]
    asked_sha256: Mapped[str]  # of what was sent
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    expires: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
