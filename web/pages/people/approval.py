"""A link by which somebody without an account reads a record before others, and says yes or no."""

from fastapi import APIRouter, BackgroundTasks, Request, Response

from kb import link_mails, records, threads, tickets, users
from kb.errors import InvalidError
from kb.permissions import Act
from kb.vocabulary import Errand, Role
from kb.wording import marked
from web import mail, telling_people
from web.catalogue import as_readers_see
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.link_mails import send_waiting
from web.render import address, page
from web.rules import LINK, may, needs

router = APIRouter(include_in_schema=False)
MOST_WORDS = 2000  # characters
MAY_WE = marked(
    "May everybody see your story? Read it as readers will see it and say yes or no, by the link "
    "that you get. You can also write here what should be different."
)
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
        link_mails.wait(session, kind, email, secret=secret, language=names.language, base=base)
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


@router.post(
    "/desk/records/{record_id}/ask-team", dependencies=[needs(Role.CURATOR), may(Act.CURATE)]
)
def ask_team(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    *,
    tasks: BackgroundTasks,
    record_id: RecordId,
) -> Response:
    """Ask the team whether everybody may see its story: in its thread, and by a link for each."""
    record = records.get(session, record_id)
    theirs = telling_people.names_for(library, record.language)
    asked = threads.ask_to_show(session, record_id, theirs.gettext(MAY_WE), by=person.by)
    called = users.called(session, (user.email for user, _ in asked))
    by_mail = mail.is_set_up(library.settings)
    links = []
    for user, secret in asked:
        link = address(request, f"/approval/{secret}")
        if by_mail:
            language, base = telling_people.language_for(library, user), address(request, "")
            kind, email = Errand.APPROVAL, user.email
            link_mails.wait(session, kind, email, secret=secret, language=language, base=base)
        links.append((called[user.email], "" if by_mail else link))
    session.commit()
    if by_mail:
        tasks.add_task(send_waiting, library)
    return page(request, "people/team_asked.html", record_id=record_id, links=links)
