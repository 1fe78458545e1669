"""Ask the team of a record: the library carries the question, and shows neither address."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import addressees, enquiries
from kb.db import utcnow
from kb.errors import ConflictError, ForbiddenError, NotFoundError
from kb.models import Enquiry, Record
from kb.people import Person
from kb.permissions import Act, require
from kb.vocabulary import EnquiryKind, EnquiryState, NoticeKind
from kb.wording import marked

A_DAY: Final = 5  # questions of one person
NO_CONTACT: Final = frozenset({"", "none", "-"})


def offered(session: Session, record_id: int) -> bool:
    """Tell whether the team of the record can be asked: it offers contact, and is reachable.

    A team without an account is reached by the curators, who pass the question on.
    """
    contact = session.scalar(select(Record.contact).where(Record.id == record_id)) or ""
    if contact.strip().lower() in NO_CONTACT:
        return False
    return bool(addressees.team(session, record_id) or addressees.curators(session, record_id))


def ask(
    session: Session, person: Person, record_id: int, text: str, *, sure: bool = False
) -> Enquiry:
    """Ask the team of the record, and tell them that somebody asks.

    Raises:
        NotFoundError: the person may not see the record, or its team offers no contact.
        ForbiddenError: nobody signed in, so that no answer could come back.
        InvalidError: nothing is asked, too much, or somebody may be named.
        ConflictError: they asked too often today, or wait for an answer of this team.
    """
    require(session, person, Act.READ, record_id)
    if person.user_id is None:
        raise ForbiddenError(
            marked("Only who has an account asks a team."),
            hint=marked("Sign in, so that the answer finds you."),
        )
    if not offered(session, record_id):
        raise NotFoundError(
            marked("The team of this story does not offer contact."),
            hint=marked("Look for others who tried the same, or ask your district."),
        )
    said = enquiries.checked(text, sure=sure)
    _refuse_too_many(session, person, record_id)
    enquiry = enquiries.new(
        session, EnquiryKind.TEAM, said, record_id=record_id, asked_by=person.user_id
    )
    enquiries.asked(session, person, enquiry)
    people = enquiries.addressed(session, enquiry)
    enquiries.tell(session, enquiry, NoticeKind.TEAM_ASKED, people, without=person)
    return enquiry


def _refuse_too_many(session: Session, person: Person, record_id: int) -> None:
    mine = select(func.count()).where(
        Enquiry.asked_by == person.user_id, Enquiry.kind == EnquiryKind.TEAM
    )
    today = mine.where(Enquiry.at > utcnow() - timedelta(days=1))
    if (session.scalar(today) or 0) >= A_DAY:
        raise ConflictError(
            marked("You asked %(times)s teams in a day.", times=A_DAY),
            hint=marked("Ask the next ones tomorrow."),
        )
    open_ = mine.where(Enquiry.record_id == record_id, Enquiry.state == EnquiryState.OPEN)
    if session.scalar(open_):
        raise ConflictError(
            marked("You asked this team already, and the answer is not there yet."),
            hint=marked("Add to your question on the page of requests."),
        )
