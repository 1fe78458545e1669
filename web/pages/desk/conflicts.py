"""What was changed here and at its home: both texts side by side, and which one stands here."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import collections, conflicts, permissions, records
from kb.diff import Changed, Difference, Value, What, diff
from kb.editions import Content
from kb.errors import ConflictError, InvalidError
from kb.models import Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import PartKind, Role
from kb.wording import marked
from web import collected
from web.deps import NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.following import worded
from web.forms import Form, FormDep
from web.names import Names
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[needs(Role.CURATOR)])
LIST = "/desk/batches/conflicts"


@router.get("/batches/conflicts")
def conflicts_page(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List what waits, by the library that it comes from."""
    return page(request, "desk/conflicts.html", waiting=conflicts.waiting(session, person))


@router.get("/records/{record_id}/home", dependencies=[may(Act.CURATE)])
def record_page(
    request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId
) -> Response:
    """Show where a record and what its home says of it differ."""
    record = records.get(session, record_id)
    found = conflicts.of_record(session, record_id)
    return page(
        request,
        "desk/home.html",
        title=record.title,
        language=record.language,
        version=record.version,
        about=f"/desk/records/{record_id}",
        library=record.library,
        since=found.conflict.at if found else None,
        number=found.conflict.id if found else 0,
        differences=worded(diff(found.ours, found.theirs), names) if found else [],
    )


@router.post("/records/{record_id}/home", dependencies=[may(Act.CURATE)])
def decide_record(
    session: WritingDep, *, person: PersonDep, form: FormDep, request: Request, record_id: RecordId
) -> Response:
    """Keep ours or take theirs."""
    number, decision = form.number("number"), _decision(form)
    found = conflicts.of_record(session, record_id)
    if found is None or found.conflict.id != number:
        raise ConflictError(
            marked("Nothing waits here any more: somebody decided it."),
            hint=marked("Look at it as it is now."),
        )
    version = form.number("version")
    conflicts.decide(session, number, decision, version=version, by=person.by)
    session.commit()
    return shown_next(request, LIST)


@router.get("/collections/{collection_id}/home")
def collection_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    person: PersonDep,
    collection_id: RecordId,
) -> Response:
    """Show where a collection and what its home says of it differ."""
    found = conflicts.of_collection(session, collection_id)
    collection = collections.get(session, collection_id)
    return page(
        request,
        "desk/home.html",
        title=collection.title,
        language=collection.language,
        version=collection.version,
        about=f"/desk/collections/{collection_id}",
        library=found.row.library if found else "",
        since=found.row.at if found else None,
        number=collection_id if found else 0,
        differences=_differences(session, person, found, names) if found else [],
    )


@router.post("/collections/{collection_id}/home")
def decide_collection(
    session: WritingDep,
    *,
    person: PersonDep,
    form: FormDep,
    request: Request,
    collection_id: RecordId,
) -> Response:
    """Keep ours or take theirs."""
    decision, version = _decision(form), form.number("version")
    conflicts.decide_collection(session, collection_id, decision, version=version, by=person.by)
    session.commit()
    return shown_next(request, LIST)


def _decision(form: Form) -> Literal["ours", "theirs"]:
    match form.text("keep"):
        case "ours":
            return "ours"
        case "theirs":
            return "theirs"
        case _:
            raise InvalidError(
                marked("It is not said which text stays."), hint=marked("Choose one of the two.")
            )


def _differences(
    session: Session, person: Person, found: conflicts.OpenCollection, names: Names
) -> list[Difference]:
    """Return where both texts of a collection differ, in the reader's words."""
    ids = {*found.ours.record_ids, *found.theirs.record_ids}
    seen = select(Record.id, Record.title).where(Record.id.in_(ids), permissions.readable(person))
    titles = {row.id: row.title for row in session.execute(seen)}

    def told(content: Content) -> dict[str, str]:
        return {
            "title": content.title,
            "purpose": content.purpose,
            "language": names.tongue(content.language),
            "licence": content.licence,
            "thanks": content.thanks,
            "parts": "\n\n".join(_part(content, titles, names)),
        }

    ours, theirs = told(found.ours), told(found.theirs)
    return [
        Difference(
            name,
            What.CHANGED,
            fields=(Changed(name, What.CHANGED, Value(ours[name], theirs[name])),),
        )
        for name in ours
        if ours[name] != theirs[name]
    ]


def _part(content: Content, titles: dict[int, str], names: Names) -> list[str]:
    """Return each part in a few lines, then what was decided about ideas of records in `titles`."""
    found = []
    for part in content.parts:
        kind = names.told(collected.PARTS[part.kind])
        name = part.heading or kind
        if part.kind is PartKind.RECORD and part.record_id is not None:
            name = titles.get(part.record_id, f"{kind} {part.record_id}")
        found.append("\n".join(filter(None, (name, part.text))))
    chosen = (choice for choice in content.choices if choice.record_id in titles)
    return [*found, *(f"{choice.text}: {choice.why}" for choice in chosen)]
