"""Who asks: by the cookie of a browser, by the token of a program, or by sitting here."""

from contextlib import suppress

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from kb import api_tokens, sign_in
from kb.people import NOBODY, Person, operator
from web.library import Library

COOKIE = "maktaba"
# A browser takes a cookie of this name only from the site itself, over https.
COOKIE_HTTPS = "__Host-maktaba"
COOKIES = frozenset({COOKIE, COOKIE_HTTPS})
BEARER = "bearer "
API = "/api/"


def person_of(request: Request) -> Person:
    """Return who asks; `NOBODY` where nobody signed in.

    Programs are known under /api/ only, and there no cookie counts: what a browser sends on its
    own must not act for a reader.
    """
    library: Library = request.app.state.library
    if request.app.state.desk:  # it answers nobody but this computer
        return operator(library.settings.curator)
    if request.url.path.startswith(API):
        return _by_token(library, request.headers.get("authorization", ""))
    secret = secret_of(request)
    return _by_cookie(library, secret) if secret else NOBODY


def secret_of(request: Request) -> str:
    """Return the secret that the browser's cookie carries; empty where it has none."""
    return request.cookies.get(_cookie(request), "")


def remember(request: Request, response: Response, secret: str) -> None:
    """Let the browser keep the secret that it is signed in by."""
    response.set_cookie(
        _cookie(request),
        secret,
        max_age=int(sign_in.STAYS.total_seconds()),
        secure=_secure(request),
        httponly=True,
        samesite="lax",  # a link in a mail opens signed in; no other site's form does
    )


def forget(request: Request, response: Response) -> None:
    """Let the browser forget that it was signed in."""
    response.delete_cookie(_cookie(request), secure=_secure(request), httponly=True, samesite="lax")


def _by_cookie(library: Library, secret: str) -> Person:
    with library.reading() as session:
        person, came_back = sign_in.person_with(session, secret)
    if came_back:  # once a day; nothing else of this request is written here
        with suppress(SQLAlchemyError), library.writing() as session:  # a full disk can be read
            sign_in.stay(session, secret)
            session.commit()
    return person


def _by_token(library: Library, said: str) -> Person:
    if not said.lower().startswith(BEARER):
        return NOBODY
    with library.reading() as session:
        return api_tokens.person_with(session, said[len(BEARER) :].strip())


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie(request: Request) -> str:
    return COOKIE_HTTPS if _secure(request) else COOKIE
