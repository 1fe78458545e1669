"""Help asked of a level above, and questions to a team: ask, answer, close."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from kb import countries, enquiries, records, relay, support
from kb.addressees import LEVELS
from kb.content import Place
from kb.errors import ConflictError, InvalidError, KBError, NotFoundError, NotReadyError
from kb.models import Enquiry
from kb.people import Person
from kb.privacy import public
from kb.vocabulary import EnquiryKind, EnquiryState, Level, Role, Speaker
from kb.wording import marked
from search.filters import Scope
from search.index import Index
from search.similar import similar_to_text
from web.catalogue import PublicRecord, public_records, published
from web.deps import LARGEST, IndexDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import Form, FormDep
from web.names import Names
from web.pages.judgements import record_in
from web.render import page, shown_next
from web.rules import SIGNED_IN, needs

router = APIRouter(include_in_schema=False)
HELPFUL = 4  # stories that are offered to whoever answers
TYPED = ("text", "level", "country", "admin1", "admin2", "sure")
COULD_NOT = (InvalidError, ConflictError, NotFoundError)


@router.get("/requests", dependencies=[SIGNED_IN])
def requests_page(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List what waits for the reader, what they asked, and what is done."""
    found = enquiries.of(session, person)
    mine = [one for one in found if one.asked_by is not None and one.asked_by == person.user_id]
    others = [one for one in found if one not in mine]
    waiting = [one for one in others if one.state is EnquiryState.OPEN]
    done = [one for one in others if one.state is not EnquiryState.OPEN]
    stories = public_records(session, {one.record_id for one in found if one.record_id})
    lists = {"waiting": waiting, "mine": mine, "done": done}
    return page(request, "loop/requests.html", lists=lists, stories=stories)


@router.get("/requests/new", dependencies=[needs(Role.CONTRIBUTOR)])
def new_request_page(request: Request, names: NamesDep, person: PersonDep) -> Response:
    """Ask what help is needed, and of whom."""
    return _new_page(request, names, _at_home(person))


@router.post("/requests/new", dependencies=[needs(Role.CONTRIBUTOR)])
def send_request(
    request: Request, session: WritingDep, names: NamesDep, person: PersonDep, form: FormDep
) -> Response:
    """Send the request to the level that is asked."""
    try:
        level = form.choice("level", Level)
        place = _place(form)
        sure = bool(form.text("sure"))
        asked = support.ask(session, person, form.text("text"), level=level, place=place, sure=sure)
    except COULD_NOT as error:
        session.rollback()
        return _new_page(request, names, _typed(form), error=error)
    session.commit()
    return shown_next(request, f"/requests/{asked.id}")


@router.get("/requests/{enquiry_id}", dependencies=[SIGNED_IN])
def request_page(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    index: IndexDep,
    enquiry_id: RecordId,
) -> Response:
    """Show what was asked and answered, and a form to say more."""
    return _thread(request, session, person, index, enquiry_id)


@router.post("/requests/{enquiry_id}/say", dependencies=[SIGNED_IN])
def say(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    index: IndexDep,
    form: FormDep,
    *,
    enquiry_id: RecordId,
) -> Response:
    """Add an answer, or what the asker says further."""
    try:
        pointed = [*map(_number, form.fields.get("helps", [])), *_named(form.text("records"))]
        text, sure = form.text("text"), bool(form.text("sure"))
        enquiries.say(session, person, enquiry_id, text, records=pointed, sure=sure)
    except COULD_NOT as error:
        session.rollback()
        return _thread(request, session, person, index, enquiry_id, form=form, error=error)
    session.commit()
    return shown_next(request, f"/requests/{enquiry_id}")


@router.post("/requests/{enquiry_id}/close", dependencies=[SIGNED_IN])
def close(
    request: Request, session: WritingDep, person: PersonDep, enquiry_id: RecordId
) -> Response:
    """Let who asked say that it is done."""
    enquiries.close(session, person, enquiry_id)
    session.commit()
    return shown_next(request, f"/requests/{enquiry_id}")


@router.get("/records/{record_id}/ask", dependencies=[SIGNED_IN])
def ask_page(request: Request, session: ReadingDep, record_id: RecordId) -> Response:
    """Ask what the reader wants to know of the team."""
    return _ask_page(request, session, record_id, Form({}))


