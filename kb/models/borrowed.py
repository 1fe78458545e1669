"""What has its home in another library, and where the two no longer say the same."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import Became


class Borrowed(Base):
    """What the home of a record last said of it; its address there is the record's origin."""

    __tablename__ = "borrowed"
    __table_args__ = (CheckConstraint("library <> ''", name="library_not_empty"),)

    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    library: Mapped[str]  # the name of its home
    via: Mapped[str]  # of the library that brought it, where that is another one
    at: Mapped[Moment]
    fingerprint: Mapped[str] = mapped_column(index=True)  # sha256 of what it tells, hex
    said: Mapped[dict[str, Any]] = mapped_column(JSON)  # `kb.content.Record`, as taken in here


class Conflict(Base):
    """A record was changed at its home and here: what its home says, and what was decided."""

    __tablename__ = "conflict"
    __table_args__ = (
        UniqueConstraint("record_id", "fingerprint"),
        CheckConstraint("decision in ('', 'ours', 'theirs')", name="decision_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    fingerprint: Mapped[str]  # sha256 of what its home tells, hex
    said: Mapped[dict[str, Any]] = mapped_column(JSON)  # `kb.content.Record`
    decision: Mapped[str] = mapped_column(default="")  # ours or theirs; empty while it is open
    decided_by: Mapped[str] = mapped_column(default="")
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())
    batch_id: Mapped[int | None]  # of the decision


class BorrowedCollection(Base):
    """What the home of a collection last said of it, as taken in here.

    `said`, `newer` and `before` are `kb.editions.Content` with the numbers that records have here.
    """

    __tablename__ = "borrowed_collection"
    __table_args__ = (CheckConstraint("library <> ''", name="library_not_empty"),)

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True
    )
    library: Mapped[str]  # the name of its home
    via: Mapped[str]  # of the library that brought it, where that is another one
    origin: Mapped[str] = mapped_column(unique=True)  # its address there
    edition: Mapped[int]  # there
    at: Mapped[Moment]
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    # What its home says since, where it was changed here too: it waits for a decision.
    newer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Parts whose records did not come: place in its order, origin, and the words about them.
    missing: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    batch_id: Mapped[int | None] = mapped_column(index=True)  # the last that did something to it
    became: Mapped[Became]  # by that batch
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
