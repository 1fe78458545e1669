"""Sign in, and out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from kb import sign_in
from kb.sign_in import CodeNeededError, TooSoonError, WrongError
from web.deps import PersonDep, ReadingDep, WritingDep
from web.devices import device_of
from web.forms import FormAroundAFormDep
from web.rules import OPEN
from web.security import network_of
from web.signing_in import back, carried_address, drop_address, sign_in_page, within
from web.who import forget, remember, secret_of

router = APIRouter(include_in_schema=False, dependencies=[OPEN])
REFUSED = 403
TOO_SOON = 429


@router.get("/sign-in")
def sign_in_here(
    request: Request,
    person: PersonDep,
    to: Annotated[str, Query(max_length=2000)] = "/",
    kept: bool = False,
    chosen: bool = False,
) -> Response:
    """Show where to sign in; who has, goes on.

    `kept`: the browser keeps what was typed; `chosen`: a password was chosen a moment ago.
    """
    if person.known:
        return RedirectResponse(within(to), 303)
    email = carried_address(request) if chosen else ""
    response = sign_in_page(request, to=to, kept=kept, chosen=chosen, email=email)
    if email:
        drop_address(request, response)
    return response


@router.post("/sign-in")
def enter(
    request: Request, reading: ReadingDep, session: WritingDep, form: FormAroundAFormDep
) -> Response:
    """Sign the browser in and lead back; show what was typed again where that fails."""
    email, to, typed = form.text("email"), form.text("to"), form.text("typed")
    origin = network_of(request.scope)
    try:
        # The password first, in a session that only reads: it takes a tenth of a second.
        user_id = sign_in.verify(reading, email, form.as_typed("password"), origin=origin)
        device = device_of(request.headers.get("user-agent", ""))
        secret = sign_in.enter(session, user_id, code=form.text("code"), device=device)
    except (WrongError, CodeNeededError, TooSoonError) as error:
        session.rollback()
        if isinstance(error, WrongError):
            sign_in.failed(session, email, origin=origin)
            session.commit()
        status = TOO_SOON if isinstance(error, TooSoonError) else REFUSED
        return sign_in_page(request, to=to, typed=typed, email=email, error=error, status=status)
    session.commit()
    response = back(request, to=to, typed=typed)
    remember(request, response, secret)
    return response


@router.post("/sign-out")
def leave(request: Request, session: WritingDep) -> Response:
    """Sign the browser out."""
    sign_in.close_door(session, secret_of(request))
    session.commit()
    response = RedirectResponse("/", 303)
    forget(request, response)
    # What this browser kept of pages for one person; kept stories are public, and stay.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
