"""A letter of the library: stories that a curator chose, with a few words, to those who follow.

It names stories by their numbers only. What it says of each is read when it goes out and whenever
its page is opened, so that what was taken back is in neither.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import follows, notices
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.follows import Fresh
from kb.models import Follow, Newsletter, NoticeChoice, User
from kb.vocabulary import DigestEvery, NoticeKind
from kb.wording import marked

TITLE_LENGTH = 120
WORDS_LENGTH = 3_000
MOST = 40  # stories: more is a list, which nobody reads in a mail
FIRST_DAYS = 30  # that the first letter looks back


def write(
    session: Session,
    letter_id: int | None,
    *,
    title: str,
    words: str,
    language: str,
    record_ids: Sequence[int],
    by: str,
) -> Newsletter:
    """Keep a letter that is not sent yet, a new one where `letter_id` is None.

    Raises:
        NotFoundError: there is no such letter.
        ConflictError: it is sent already.
        InvalidError: it has no title, no story, or too much of something.
    """
    chosen = list(dict.fromkeys(record_ids))
    _check(title.strip(), words, chosen)
    letter = Newsletter(at=utcnow()) if letter_id is None else _open(session, letter_id)
    letter.title, letter.words, letter.language = title.strip(), words.strip(), language
    letter.record_ids, letter.by = chosen, by
    session.add(letter)
    session.flush()
    return letter


def get(session: Session, letter_id: int, *, sent: bool = True) -> Newsletter:
    """Return a letter, else raise NotFoundError; `sent` asks for one that readers may see."""
    letter = session.get(Newsletter, letter_id)
    if letter is None or (sent and letter.sent is None):
        raise NotFoundError(
            marked("There is no letter %(number)s.", number=str(letter_id)),
            hint=marked("All letters stand on one page."),
        )
    return letter


def sent(session: Session, *, limit: int = 100) -> Sequence[Newsletter]:
    """Return the letters that went out, the newest first."""
    query = select(Newsletter).where(Newsletter.sent.is_not(None))
    return session.scalars(query.order_by(Newsletter.sent.desc()).limit(limit)).all()


def waiting(session: Session) -> Sequence[Newsletter]:
    """Return the letters that are not sent yet, the newest first."""
    query = select(Newsletter).where(Newsletter.sent.is_(None)).order_by(Newsletter.id.desc())
    return session.scalars(query).all()


def proposed(session: Session, now: datetime) -> list[Fresh]:
    """Return what readers see since the last letter, the newest first."""
    last = session.scalar(select(func.max(Newsletter.sent)))
    since = last or now - follows.EVERY[DigestEvery.DAY] * FIRST_DAYS
    return follows.fresh(session, since=since, until=now)[:MOST]


def readers(session: Session) -> list[int]:
    """Return who follows something and wants to hear of it."""
    query = (
        select(Follow.user_id)
        .join(NoticeChoice, NoticeChoice.user_id == Follow.user_id)
        .join(User, User.id == Follow.user_id)
        .where(NoticeChoice.digest != DigestEvery.NEVER, User.disabled.is_(None))
        .distinct()
        .order_by(Follow.user_id)
    )
    return list(session.scalars(query))


def send(session: Session, letter_id: int, now: datetime) -> int:
    """Send a letter: its readers are told, and its page opens; return how many are told.

    Raises:
        NotFoundError: there is no such letter.
        ConflictError: it is sent already.
    """
    letter = _open(session, letter_id)
    letter.sent = now
    people = readers(session)
    link = f"/letters/{letter.id}"
    notices.write(session, people, NoticeKind.LETTER, link=link, letter=letter.id)
    session.flush()
    return len(people)


def _open(session: Session, letter_id: int) -> Newsletter:
    letter = get(session, letter_id, sent=False)
    if letter.sent is not None:
        raise ConflictError(marked("This letter is sent already."), hint=marked("Write a new one."))
    return letter


def _check(title: str, words: str, chosen: Sequence[int]) -> None:
    if not title or len(title) > TITLE_LENGTH or len(words) > WORDS_LENGTH:
        raise InvalidError(
            marked(
                "A letter has a title, and at most %(most)s letters of words.", most=WORDS_LENGTH
            ),
            hint=marked("Say in a few words what is new."),
        )
    if not chosen or len(chosen) > MOST:
        raise InvalidError(
            marked("A letter has between one and %(most)s stories.", most=MOST),
            hint=marked("Choose the stories that most readers can use."),
        )
