"""What people are told, once each: written in the transaction of what happened, sent later.

A notice says that something happened and where to look. It repeats nothing of what was written:
a mail is read by many computers, and a story may be taken back before anybody reads of it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kb.db import utcnow
from kb.errors import NotFoundError
from kb.models import Notice, NoticeChoice, User
from kb.vocabulary import DigestEvery, NoticeKind
from kb.wording import marked

SECRET_BYTES = 24
# From one try of a mail to the next; then it is given up, and stays on the page of notices.
WAITS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=4),
    timedelta(hours=24),
    timedelta(days=3),
)
OLDEST = timedelta(days=7)  # that is still mailed, when a mail server comes late
CLAIMED = timedelta(hours=1)  # a mail whose sender died is tried again after that
LATEST = 100
# What somebody hears because they follow something: one button ends both.
OF_FOLLOWING = (NoticeKind.DIGEST, NoticeKind.LETTER)


def write(
    session: Session,
    user_ids: Iterable[int],
    kind: NoticeKind,
    *,
    link: str,
    record_id: int | None = None,
    without: int | None = None,
    **detail: int | str,
) -> None:
    """Tell these people; `without` is whoever did it and knows.

    `link` is the path of the page to look at; `detail` holds numbers and dates, never words of a
    record or of a person.
    """
    told = [user_id for user_id in dict.fromkeys(user_ids) if user_id != without]
    if not told:
        return
    refuse = select(NoticeChoice.user_id).where(
        NoticeChoice.user_id.in_(told), NoticeChoice.by_mail.is_(False)
    )
    by_page = set(session.scalars(refuse))
    now = utcnow()
    session.add_all(
        Notice(
            user_id=user_id,
            kind=kind,
            record_id=record_id,
            link=link,
            detail=detail,
            at=now,
            mail_due=None if user_id in by_page and kind not in OF_FOLLOWING else now,
            tries=0,
            mail_failed="",
        )
        for user_id in told
    )


def latest(session: Session, user_id: int, *, limit: int = LATEST) -> Sequence[Notice]:
    """Return what the person was told, the newest first."""
    query = select(Notice).filter_by(user_id=user_id).order_by(Notice.id.desc()).limit(limit)
    return session.scalars(query).all()


def unseen(session: Session, user_id: int) -> int:
    """Return how many notices the person has not looked at."""
    query = select(func.count()).where(Notice.user_id == user_id, Notice.seen.is_(None))
    return session.scalar(query) or 0


def see(session: Session, user_id: int, *, upto: int) -> None:
    """Write down that the person saw all notices up to this one; no newer one is lost.

    What was seen is not mailed any more.
    """
    session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.id <= upto, Notice.seen.is_(None))
        .values(seen=utcnow(), mail_due=None)
    )


def choice(session: Session, user_id: int) -> NoticeChoice:
    """Return how the person wants to be told; whoever never said so hears by mail and weekly."""
    found = session.get(NoticeChoice, user_id)
    if found is None:
        found = NoticeChoice(
            user_id=user_id,
            by_mail=True,
            digest=DigestEvery.WEEK,
            digest_until=utcnow(),
            stop_token=token_urlsafe(SECRET_BYTES),
        )
        session.add(found)
        session.flush()
    return found


def chosen(session: Session, user_id: int) -> tuple[bool, DigestEvery]:
    """Return whether the person hears by mail, and how often of what is new; nothing is written."""
    found = session.get(NoticeChoice, user_id)
    return (found.by_mail, found.digest) if found else (True, DigestEvery.WEEK)


def has_feeds(session: Session, user_id: int) -> bool:
    """Tell whether the person's feeds have an address."""
    found = session.get(NoticeChoice, user_id)
    return found is not None and found.feed_sha256 is not None


def choose(session: Session, user_id: int, *, by_mail: bool, digest: DigestEvery) -> None:
    """Keep how the person wants to be told. A digest that begins does not tell of old stories."""
    kept = choice(session, user_id)
    if kept.digest is DigestEvery.NEVER and digest is not DigestEvery.NEVER:
        kept.digest_until = utcnow()
    kept.by_mail, kept.digest = by_mail, digest
    if not by_mail:
        _recall(session, user_id, Notice.kind.not_in(OF_FOLLOWING))
    if digest is DigestEvery.NEVER:
        _recall(session, user_id, Notice.kind.in_(OF_FOLLOWING))


