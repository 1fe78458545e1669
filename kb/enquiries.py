"""Help that is asked of a level above, and questions to a team: who sees them, what is said.

Neither side sees the other's name or address; the library passes on what they write.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from kb import addressees, content, history, identifiers, notices
from kb.db import utcnow
from kb.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from kb.models import Enquiry, EnquiryMessage, Record
from kb.people import Grant, Person
from kb.permissions import Act, allowed, may
from kb.vocabulary import (
    EnquiryKind,
    EnquiryState,
    Level,
    NoticeKind,
    Role,
    Speaker,
    Status,
    Visibility,
)
from kb.wording import marked

LONGEST: Final = 2_000  # characters of one message
MOST_RECORDS: Final = 10  # that one message points to
PATH: Final = "/requests"


def visible(person: Person) -> ColumnElement[bool]:
    """Return the condition on an enquiry that the person sees it.

    Who asked; the team of the story that it came from, or that is asked; the curators of where
    the story is from; and, of a request for help, the level that is asked and those above it.
    """
    if not person.known:
        return false()
    if person.at_this_computer:
        return true()
    # WITHDRAW is what a team and its curators may do with a record, in whatever state it is.
    theirs = Enquiry.record_id.in_(select(Record.id).where(allowed(person, Act.WITHDRAW)))
    return or_(
        Enquiry.asked_by == person.user_id,
        theirs,
        and_(Enquiry.kind == EnquiryKind.SUPPORT, _answerable(person)),
    )


def _answerable(person: Person) -> ColumnElement[bool]:
    """Return the condition on a request that the person is of the level asked, or above it."""
    conditions = [_covered(grant) for grant in person.grants if _asked_levels(grant)]
    return or_(false(), *conditions)


def _covered(grant: Grant) -> ColumnElement[bool]:
    names = ("country", "admin1", "admin2")
    wanted = [getattr(Enquiry, name) == getattr(grant, name) for name in names]
    bound = [one for name, one in zip(names, wanted, strict=True) if getattr(grant, name)]
    return and_(Enquiry.first_level.in_(_asked_levels(grant)), *bound)


def _asked_levels(grant: Grant) -> list[Level]:
    """Return the levels at which a request may begin so that this grant answers it."""
    return [
        level
        for level, opened in addressees.LEVELS.items()
        if grant.at_least(Role.COACH) and not any(getattr(grant, name) for name in opened)
    ]


def get(session: Session, person: Person, enquiry_id: int) -> Enquiry:
    """Return the enquiry with what was said.

    Raises:
        NotFoundError: there is none, or the person may not see it.
    """
    query = (
        select(Enquiry)
        .where(Enquiry.id == enquiry_id, visible(person))
        .options(selectinload(Enquiry.messages))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(
            marked("There is no request %(number)s.", number=str(enquiry_id)),
            hint=marked("Open the list of requests and questions."),
        )
    return found


def of(
    session: Session,
    person: Person,
    *,
    states: Collection[EnquiryState] = tuple(EnquiryState),
    limit: int = 100,
) -> Sequence[Enquiry]:
    """Return what the person sees, what waits longest first and what is closed last."""
    order = case({state: place for place, state in enumerate(EnquiryState)}, value=Enquiry.state)
    query = (
        select(Enquiry)
        .where(visible(person), Enquiry.state.in_(states))
        .order_by(order, Enquiry.since, Enquiry.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def waiting(session: Session, person: Person) -> int:
    """Return how many open enquiries of others the person sees."""
    others = or_(Enquiry.asked_by.is_(None), Enquiry.asked_by != person.user_id)
    query = select(func.count()).where(visible(person), Enquiry.state == EnquiryState.OPEN, others)
    return session.scalar(query) or 0


def side_of(session: Session, person: Person, enquiry: Enquiry) -> Speaker:
    """Return for which side the person speaks in the enquiry."""
    if person.user_id is not None and enquiry.asked_by == person.user_id:
        return Speaker.ASKER
    team = enquiry.record_id is not None and person.user_id in addressees.team(
        session, enquiry.record_id
    )
    if team:
        return Speaker.ASKER if enquiry.kind is EnquiryKind.SUPPORT else Speaker.TEAM
    place = place_of(enquiry)
    if enquiry.first_level is not None and any(
        addressees.answers(grant, enquiry.first_level, place) for grant in person.grants
    ):
        return Speaker.LEVEL
    return Speaker.LIBRARY


def say(
    session: Session,
    person: Person,
    enquiry_id: int,
    text: str,
    *,
    records: Iterable[int] = (),
    sure: bool = False,
) -> Enquiry:
    """Add to the enquiry; an answer answers it, and who asked may ask on.

    Args:
        session: open, and committed by the caller.
        person: who says it.
        enquiry_id: of what they see.
        text: at most 2,000 characters.
        records: that may help; all of them public.
        sure: they looked at what may name somebody, and it does not.

    Raises:
        NotFoundError: the person may not see it, or one of the records is not public.
        InvalidError: nothing is said, too much, or something that may name somebody.
        ConflictError: it is closed.
    """
    enquiry = get(session, person, enquiry_id)
    if enquiry.state is EnquiryState.CLOSED:
        raise ConflictError(marked("This request is closed."), hint=marked("Open a new one."))
    pointed = _public_ones(session, records)
    side = side_of(session, person, enquiry)
    said = EnquiryMessage(
        speaker=side,
        user_id=person.user_id,
        text=checked(text, sure=sure, may_be_empty=bool(pointed)),
        records=pointed,
        at=utcnow(),
    )
    enquiry.messages.append(said)
    if side is Speaker.ASKER:
        enquiry.state, enquiry.since, enquiry.overdue = EnquiryState.OPEN, said.at, None
    else:
        enquiry.state = EnquiryState.ANSWERED
    session.flush()
    tell(session, enquiry, NoticeKind.ANSWERED, _others(session, enquiry, side), without=person)
    return enquiry


def close(session: Session, person: Person, enquiry_id: int) -> Enquiry:
    """Close the enquiry: whoever asked, and nobody else, says that it is done.

    Raises:
        NotFoundError: the person may not see it.
        ForbiddenError: somebody else asked.
    """
    enquiry = get(session, person, enquiry_id)
    if side_of(session, person, enquiry) is not Speaker.ASKER and not person.at_this_computer:
        raise ForbiddenError(
            marked("Only who asked closes a request."),
            hint=marked("Answer it; they see your answer at once."),
        )
    enquiry.state, enquiry.closed = EnquiryState.CLOSED, utcnow()
    return enquiry


def tell(
    session: Session,
    enquiry: Enquiry,
    kind: NoticeKind,
    user_ids: Iterable[int],
    *,
    without: Person | None = None,
) -> None:
    """Write the notice that leads these people to the enquiry."""
    notices.write(
        session,
        user_ids,
        kind,
        link=f"{PATH}/{enquiry.id}",
        record_id=enquiry.record_id,
        without=without.user_id if without else None,
    )


def asker_of(session: Session, enquiry: Enquiry) -> list[int]:
    """Return who asked; for what a story says, its team."""
    if enquiry.asked_by is not None:
        return [enquiry.asked_by]
    return addressees.team(session, enquiry.record_id) if enquiry.record_id is not None else []


def place_of(enquiry: Enquiry) -> content.Place:
    """Return the place that a request is from, down to its district."""
    return content.Place(country=enquiry.country, admin1=enquiry.admin1, admin2=enquiry.admin2)


def checked(text: str, *, sure: bool, may_be_empty: bool = False) -> str:
    """Return a message as it may be kept.

    Raises:
        InvalidError: it is empty, too long, or may name somebody and nobody looked.
    """
    said = text.strip()
    if not said and not may_be_empty:
        raise InvalidError(marked("Nothing is written."), hint=marked("Write a sentence or two."))
    if len(said) > LONGEST:
        raise InvalidError(
            marked("That is longer than %(most)s characters.", most=LONGEST),
            hint=marked("Say it in fewer words."),
        )
    named = [] if sure else identifiers.find(said)
    if named:
        words = ", ".join(f"“{one.text}”" for one in named[:3])
        raise InvalidError(
            marked("This may tell who somebody is: %(words)s.", words=words),
            hint=marked("Take it out, or say below that you looked: it names no patient."),
        )
    return said


def new(session: Session, kind: EnquiryKind, text: str, **fields: object) -> Enquiry:
    """Add an enquiry; what it asks is not a message but the enquiry itself."""
    empty = {"country": "", "admin1": "", "admin2": "", "level": None, "from_story": False}
    now = utcnow()
    enquiry = Enquiry(
        kind=kind, text=text, state=EnquiryState.OPEN, at=now, since=now, **{**empty, **fields}
    )
    enquiry.first_level = enquiry.level
    session.add(enquiry)
    session.flush()
    return enquiry


def asked(session: Session, person: Person, enquiry: Enquiry) -> None:
    """Write into the history that somebody asked: that they did, not what."""
    record = session.get(Record, enquiry.record_id) if enquiry.record_id is not None else None
    verb = f"asked {enquiry.kind}"
    history.happened(session, verb, by=person.by, record=record, request=str(enquiry.id))


def may_see_record(session: Session, person: Person, enquiry: Enquiry) -> bool:
    """Tell whether the person may read the story that an enquiry is about."""
    return enquiry.record_id is not None and may(session, person, Act.READ, enquiry.record_id)


def _others(session: Session, enquiry: Enquiry, side: Speaker) -> list[int]:
    """Return whom a message is for: the other side, and nobody twice."""
    if side is not Speaker.ASKER:
        return asker_of(session, enquiry)
    answered = [said.user_id for said in enquiry.messages if said.speaker is not Speaker.ASKER]
    known = [user_id for user_id in answered if user_id is not None]
    return known or addressed(session, enquiry)


def addressed(session: Session, enquiry: Enquiry) -> list[int]:
    """Return who is asked: the level, or the team and else the curators who pass it on."""
    if enquiry.level is not None:
        return addressees.at_level(session, enquiry.level, place_of(enquiry))
    if enquiry.record_id is None:
        return []
    return addressees.team(session, enquiry.record_id) or addressees.curators(
        session, enquiry.record_id
    )


def _public_ones(session: Session, record_ids: Iterable[int]) -> list[int]:
    wanted = list(dict.fromkeys(record_ids))[:MOST_RECORDS]
    query = select(Record.id).where(
        Record.id.in_(wanted),
        Record.status == Status.PUBLISHED,
        Record.visibility == Visibility.PUBLIC,
    )
    known = set(session.scalars(query))
    strange = [str(one) for one in wanted if one not in known]
    if strange:
        raise NotFoundError(
            marked(
                "There is no story %(number)s that everybody may read.", number=", ".join(strange)
            ),
            hint=marked("Point to published stories, by their numbers."),
        )
    return wanted
