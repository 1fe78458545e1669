"""One record as its curator sees it: its text, each field and tag to decide, publishing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from kb import (
    addressees,
    consent,
    content,
    countries,
    curating,
    faces,
    findings,
    likenesses,
    originals,
    records,
    reviewing,
    users,
)
from kb import locks as locking
from kb import threads as talking
from kb.card import card, missing
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Likeness, Record
from kb.people import Person
from kb.permissions import Act
from kb.taxonomy import Term
from kb.vocabulary import LikenessState, Role, Ruled, Scheme, Status, TagStatus
from kb.wording import marked
from web import filling
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.evidence import Marks, Passage, read, shown
from web.followed import followed
from web.forms import FormDep
from web.library import Library
from web.names import Names
from web.pages.records import FOR_SAVING
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/records",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)

RULED = {TagStatus.CONFIRMED: Ruled.ACCEPTED, TagStatus.REJECTED: Ruled.REJECTED}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A tag, ready to print."""

    tag: content.Tag
    scheme: str  # empty where the taxonomy no longer has it
    passage: Passage | None


class Typed(NamedTuple):
    """What somebody wrote into a field, and why it was not kept."""

    field: str
    value: str
    error: InvalidError


@router.get("/{record_id}")
def draft_page(
    *,
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    record_id: RecordId,
) -> Response:
    """Show the record with all that its curator needs to judge it."""
    return show(request, session, library, names, person, record_id=record_id)


@router.post("/{record_id}/fields")
def rule(
    *,
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Accept, change or turn down what one field says; what cannot be kept is shown again."""
    field, ruled, value = form.text("field"), form.choice("ruled", Ruled), form.text("value")
    version, by = form.number("version"), person.by
    try:
        curating.rule(session, record_id, field, ruled, value=value, version=version, by=by)
    except InvalidError as error:
        session.rollback()
        typed = Typed(field, value, error)
        return show(request, session, library, names, person, record_id=record_id, typed=typed)
    except ConflictError as error:
        session.rollback()
        record = records.get(session, record_id)
        return page(
            request,
            "desk/conflict.html",
            part="desk/_conflict.html",
            status=409,
            record=record,
            field=field,
            ruled=ruled,
            value=value,
            now=curating.value_of(records.read(record), field),
            error=error,
        )
    locking.take(session, record_id, by=by)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}#{_anchor(field)}", part=True)


@router.post("/{record_id}/undo")
def undo(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Take back the last decision of this person."""
    last = curating.undo(session, record_id, version=form.number("version"), by=person.by)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}#{_anchor(last.field)}", part=True)


@router.post("/{record_id}/tags")
def decide_tag(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Accept or reject one tag, perhaps one that nobody suggested."""
    status = form.choice("status", TagStatus)
    if status not in RULED:
        raise InvalidError(marked("A tag is accepted or rejected."))
    curating.rule(
        session,
        record_id,
        curating.TAGS + form.text("concept"),
        RULED[status],
        version=form.number("version"),
        by=person.by,
    )
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}", part=True)


@router.post("/{record_id}/ready")
def ready(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Say that the record is ready, so that a second person publishes it."""
    by = person.by
    reviewing.ready(session, record_id, version=form.number("version"), by=by)
    locking.release(session, record_id, by=by)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}")


@router.post("/{record_id}/publish", dependencies=[needs(Role.PUBLISHER), may(Act.PUBLISH)])
def publish(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    record_id: RecordId,
) -> Response:
    """Show the record to every reader."""
    # What is searched must not lag behind: its older passages may still name people.
    filling.index(library, step=filling.quietly)
    two_people = library.settings.two_people
    reviewing.publish(session, record_id, person, two_people=two_people)
    locking.release(session, record_id, by=person.by)
    session.commit()
    filling.index(library, step=filling.quietly)
    return shown_next(request, f"/desk/records/{record_id}")


@router.post("/{record_id}/suggest")
def suggest_again(request: Request, library: LibraryDep, record_id: RecordId) -> Response:
    """Suggest its tags again, with what was decided on other records since."""
    filling.suggest_again(library, [record_id], step=filling.quietly)
    return shown_next(request, f"/desk/records/{record_id}")


