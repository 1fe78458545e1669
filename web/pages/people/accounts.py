"""The accounts of the library, for its admins: invite, give and take roles, close."""

from collections.abc import Iterable

from fastapi import APIRouter, BackgroundTasks, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from kb import link_mails, permissions, sign_in, tickets, users
from kb.errors import InvalidError, KBError
from kb.models import User
from kb.people import FIELDS, Grant, Person
from kb.vocabulary import Errand, Role
from web import mail
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import Form, FormDep
from web.library import Library
from web.link_mails import send_waiting
from web.render import address, page
from web.rules import needs

router = APIRouter(prefix="/people", include_in_schema=False, dependencies=[needs(Role.ADMIN)])
UNREADY = 422


@router.get("")
def people_page(
    request: Request, session: ReadingDep, library: LibraryDep, person: PersonDep
) -> Response:
    """Show the accounts that this admin looks after, and their open invitations."""
    return _shown(request, session, library, person)


@router.post("/invite")
def invite(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    names: NamesDep,
    person: PersonDep,
    *,
    form: FormDep,
    tasks: BackgroundTasks,
) -> Response:
    """Invite somebody: by mail where the library sends any, and by a link to hand over."""
    try:
        email = users.address_of(form.text("email"))
        new = _grant(form)
        permissions.require_over(person, [new])
        secret = tickets.invite(session, email, [new], name=form.text("name"), by=person.by)
    except KBError as error:
        session.rollback()
        return _shown(request, session, library, person, error=error, typed=form)
    by_mail = mail.is_set_up(library.settings)
    if by_mail:  # kept with the invitation, so that neither a crash nor a dead server loses it
        kind, base = Errand.INVITATION, address(request, "")
        link_mails.wait(session, kind, email, secret=secret, language=names.language, base=base)
    session.commit()
    if by_mail:
        tasks.add_task(send_waiting, library)
    link = address(request, f"/invitation/{secret}")
    # By a session that only reads: this one's end comes after the mail, which has to be written.
    with library.reading() as reading:
        return _shown(request, reading, library, person, link=link, email=email)


@router.post("/invitations/{number}/call-back")
def call_back(session: WritingDep, person: PersonDep, number: RecordId) -> Response:
    """Let an invitation open nothing any more."""
    if not _is_promised(person, tickets.promised(session, number)):
        raise tickets.no_such_invitation()
    tickets.call_back(session, number, by=person.by)
    session.commit()
    return RedirectResponse("/people", 303)


@router.get("/{user_id}")
def one(request: Request, session: ReadingDep, person: PersonDep, user_id: RecordId) -> Response:
    """Show one account."""
    _seen(session, person, user_id)
    return _one(request, session, user_id)


@router.post("/{user_id}/grant")
def grant(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, user_id: RecordId
) -> Response:
    """Give the account a role."""
    user = _seen(session, person, user_id)
    try:
        new = _grant(form)
        permissions.require_over(person, [new])
        users.grant(session, user, new, by=person.by)
    except InvalidError as error:
        session.rollback()
        return _one(request, session, user_id, error=error, typed=form)
    session.commit()
    return RedirectResponse(f"/people/{user_id}", 303)


@router.post("/{user_id}/take")
def take(session: WritingDep, person: PersonDep, form: FormDep, user_id: RecordId) -> Response:
    """Take a role from the account."""
    user, old = _seen(session, person, user_id), _grant(form)
    permissions.require_over(person, [old])
    users.take(session, user, old, by=person.by)
    session.commit()
    return RedirectResponse(f"/people/{user_id}", 303)


@router.post("/{user_id}/close")
def close(session: WritingDep, person: PersonDep, form: FormDep, user_id: RecordId) -> Response:
    """Close the account; what its owner wrote stays."""
    user = _looked_after(session, person, user_id)
    users.disable(session, user, by=person.by, reason=form.text("reason"))
    session.commit()
    return RedirectResponse(f"/people/{user_id}", 303)


@router.post("/{user_id}/open")
def open_again(session: WritingDep, person: PersonDep, user_id: RecordId) -> Response:
    """Open the account again."""
    users.enable(session, _looked_after(session, person, user_id), by=person.by)
    session.commit()
    return RedirectResponse(f"/people/{user_id}", 303)


@router.post("/{user_id}/sign-out")
def sign_out(session: WritingDep, person: PersonDep, user_id: RecordId) -> Response:
    """Sign all browsers of the account out."""
    sign_in.close_all(session, _looked_after(session, person, user_id), by=person.by)
    session.commit()
    return RedirectResponse(f"/people/{user_id}", 303)


@router.post("/{user_id}/link")
def link(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, user_id: RecordId
) -> Response:
    """Make a link for a new password, to hand over; without codes where the phone is lost."""
    user = _looked_after(session, person, user_id)
    if form.text("no_codes"):
        sign_in.end_codes(session, user, by=person.by)
    secret = tickets.issue(session, Errand.RESET, user=user, by=person.by)
    session.commit()
    return _one(request, session, user_id, link=address(request, f"/password/{secret}"))


def _looked_after(session: Session, person: Person, user_id: int) -> User:
    """Return an account that `person` is admin of, with all its roles: who opens it has them."""
    user = _seen(session, person, user_id)
    permissions.require_over(person, users.grants_of(user))
    return user


def _seen(session: Session, person: Person, user_id: int) -> User:
    """Return an account that is listed for `person`; of another they hear as of none.

    Raises:
        NotFoundError: there is none for them.
    """
    user = users.get(session, user_id)
    if not _is_seen(person, user):
        raise users.no_such(user_id)
    return user


def _is_seen(person: Person, user: User) -> bool:
    """Tell whether an account is listed for `person`: it has a role that they look after, or none.

    Addresses of people elsewhere are nobody else's business.
    """
    grants = users.grants_of(user)
    return not grants or any(permissions.is_over(person, one) for one in grants)


def _is_promised(person: Person, grants: Iterable[Grant]) -> bool:
    """Tell whether an invitation to these roles is listed for `person`."""
    return all(permissions.is_over(person, one) for one in grants)


def _grant(form: Form) -> Grant:
    place = {name: form.text(name) for name in FIELDS}
    return Grant(form.choice("role", Role), **place)


def _shown(
    request: Request,
    session: ReadingDep,
    library: Library,
    person: Person,
    *,
    error: KBError | None = None,
    typed: Form | None = None,
    link: str = "",
    email: str = "",
) -> Response:
    seen = [user for user in users.all_of(session) if _is_seen(person, user)]
    return page(
        request,
        "people/accounts.html",
        status=UNREADY if error else 200,
        accounts=[(user, users.grants_of(user)) for user in seen],
        invitations=[
            one
            for one in tickets.invitations(session)
            if _is_promised(person, tickets.grants_in(one))
        ],
        by_mail=mail.is_set_up(library.settings),
        error=error,
        typed=typed or Form({}),
        link=link,
        email=email,
    )


def _one(
    request: Request,
    session: ReadingDep,
    user_id: int,
    *,
    error: InvalidError | None = None,
    typed: Form | None = None,
    link: str = "",
) -> Response:
    user = users.get(session, user_id)
    return page(
        request,
        "people/one.html",
        status=UNREADY if error else 200,
        user=user,
        grants=users.grants_of(user),
        browsers=sign_in.browsers(session, user_id),
        typed=typed or Form({}),
        error=error,
        link=link,
    )
