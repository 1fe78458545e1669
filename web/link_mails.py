"""Send the mails that carry a link: at once if the server takes them, else when it does."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kb import link_mails, tickets
from kb.db import utcnow
from kb.errors import NotReadyError
from kb.vocabulary import Errand
from kb.wording import marked
from web import mail, telling_people
from web.library import Library
from web.names import Names

MOST_A_RUN = 200
AWAY = 3  # that fail in a row: then the server is away, and the others wait for the next run

# For each errand: the path before the secret, the subject, the text.
SAID: Final = {
    Errand.INVITATION: (
        "/invitation/",
        marked("An invitation"),
        marked(
            "You are invited to %(library)s, a library of what health workers tried to make care "
            "better. Open this link to choose a password. It works once, for two weeks.\n\n"
            "%(link)s"
        ),
    ),
    Errand.RESET: (
        "/password/",
        marked("A new password"),
        marked(
            "Somebody asked for a new password for your account in %(library)s. If it was you, "
            "open this link within %(minutes)s minutes. It works once.\n\n%(link)s\n\nIf it was "
            "not you, do nothing: your password stays."
        ),
    ),
    Errand.APPROVAL: (
        "/approval/",
        marked("A story to look at"),
        marked(
            "Somebody at %(library)s asks you to read a story before others see it, and to say "
            "whether you agree. You need no account. The link works for 30 days.\n\n%(link)s"
        ),
    ),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that is ready to go; its secret is nowhere else."""

    mail_id: int
    key: str  # of its Message-ID: another link is another mail
    secret: str
    to: str
    subject: str
    text: str


def send_waiting(library: Library, *, now: datetime | None = None) -> int:
    """Send the mails that wait; return how many the server took.

    No transaction is open while a mail server is spoken to.
    """
    if not mail.is_set_up(library.settings):
        return 0
    sent = failed = 0
    while sent < MOST_A_RUN and failed < AWAY:  # asked first: what is claimed is out for an hour
        written = _next(library, now or utcnow())
        if written is None:
            break
        taken = _send(library, written)
        sent += taken
        failed = 0 if taken else failed + 1
    return sent


def _next(library: Library, now: datetime) -> Written | None:
    """Claim the next mail and write it; one that opens nothing any more is forgotten."""
    while True:
        with library.writing() as session:
            one = link_mails.claim(session, now)
            if one is None:
                return None
            secret = link_mails.secret_for(session, one)
            if secret is None:
                link_mails.sent(session, one.id)
                session.commit()
                continue
            names = telling_people.names_for(library, one.language)
            subject, text = _said(library, names, one.kind, one.base, secret)
            key = f"link-{one.id}-{one.tries}"
            written = Written(one.id, key, secret, one.email, subject, text)
            session.commit()
            return written


def _said(library: Library, names: Names, kind: Errand, base: str, secret: str) -> tuple[str, str]:
    path, subject, text = SAID[kind]
    minutes = round(tickets.LASTS[kind].total_seconds() / 60)
    values = {
        "library": library.site.name,
        "minutes": names.number(minutes),
        "link": f"{base}{path}{secret}",
    }
    return names.gettext(subject), names.gettext(text) % values


def _send(library: Library, one: Written) -> bool:
    waits = False
    try:
        mail.send(library, to=one.to, subject=one.subject, text=one.text, name=one.key)
    except (NotReadyError, mail.RefusedError) as error:
        with library.writing() as session:
            if isinstance(error, mail.RefusedError):
                link_mails.sent(session, one.mail_id)
            else:
                log.warning("A mail with a link could not be sent: %s", error)
                why = error.args[0]
                waits = link_mails.try_later(session, one.mail_id, one.secret, utcnow(), why)
            session.commit()
        if not waits:
            log.warning("A mail with a link was given up: %s", one.key)
        return False
    with library.writing() as session:
        link_mails.sent(session, one.mail_id)
        session.commit()
    return True
