"""Requests for help: from a story or from a contributor, to the level above, until it answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from kb import addressees, content, enquiries
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError
from kb.models import Enquiry, EnquiryMessage, Place, Record, SupportRequest
from kb.people import Person
from kb.vocabulary import EnquiryKind, EnquiryState, Level, NoticeKind, Speaker, Status
from kb.wording import marked

WAIT: Final = timedelta(days=30)
A_DAY: Final = 10  # requests of one person
AT_ONCE: Final = 100  # requests opened before others may write again
ALIKE: Final = 0.6  # of the letters, in [0, 1]: the same request in other words
# Whom a story can ask is wider than who answers here.
ASKED: Final = {
    Level.COMMUNITY: Level.DISTRICT,
    Level.FACILITY: Level.DISTRICT,
    Level.GLOBAL: Level.NATIONAL,
}


def ask(
    session: Session,
    person: Person,
    text: str,
    *,
    level: Level,
    place: content.Place,
    sure: bool = False,
) -> Enquiry:
    """Ask a level for help, for this place, and tell whoever answers there.

    Raises:
        InvalidError: nothing is asked, of nobody, or somebody may be named.
        ConflictError: they asked too often today.
    """
    if level not in addressees.LEVELS:
        raise InvalidError(
            marked("Nobody answers for “%(level)s”.", level=str(level)),
            hint=marked("Ask a district or above."),
        )
    if not place.country:
        raise InvalidError(
            marked("A request is from somewhere."), hint=marked("Choose your country.")
        )
    said = enquiries.checked(text, sure=sure)
    _refuse_too_many(session, person)
    enquiry = enquiries.new(
        session,
        EnquiryKind.SUPPORT,
        said,
        asked_by=person.user_id,
        level=level,
        country=place.country,
        admin1=place.admin1,
        admin2=place.admin2,
    )
    enquiries.asked(session, person, enquiry)
    _tell_level(session, enquiry, NoticeKind.SUPPORT_ASKED, without=person)
    return enquiry


def gather(session: Session, *, most: int = AT_ONCE) -> int:
    """Open what stories ask for and nobody opened yet, `most` requests at a time; return how many.

    A story that was sent in or published asks. An edit that words a request anew goes on with the
    same request; one that leaves it out ends nothing that is being answered.
    """
    known = exists().where(
        Enquiry.record_id == SupportRequest.record_id,
        Enquiry.from_story,
        Enquiry.text == SupportRequest.text,
    )
    told = or_(Record.status == Status.PUBLISHED, Record.submitted.is_not(None))
    gone = (Status.WITHDRAWN, Status.RETIRED, Status.PRIVACY_CHECK)
    query = (
        select(SupportRequest)
        .join(Record, Record.id == SupportRequest.record_id)
        .where(SupportRequest.state == EnquiryState.OPEN, told, Record.status.not_in(gone), ~known)
        .order_by(SupportRequest.id)
        .limit(most)
    )
    opened = 0
    for asked in session.scalars(query).all():
        worded_anew = _earlier_words(session, asked)
        if worded_anew is not None:
            worded_anew.text = asked.text
        else:
            _open(session, asked)
            opened += 1
        session.flush()
    return opened


def escalate(session: Session, now: datetime) -> int:
    """Hand on what nobody answered within 30 days to the level above; return how many went on.

    A level is asked once. Where there is none above, who answers for the country hears once more
    and the request is marked. To run it twice changes nothing.
    """
    query = (
        select(Enquiry)
        .where(
            Enquiry.kind == EnquiryKind.SUPPORT,
            Enquiry.state == EnquiryState.OPEN,
            Enquiry.since <= now - WAIT,
            Enquiry.overdue.is_(None),
        )
        .order_by(Enquiry.id)
        .with_for_update(skip_locked=True)
    )
    went_on = 0
    for enquiry in session.scalars(query).all():
        _hand_on(session, enquiry, now)
        went_on += 1
    return went_on


def of_record(session: Session, record_id: int) -> Sequence[Enquiry]:
    """Return the requests that a story made, the oldest first."""
    query = select(Enquiry).filter_by(record_id=record_id, from_story=True).order_by(Enquiry.id)
    return session.scalars(query).all()


def states(session: Session, record_id: int) -> dict[str, EnquiryState]:
    """Return where each request of a story stands, by its words."""
    return {one.text: one.state for one in of_record(session, record_id)}


def _refuse_too_many(session: Session, person: Person) -> None:
    today = select(func.count()).where(
        Enquiry.asked_by == person.user_id,
        Enquiry.kind == EnquiryKind.SUPPORT,
        Enquiry.at > utcnow() - timedelta(days=1),
    )
    if (session.scalar(today) or 0) >= A_DAY:
        raise ConflictError(
            marked("You asked %(times)s times today.", times=A_DAY),
            hint=marked("Ask again tomorrow."),
        )


def _hand_on(session: Session, enquiry: Enquiry, now: datetime) -> None:
    assert enquiry.level is not None
    above = addressees.level_above(session, enquiry.level, enquiries.place_of(enquiry))
    if above is None:
        enquiry.overdue = now
        kind = NoticeKind.SUPPORT_OVERDUE
    else:
        enquiry.level, enquiry.since = above, now
        kind = NoticeKind.SUPPORT_ESCALATED
        passed = EnquiryMessage(speaker=Speaker.CLOCK, text="", records=[], level=above, at=now)
        enquiry.messages.append(passed)
    session.flush()
    _tell_level(session, enquiry, kind)
    enquiries.tell(session, enquiry, kind, enquiries.asker_of(session, enquiry))


def _tell_level(
    session: Session, enquiry: Enquiry, kind: NoticeKind, *, without: Person | None = None
) -> None:
    people = enquiries.addressed(session, enquiry)
    enquiries.tell(session, enquiry, kind, people, without=without)


def _open(session: Session, asked: SupportRequest) -> None:
    place = session.scalar(
        select(Place).filter_by(record_id=asked.record_id).order_by(Place.position).limit(1)
    )
    author = session.scalar(select(Record.author_id).where(Record.id == asked.record_id))
    enquiry = enquiries.new(
        session,
        EnquiryKind.SUPPORT,
        asked.text,
        record_id=asked.record_id,
        asked_by=author,
        from_story=True,
        level=ASKED.get(asked.from_level, asked.from_level),
        country=place.country if place else "",
        admin1=place.admin1 if place else "",
        admin2=place.admin2 if place else "",
    )
    _tell_level(session, enquiry, NoticeKind.SUPPORT_ASKED)


def _earlier_words(session: Session, asked: SupportRequest) -> Enquiry | None:
    """Return the request that the story made in other words, which it no longer says."""
    said = select(SupportRequest.text).where(SupportRequest.record_id == asked.record_id)
    query = select(Enquiry).where(
        Enquiry.record_id == asked.record_id, Enquiry.from_story, Enquiry.text.not_in(said)
    )
    alike = [
        (SequenceMatcher(None, one.text, asked.text).ratio(), one)
        for one in session.scalars(query.order_by(Enquiry.id))
    ]
    share, nearest = max(alike, key=lambda one: one[0], default=(0.0, None))
    return nearest if share >= ALIKE else None
