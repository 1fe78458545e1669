"""What goes between people: requests and questions, notices, and what somebody follows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import (
    DigestEvery,
    EnquiryKind,
    EnquiryState,
    FollowKind,
    Level,
    NoticeKind,
    Speaker,
)


class Enquiry(Base):
    """Help that is asked of a level above, or a question to the team of a record.

    It outlives the words of the story it came from, and the story itself.
    """

    __tablename__ = "enquiry"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text_not_empty"),
        CheckConstraint("kind <> 'support' or level is not null", name="support_of_a_level"),
        Index("ix_enquiry_kind_state_since", "kind", "state", "since"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EnquiryKind]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    asked_by: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    from_story: Mapped[bool]  # a story says it; else somebody wrote it here
    text: Mapped[str]
    state: Mapped[EnquiryState]
    at: Mapped[Moment]
    since: Mapped[Moment]  # it waits for the level that is asked now
    closed: Mapped[datetime | None] = mapped_column(UTCDateTime())

    # Of a request for help: whom it asks, now and at first, and for where.
    level: Mapped[Level | None]  # district, region or national
    first_level: Mapped[Level | None]
    overdue: Mapped[datetime | None] = mapped_column(UTCDateTime())  # the last level did not answer
    country: Mapped[str] = mapped_column(index=True)  # ISO 3166-1 alpha-3, or empty
    admin1: Mapped[str]
    admin2: Mapped[str]

    messages: Mapped[list["EnquiryMessage"]] = relationship(
        cascade="all, delete-orphan", order_by="EnquiryMessage.id"
    )


class EnquiryMessage(Base):
    """What one side says in an enquiry, or that it went to the level above."""

    __tablename__ = "enquiry_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    enquiry_id: Mapped[int] = mapped_column(
        ForeignKey("enquiry.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[Moment]
    speaker: Mapped[Speaker]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    text: Mapped[str]  # empty where it only went on to `level`
    records: Mapped[list[int]] = mapped_column(JSON)  # that may help
    level: Mapped[Level | None]


class Notice(Base):
    """Something that a person is told, once: on their page, in their feed and by mail.

    It holds no words of a record, which may have been taken back when somebody reads it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_id_seen", "user_id", "seen"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    kind: Mapped[NoticeKind]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), index=True
    )
    link: Mapped[str]  # path of the page to look at
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # numbers and dates, never words
    seen: Mapped[datetime | None] = mapped_column(UTCDateTime())

    # By mail: when it is to be tried next; None when there is nothing to send any more.
    mail_due: Mapped[datetime | None] = mapped_column(UTCDateTime(), index=True)
    mailed: Mapped[datetime | None] = mapped_column(UTCDateTime())
    tries: Mapped[int] = mapped_column(default=0)
    mail_failed: Mapped[str] = mapped_column(default="")  # why, for the operator


class NoticeChoice(Base):
    """How somebody wants to be told, and the secrets of the addresses that need no sign-in."""

    __tablename__ = "notice_choice"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    by_mail: Mapped[bool]
    digest: Mapped[DigestEvery]
    digest_until: Mapped[Moment]  # what was published up to then was told of
    stop_token: Mapped[str] = mapped_column(unique=True)  # can do nothing but end mails
    feed_sha256: Mapped[str | None] = mapped_column(unique=True)  # hex, of the secret of the feeds


class Follow(Base):
    """What somebody wants to hear of: a topic, an intervention, a place or a record."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "value"),
        CheckConstraint("value <> ''", name="value_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[FollowKind]
    value: Mapped[
        str
    ]  # a notation; a country code, or code/region/district; the number of a record
    at: Mapped[Moment]


class Newsletter(Base):
    """A letter of the library to those who follow something; once sent it stays as it is."""

    __tablename__ = "newsletter"
    # An id outlives its row: it stands in mails.
    __table_args__ = (
        CheckConstraint("title <> ''", name="title_not_empty"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    title: Mapped[str]
    words: Mapped[str]  # of its curator, plain text; paragraphs between empty lines
    language: Mapped[str]  # of title and words
    record_ids: Mapped[list[int]] = mapped_column(JSON)  # the stories, in their order
    sent: Mapped[datetime | None] = mapped_column(UTCDateTime(), index=True)
