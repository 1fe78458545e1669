"""A new password for who forgot theirs, and the first one for who has a new account."""

from fastapi import APIRouter, BackgroundTasks, Request, Response
from fastapi.responses import RedirectResponse

from kb import link_mails, tickets, users
from kb.errors import InvalidError, NotReadyError
from kb.vocabulary import Errand
from kb.wording import marked
from web import mail
from web.deps import LibraryDep, NamesDep, ReadingDep, WritingDep
from web.forms import FormDep
from web.link_mails import send_waiting
from web.render import address, page
from web.rules import LINK
from web.signing_in import carry_address

router = APIRouter(prefix="/password", include_in_schema=False, dependencies=[LINK])
UNREADY = 422


@router.get("")
def ask(request: Request, library: LibraryDep, sent: bool = False) -> Response:
    """Show where to ask for a new password; `sent`: it was asked for a moment ago."""
    by_mail = mail.is_set_up(library.settings)
    return page(request, "people/password_ask.html", by_mail=by_mail, sent=sent and by_mail)


@router.post("")
def send(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    form: FormDep,
    tasks: BackgroundTasks,
) -> Response:
    """Send a link to the address, if it has an account; the answer is the same if not."""
    if not mail.is_set_up(library.settings):
        raise NotReadyError(
            marked("This library sends no mail: it has no mail server."),
            hint=marked("Ask whoever looks after its accounts for a link."),
        )
    email = users.address_of(form.text("email"))
    # Whether there is an account is asked after the answer: how long it takes would say so.
    base = address(request, "")
    link_mails.wait(session, Errand.RESET, email, language=names.language, base=base)
    session.commit()
    tasks.add_task(send_waiting, library)
    return RedirectResponse("/password?sent=true", 303)


@router.get("/{secret}")
def choose(request: Request, session: ReadingDep, secret: str) -> Response:
    """Show where to choose a password, for who has the link."""
    ticket = tickets.look(session, secret, Errand.RESET)
    return page(request, "people/password_choose.html", email=ticket.email, error=None)


@router.post("/{secret}")
def set_it(request: Request, session: WritingDep, form: FormDep, secret: str) -> Response:
    """Set the password, and go to sign in with it."""
    try:
        user = tickets.reset(session, secret, form.as_typed("password"))
    except InvalidError as error:
        session.rollback()
        ticket = tickets.look(session, secret, Errand.RESET)
        return page(
            request,
            "people/password_choose.html",
            status=UNREADY,
            email=ticket.email,
            error=error,
        )
    email = user.email
    session.commit()
    response = RedirectResponse("/sign-in?chosen=true", 303)
    carry_address(request, response, email)
    return response
