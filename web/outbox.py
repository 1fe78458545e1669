"""Send by mail what people are told: each notice once, tried again while the server is away.

What waits for the same person goes in one mail.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kb import notices
from kb.db import utcnow
from kb.errors import NotReadyError
from kb.models import Notice, User
from kb.vocabulary import NoticeKind
from web import link_mails, mail, newsletter, telling_people
from web.library import Library

MOST_A_RUN = 500
MOST_A_MAIL = 50  # notices that one mail lists; all are on the page that it leads to
AWAY = 3  # mails in a row that fail: then the server is away, and the others wait for the next run

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is ready to go."""

    notice_ids: tuple[int, ...]  # that it tells
    to: str
    subject: str
    text: str
    stop: str  # address that ends such mails
    html: str = ""


def send_waiting(library: Library, *, now: datetime | None = None) -> int:
    """Send what waits to be mailed; return how many mails the server took.

    No transaction is open while a mail server is spoken to.
    """
    if not mail.is_set_up(library.settings):
        return 0
    links = link_mails.send_waiting(library, now=now)  # somebody stands before a locked door
    sent = failed = 0
    while sent < MOST_A_RUN and failed < AWAY:
        letter = _next(library, now or utcnow())
        if letter is None:
            break
        taken = _send(library, letter)
        sent += taken
        failed = 0 if taken else failed + 1
    return links + sent


def _next(library: Library, now: datetime) -> Letter | None:
    """Claim the next notice and write it as a mail; one that says nothing any more is left."""
    while True:
        with library.writing() as session:
            claimed = notices.claim(session, now)
            beside = notices.claim_beside(session, claimed[0], now) if claimed else ()
            session.expunge_all()  # what is read of them below must not open a transaction
            session.commit()
        if claimed is None:
            return None
        notice, user = claimed
        letter = _several(library, [notice, *beside], user) if beside else _one(library, *claimed)
        if letter is not None:
            return letter
        with library.writing() as session:
            notices.give_up(session, notice.id, "nothing to tell")
            session.commit()


def _several(library: Library, waiting: Sequence[Notice], user: User) -> Letter:
    """Write one mail about several notices: what happened, and where to look, of each."""
    names = telling_people.names_for(library, telling_people.language_for(library, user))
    base = library.settings.address
    with library.reading() as session:
        told = telling_people.told(session, list(waiting), names)
    subject = telling_people.several_line(len(told), names)
    lines = [f"- {one.subject}\n  {base}{one.link}" for one in told[:MOST_A_MAIL]]
    stop = f"{base}/notices/stop/{_stop_token(library, user)}"
    said = "\n\n".join([subject, "\n".join(lines)])
    text = telling_people.mail_text(said, f"{base}/notices", stop, names)
    return Letter(tuple(one.id for one in waiting), user.email, subject, text, stop)


def _stop_token(library: Library, user: User) -> str:
    with library.writing() as session:  # the choice may have to be made
        token = notices.choice(session, user.id).stop_token
        session.commit()
    return token


def _one(library: Library, notice: Notice, user: User) -> Letter | None:
    names = telling_people.names_for(library, telling_people.language_for(library, user))
    base = library.settings.address
    digest, following = notice.kind is NoticeKind.DIGEST, notice.kind in notices.OF_FOLLOWING
    token = _stop_token(library, user)
    stop = f"{base}/notices/stop/{token}{'?digest=true' if following else ''}"
    with library.reading() as session:
        if notice.kind is NoticeKind.LETTER:
            number = int(notice.detail["letter"])
            written = newsletter.for_reader(
                session, library, number, user_id=user.id, names=names, base=base
            )
            if written is None:  # all of its stories were taken back
                return None
            text, html = newsletter.as_text(written, stop), newsletter.as_html(written, stop)
            return Letter((notice.id,), user.email, written.title, text, stop, html)
        (told,) = telling_people.told(session, [notice], names)
        subject = said = told.subject
        if digest:
            since, until = (datetime.fromisoformat(notice.detail[k]) for k in ("since", "until"))
            news = telling_people.news_of(session, library, user.id, since, until)
            if not news:  # taken back since, or followed no more
                return None
            said = f"{subject}\n\n{telling_people.news_text(news, base, names)}"
    text = telling_people.mail_text(said, base + notice.link, stop, names)
    return Letter((notice.id,), user.email, subject, text, stop)


def _send(library: Library, letter: Letter) -> bool:
    try:
        mail.send(
            library,
            to=letter.to,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            stop=letter.stop,
            name=f"notice-{letter.notice_ids[0]}",
        )
    except (NotReadyError, mail.RefusedError) as error:
        if isinstance(error, NotReadyError):  # whoever runs the library hears of it nowhere else
            log.warning("A mail could not be sent: %s", error)
        with library.writing() as session:
            for notice_id in letter.notice_ids:
                if isinstance(error, mail.RefusedError):
                    notices.give_up(session, notice_id, error.args[0])
                else:
                    notices.try_later(session, notice_id, utcnow(), error.args[0])
            session.commit()
        return False
    with library.writing() as session:
        for notice_id in letter.notice_ids:
            notices.mailed(session, notice_id, utcnow())
        session.commit()
    return True
