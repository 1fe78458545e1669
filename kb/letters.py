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
from kb.models import Letter, Ticket
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
    waiting = select(func.count()).select_from(Letter).where(Letter.email == email)
    if kind is Errand.RESET and (session.scalar(waiting) or 0) >= tickets.RESETS:
        return
    ticket = tickets.look(session, secret, kind) if secret else None
    session.add(
        Letter(
            kind=kind,
            email=email,
            ticket_id=ticket.id if ticket else None,
            language=language,
            base=base,
            due=utcnow(),
        )
    )


def claim(session: Session, now: datetime) -> Letter | None:
    """Return the next letter to write; nobody else gets it within the hour.

    The caller commits before it speaks to a mail server, and then says `sent` or `try_later`.
    """
    query = select(Letter).where(Letter.due <= now).order_by(Letter.due, Letter.id).limit(1)
    letter = session.scalar(query.with_for_update(skip_locked=True))
    if letter is not None:
        letter.due = now + CLAIMED
        letter.tries += 1
        session.flush()
    return letter


def secret_for(session: Session, letter: Letter) -> str | None:
    """Return the secret of the link that a letter carries; None where nothing is to be opened.

    Each try makes a new one, and the last one counts.
    """
    if letter.kind is Errand.RESET:
        return tickets.ask_reset(session, letter.email)
    ticket = session.get(Ticket, letter.ticket_id) if letter.ticket_id is not None else None
    if ticket is None or ticket.used is not None or ticket.expires < utcnow():
        return None
    secret = new_token()
    ticket.mailed_sha256 = kept(secret)
    return secret


def sent(session: Session, letter_id: int) -> None:
    """Forget the letter: the server has taken it, will never, or there is nothing to open."""
    session.execute(delete(Letter).where(Letter.id == letter_id))


def try_later(session: Session, letter_id: int, secret: str, now: datetime, why: str) -> bool:
    """Let a letter that could not be sent wait, and its link open nothing; tell whether it waits.

    After the last try it is given up: whoever asked has a link to hand over, or asks again.
    """
    session.execute(
        delete(Ticket).where(Ticket.kind == Errand.RESET, Ticket.token_sha256 == kept(secret))
    )
    letter = session.get(Letter, letter_id)
    if letter is None:
        return False
    if letter.tries > len(WAITS):
        session.delete(letter)
        return False
    letter.due, letter.failed = now + WAITS[letter.tries - 1], why
    return True
