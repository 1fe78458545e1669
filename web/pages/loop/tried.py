"""“We tried this too”: report it, and see how an idea spread."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from kb import reuse
from kb.errors import ConflictError, InvalidError, KBError, NotFoundError
from kb.people import Person
from kb.reuse import LONGEST, VERDICTS, Share, Tried
from kb.vocabulary import Role, Verdict
from kb.wording import marked
from web.catalogue import published
from web.deps import NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import Form, FormDep
from web.names import Names
from web.pages.judgements import record_in
from web.render import page, shown_next
from web.rules import OPEN, needs
from web.spreading import tree

router = APIRouter(prefix="/records/{record_id}", include_in_schema=False)
TELLS = needs(Role.CONTRIBUTOR)
TYPED = ("where", "country", "verdict", "adapted_how", "numbers", "story")
COUNTED = ("before_n", "before_of", "after_n", "after_of")


@router.get("/tried", dependencies=[TELLS])
def tried_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    person: PersonDep,
    record_id: RecordId,
) -> Response:
    """Ask what became of it where the reader works."""
    return _page(request, session, names, person, record_id, form=Form({}))


@router.post("/tried", dependencies=[TELLS])
def send_report(
    request: Request,
    session: WritingDep,
    names: NamesDep,
    person: PersonDep,
    form: FormDep,
    *,
    record_id: RecordId,
) -> Response:
    """Attach the report to the record; show what was typed again where that fails."""
    published(session, record_id)  # who reads it early, as a peer, waits with this
    try:
        reuse.report(session, person, record_id, _tried(form))
    except (InvalidError, ConflictError, NotFoundError) as error:
        session.rollback()
        return _page(request, session, names, person, record_id, form=form, error=error)
    session.commit()
    return shown_next(request, f"/records/{record_id}/tried?thanks=true")


@router.get("/spread", dependencies=[OPEN])
def spread_page(request: Request, session: ReadingDep, record_id: RecordId) -> Response:
    """Show who tried what the record tells, and who took it from them."""
    grown = tree(session, published(session, record_id))
    return page(request, "loop/spread.html", tree=grown, record=grown.root.record)


def _page(
    request: Request,
    session: Session,
    names: Names,
    person: Person,
    record_id: int,
    *,
    form: Form,
    error: KBError | None = None,
) -> Response:
    record = published(session, record_id)
    typed = {name: form.text(name) for name in (*TYPED, *COUNTED)}
    return page(
        request,
        "loop/tried.html",
        status=STATUS[type(error)] if error else 200,
        record=record,
        typed=typed,
        error=error,
        longest=LONGEST,
        verdicts=VERDICTS,
        countries=names.countries(),
        sent=reuse.own(session, person, record_id),
        thanks=request.query_params.get("thanks") == "true",
    )


def _tried(form: Form) -> Tried:
    story = form.text("story")
    return Tried(
        where=form.text("where"),
        verdict=form.choice("verdict", Verdict) if form.text("verdict") else Verdict.NOT_REPORTED,
        adapted_how=form.text("adapted_how"),
        numbers=form.text("numbers"),
        country=form.text("country"),
        before=_share(form, "before"),
        after=_share(form, "after"),
        story_id=record_in(story) if story else None,
    )


def _share(form: Form, name: str) -> Share | None:
    if not form.text(f"{name}_n") and not form.text(f"{name}_of"):
        return None
    return Share(_counted(form, f"{name}_n"), _counted(form, f"{name}_of"))


def _counted(form: Form, name: str) -> int:
    try:
        return form.number(name)
    except InvalidError as error:  # the name of the field means nothing to who fills it in
        raise InvalidError(
            marked("“%(typed)s” is no number of people.", typed=form.text(name)),
            hint=marked("Write how many, and of how many, in digits: 12 of 40."),
        ) from error
