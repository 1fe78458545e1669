"""People, what they may do where, and what they sign in by.

Of what opens a door (a session, a link, a token of a program) only the sha256 is kept: whoever
reads the database cannot sign in with what stands there.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import Errand, Role


class User(Base):
    """A person who signs in."""

    __tablename__ = "user"
    # What a person did stays theirs: a number is never given to somebody else.
    __table_args__ = (
        CheckConstraint("email <> ''", name="email_not_empty"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # in lower case
    name: Mapped[str]
    language: Mapped[str]  # BCP 47, of their pages and mails; empty while they have not chosen
    created: Mapped[Moment]
    disabled: Mapped[datetime | None] = mapped_column(UTCDateTime())
    password_hash: Mapped[str | None]  # argon2id
    password_set: Mapped[datetime | None] = mapped_column(UTCDateTime())
    oidc: Mapped[str | None] = mapped_column(unique=True)  # issuer and subject, a space between
    totp_secret: Mapped[str | None]  # base32
    totp_since: Mapped[datetime | None] = mapped_column(UTCDateTime())  # None until confirmed
    totp_step: Mapped[int | None]  # the last one used, so that no code counts twice

    grants: Mapped[list["RoleGrant"]] = relationship(
        cascade="all, delete-orphan", order_by="RoleGrant.id"
    )


class RoleGrant(Base):
    """A role of a person, within a place; an empty field stands for anywhere."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "country", "admin1", "admin2", "facility"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role]
    country: Mapped[str]  # ISO 3166-1 alpha-3
    admin1: Mapped[str]
    admin2: Mapped[str]
    facility: Mapped[str]
    at: Mapped[Moment]
    by: Mapped[str]


class SignIn(Base):
    """A browser that somebody is signed in with, until they sign out or somebody ends it."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hex
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    at: Mapped[Moment]
    seen: Mapped[Moment]  # to the day
    expires: Mapped[datetime] = mapped_column(UTCDateTime())
    device: Mapped[str]  # such as “Firefox on Android”, for its owner to know it by


class Ticket(Base):
    """A link that opens one thing once: an invitation, a new password, an approval."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Errand]
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hex
    mailed_sha256: Mapped[str | None] = mapped_column(unique=True)  # of the link that was mailed
    email: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), index=True
    )
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[Moment]
    by: Mapped[str]
    expires: Mapped[datetime] = mapped_column(UTCDateTime())
    used: Mapped[datetime | None] = mapped_column(UTCDateTime())


class LinkMail(Base):
    """A mail with a link that waits to be sent; it goes when the mail server has taken it.

    It holds no secret: the link is made when the mail is written, and kept nowhere.
    """

    __tablename__ = "link_mail"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    kind: Mapped[Errand]
    email: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), index=True
    )  # None for a new password: only who writes the mail asks whether there is an account
    language: Mapped[str]  # BCP 47, of the mail
    base: Mapped[str]  # address of the library, without a slash, as whoever asked reached it
    due: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    failed: Mapped[str] = mapped_column(default="")  # why the last try failed, for the operator


class ApiToken(Base):
    """What a person's program signs in by, for as much as its scopes say."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hex
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]  # what it is for, in its owner's words
    scopes: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[Moment]
    expires: Mapped[datetime] = mapped_column(UTCDateTime())


class FailedSignIn(Base):
    """A sign-in that failed: whose, as a hash, and when; forgotten after a day."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # sha256 of an e-mail address, or keyed one of a network address
    at: Mapped[Moment]
