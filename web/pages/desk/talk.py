"""What is said about a record, and who has it open."""

from fastapi import APIRouter, Request, Response

from kb import locks, records, threads, users
from kb.errors import InvalidError, NotFoundError
from kb.permissions import Act
from kb.vocabulary import Circle, Role
from kb.wording import marked
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.pages.desk.draft import Typed, show
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/records",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)


@router.post("/{record_id}/return")
def send_back(
    *,
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Send the record back to its author, with a question on each line."""
    by, questions = person.by, form.text("questions")
    try:
        threads.send_back(session, record_id, questions.splitlines(), by=by)
    except InvalidError as error:
        session.rollback()
        typed = Typed("questions", questions, error)
        return show(request, session, library, names, person, record_id=record_id, typed=typed)
    locks.release(session, record_id, by=by)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}#thread")


@router.post("/{record_id}/questions/{question_id}")
def write_answer(
    *,
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
    question_id: RecordId,
) -> Response:
    """Write down what somebody without an account answered: by phone, say, or on a visit."""
    text = form.text("text")
    if all(one.id != question_id for one in threads.open_questions(session, record_id)):
        raise NotFoundError(
            marked("There is no such question."), hint=marked("Load the page to see what is asked.")
        )
    try:
        threads.answer(session, question_id, text, by=person.by)
    except InvalidError as error:
        session.rollback()
        typed = Typed(f"answer-{question_id}", text, error)
        return show(request, session, library, names, person, record_id=record_id, typed=typed)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}#thread")


@router.post("/{record_id}/notes")
def write_note(
    *,
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Write a note, for curators only or for the team, too."""
    circle = Circle.TEAM if form.text("team") else Circle.CURATORS
    text, by = form.text("text"), person.by
    try:
        threads.note(session, record_id, text, circle=circle, by=by)
    except InvalidError as error:
        session.rollback()
        typed = Typed("note", text, error)
        return show(request, session, library, names, person, record_id=record_id, typed=typed)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}#thread")


@router.get("/{record_id}/lock")
def lock_page(
    request: Request, session: ReadingDep, person: PersonDep, record_id: RecordId
) -> Response:
    """Say who has the record open."""
    lock = locks.of(session, [record_id]).get(record_id)
    return page(
        request,
        "desk/lock.html",
        part="desk/_lock.html",
        record=records.get(session, record_id),
        lock=lock,
        called=users.called(session, [lock.by] if lock else []),
        me=person.by,
    )


@router.post("/{record_id}/lock")
def take(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Say that this person has the record open, or takes it over from whoever has."""
    take_over = bool(form.text("take_over"))
    locks.take(session, record_id, by=person.by, take_over=take_over)
    session.commit()
    address = f"/desk/records/{record_id}"
    return shown_next(request, address if take_over else f"{address}/lock", part=not take_over)
