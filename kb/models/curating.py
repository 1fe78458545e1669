"""What curators do at the desk: rulings, messages, locks, views, second readings."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import Circle, MessageKind, Ruled


class Ruling(Base):
    """That a curator looked at a field of a record, and what became of it; undone ones stay."""

    __tablename__ = "ruling"
    __table_args__ = (Index("ix_ruling_record_id_field", "record_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    by: Mapped[str]
    field: Mapped[str]  # such as "title", "places.0.country", "tags.breastfeeding"
    ruled: Mapped[Ruled]
    before: Mapped[str]  # what the field said
    after: Mapped[str]  # what it says since; it holds only as long as it says so
    undone: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Message(Base):
    """One message of the thread of a record."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("text <> ''", name="says_something"),
        CheckConstraint("(kind = 'answer') = (question_id is not null)", name="answers_a_question"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    at: Mapped[Moment]
    by: Mapped[str]
    kind: Mapped[MessageKind]
    circle: Mapped[Circle]
    text: Mapped[str]
    question_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))


class RecordLock(Base):
    """Who has a record open, until when. It warns others and refuses nobody."""

    __tablename__ = "record_lock"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    by: Mapped[str]
    since: Mapped[Moment]
    until: Mapped[datetime] = mapped_column(UTCDateTime())


class SavedView(Base):
    """Filters and order of the queue, kept under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("by", "name"),
        CheckConstraint("name <> ''", name="name_not_empty"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]  # of the queue's address, such as "awaits=tags&order=age"
    shared: Mapped[bool]  # others at the desk see it, too


class SecondReading(Base):
    """The concepts that a second curator gave a record without seeing those of the first."""

    __tablename__ = "second_reading"
    __table_args__ = (UniqueConstraint("record_id", "by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    by: Mapped[str]
    at: Mapped[Moment]
    notations: Mapped[list[str]] = mapped_column(JSON)
    first: Mapped[list[str]] = mapped_column(JSON)  # what was confirmed when it was read
