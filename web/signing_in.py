"""Ask to sign in where that is needed, and lose nothing of what was typed until then.

A form that was sent too late (the session had ended) travels through the sign-in page in a hidden
field, and is shown again behind it with one button: no script sends anything twice.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from kb.errors import KBError
from web.forms import MOST_BYTES_TOLD, body_of
from web.library import Library
from web.render import VARY, page, wants_part
from web.security import SAFE
from web.uploads import beside_files

PAGE = "/sign-in"
WITH_FILES = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"
ADDRESS = "maktaba-address"  # the cookie of whoever chose a password a moment ago
ADDRESS_S = 600  # until then it is of use, in seconds


async def ask_to_sign_in(request: Request) -> Response:
    """Answer who has not signed in: with the sign-in page, which leads back.

    Raises:
        InvalidError: what was sent is too long, or no form.
    """
    if request.method in SAFE:
        return _go_there(request, _here(request))
    kind = request.headers.get("content-type", "").partition(";")[0]
    typed = ""
    if kind == FORM:
        typed = (await body_of(request, MOST_BYTES_TOLD)).decode(errors="replace")
    elif kind == WITH_FILES:  # no browser lets a page choose the files again
        typed = await beside_files(request)
    if wants_part(request) and not typed:
        return _go_there(request, request.headers.get("hx-current-url", "/"))
    return sign_in_page(request, to=request.url.path, typed=typed, status=401)


def sign_in_page(
    request: Request,
    *,
    to: str = "/",
    typed: str = "",
    email: str = "",
    error: KBError | None = None,
    chosen: bool = False,
    kept: bool = False,
    status: int = 200,
) -> Response:
    """Show where to sign in; `typed` is the form that waits for it, as a browser sent it.

    `chosen`: a password was chosen a moment ago; `kept`: the browser keeps what was typed.
    """
    library: Library = request.app.state.library
    settings = library.settings
    response = page(
        request,
        "people/sign_in.html",
        status=status,
        to=within(to),
        typed=typed,
        email=email,
        error=error,
        chosen=chosen,
        kept=kept,
        other_server=settings.oidc_name if settings.oidc_issuer else "",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def carry_address(request: Request, response: Response, email: str) -> None:
    """Let the sign-in page know the address, for ten minutes; neither its URL nor a log has it."""
    response.set_cookie(
        ADDRESS,
        quote(email),
        max_age=ADDRESS_S,
        path=PAGE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def carried_address(request: Request) -> str:
    """Return the address that was carried here; empty where there is none."""
    return unquote(request.cookies.get(ADDRESS, ""))


def drop_address(request: Request, response: Response) -> None:
    """Let the browser forget the address: it is on the page."""
    secure = request.url.scheme == "https"
    response.delete_cookie(ADDRESS, path=PAGE, secure=secure, httponly=True, samesite="strict")


def back(request: Request, *, to: str, typed: str) -> Response:
    """Lead to where somebody was before they signed in, or show the form that waited."""
    if not typed:
        return RedirectResponse(within(to), 303)
    response = page(request, "people/send_again.html", to=within(to), fields=fields_of(typed))
    response.headers["Cache-Control"] = "no-store"
    return response


def fields_of(typed: str) -> Sequence[tuple[str, str]]:
    """Return the fields of a form as a browser sent it.

    >>> fields_of("title=Warm+babies&ids=7&ids=9")
    [('title', 'Warm babies'), ('ids', '7'), ('ids', '9')]
    """
    return parse_qsl(typed, keep_blank_values=True)


def within(address: str) -> str:
    r"""Return a path of this library; the start page where `address` leads elsewhere.

    >>> within("/tell/7?page=2"), within("//evil.example/x"), within("\\evil")
    ('/tell/7?page=2', '/', '/')
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    ours = not parts.scheme and not parts.netloc and address.startswith("/")
    # Browsers take a backslash for a slash, and two of them for the name of a computer.
    away = address.replace("\\", "/").startswith("//")
    return address if ours and not away and address.isprintable() else "/"


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _go_there(request: Request, here: str) -> Response:
    parts = urlsplit(here)
    to = parts.path + (f"?{parts.query}" if parts.query else "")
    address = f"{PAGE}?{urlencode({'to': within(to)})}"
    if wants_part(request):
        return Response(status_code=204, headers={"HX-Redirect": address, "Vary": VARY})
    return RedirectResponse(address, 303, headers={"Vary": VARY})
