"""Links that open one thing once: an invitation, a new password, an approval."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb import history, sign_in, users
from kb.db import utcnow
from kb.errors import ConflictError, NotFoundError
from kb.models import Record, Ticket, User
from kb.people import Grant
from kb.secrets import kept, new_token
from kb.vocabulary import Errand, Role
from kb.wording import marked

LASTS: Final = {
    Errand.INVITATION: timedelta(days=14),
    Errand.RESET: timedelta(minutes=30),
    Errand.APPROVAL: timedelta(days=30),
    Errand.OIDC: timedelta(minutes=10),
}
APPROVED, REFUSED = "approved by link", "not approved by link"  # verbs of events
RESETS = 3  # open links for a new password; who asks more often gets no more mails


def issue(
    session: Session,
    errand: Errand,
    *,
    email: str = "",
    user: User | None = None,
    record_id: int | None = None,
    by: str,
    **detail: Any,
) -> str:
    """Return the secret of a new link."""
    token = new_token()
    session.add(
        Ticket(
            kind=errand,
            token_sha256=kept(token),
            email=email or (user.email if user else ""),
            user_id=user.id if user else None,
            record_id=record_id,
            detail=detail,
            by=by,
            expires=utcnow() + LASTS[errand],
        )
    )
    return token


def look(session: Session, token: str, errand: Errand) -> Ticket:
    """Return what a link is for, without using it up.

    Raises:
        NotFoundError: there is no such link, it was used, or its time is over.
    """
    hashed = kept(token)
    either = or_(Ticket.token_sha256 == hashed, Ticket.mailed_sha256 == hashed)
    row = session.scalar(select(Ticket).where(either, Ticket.kind == errand))
    if row is None or row.used is not None or row.expires < utcnow():
        raise NotFoundError(
            marked("This link was used already, or its time is over."),
            hint=marked("Ask whoever sent it for a new one."),
        )
    return row


def use(session: Session, token: str, errand: Errand) -> Ticket:
    """Return what a link is for, and let it open nothing any more.

    Raises:
        NotFoundError: there is no such link, it was used, or its time is over.
    """
    row = look(session, token, errand)
    row.used = utcnow()
    session.flush()
    return row


def invite(
    session: Session, email: str, grants: Iterable[Grant], *, name: str = "", by: str
) -> str:
    """Return the secret of a link by which `email` opens an account with these roles.

    Raises:
        InvalidError: that is no e-mail address, or a role is of no place.
        ConflictError: it has an account.
    """
    address = users.address_of(email)
    if users.find(session, address) is not None:
        raise ConflictError(
            marked("There is an account of %(address)s already.", address=address),
            hint=marked("Give that one the role."),
        )
    given = [asdict(users.placed(session, one)) for one in grants]
    history.happened(session, "invited", by=by, account=address)
    return issue(session, Errand.INVITATION, email=address, by=by, grants=given, name=name)


def invitations(session: Session) -> Sequence[Ticket]:
    """Return the invitations that nobody has taken up yet, the newest first."""
    query = select(Ticket).filter_by(kind=Errand.INVITATION, used=None)
    return session.scalars(query.where(Ticket.expires > utcnow()).order_by(Ticket.id.desc())).all()


def grants_in(invitation: Ticket) -> list[Grant]:
    """Return the roles that an invitation promises."""
    said = map(dict, invitation.detail["grants"])
    return [Grant(Role(one.pop("role")), **one) for one in said]


def promised(session: Session, ticket_id: int) -> list[Grant]:
    """Return the roles that an open invitation promises.

    Raises:
        NotFoundError: there is no such invitation.
    """
    return grants_in(_open_invitation(session, ticket_id))


def call_back(session: Session, ticket_id: int, *, by: str) -> None:
    """Let an invitation open nothing any more."""
    row = _open_invitation(session, ticket_id)
    row.used = utcnow()
    history.happened(session, "invitation called back", by=by, account=row.email)


def no_such_invitation() -> NotFoundError:
    """Return what is said of an invitation that is not there, or that somebody may not know of."""
    return NotFoundError(
        marked("There is no such invitation."), hint=marked("It may have been taken up.")
    )


def _open_invitation(session: Session, ticket_id: int) -> Ticket:
    row = session.get(Ticket, ticket_id)
    if row is None or row.kind is not Errand.INVITATION or row.used is not None:
        raise no_such_invitation()
    return row


def accept(session: Session, token: str, *, name: str, password: str, language: str = "") -> User:
    """Open the account that an invitation promises, and return it.

    Raises:
        NotFoundError: the link was used, or its time is over.
        InvalidError: the password will not do.
        ConflictError: the address has an account by now.
    """
    row = look(session, token, Errand.INVITATION)
    user = _taken_up(session, row, name=name, language=language)
    sign_in.choose_password(session, user, password, by=user.email)
    return user


def _taken_up(session: Session, row: Ticket, *, name: str, language: str) -> User:
    row.used = utcnow()
    return users.add(
        session,
        row.email,
        name=name or row.detail.get("name", ""),
        grants=grants_in(row),
        language=language,
        by=row.by,
    )


def known_elsewhere(
    session: Session, *, subject: str, email: str, name: str, language: str = ""
) -> User | None:
    """Return the account of whom another server knows as `subject`; None where there is none.

    `email` is an address that the server has verified, or empty. By it an account is known the
    first time, or an open invitation is taken up; from then on only `subject` counts, because an
    address may be given to somebody else one day. A closed account stays closed.
    """
    user = session.scalar(select(User).filter_by(oidc=subject))
    if user is None and email:
        user = users.find(session, email)
        if user is not None and user.oidc is not None:  # it is somebody else's there
            return None
        user = user or _invited(session, email, name=name, language=language)
        if user is not None:
            user.oidc = subject
            history.happened(session, "known elsewhere", by=user.email, server=subject)
    return user if user is not None and user.disabled is None else None


def _invited(session: Session, email: str, *, name: str, language: str) -> User | None:
    query = select(Ticket).filter_by(
        kind=Errand.INVITATION, email=users.address_of(email), used=None
    )
    row = session.scalar(query.where(Ticket.expires > utcnow()).order_by(Ticket.id.desc()))
    return _taken_up(session, row, name=name, language=language) if row is not None else None


def ask_reset(session: Session, email: str, *, by: str = "") -> str | None:
    """Return the secret of a link for a new password; None where no account may have one.

    Whoever asks is told the same in either case.
    """
    user = users.find(session, email)
    if user is None or user.disabled is not None:
        return None
    open_ones = select(Ticket).filter_by(kind=Errand.RESET, user_id=user.id, used=None)
    rows = session.scalars(open_ones.where(Ticket.expires > utcnow())).all()
    if len(rows) >= RESETS and not by:
        return None
    history.happened(session, "new password asked", by=by or user.email, account=user.email)
    return issue(session, Errand.RESET, user=user, by=by or user.email)


def reset(session: Session, token: str, password: str) -> User:
    """Give an account the new password that its link allows; its other links end too.

    Raises:
        NotFoundError: the link was used, or its time is over.
        InvalidError: the password will not do; the link still works.
    """
    row = look(session, token, Errand.RESET)
    assert row.user_id is not None
    user = users.get(session, row.user_id)
    sign_in.choose_password(session, user, password, by=user.email)
    for other in session.scalars(
        select(Ticket).filter_by(kind=Errand.RESET, user_id=user.id, used=None)
    ):
        other.used = utcnow()
    return user


def ask_approval(session: Session, record: Record, email: str, *, by: str) -> str:
    """Return the secret of a link by which somebody without an account approves a record.

    Raises:
        InvalidError: that is no e-mail address.
    """
    address = users.address_of(email)
    history.happened(session, "approval asked", by=by, record=record, of=address)
    return issue(
        session,
        Errand.APPROVAL,
        email=address,
        record_id=record.id,
        by=by,
        version=record.version,
    )


def is_asked(session: Session, record_id: int, emails: Iterable[str]) -> bool:
    """Tell whether one of these was asked to approve the record, and can still answer."""
    query = select(Ticket.id).where(
        Ticket.kind == Errand.APPROVAL,
        Ticket.record_id == record_id,
        Ticket.email.in_(set(emails)),
        Ticket.used.is_(None),
        Ticket.expires > utcnow(),
    )
    return session.scalar(query.limit(1)) is not None


def answer_approval(session: Session, token: str, *, approved: bool, words: str) -> Ticket:
    """Keep what somebody says of the record that a link showed them.

    Raises:
        NotFoundError: the link was used, or its time is over.
    """
    row = use(session, token, Errand.APPROVAL)
    record = session.get(Record, row.record_id)
    verb = APPROVED if approved else REFUSED
    version = str(row.detail["version"])
    history.happened(session, verb, by=row.email, record=record, version=version, words=words)
    return row
