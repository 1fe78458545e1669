"""What curators and a team say to each other about a record: notes, questions, answers.

Every record has one thread. What is for curators only never reaches the team. Nothing commits.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from kb import addressees, history, notices, permissions, records, tickets
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Message, Record, Review, User
from kb.people import Person
from kb.vocabulary import Circle, MessageKind, NoticeKind, Status
from kb.wording import marked

MOST_QUESTIONS = 5  # more than that are not answered
LONGEST = 2_000  # characters of a message
YOUR_STORIES = "/tell"  # where a team finds what was asked and written about its stories
LONGEST_QUESTION = 300  # characters


def of(session: Session, record_id: int, *, circle: Circle = Circle.CURATORS) -> Sequence[Message]:
    """Return the thread of the record, the oldest message first; for its team, only its part."""
    query = select(Message).where(Message.record_id == record_id).order_by(Message.id)
    if circle is Circle.TEAM:
        query = query.where(Message.circle == Circle.TEAM)
    return session.scalars(query).all()


def note(session: Session, record_id: int, text: str, *, circle: Circle, by: str) -> Message:
    """Write a note into the thread.

    Raises:
        InvalidError: it says nothing, or too much.
        NotFoundError: no such record.
    """
    record = records.get(session, record_id)
    said = _said(session, record, MessageKind.NOTE, _checked(text, LONGEST), circle, by=by)
    if circle is Circle.TEAM:
        _tell_team(session, record, NoticeKind.COMMENTED)
    return said


def ask_to_show(session: Session, record_id: int, text: str, *, by: str) -> list[tuple[User, str]]:
    """Ask the team whether everybody may see its record: a note, and a link for each to say so.

    Return whom to send which secret of a link.

    Raises:
        NotFoundError: no such record, or nobody of its team has an account.
        ConflictError: they were asked, and can still answer.
    """
    record = records.get(session, record_id)
    users = session.scalars(select(User).where(User.id.in_(addressees.team(session, record_id))))
    team = users.all()
    if not team:
        raise NotFoundError(
            marked("Nobody of its team has an account."),
            hint=marked("Ask somebody to approve by e-mail, and write down what was agreed."),
        )
    if tickets.is_asked(session, record_id, [user.email for user in team]):
        raise ConflictError(
            marked("Its team was asked already, and the answer is not there yet."),
            hint=marked("Write a note to its team instead."),
        )
    note(session, record_id, text, circle=Circle.TEAM, by=by)
    return [(user, tickets.ask_approval(session, record, user.email, by=by)) for user in team]


def send_back(session: Session, record_id: int, questions: Sequence[str], *, by: str) -> Record:
    """Send the record back to its author with up to five questions.

    Raises:
        ConflictError: readers see it, or it is closed.
        InvalidError: there is no question, or more than five, or one is too long.
        NotFoundError: no such record.
    """
    record = records.get(session, record_id)
    asked = [_checked(text, LONGEST_QUESTION) for text in questions if text.strip()]
    if not asked:
        raise InvalidError(
            marked("There is no question."),
            hint=marked("Ask at least one, so that its author knows what to do."),
        )
    if len(asked) > MOST_QUESTIONS:
        raise InvalidError(
            marked(
                "These are %(count)s questions; %(most)s is the most.",
                count=str(len(asked)),
                most=str(MOST_QUESTIONS),
            ),
            hint=marked("Ask what matters most. You can send it back again."),
        )
    if record.status in {Status.PUBLISHED, Status.RETIRED, Status.WITHDRAWN}:
        raise ConflictError(
            marked(
                "“%(title)s” is not in work: there is nothing to send back.", title=record.title
            ),
            hint=marked("Write a note to its team instead."),
        )
    records.move(session, record, Status.RETURNED, "returned", by=by, questions=str(len(asked)))
    session.add(
        Review(
            record_id=record.id,
            version=record.version,
            reviewer=by,
            outcome=Status.RETURNED,
            questions=asked,
        )
    )
    for text in asked:
        _said(session, record, MessageKind.QUESTION, text, Circle.TEAM, by=by)
    _tell_team(session, record, NoticeKind.RETURNED)
    return record


def answer(session: Session, question_id: int, text: str, *, by: str) -> Message:
    """Answer a question; with the last answer the record is back at the desk.

    Raises:
        InvalidError: it says nothing, or too much.
        NotFoundError: there is no such question.
    """
    question = session.get(Message, question_id)
    if question is None or question.kind is not MessageKind.QUESTION:
        raise NotFoundError(
            marked("There is no question %(number)s.", number=str(question_id)),
            hint=marked("Load the page to see what is asked."),
        )
    record = records.get(session, question.record_id)
    said = _said(
        session,
        record,
        MessageKind.ANSWER,
        _checked(text, LONGEST),
        Circle.TEAM,
        by=by,
        question_id=question_id,
    )
    if record.status is Status.RETURNED and not open_counts(session, [record.id])[record.id]:
        back = Status.IN_REVIEW if record.submitted else Status.DRAFT
        records.move(session, record, back, "answered", by=by)
    return said


def open_questions(session: Session, record_id: int) -> Sequence[Message]:
    """Return the questions that nobody has answered, the oldest first."""
    query = select(Message).where(Message.record_id == record_id, *_unanswered())
    return session.scalars(query.order_by(Message.id)).all()


def sent_back_to(session: Session, person: Person) -> Sequence[Record]:
    """Return the records that wait for an answer of this person's team, the oldest first."""
    theirs = permissions.theirs(person)
    query = select(Record).where(Record.status == Status.RETURNED, theirs).order_by(Record.id)
    return session.scalars(query).all()


def open_counts(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """Return how many questions about each of the records wait for an answer; none is left out."""
    query = (
        select(Message.record_id, func.count())
        .where(Message.record_id.in_(record_ids), *_unanswered())
        .group_by(Message.record_id)
    )
    counted = {record_id: count for record_id, count in session.execute(query)}  # noqa: C416
    return {record_id: counted.get(record_id, 0) for record_id in record_ids}


def _tell_team(session: Session, record: Record, kind: NoticeKind) -> None:
    people = addressees.team(session, record.id)
    notices.write(session, people, kind, link=YOUR_STORIES, record_id=record.id)


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    answered = aliased(Message)
    answers = select(answered.id).where(answered.question_id == Message.id)
    return Message.kind == MessageKind.QUESTION, ~answers.exists()


def _said(
    session: Session,
    record: Record,
    kind: MessageKind,
    text: str,
    circle: Circle,
    *,
    by: str,
    question_id: int | None = None,
) -> Message:
    message = Message(
        record_id=record.id, by=by, kind=kind, circle=circle, text=text, question_id=question_id
    )
    session.add(message)
    session.flush()
    if kind is not MessageKind.QUESTION:  # those are said of by "returned"
        history.happened(session, f"{kind} written", by=by, record=record, circle=circle)
    return message


def _checked(text: str, longest: int) -> str:
    said = text.strip()
    if not said:
        raise InvalidError(
            marked("It says nothing."), hint=marked("Write something, and send it again.")
        )
    if len(said) > longest:
        raise InvalidError(
            marked(
                "It has %(count)s characters; %(most)s is the most.",
                count=f"{len(said):,}",
                most=f"{longest:,}",
            ),
            hint=marked("Say it with fewer words, or in two messages."),
        )
    return said
