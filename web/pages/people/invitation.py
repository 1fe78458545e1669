"""An invitation: whoever has its link opens their account."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from kb import sign_in, tickets, users
from kb.errors import InvalidError
from kb.people import Grant
from kb.vocabulary import Errand, Role
from web.deps import NamesDep, ReadingDep, WritingDep
from web.devices import device_of
from web.forms import FormDep
from web.render import page
from web.rules import LINK
from web.who import remember

router = APIRouter(prefix="/invitation", include_in_schema=False, dependencies=[LINK])
UNREADY = 422


@router.get("/{secret}")
def invitation(request: Request, session: ReadingDep, secret: str) -> Response:
    """Show what the invitation is to, and ask for name and password."""
    return _shown(request, session, secret)


@router.post("/{secret}")
def accept(
    request: Request, session: WritingDep, names: NamesDep, form: FormDep, secret: str
) -> Response:
    """Open the account, and sign this browser in."""
    name = form.text("name")
    try:
        user = tickets.accept(
            session,
            secret,
            name=name,
            password=form.as_typed("password"),
            language=names.language,
        )
    except InvalidError as error:
        session.rollback()
        return _shown(request, session, secret, name=name, error=error)
    device = device_of(request.headers.get("user-agent", ""))
    opened = sign_in.open_door(session, user, device=device)
    session.commit()
    response = RedirectResponse("/account", 303)
    remember(request, response, opened)
    return response


def _shown(
    request: Request,
    session: ReadingDep,
    secret: str,
    *,
    name: str = "",
    error: InvalidError | None = None,
) -> Response:
    ticket = tickets.look(session, secret, Errand.INVITATION)
    given = [Grant(Role(one["role"]), **_place(one)) for one in ticket.detail["grants"]]
    return page(
        request,
        "people/invitation.html",
        status=UNREADY if error else 200,
        email=ticket.email,
        invited_by=users.called(session, [ticket.by])[ticket.by],
        grants=given,
        name=name or ticket.detail.get("name", ""),
        error=error,
    )


def _place(one: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in one.items() if name != "role"}
