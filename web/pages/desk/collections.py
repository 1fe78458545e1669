"""Put a package together: parts, ideas, licences; see it as readers will; publish it."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import (
    adapting,
    borrowed_collections,
    clearance,
    collections,
    editions,
    parts,
    permissions,
    users,
)
from kb.editions import Choice, Place
from kb.errors import ConflictError, InvalidError, KBError, NotFoundError
from kb.licences import KNOWN
from kb.models import Collection, Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import Audience, Clearance, CollectionKind, PartKind, Role
from kb.wording import marked
from web import collected, parts_form
from web.deps import ChosenDep, LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import Form, FormDep, LongFormDep
from web.library import Library
from web.pages.collections import shown
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(
    prefix="/desk/collections", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)

UP, DOWN, REMOVE = "up", "down", "remove"
STATUS = {ConflictError: 409, InvalidError: 422, NotFoundError: 404}
AUDIENCE = "audience"
NEW_PART, RECORDS, GONE = "new-part", "records", "gone"  # where on the page something went wrong


@router.get("")
def collections_page(request: Request, session: ReadingDep) -> Response:
    """List all collections, and offer to begin one."""
    return _list(request, session)


@router.post("")
def begin(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Begin a collection, with the records that were chosen if there are any."""
    try:
        collection = _begun(session, form, person)
    except InvalidError as error:
        session.rollback()
        return _list(request, session, typed=form, error=error)
    session.commit()
    return shown_next(request, f"/desk/collections/{collection.id}")


@router.get("/add")
def add_page(request: Request, session: ReadingDep, person: PersonDep, ids: ChosenDep) -> Response:
    """Ask into which collection the chosen records go."""
    return _list(request, session, chosen=_titles(session, person, ids))


