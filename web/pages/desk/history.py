"""How a record came to say what it says, for its curators: compared, and brought back."""

import json

from fastapi import APIRouter, Request, Response

from kb import content, records
from kb.errors import InvalidError
from kb.permissions import Act
from kb.vocabulary import Role
from kb.wording import marked
from web import filling, following
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.pages.history import Number, compared, said_why, timeline
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/records/{record_id}/history",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)

BASE = "desk/base.html"


@router.get("")
def history_page(
    request: Request, session: ReadingDep, person: PersonDep, record_id: RecordId
) -> Response:
    """Show who changed what, when and why."""
    return timeline(request, session, person, record_id, base=BASE, stem=_stem(record_id))


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
        base=BASE,
        stem=_stem(record_id),
    )


@router.get("/{version}/restore")
def restore_page(
    request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId, version: RecordId
) -> Response:
    """Show what bringing a version back changes, and what of it does not come back."""
    record = records.get(session, record_id)
    changes, stays, unknown = following.restoring(session, record, names, version)
    return page(
        request,
        "history/restore.html",
        base=BASE,
        stem=_stem(record_id),
        record=record,
        version=version,
        changes=changes,
        stays=stays,
        unknown=unknown,
    )


@router.post("/{version}/restore")
def restore(
    request: Request,
    session: WritingDep,
    *,
    library: LibraryDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
    version: RecordId,
) -> Response:
    """Make the record say again what it said, as a new version."""
    records.restore(session, record_id, version, by=person.by, why=said_why(form))
    session.commit()
    filling.index(library, step=filling.quietly)
    return shown_next(request, _stem(record_id))


@router.post("/again")
def save_again(
    request: Request,
    session: WritingDep,
    *,
    library: LibraryDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Save on top of the newest version what somebody else had overtaken."""
    record = records.get(session, record_id)
    records.edit(
        session,
        record_id,
        _onto(records.read(record), form.text("patch")),
        version=form.number("version"),
        by=person.by,
        note="saved on top of another edit",
        why=form.text("why"),
    )
    session.commit()
    filling.index(library, step=filling.quietly)
    return shown_next(request, f"{_stem(record_id)}/compare")


def _onto(now: content.Record, patch: str) -> content.Record:
    """Return what the record says now with the fields of `patch`, the JSON of some of them."""
    try:
        return content.Record.model_validate(now.model_dump(mode="json") | json.loads(patch))
    except (ValueError, TypeError) as error:  # no JSON, no object, or no such field
        raise InvalidError(
            marked("The form cannot be read."), hint=marked("Load the page, send again.")
        ) from error


def _stem(record_id: int) -> str:
    return f"/desk/records/{record_id}/history"
