"""Stories that are being told."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, Moment


class StoryDraft(Base):
    """A story while its team tells it: the answers by their codes, and what was agreed.

    It is a record only once it was sent in; then it stays beside the record, so that what the
    library asks back can be answered in the same place.
    """

    __tablename__ = "story_draft"
    # An id outlives its row: it stands in the browsers of those who told it.
    __table_args__ = (
        CheckConstraint("kind <> ''", name="kind_not_empty"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # counts saves, guards against lost ones
    created: Mapped[Moment]
    updated: Mapped[Moment]
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    by: Mapped[str] = mapped_column(index=True)  # whose it is where nobody signs in

    kind: Mapped[str]  # of the template: facility, district, national or brief
    language: Mapped[str]  # BCP 47, of the questions
    path: Mapped[str]  # which questions are asked: quick, whole or missing
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)  # by code: a text, or rows of numbers
    saved: Mapped[dict[str, int]] = mapped_column(JSON)  # by step: the version it came with
    beside: Mapped[list[list[str]]] = mapped_column(JSON)  # heading and text nothing asks for
    photos: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    agreed: Mapped[dict[str, Any]] = mapped_column(JSON)  # naming, visibility and consent
    hidden: Mapped[list[list[str]]] = mapped_column(JSON)  # what its document hides

    sha256: Mapped[str | None] = mapped_column(ForeignKey("source_file.sha256"))
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), unique=True
    )
    sent: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # `answers` then

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's name
