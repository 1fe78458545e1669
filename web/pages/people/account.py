"""One's own account: name, language, password, one-time codes, browsers, tokens."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from kb import api_tokens, enquiries, notices, sign_in, users
from kb.errors import ForbiddenError, KBError
from kb.models import User
from kb.people import Person
from kb.vocabulary import ApiScope
from kb.wording import marked
from web.deps import LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.devices import device_of
from web.forms import FormDep
from web.render import page
from web.rules import SIGNED_IN
from web.who import remember, secret_of

router = APIRouter(prefix="/account", include_in_schema=False, dependencies=[SIGNED_IN])
HERE = "/account"
REFUSED = 422


@router.get("")
def account_page(
    request: Request, session: ReadingDep, names: NamesDep, person: PersonDep
) -> Response:
    """Show the account of who is signed in."""
    if person.at_this_computer:
        return page(request, "people/no_account.html", title=names.gettext("Your account"))
    return _shown(request, session, _mine(session, person))


@router.post("")
def rename(session: WritingDep, person: PersonDep, library: LibraryDep, form: FormDep) -> Response:
    """Change name and language."""
    language = form.text("language")
    users.rename(
        session,
        _mine(session, person),
        name=form.text("name"),
        language=language if language in library.site.languages else "",
        by=person.by,
    )
    session.commit()
    return RedirectResponse(HERE, 303)


@router.post("/password")
def new_password(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep
) -> Response:
    """Change the password, for who knows the old one; only this browser stays signed in."""
    user = _mine(session, person)
    try:
        if user.password_hash is not None:
            sign_in.verify(session, user.email, form.as_typed("old"))
        sign_in.choose_password(session, user, form.as_typed("new"), by=person.by)
    except KBError as error:
        session.rollback()
        if isinstance(error, sign_in.WrongError):
            sign_in.failed(session, person.email)
            session.commit()
        return _shown(request, session, _mine(session, person), wrong=error, at="password")
    device = device_of(request.headers.get("user-agent", ""))
    secret = sign_in.open_door(session, user, device=device)
    session.commit()
    response = RedirectResponse(HERE, 303)
    remember(request, response, secret)
    return response


@router.post("/codes")
def begin_codes(
    request: Request, session: WritingDep, person: PersonDep, library: LibraryDep
) -> Response:
    """Show the secret for one-time codes as a picture, to be confirmed by the first code."""
    user = _mine(session, person)
    secret = sign_in.begin_codes(user)
    link = sign_in.codes_address(user, library.site.name)
    session.commit()
    return page(request, "people/codes.html", secret=secret, link=link, error=None)


@router.post("/codes/confirm")
def confirm_codes(
    request: Request, session: WritingDep, person: PersonDep, library: LibraryDep, form: FormDep
) -> Response:
    """Ask for one-time codes from now on."""
    user = _mine(session, person)
    try:
        sign_in.confirm_codes(session, user, form.text("code"))
    except sign_in.WrongError as error:
        return page(
            request,
            "people/codes.html",
            status=REFUSED,
            secret=user.totp_secret,
            link=sign_in.codes_address(user, library.site.name),
            error=error,
        )
    session.commit()
    return RedirectResponse(HERE, 303)


@router.post("/codes/off")
def end_codes(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Ask for no one-time codes any more; who has the phone proves it once more."""
    user = _mine(session, person)
    try:
        if user.totp_since is not None:
            sign_in.use_code(user, form.text("code"))
    except sign_in.WrongError as error:
        session.rollback()
        return _shown(request, session, _mine(session, person), wrong=error, at="codes")
    sign_in.end_codes(session, user, by=person.by)
    session.commit()
    return RedirectResponse(HERE, 303)


@router.post("/browsers/{number}/end")
def end_browser(session: WritingDep, person: PersonDep, number: RecordId) -> Response:
    """Sign one browser out."""
    sign_in.close_one(session, _mine(session, person).id, number)
    session.commit()
    return RedirectResponse(HERE, 303)


@router.post("/browsers/others")
def end_others(request: Request, session: WritingDep, person: PersonDep) -> Response:
    """Sign all other browsers out."""
    sign_in.close_others(session, _mine(session, person).id, secret_of(request))
    session.commit()
    return RedirectResponse(HERE, 303)


@router.post("/tokens")
def make_token(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Make a token for a program, and show it this once."""
    user = _mine(session, person)
    scopes = [scope for scope in ApiScope if form.text(scope)]
    try:
        days = form.number("days")
        token = api_tokens.make(session, user, name=form.text("name"), scopes=scopes, days=days)
    except KBError as error:
        session.rollback()
        return _shown(request, session, _mine(session, person), wrong=error, at="tokens")
    session.commit()
    return _shown(request, session, user, token=token)


@router.post("/tokens/{number}/end")
def end_token(session: WritingDep, person: PersonDep, number: RecordId) -> Response:
    """Let a token open nothing any more."""
    api_tokens.end(session, _mine(session, person).id, number, by=person.by)
    session.commit()
    return RedirectResponse(HERE, 303)


def _mine(session: ReadingDep, person: Person) -> User:
    if person.user_id is None:
        raise ForbiddenError(
            marked("Whoever sits at the library's own computer has no account."),
            hint=marked("Open one with kb user add, and sign in."),
        )
    return users.get(session, person.user_id)


def _shown(
    request: Request,
    session: ReadingDep,
    user: User,
    *,
    wrong: KBError | None = None,
    at: str = "",
    token: str = "",
) -> Response:
    """Show the account; what went `wrong` stands in its part `at`."""
    return page(
        request,
        "people/account.html",
        status=REFUSED if wrong else 200,
        user=user,
        grants=users.grants_of(user),
        unseen=notices.unseen(session, user.id),
        waiting=enquiries.waiting(session, users.person_of(user)),
        browsers=sign_in.browsers(session, user.id),
        here=sign_in.number_of(session, secret_of(request)),
        tokens=api_tokens.of(session, user.id),
        scopes=list(ApiScope),
        wrong=wrong,
        at=at,
        token=token,
    )