@router.post("/add")
def add(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Put the chosen records into a collection; those that are in it already stay."""
    number = form.number("collection")
    _put_in(session, number, _numbers(form, "ids"), person)
    session.commit()
    return shown_next(request, f"/desk/collections/{number}")


@router.get("/{collection_id}")
def collection_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    person: PersonDep,
    collection_id: RecordId,
) -> Response:
    """Show a collection as its curator works on it."""
    return _desk(request, session, library, person, collection_id)


@router.post("/{collection_id}")
def describe(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: FormDep,
    collection_id: RecordId,
) -> Response:
    """Say anew what the collection is."""
    audience = form.fields.get(AUDIENCE, [])
    try:
        collections.describe(
            session,
            collection_id,
            title=form.text("title"),
            purpose=form.text("purpose"),
            language=form.text("language"),
            kind=form.choice("kind", CollectionKind),
            audience=[one for one in Audience if one in audience],
            licence=form.text("licence"),
            thanks=form.text("thanks"),
            least_places=form.number("least_places"),
            version=form.number("version"),
        )
    except (ConflictError, InvalidError) as error:
        session.rollback()
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at="about"
        )
    session.commit()
    return shown_next(request, f"/desk/collections/{collection_id}")


@router.get("/{collection_id}/discard")
def discard_page(request: Request, session: ReadingDep, collection_id: RecordId) -> Response:
    """Ask whether a collection that no reader saw shall go for good; else say that it cannot."""
    try:
        collections.refuse_seen(session, collection_id)
    except ConflictError as error:
        return _discarding(request, session, collection_id, error=error, status=200)
    return _discarding(request, session, collection_id)


@router.post("/{collection_id}/discard")
def discard(
    request: Request,
    session: WritingDep,
    *,
    person: PersonDep,
    form: FormDep,
    collection_id: RecordId,
) -> Response:
    """Throw it away."""
    try:
        collections.discard(session, collection_id, by=person.by, reason=form.text("reason"))
    except ConflictError as error:
        session.rollback()
        status = STATUS[ConflictError]
        return _discarding(request, session, collection_id, error=error, status=status)
    session.commit()
    return shown_next(request, "/desk/collections")


@router.post("/{collection_id}/parts")
def add_part(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: LongFormDep,
    collection_id: RecordId,
) -> Response:
    """Put a part at the end: words, or what is made from the records."""
    if refused := _kept(request, session, library, person, collection_id=collection_id, form=form):
        return refused
    try:
        part = parts.say(session, collection_id, kind=form.choice("kind", PartKind))
    except (ConflictError, InvalidError) as error:
        session.rollback()
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at=NEW_PART
        )
    session.commit()
    return shown_next(request, f"/desk/collections/{collection_id}#part-{part.id}")


@router.post("/{collection_id}/records")
def add_records(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: LongFormDep,
    collection_id: RecordId,
) -> Response:
    """Put records at the end, by their numbers; all of them, or none."""
    if refused := _kept(
        request, session, library, person, collection_id=collection_id, form=form, named=True
    ):
        return refused
    session.commit()
    return shown_next(request, f"/desk/collections/{collection_id}#parts")


@router.post("/{collection_id}/parts/{part_id}")
def change_part(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: LongFormDep,
    collection_id: RecordId,
    part_id: RecordId,
) -> Response:
    """Keep what was written in all parts; then move one, or take it out, if that was pressed."""
    act = form.text("act")
    here = f"/desk/collections/{collection_id}"
    # Enter in the field for numbers presses the first button of the form, which may be this one.
    named = bool(form.text("ids"))
    if refused := _kept(
        request,
        session,
        library,
        person,
        collection_id=collection_id,
        form=form,
        named=named,
        without=part_id if act == REMOVE else None,
    ):
        return refused
    try:
        if act == REMOVE:
            parts.drop(session, collection_id, part_id)
        elif act in {UP, DOWN}:
            parts.move(session, collection_id, part_id, by=-1 if act == UP else 1)
    except NotFoundError as error:  # somebody else took it out
        session.rollback()
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at=GONE
        )
    session.commit()
    return shown_next(request, f"{here}#parts" if act == REMOVE else f"{here}#part-{part_id}")


@router.post("/{collection_id}/parts/{part_id}/clearance")
def clear(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: FormDep,
    collection_id: RecordId,
    part_id: RecordId,
) -> Response:
    """Decide about a record whose licence does not allow it by itself."""
    decided = form.choice("clearance", Clearance)
    try:
        parts.clear(session, collection_id, part_id, decided, note=form.text("note"))
    except InvalidError as error:
        session.rollback()
        at = f"clearance-{part_id}"
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at=at
        )
    session.commit()
    return shown_next(request, f"/desk/collections/{collection_id}#licences")


@router.post("/{collection_id}/ideas")
def choose(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: FormDep,
    collection_id: RecordId,
) -> Response:
    """Leave an idea out of the table, take it in, or write a note to it."""
    choice = Choice(
        record_id=form.number("record"),
        text=form.text("idea"),
        place=form.choice("place", Place),
        why=form.text("why"),
    )
    try:
        parts.choose(session, collection_id, choice)
    except InvalidError as error:
        session.rollback()
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at="ideas"
        )
    session.commit()
    return shown_next(request, f"/desk/collections/{collection_id}#ideas")


@router.get("/{collection_id}/preview")
def preview_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    collection_id: RecordId,
) -> Response:
    """Show the collection as its readers would see it now."""
    draft = collected.preview(session, collections.get(session, collection_id))
    return page(
        request,
        "desk/preview.html",
        **shown(session, library, names, draft),
        origin=adapting.origin_of(session, draft.said),
        adapted=[],
        editions=[],
        news=None,
        keep_with=[],
    )


@router.post("/{collection_id}/publish", dependencies=[needs(Role.PUBLISHER)])
def publish(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    *,
    person: PersonDep,
    form: LongFormDep,
    collection_id: RecordId,
) -> Response:
    """Show the collection to every reader, as its next edition, with what was just written."""
    if refused := _kept(request, session, library, person, collection_id=collection_id, form=form):
        return refused
    own = borrowed_collections.own_licence(session, collection_id, library.site.licence)
    try:
        collections.publish(
            session, collection_id, by=person.by, note=form.text("note"), own_licence=own
        )
    except (ConflictError, InvalidError) as error:
        session.rollback()
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at="publish"
        )
    session.commit()
    return shown_next(request, f"/collections/{collection_id}")


@router.post("/{collection_id}/withdraw", dependencies=[needs(Role.PUBLISHER)])
def withdraw(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, collection_id: RecordId
) -> Response:
    """Take the collection away from readers; its records stay."""
    reason = form.text("reason")
    if not reason:
        raise InvalidError(
            marked("It is not said why."), hint=marked("Write in a line why it is taken back.")
        )
    collections.withdraw(session, collection_id, by=person.by, reason=reason)
    session.commit()
    return shown_next(request, f"/desk/collections/{collection_id}")


@router.post("/{collection_id}/adapt")
def adapt(
    request: Request, session: WritingDep, person: PersonDep, collection_id: RecordId
) -> Response:
    """Begin a collection with all that a published one says."""
    copy = adapting.adapt(session, collection_id, by=person.by)
    session.commit()
    return shown_next(request, f"/desk/collections/{copy.id}")


def _kept(
    request: Request,
    session: Session,
    library: Library,
    person: Person,
    *,
    collection_id: int,
    form: Form,
    named: bool = False,
    without: int | None = None,
) -> Response | None:
    """Keep what was written in any part, and add the stories that are `named` by number.

    Returns the page that says what could not be kept, with all that was typed; nothing is kept
    then.
    """
    collections.get(session, collection_id)
    at: str | int = RECORDS
    try:
        for one in parts_form.written(form):
            if one.part_id != without:
                at = one.part_id
                parts_form.keep(session, collection_id, one)
        at = RECORDS
        if named:
            _put_in(session, collection_id, _named(form), person)
    except (ConflictError, InvalidError, NotFoundError) as error:
        if at != RECORDS and isinstance(error, NotFoundError):
            at = GONE  # its words have no form any more
        session.rollback()
        return _desk(
            request, session, library, person, collection_id, typed=form, error=error, at=at
        )
    return None


def _begun(session: Session, form: Form, person: Person) -> Collection:
    collection = collections.create(
        session,
        form.text("title"),
        purpose=form.text("purpose"),
        language=form.text("language") or "en",
        kind=form.choice("kind", CollectionKind),
        by=person.by,
    )
    _put_in(session, collection.id, _numbers(form, "ids"), person)
    return collection


def _put_in(session: Session, number: int, record_ids: list[int], person: Person) -> None:
    held = {part.record_id for part in collections.get(session, number).parts}
    for record_id in record_ids:
        permissions.require(session, person, Act.READ, record_id)
        if record_id not in held:
            collections.add(session, number, record_id)


def _numbers(form: Form, name: str) -> list[int]:
    """Return the numbers in a field, sent one by one or as “7, 12”, each once."""
    said = [one for text in form.fields.get(name, []) for one in text.replace(",", " ").split()]
    return list(dict.fromkeys(int(one) for one in said if one.isascii() and one.isdigit()))


def _titles(session: Session, person: Person, record_ids: list[int]) -> dict[int, str]:
    rows = session.execute(
        select(Record.id, Record.title).where(
            Record.id.in_(record_ids), permissions.readable(person)
        )
    )
    return {id_: title for id_, title in rows}  # noqa: C416  rows are no pairs


def _list(
    request: Request,
    session: Session,
    *,
    chosen: dict[int, str] | None = None,
    typed: Form | None = None,
    error: KBError | None = None,
) -> Response:
    return page(
        request,
        "desk/collections.html",
        status=422 if error else 200,
        collections=collections.listed(session),
        count=lambda one: len(collections.records_of(one)),
        kinds=collected.KINDS,
        chosen=chosen or {},
        typed=typed,
        error=error,
    )


def _discarding(
    request: Request,
    session: Session,
    collection_id: int,
    *,
    error: KBError | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "desk/discard.html",
        status=status,
        collection=collections.get(session, collection_id),
        error=error,
    )


def _named(form: Form) -> list[int]:
    numbers = _numbers(form, "ids")
    if not numbers:
        raise InvalidError(
            marked("“%(said)s” names no story.", said=form.text("ids")[:40]),
            hint=marked("Write the numbers of stories, such as 7, 12."),
        )
    return numbers


def _desk(
    request: Request,
    session: Session,
    library: Library,
    person: Person,
    collection_id: int,
    *,
    typed: Form | None = None,
    error: KBError | None = None,
    at: str | int = "",
) -> Response:
    """Show the desk's page; with an error also what was `typed`, in the form that stands `at`."""
    collection = collections.get(session, collection_id)
    draft = editions.content_of(session, collection)
    told = collected.told(session, draft, library.taxonomy)
    wanted = [part.record_id for part in collections.records_of(collection)]
    borrowed = borrowed_collections.of(session, collection_id)
    own = borrowed_collections.own_licence(session, collection_id, library.site.licence)
    published = editions.of(session, collection_id)
    return page(
        request,
        "desk/collection.html",
        status=STATUS.get(type(error), 200) if error else 200,
        collection=collection,
        known=_titles(session, person, [id_ for id_ in wanted if id_]),
        shown=set(draft.record_ids),
        doubts=clearance.doubts(session, collection, own_licence=own),
        missing=collections.missing_to_publish(collection, own_licence=own),
        editions=published,
        called=users.called(session, (edition.by for edition in published)),
        ideas=collected.ideas(told, draft) if told else None,
        origin=adapting.origin_of(session, draft),
        home=borrowed_collections.home(session, collection_id),
        waits=borrowed is not None and borrowed.newer is not None,
        lost=borrowed.missing if borrowed else [],
        own_licence=own,
        licences=KNOWN.values(),
        audiences=tuple(Audience),
        kinds=collected.KINDS,
        part_names=collected.PARTS,
        obstacles=collected.OBSTACLES,
        clearances=collected.CLEARANCES,
        places=tuple(Place),
        typed=typed,
        written={one.part_id: one for one in parts_form.written(typed)} if typed else {},
        opened_with=parts_form.opened_with,
        error=error,
        at=at,
    )