@router.get("/{record_id}/original")
def original_file(session: ReadingDep, library: LibraryDep, record_id: RecordId) -> Response:
    """Send the file the record was made from, whoever it names."""
    record = records.get(session, record_id)
    file = next((a.file for a in record.attachments if a.original), None)
    if file is None:
        raise NotFoundError(
            marked("Record %(number)s was not made from a file.", number=record_id),
            hint=marked("Its text is all there is."),
        )
    return FileResponse(
        originals.find(library.settings.originals, file.sha256),
        filename=file.name,
        media_type=file.media_type,
        headers=FOR_SAVING,
    )


def show(
    request: Request,
    session: Session,
    library: Library,
    names: Names,
    person: Person,
    *,
    record_id: int,
    typed: Typed | None = None,
) -> Response:
    """Show the record, and what somebody `typed` that could not be kept."""
    record = records.get(session, record_id)
    said = records.read(record)
    marks = Marks(said)
    fields = curating.fields(session, record, said)
    tags = _proposed(said, marks, library.taxonomy.terms)
    thread = talking.of(session, record_id)
    ready_by = reviewing.ready_by(session, record)
    photos = faces.of(session, record_id)
    return page(
        request,
        "desk/draft.html",
        part="desk/_decide.html",
        status=422 if typed else 200,
        record=record,
        said=said,
        file=next((a.file for a in record.attachments if a.original), None),
        to_look_at=[shown(field, marks) for field in fields],
        fields=[read(field, marks) for field in card(said)],
        missing=missing(said),
        measures=followed(said, names),
        tags=tags,
        suggested=[one for one in tags if one.tag.status is TagStatus.SUGGESTED],
        concepts=_concepts(names, said),
        countries=_countries(names),
        sections=list(marks.marked()),
        pairs=_open_pairs(session, person, record_id),
        thread=thread,
        unanswered={one.id for one in talking.open_questions(session, record_id)},
        answered_here=not addressees.team(session, record_id),
        has_photos=bool(photos),
        photos_waiting=sum(map(faces.is_hidden, photos)),
        ready_by=ready_by,
        called=users.called(session, [ready_by or "", *(one.by for one in thread)]),
        typed=typed,
        **_readiness(session, library, person, record, fields),
    )


def _anchor(field: str) -> str:
    return "field-" + field.replace(".", "-")


def _proposed(said: content.Record, marks: Marks, terms: Mapping[str, Term]) -> list[Proposed]:
    """Return all tags, the surest first, decided or not: none moves while others are decided."""
    tags = sorted(said.tags, key=lambda tag: (-tag.confidence, tag.notation))
    return [
        Proposed(
            tag,
            terms[tag.notation].scheme if tag.notation in terms else "",
            marks.passage(tag.evidence, heading=tag.section) if tag.evidence else None,
        )
        for tag in tags
    ]


def _concepts(names: Names, said: content.Record) -> dict[Scheme, list[str]]:
    """Return the concepts that may be added, by their label."""
    taken = {tag.notation for tag in said.tags}
    return {
        scheme: sorted(
            (
                term.notation
                for term in names.taxonomy.scheme(scheme)
                if not term.deprecated and term.notation not in taken
            ),
            key=lambda notation: names.concept(notation).casefold(),
        )
        for scheme in Scheme
    }


def _countries(names: Names) -> list[str]:
    """Return the codes of all countries, by their name."""
    return sorted(countries.codes(), key=lambda code: names.country(code).casefold())


def _open_pairs(session: Session, person: Person, record_id: int) -> list[Likeness]:
    if not likenesses.open_counts(session, [record_id], person)[record_id]:
        return []
    pairs = likenesses.of(session, record_id, person)
    return [pair for pair in pairs if pair.state is LikenessState.OPEN]


def _readiness(
    session: Session,
    library: Library,
    person: Person,
    record: Record,
    fields: tuple[curating.Field, ...],
) -> dict[str, Any]:
    two_people = library.settings.two_people
    return {
        "version": record.version,
        "published": record.status is Status.PUBLISHED,
        "open_findings": findings.open_counts(session, [record.id])[record.id],
        "lacking": records.missing_to_publish(record),
        "unagreed": consent.lacking(record),
        "unseen": curating.unseen(fields),
        "step": reviewing.next_step(session, record, person, two_people=two_people),
        "last": curating.last_of(session, record.id, by=person.by),
    }
