"""Records put together for a purpose."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.models.records import Record
from kb.vocabulary import Status


class Collection(Base):
    """Records put together for a purpose: a change package, a reading list."""

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[Moment]
    title: Mapped[str]
    purpose: Mapped[str]  # Markdown
    language: Mapped[str]  # BCP 47, of the curator's words
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    published: Mapped[datetime | None] = mapped_column(UTCDateTime())

    items: Mapped[list["CollectionItem"]] = relationship(
        cascade="all, delete-orphan", order_by="CollectionItem.position"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's name


class CollectionItem(Base):
    """A record's place in a collection, with the curator's words about it."""

    __tablename__ = "collection_item"
    __table_args__ = (UniqueConstraint("collection_id", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), index=True
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    position: Mapped[int]
    note: Mapped[str]  # Markdown

    record: Mapped[Record] = relationship()
