"""Sign in by another server, and come back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from kb import sign_in, tickets
from kb.errors import ForbiddenError
from kb.vocabulary import Errand
from kb.wording import marked
from web import oidc
from web.deps import LibraryDep, NamesDep, WritingDep
from web.devices import device_of
from web.forms import FormDep
from web.render import address
from web.rules import LINK
from web.signing_in import within
from web.who import remember

router = APIRouter(prefix="/sign-in", include_in_schema=False, dependencies=[LINK])
COOKIE = "maktaba-way"  # binds the way to the browser that began it
HERE = "/sign-in/back"


@router.post("/with")
def go(request: Request, session: WritingDep, library: LibraryDep, form: FormDep) -> Response:
    """Send the browser to the other server."""
    way = oidc.begin(library.settings, address(request, HERE))
    secret = tickets.issue(
        session,
        Errand.OIDC,
        by="",
        to=within(form.text("to")),
        state=way.state,
        nonce=way.nonce,
        verifier=way.verifier,
    )
    session.commit()
    response = RedirectResponse(way.address, 303)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(tickets.LASTS[Errand.OIDC].total_seconds()),
        path=HERE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/back")
def back(request: Request, session: WritingDep, library: LibraryDep, names: NamesDep) -> Response:
    """Let in who the other server says it is, if they have an account or an invitation."""
    ticket = tickets.use(session, request.cookies.get(COOKIE, ""), Errand.OIDC)
    detail = ticket.detail
    session.commit()  # the way is used up, however it ends; and nobody waits for the server
    way = oidc.Way("", detail["state"], detail["nonce"], detail["verifier"])
    query = request.url.query
    known = oidc.finish(library.settings, address(request, HERE), query=query, way=way)
    user = tickets.known_elsewhere(
        session,
        subject=known.subject,
        email=known.email,
        name=known.name,
        language=names.language,
    )
    if user is None:
        raise ForbiddenError(
            marked("You have no account here yet."),
            hint=marked("Ask whoever looks after the accounts for an invitation."),
        )
    device = device_of(request.headers.get("user-agent", ""))
    secret = sign_in.open_door(session, user, device=device)
    session.commit()
    response = RedirectResponse(within(detail["to"]), 303)
    remember(request, response, secret)
    response.delete_cookie(COOKIE, path=HERE)
    return response
