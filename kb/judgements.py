"""That a record answers a question: proposed by readers, decided by a curator."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from kb import identifiers, permissions
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Judgement, Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import JudgementState, Status, Visibility
from kb.wording import marked

LONGEST = 300  # characters of a question
# So that nobody can fill the curator's desk: proposals that are open for one question, and
# proposals of one day.
MOST_OF_A_QUESTION = 5
MOST_A_DAY = 50
GRADES = (3, 2, 1)  # answers it, is useful, touches it


def propose(
    session: Session, question: str, record_id: int, *, language: str = "", today: date
) -> Judgement:
    """Write down that a record should have come up for a question; twice is once.

    Nothing about who says so is kept.

    Raises:
        InvalidError: the question is empty, too long, or may tell who somebody is.
        NotFoundError: no reader sees such a record.
        ConflictError: enough was proposed for this question, or today.
    """
    said = _checked(question, language)
    if session.scalar(select(Record.id).where(Record.id == record_id, *_SEEN)) is None:
        raise NotFoundError(
            marked("There is no record %(number)s.", number=str(record_id)),
            hint=marked("Its number stands in its page's address."),
        )
    there = session.scalar(
        select(Judgement).where(
            Judgement.folded == said.casefold(), Judgement.record_id == record_id
        )
    )
    if there is not None:
        return there
    _refuse_floods(session, said, today)
    proposed = Judgement(
        question=said,
        folded=said.casefold(),
        language=language,
        record_id=record_id,
        proposed=today,
        state=JudgementState.OPEN,
        grade=None,
        decided_by="",
    )
    session.add(proposed)
    session.flush()
    return proposed


def get(session: Session, judgement_id: int, person: Person | None = None) -> Judgement:
    """Return the judgement; where `person` is given, only one of a record that they may curate.

    Raises:
        NotFoundError: there is none.
    """
    query = select(Judgement).where(Judgement.id == judgement_id, _theirs(person))
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(
            marked("There is no judgement %(number)s.", number=str(judgement_id)),
            hint=marked("Load the page to see those there are."),
        )
    return found


def in_state(
    session: Session, *states: JudgementState, person: Person | None = None
) -> Sequence[Judgement]:
    """Return the judgements in one of the states, those of one question together.

    Where `person` is given, only those of records that they may curate.
    """
    query = select(Judgement).where(Judgement.state.in_(states), _theirs(person))
    return session.scalars(query.order_by(Judgement.folded, Judgement.id)).all()


def decide(
    session: Session,
    judgement_id: int,
    state: JudgementState,
    *,
    grade: int | None = None,
    by: str,
) -> Judgement:
    """Write down what `by` decided; `grade` is for what is confirmed: 1, 2 or 3.

    Raises:
        NotFoundError: there is no such judgement.
        InvalidError: confirmed without a grade, or with another one.
    """
    judgement = get(session, judgement_id)
    confirmed = state is JudgementState.CONFIRMED
    if confirmed and grade not in GRADES:
        raise InvalidError(
            marked("%(grade)s is no grade.", grade=str(grade)),
            hint=marked("3 answers the question, 2 is useful, 1 touches it."),
        )
    decided = state is not JudgementState.OPEN
    judgement.state = state
    judgement.grade = grade if confirmed else None
    judgement.decided_by = by if decided else ""
    judgement.decided = utcnow() if decided else None
    session.flush()
    return judgement


def confirmed(session: Session) -> Sequence[Judgement]:
    """Return what was confirmed of records that readers still see, in the order of questions."""
    query = (
        select(Judgement)
        .join(Record, Record.id == Judgement.record_id)
        .where(Judgement.state == JudgementState.CONFIRMED, *_SEEN)
        .order_by(Judgement.folded, Judgement.record_id)
    )
    return session.scalars(query).all()


def _theirs(person: Person | None) -> ColumnElement[bool]:
    """Return the condition on a judgement that `person` may curate its record."""
    if person is None:
        return true()
    held = select(Record.id).where(permissions.allowed(person, Act.CURATE))
    return Judgement.record_id.in_(held)


_SEEN = (Record.status == Status.PUBLISHED, Record.visibility == Visibility.PUBLIC)


def _checked(question: str, language: str) -> str:
    said = " ".join(question.split())
    if not said:
        raise InvalidError(
            marked("There is no question."), hint=marked("Say what the record should answer.")
        )
    if len(said) > LONGEST:
        raise InvalidError(
            marked(
                "The question has %(characters)s characters; %(most)s is the most.",
                characters=len(said),
                most=LONGEST,
            ),
            hint=marked("Ask with fewer words."),
        )
    found = identifiers.find(said, language=language)
    if found:
        raise InvalidError(
            marked(
                "“%(words)s” may tell who somebody is, so the question is not kept.",
                words=found[0].text,
            ),
            hint=marked("Leave it out, or say “a mother”, “a nurse” instead."),
        )
    return said


def _refuse_floods(session: Session, question: str, today: date) -> None:
    def count(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(Judgement).where(*conditions)
        return session.scalar(query) or 0

    same = Judgement.folded == question.casefold(), Judgement.state == JudgementState.OPEN
    if count(*same) >= MOST_OF_A_QUESTION:
        raise ConflictError(
            marked("Enough records were proposed for this question; they wait for a curator."),
            hint=marked("Try again when the curator has looked at them."),
        )
    if count(Judgement.proposed == today) >= MOST_A_DAY:
        raise ConflictError(
            marked("Enough records were proposed today; they wait for a curator."),
            hint=marked("Try again tomorrow."),
        )
