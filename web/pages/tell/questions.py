"""What the library asks a team about its story, and what the team answers."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from kb import drafts, records, threads
from kb.errors import InvalidError, NotFoundError
from kb.models import Message
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import Circle, MessageKind, Role
from kb.wording import marked
from web.deps import PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import FormDep
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/tell/questions",
    dependencies=[needs(Role.CONTRIBUTOR), may(Act.EDIT)],
    include_in_schema=False,
)


class Asked(NamedTuple):
    """The team's part of a thread: what waits for its answer, and all that was said."""

    record_id: int
    open: tuple[Message, ...]
    said: tuple[Message, ...]  # the oldest first


@router.get("/{record_id}")
def questions_page(
    request: Request, session: ReadingDep, person: PersonDep, record_id: RecordId
) -> Response:
    """Show what the library asks, each question with room for its answer."""
    return _page(request, session, person, record_id)


@router.post("/{record_id}/{question_id}")
def answer(
    *,
    request: Request,
    session: WritingDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
    question_id: RecordId,
) -> Response:
    """Keep an answer; with the last one the story is back at the learning centre."""
    text = form.text("text")
    if all(one.id != question_id for one in threads.of(session, record_id, circle=Circle.TEAM)):
        raise NotFoundError(
            marked("There is no such question."), hint=marked("Look at the list of your stories.")
        )
    try:
        threads.answer(session, question_id, text, by=person.by)
    except InvalidError as error:
        session.rollback()
        typed = {question_id: text}
        return _page(request, session, person, record_id, error=error, typed=typed)
    session.commit()
    return shown_next(request, f"/tell/questions/{record_id}#asked")


def asked(session: Session, record_id: int) -> Asked:
    """Return the team's part of the thread of a record."""
    said = threads.of(session, record_id, circle=Circle.TEAM)
    answered = {one.question_id for one in said if one.question_id}
    questions = [one for one in said if one.kind is MessageKind.QUESTION]
    return Asked(record_id, tuple(one for one in questions if one.id not in answered), tuple(said))


def _page(
    request: Request,
    session: Session,
    person: Person,
    record_id: int,
    *,
    error: InvalidError | None = None,
    typed: dict[int, str] | None = None,
) -> Response:
    draft = drafts.of_record(session, record_id)
    context: dict[str, Any] = {
        "record": records.get(session, record_id),
        "asked": asked(session, record_id),
        "draft": draft if draft and drafts.is_told_by(draft, person) else None,
        "error": error,
        "typed": typed or {},
    }
    status = STATUS[InvalidError] if error else 200
    return page(request, "tell/questions.html", status=status, **context)