def stop(session: Session, token: str, *, digest: bool) -> None:
    """End the digests of whoever got this token in a mail, or else their other mails.

    Raises:
        NotFoundError: nobody has this token.
    """
    kept = session.scalar(select(NoticeChoice).where(NoticeChoice.stop_token == token))
    if kept is None:
        raise NotFoundError(
            marked("This address ends no mails."),
            hint=marked("Sign in and choose on the page of your notices."),
        )
    choose(
        session,
        kept.user_id,
        by_mail=kept.by_mail and digest,
        digest=DigestEvery.NEVER if digest else kept.digest,
    )


def renew_feeds(session: Session, user_id: int) -> str:
    """Return a new secret for the addresses of the person's feeds; the old one ends.

    Only its sha256 is kept, so that it can be shown now and never again.
    """
    secret = token_urlsafe(SECRET_BYTES)
    choice(session, user_id).feed_sha256 = _hashed(secret)
    session.flush()
    return secret


def end_feeds(session: Session, user_id: int) -> None:
    """End the addresses of the person's feeds."""
    choice(session, user_id).feed_sha256 = None


def owner_of_feeds(session: Session, secret: str) -> User:
    """Return whose feeds have this secret address.

    Raises:
        NotFoundError: nobody's, or it was renewed, or the account is closed.
    """
    query = (
        select(User)
        .join(NoticeChoice, NoticeChoice.user_id == User.id)
        .where(NoticeChoice.feed_sha256 == _hashed(secret), User.disabled.is_(None))
    )
    user = session.scalar(query)
    if user is None:
        raise NotFoundError(
            marked("There is no such feed, or its address was renewed."),
            hint=marked(
                "Sign in, and take the address of your feed from the page of your notices."
            ),
        )
    return user


def claim(session: Session, now: datetime) -> tuple[Notice, User] | None:
    """Return the next notice to mail, and to whom; nobody else gets it within the hour.

    The caller commits before it speaks to a mail server, so that no lock waits for one, and then
    says `mailed`, `try_later` or `give_up`.
    """
    query = (
        select(Notice, User)
        .join(User, User.id == Notice.user_id)
        .where(Notice.mail_due <= now, Notice.at > now - OLDEST, User.disabled.is_(None))
        .order_by(Notice.mail_due, Notice.id)
        .limit(1)
        .with_for_update(of=Notice, skip_locked=True)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    notice, user = found
    notice.mail_due = now + CLAIMED
    notice.tries += 1
    session.flush()
    return notice, user


def claim_beside(session: Session, claimed: Notice, now: datetime) -> Sequence[Notice]:
    """Claim what else waits to be mailed to the same person: one mail tells it all.

    Who becomes a curator where thirty requests are open gets one mail, not thirty. A digest goes
    alone.
    """
    if claimed.kind in OF_FOLLOWING:
        return []
    query = (
        select(Notice)
        .where(
            Notice.user_id == claimed.user_id,
            Notice.id != claimed.id,
            Notice.kind.not_in(OF_FOLLOWING),
            Notice.mail_due <= now,
            Notice.at > now - OLDEST,
        )
        .order_by(Notice.id)
        .with_for_update(skip_locked=True)
    )
    others = session.scalars(query).all()
    for other in others:
        other.mail_due = now + CLAIMED
        other.tries += 1
    session.flush()
    return others


def mailed(session: Session, notice_id: int, now: datetime) -> None:
    """Write down that the mail server has taken the mail."""
    session.execute(
        update(Notice)
        .where(Notice.id == notice_id)
        .values(mailed=now, mail_due=None, mail_failed="")
    )


def try_later(session: Session, notice_id: int, now: datetime, why: str) -> None:
    """Set when a mail that could not be sent is tried again; after the last try it is given up."""
    notice = session.get_one(Notice, notice_id)
    wait = WAITS[notice.tries - 1] if notice.tries <= len(WAITS) else None
    notice.mail_due = now + wait if wait is not None else None
    notice.mail_failed = why


def give_up(session: Session, notice_id: int, why: str) -> None:
    """Send this notice by mail no more: the server does not take mail for the address."""
    session.execute(
        update(Notice).where(Notice.id == notice_id).values(mail_due=None, mail_failed=why)
    )


def _recall(session: Session, user_id: int, which: object) -> None:
    """Take back what waits to be mailed to somebody who wants no more of it."""
    session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.mail_due.is_not(None), which)  # type: ignore[arg-type]
        .values(mail_due=None)
    )


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
