"""Records put together for a purpose: what curators work on, and the editions readers see."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.models.records import Record
from kb.vocabulary import Clearance, CollectionKind, PartKind, Status


class Collection(Base):
    """Records put together for a purpose: a reading list, a change package, a synthesis brief.

    What stands here is the curator's working copy; readers see its newest `Edition`.
    """

    __tablename__ = "collection"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title_not_empty"),
        CheckConstraint("least_places >= 0", name="least_places_range"),
        # The number of one that was thrown away stands in the history: none is given twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # of title, purpose and what else stands here
    created: Mapped[Moment]
    kind: Mapped[CollectionKind] = mapped_column(default=CollectionKind.READING_LIST)
    title: Mapped[str]
    purpose: Mapped[str]  # Markdown
    language: Mapped[str]  # BCP 47, of the curator's words
    audience: Mapped[list[str]] = mapped_column(JSON, default=list)  # values of that facet
    licence: Mapped[str] = mapped_column(default="")  # SPDX, of the whole; empty: the library's
    thanks: Mapped[str] = mapped_column(default="")  # Markdown, beside credits made from records
    # Places in which a kind of change was kept, from which its ideas stand in the table.
    least_places: Mapped[int] = mapped_column(default=1)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # of kb.choices
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    published: Mapped[datetime | None] = mapped_column(UTCDateTime())  # for the first time
    based_on_id: Mapped[int | None] = mapped_column(
        ForeignKey("collection.id", ondelete="SET NULL"), index=True
    )
    based_on_edition: Mapped[int | None]

    parts: Mapped[list["CollectionPart"]] = relationship(
        cascade="all, delete-orphan", order_by="CollectionPart.position"
    )
    editions: Mapped[list["Edition"]] = relationship(
        cascade="all, delete-orphan", order_by="Edition.number"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's name


class CollectionPart(Base):
    """One part of a collection: a record, words, or what is made from its records."""

    __tablename__ = "collection_part"
    __table_args__ = (
        UniqueConstraint("collection_id", "record_id"),
        CheckConstraint("(kind = 'record') = (record_id is not null)", name="record_where_named"),
        # An edition names its parts by their numbers: none is given twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # of its words and its place
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    kind: Mapped[PartKind] = mapped_column(default=PartKind.RECORD)
    heading: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")  # Markdown, the curator's
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    clearance: Mapped[Clearance] = mapped_column(default=Clearance.BY_LICENCE)
    clearance_note: Mapped[str] = mapped_column(default="")  # who permitted it, when

    record: Mapped[Record | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's name


class Edition(Base):
    """A collection as it was published once: the JSON of `kb.editions.Content`. Never changed."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("collection_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]  # 1, 2, …
    at: Mapped[Moment]
    by: Mapped[str]
    note: Mapped[str]  # what is new, in the curator's words
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
