"""Mails with a link that wait to be sent: none is lost, and no secret waits with them.

What is kept says whom a link is for. The link itself is made when the mail is written, in the
memory of whoever writes it; of it only the sha256 is kept, so that nobody who reads the database,
or a backup of it, finds a link that opens something.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb import tickets
from kb.db import utcnow
from kb.models import LinkMail, Ticket
from kb.notices import CLAIMED, WAITS
from kb.secrets import kept, new_token
from kb.vocabulary import Errand


def wait(
    session: Session, kind: Errand, email: str, *, secret: str = "", language: str, base: str
) -> None:
    """Let a mail with a link wait; `secret` is that of the link it stands for, if there is one.

    A new password may be asked for by anybody, for any address: whether there is an account is
    asked when the mail is written, so that nothing tells from how long an answer takes. More than
    a few for one address wait for nobody.
    """
    waiting = select(func.count()).select_from(LinkMail).where(LinkMail.email == email)
    if kind is Errand.RESET and (session.scalar(waiting) or 0) >= tickets.RESETS:
        return
    ticket = tickets.look(session, secret, kind) if secret else None
    session.add(
        LinkMail(
            kind=kind,
            email=email,
            ticket_id=ticket.id if ticket else None,
            language=language,
            base=base,
            due=utcnow(),
        )
    )


def claim(session: Session, now: datetime) -> LinkMail | None:
    """Return the next mail to write; nobody else gets it within the hour.

    The caller commits before it speaks to a mail server, and then says `sent` or `try_later`.
    """
    query = select(LinkMail).where(LinkMail.due <= now).order_by(LinkMail.due, LinkMail.id).limit(1)
    mail = session.scalar(query.with_for_update(skip_locked=True))
    if mail is not None:
        mail.due = now + CLAIMED
        mail.tries += 1
        session.flush()
    return mail


def secret_for(session: Session, mail: LinkMail) -> str | None:
    """Return the secret of the link that a mail carries; None where nothing is to be opened.

    Each try makes a new one, and the last one counts.
    """
    if mail.kind is Errand.RESET:
        return tickets.ask_reset(session, mail.email)
    ticket = session.get(Ticket, mail.ticket_id) if mail.ticket_id is not None else None
    if ticket is None or ticket.used is not None or ticket.expires < utcnow():
        return None
    secret = new_token()
    ticket.mailed_sha256 = kept(secret)
    return secret


def sent(session: Session, mail_id: int) -> None:
    """Forget the mail: the server has taken it, will never, or there is nothing to open."""
    session.execute(delete(LinkMail).where(LinkMail.id == mail_id))


def try_later(session: Session, mail_id: int, secret: str, now: datetime, why: str) -> bool:
    """Let a mail that could not be sent wait, and its link open nothing; tell whether it waits.

    After the last try it is given up: whoever asked has a link to hand over, or asks again.
    """
    session.execute(
        delete(Ticket).where(Ticket.kind == Errand.RESET, Ticket.token_sha256 == kept(secret))
    )
    mail = session.get(LinkMail, mail_id)
    if mail is None:
        return False
    if mail.tries > len(WAITS):
        session.delete(mail)
        return False
    mail.due, mail.failed = now + WAITS[mail.tries - 1], why
    return True
