"""How a record came to say what it says: for its own team, and at the desk for its curators."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from kb import history, permissions, records, users
from kb.errors import InvalidError
from kb.people import Person
from kb.permissions import Act
from kb.wording import marked
from web import following
from web.deps import NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import LARGEST, FormDep
from web.names import Names
from web.render import page, shown_next
from web.rules import SIGNED_IN, may

router = APIRouter(
    prefix="/records/{record_id}/history",
    include_in_schema=False,
    dependencies=[SIGNED_IN, may(Act.FOLLOW)],
)

Number = Annotated[int | None, Query(ge=1, le=LARGEST)]


@router.get("")
def history_page(
    request: Request, session: ReadingDep, person: PersonDep, record_id: RecordId
) -> Response:
    """Show who changed what, when and why."""
    return timeline(
        request, session, person, record_id, base="history/base.html", stem=_stem(record_id)
    )


@router.get("/compare")
def compare_page(
    request: Request,
    session: ReadingDep,
    *,
    names: NamesDep,
    person: PersonDep,
    record_id: RecordId,
    old: Number = None,
    new: Number = None,
) -> Response:
    """Show what differs between two versions."""
    return compared(
        request,
        session,
        names,
        person,
        record_id,
        chosen=(old, new),
        base="history/base.html",
        stem=_stem(record_id),
    )


@router.post("/object")
def object_to(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Write down that somebody of its team does not agree."""
    permissions.require(session, person, Act.COMMENT, record_id)
    record = records.get(session, record_id)
    history.object_to(session, record, form.text("comment"), by=person.by)
    session.commit()
    return shown_next(request, f"{_stem(record_id)}#objected")


def timeline(
    request: Request, session: Session, person: Person, record_id: int, *, base: str, stem: str
) -> Response:
    """Show the history on the pages that begin with `stem`."""
    entries = history.timeline(session, record_id)
    numbers = sorted((e.version for e in entries if e.version), reverse=True)
    return page(
        request,
        "history/timeline.html",
        base=base,
        stem=stem,
        record=records.get(session, record_id),
        entries=entries,
        called=users.called(session, (entry.by for entry in entries), person),
        numbers=numbers,
        kept=[e.version for e in entries if e.version and not e.purged],
    )


def compared(
    request: Request,
    session: Session,
    names: Names,
    person: Person,
    record_id: int,
    *,
    chosen: Sequence[int | None],
    base: str,
    stem: str,
) -> Response:
    """Show what differs between two versions; the last two where none is chosen."""
    record = records.get(session, record_id)
    newest = record.version
    old, new = chosen
    new = new or newest
    old = old or max(new - 1, 1)
    if old > new:
        old, new = new, old
    rows = {row.version: row for row in history.versions(session, record_id)}
    differences = following.compared(session, record_id, names, old=old, new=new)
    return page(
        request,
        "history/compare.html",
        base=base,
        stem=stem,
        record=record,
        old=rows[old],
        new=rows[new],
        called=users.called(session, (rows[old].by, rows[new].by), person),
        newest=max(rows),
        oldest=min(rows),
        differences=differences,
    )


def said_why(form: FormDep) -> str:
    """Return the reason that a form has to give.

    Raises:
        InvalidError: it gives none.
    """
    why = form.text("why")
    if not why:
        raise InvalidError(
            marked("No reason was written."), hint=marked("Say why in a sentence: it is kept.")
        )
    return why


def _stem(record_id: int) -> str:
    return f"/records/{record_id}/history"
