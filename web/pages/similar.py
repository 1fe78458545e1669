"""Similar experiences elsewhere: of a record, of a pasted text, of a draft that is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from ingest import structure
from kb import content
from kb.errors import InvalidError, NotReadyError
from kb.vocabulary import FacilityType
from kb.wording import marked
from search.context import Context
from search.filters import Scope
from search.index import Index
from search.similar import LONGEST, LikeText, Similar, similar, similar_to_sections, similar_to_text
from web.catalogue import PublicRecord, public_records, published
from web.deps import IndexDep, ReadingDep, RecordId
from web.errors import STATUS
from web.render import page
from web.rules import OPEN
from web.uploads import MOST_FILE, FormWithFile, UploadDep, read_document

router = APIRouter(dependencies=[OPEN])

SHOWN = 10
MINE = "mine"  # value of `like` in the address
# What is asked here is nobody's business: no browser and no proxy keeps the answer.
UNKEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Alike:
    """A record like what was asked, and what it says in short."""

    why: Similar
    record: PublicRecord


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reader filled in: the plan in words, and what the own place is like."""

    text: str = ""
    facility_type: FacilityType | None = None
    births: int | None = None  # a month

    @property
    def place(self) -> Context | None:
        """The reader's place; None where nothing was said of it."""
        kinds = (self.facility_type,) if self.facility_type else ()
        return Context(facility_types=kinds, births=self.births) or None


@router.get("/similar")
def plan_page(request: Request) -> Response:
    """Ask what the reader wants to try."""
    return _page(request, Plan())


@router.post("/similar")
def answer_page(
    request: Request, session: ReadingDep, index: IndexDep, sent: UploadDep
) -> Response:
    """Show who did it: a question, though a long one, so the answer stands on the page at once."""
    plan = Plan(text=sent.form.text("text"))
    try:
        plan = _plan(sent)
        found = _like_plan(session, index, plan, sent)
    except (InvalidError, NotReadyError) as error:
        return _page(request, plan, error=error, status=STATUS[type(error)])
    return _page(request, plan, found=found, alike=_with_records(session, found.similar))


@router.get("/records/{record_id}/similar")
def like_record_page(
    request: Request, session: ReadingDep, index: IndexDep, record_id: RecordId, like: str = ""
) -> Response:
    """Show records like this one; with `like=mine` those of places like its own first."""
    record = published(session, record_id)
    mine = like == MINE
    found = similar(session, index, record_id, scope=Scope.PUBLIC, limit=SHOWN, like_mine=mine)
    alike = _with_records(session, found)
    return page(request, "like_record.html", record=record, alike=alike, mine=mine)


def _page(
    request: Request,
    plan: Plan,
    *,
    found: LikeText | None = None,
    alike: list[Alike] | None = None,
    error: InvalidError | NotReadyError | None = None,
    status: int = 200,
) -> Response:
    response = page(
        request,
        "similar.html",
        status=status,
        plan=plan,
        found=found,
        alike=alike or [],
        error=error,
        longest=LONGEST,
        most_mb=MOST_FILE >> 20,
        facility_types=tuple(FacilityType),
    )
    response.headers.update(UNKEPT)
    return response


def _plan(sent: FormWithFile) -> Plan:
    form = sent.form
    return Plan(
        text=form.text("text"),
        facility_type=(
            form.choice("facility_type", FacilityType) if form.text("facility_type") else None
        ),
        births=form.number("births") if form.text("births") else None,
    )


def _like_plan(session: Session, index: Index, plan: Plan, sent: FormWithFile) -> LikeText:
    """Return the records like the plan: like its file, together with its words, where one came."""
    file = sent.file("file")
    if file is None:
        _refuse_silence(plan.text, marked("There is no text to compare with."))
        return similar_to_text(session, index, plan.text, limit=SHOWN, like=plan.place)
    draft = read_document(file)
    _refuse_silence(
        draft.markdown, marked("There is no text in the file; it may be a picture of one.")
    )
    told = structure.read(draft.markdown, title=draft.title)
    sections = [content.Section(body=plan.text), *told.sections]
    return similar_to_sections(
        session, index, sections, title=told.title, limit=SHOWN, like=plan.place
    )


def _refuse_silence(text: str, message: str) -> None:
    if not text.strip():
        raise InvalidError(
            message,
            hint=marked("Write in a sentence or two what goes wrong and what you want to try."),
        )


def _with_records(session: Session, found: Sequence[Similar]) -> list[Alike]:
    """Return each with its record; one that was withdrawn this moment is left out."""
    records = public_records(session, (one.record_id for one in found))
    return [Alike(one, records[one.record_id]) for one in found if one.record_id in records]
