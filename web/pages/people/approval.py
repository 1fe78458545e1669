"""A link by which somebody without an account reads a record before others, and says yes or no."""

from fastapi import APIRouter, BackgroundTasks, Request, Response

from kb import letters, records, tickets, users
from kb.errors import InvalidError
from kb.permissions import Act
from kb.vocabulary import Errand, Role
from web import mail
from web.catalogue import as_readers_see
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.letters import send_waiting
from web.render import address, page
from web.rules import LINK, may, needs

router = APIRouter(include_in_schema=False)
MOST_WORDS = 2000  # characters
UNREADY = 422


@router.get("/approval/{secret}", dependencies=[LINK])
def read(request: Request, session: ReadingDep, secret: str) -> Response:
    """Show the record as its readers would see it, and ask what the approver says."""
    ticket = tickets.look(session, secret, Errand.APPROVAL)
    assert ticket.record_id is not None
    record = as_readers_see(records.get(session, ticket.record_id))
    return page(
        request,
        "people/approval.html",
        record=record,
        said=record.said,
        ticket=ticket,
        asked_by=users.called(session, [ticket.by])[ticket.by],
        changed=record.version != ticket.detail["version"],
    )


@router.post("/approval/{secret}", dependencies=[LINK])
def answer(request: Request, session: WritingDep, form: FormDep, secret: str) -> Response:
    """Keep what the approver says; the link opens nothing any more."""
    approved = form.text("answer") == "yes"
    words = form.text("words")[:MOST_WORDS]
    tickets.answer_approval(session, secret, approved=approved, words=words)
    session.commit()
    return page(request, "people/approved.html", approved=approved)


@router.post(
    "/desk/records/{record_id}/approval", dependencies=[needs(Role.CURATOR), may(Act.CURATE)]
)
def ask(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    *,
    form: FormDep,
    tasks: BackgroundTasks,
    record_id: RecordId,
) -> Response:
    """Make a link for an approver, send it where there is mail, and show it to hand over."""
    record = records.get(session, record_id)
    try:
        secret = tickets.ask_approval(session, record, form.text("email"), by=person.by)
    except InvalidError as error:
        session.rollback()
        return page(
            request,
            "people/approval_asked.html",
            status=UNREADY,
            record_id=record_id,
            email=form.text("email"),
            link="",
            error=error,
        )
    link = address(request, f"/approval/{secret}")
    email = form.text("email")
    by_mail = mail.is_set_up(library.settings)
    if by_mail:
        kind, base = Errand.APPROVAL, address(request, "")
        letters.wait(session, kind, email, secret=secret, language=names.language, base=base)
    session.commit()
    if by_mail:
        tasks.add_task(send_waiting, library)
    return page(
        request,
        "people/approval_asked.html",
        record_id=record_id,
        email=email,
        link=link,
        error=None,
    )