@router.post("/records/{record_id}/ask", dependencies=[SIGNED_IN])
def ask_team(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Pass the question on to the team."""
    published(session, record_id)  # who reads it early, as a peer, waits with this
    try:
        sure = bool(form.text("sure"))
        asked = relay.ask(session, person, record_id, form.text("text"), sure=sure)
    except COULD_NOT as error:
        session.rollback()
        return _ask_page(request, session, record_id, form, error=error)
    session.commit()
    return shown_next(request, f"/requests/{asked.id}")


def _new_page(
    request: Request, names: Names, typed: Mapping[str, str], *, error: KBError | None = None
) -> Response:
    return page(
        request,
        "loop/new_request.html",
        status=STATUS[type(error)] if error else 200,
        typed=typed,
        levels=tuple(LEVELS),
        countries=names.countries(),
        error=error,
    )


def _ask_page(
    request: Request,
    session: Session,
    record_id: int,
    form: Form,
    *,
    error: KBError | None = None,
) -> Response:
    return page(
        request,
        "loop/ask.html",
        status=STATUS[type(error)] if error else 200,
        record=published(session, record_id),
        offered=relay.offered(session, record_id),
        typed=_typed(form),
        error=error,
    )


def _thread(
    request: Request,
    session: Session,
    person: Person,
    index: Index,
    enquiry_id: int,
    *,
    form: Form | None = None,
    error: KBError | None = None,
) -> Response:
    enquiry = enquiries.get(session, person, enquiry_id)
    side = enquiries.side_of(session, person, enquiry)
    asks = side is Speaker.ASKER
    ids = {n for said in enquiry.messages for n in said.records}
    about = enquiry.record_id
    stories = public_records(session, {*ids, *([about] if about else [])})
    return page(
        request,
        "loop/request.html",
        status=STATUS[type(error)] if error else 200,
        enquiry=enquiry,
        asks=asks,
        answers=not asks and enquiry.state is not EnquiryState.CLOSED,
        place=_shown_place(session, enquiry),
        stories=stories,
        readable=about in stories or enquiries.may_see_record(session, person, enquiry),
        helpful=[] if asks else _helpful(session, index, enquiry, without={*ids, about}),
        typed=_typed(form or Form({})) | {"records": form.text("records") if form else ""},
        error=error,
    )


def _shown_place(session: Session, enquiry: Enquiry) -> Place:
    """Return where a request is from; of a story no more than its naming allows."""
    if enquiry.kind is EnquiryKind.TEAM:
        return Place()
    if enquiry.record_id is None:
        return enquiries.place_of(enquiry)
    said = public(records.read(records.get(session, enquiry.record_id)))
    return next(iter(said.places), Place())


def _helpful(
    session: Session, index: Index, enquiry: Enquiry, *, without: set[int | None]
) -> list[PublicRecord]:
    """Return stories that may help to answer; none where nothing can be searched."""
    try:
        like = similar_to_text(session, index, enquiry.text, scope=Scope.PUBLIC, limit=2 * HELPFUL)
    except (NotReadyError, InvalidError):
        return []
    ids = [one.record_id for one in like.similar if one.record_id not in without][:HELPFUL]
    known = public_records(session, ids)
    return [known[one] for one in ids if one in known]


def _typed(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in TYPED}


def _place(form: Form) -> Place:
    country = form.text("country")
    if country not in countries.alpha3().values():
        raise InvalidError(
            marked("A request is from somewhere."), hint=marked("Choose your country.")
        )
    return Place(country=country, admin1=form.text("admin1"), admin2=form.text("admin2"))


def _at_home(person: Person) -> dict[str, str]:
    """Return a form with the place that the person works at filled in."""
    known = next((grant for grant in person.grants if grant.country), None)
    names = ("country", "admin1", "admin2")
    place = {name: getattr(known, name) if known else "" for name in names}
    return {**_typed(Form({})), **place, "level": str(Level.DISTRICT)}


def _named(text: str) -> list[int]:
    """Return the records that are named by number or address, a comma or a line between two."""
    return [record_in(one) for one in text.replace(",", " ").split()]


def _number(text: str) -> int:
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 11 else 0  # noqa: PLR2004
