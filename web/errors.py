"""An error becomes an answer: a page for a reader, problem+json for a program."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from kb.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    KBError,
    NotFoundError,
    NotReadyError,
)
from kb.records import OvertakenError
from kb.sign_in import TooSoonError
from kb.wording import marked
from web.catalogue import WithdrawnError
from web.collected import TakenBackError
from web.following import overtaken_page
from web.forms import TooLongError, typed_in
from web.preconditions import StaleError, UnconditionalError
from web.render import page, wants_part
from web.rules import SignInNeededError
from web.security import API, add_headers, most_bytes
from web.signing_in import ask_to_sign_in
from web.speaking import NotOfferedError, NotReadError
from web.trouble import Trouble, trouble_of
from web.uploads import TooLargeError

STATUS: Final[Mapping[type[KBError], int]] = {
    TooSoonError: 429,
    SignInNeededError: 401,
    NotFoundError: 404,
    WithdrawnError: 410,
    TakenBackError: 410,
    InvalidError: 422,
    TooLargeError: 413,
    NotOfferedError: 406,
    NotReadError: 415,
    StaleError: 412,
    UnconditionalError: 428,
    TooLongError: 413,
    ConflictError: 409,
    ForbiddenError: 403,
    NotReadyError: 503,
}
RETRY_AFTER_S = 30  # an index is loaded, a model exported, in less
PROBLEM_JSON = "application/problem+json"


UNREAD: Final = marked("The library cannot be read just now.")
UNSAVED: Final = marked("Nothing can be saved just now. What is here can still be read.")
KEEP: Final = marked("Keep your words, and tell whoever looks after this library.")
log = logging.getLogger(__name__)


class Problem(BaseModel):
    """RFC 9457: one shape for every error of the API."""

    type: str = "about:blank"
    title: str = Field(description="What the status means.")
    status: int
    detail: str = Field(description="What is wrong, with the value.")
    hint: str = Field(description="What to do next; may be empty.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[str] = Field(default=[], description="Each wrong value of the request.")


def explain_errors(app: FastAPI) -> None:
    """Make every error of `app` a page or a problem."""
    app.add_exception_handler(KBError, _ours)
    app.add_exception_handler(SignInNeededError, _sign_in_first)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SQLAlchemyError, _machine)
    app.add_exception_handler(OSError, _machine)
    app.add_exception_handler(Exception, _bug)


def refused_cross_site(request: Request) -> Response:
    """Answer a form that another site sent."""
    return _answer(
        request,
        403,
        marked("This form was sent from another site."),
        hint=marked("Open the page here, and send."),
    )


def refused_large(request: Request) -> Response:
    """Answer a program that sends more than a question."""
    return _answer(
        request,
        413,
        marked(
            "More than %(most)s bytes were sent, or nobody knows how many.",
            most=most_bytes(request.url.path),
        ),
        hint=marked("Send a shorter text, with its Content-Length."),
    )


def refused_often(request: Request) -> Response:
    """Answer a program that asks too often; when it may ask again stands in the headers."""
    return _answer(
        request,
        429,
        "This program asks too often.",
        hint="Wait as many seconds as Retry-After says; RateLimit-Remaining tells what is left.",
    )


def refused_elsewhere(request: Request) -> Response:
    """Answer a request for the desk that does not come from this computer."""
    return _answer(
        request,
        403,
        marked("The desk is only for whoever sits at this computer."),
        hint=marked("Open it there, on the address that kb desk names."),
        headers={"Cache-Control": "no-store"},
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI should say about the errors of a route."""
    content = {PROBLEM_JSON: {"schema": Problem.model_json_schema()}}
    return {s: {"description": HTTPStatus(s).phrase, "content": content} for s in statuses}


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, KBError)  # Starlette's types are wider
    if isinstance(error, WithdrawnError) and not request.url.path.startswith(API):
        gone = STATUS[WithdrawnError]
        return page(request, "tombstone.html", status=gone, tombstone=error.tombstone)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if isinstance(error, OvertakenError) and not _wants_less(request):
        return overtaken_page(request, error, status=status)
    return _answer(request, status, error.args[0], hint=error.hint)


def _wants_less(request: Request) -> bool:
    return request.url.path.startswith(API) or wants_part(request)


async def _sign_in_first(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(API):
        response = _ours(request, error)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    try:
        return await ask_to_sign_in(request)
    except KBError as unreadable:
        return _ours(request, unreadable)


def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if all(e["loc"][0] == "path" for e in error.errors()):
        return _answer(request, 404, "")
    errors = [f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors()]
    return _answer(
        request,
        422,
        marked("The address asks for something that cannot be."),
        errors=tuple(errors),
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
    return _answer(request, error.status_code, message, headers=error.headers or {})


def _machine(request: Request, error: Exception) -> Response:
    """Say that the disk or the database is in need of somebody; strangers are told no more.

    Raises:
        Exception: what it was given, where that is a bug of ours.
    """
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    log.error("%s %s", type(error).__name__, getattr(error, "orig", error))
    message, hint = (UNSAVED, KEEP) if trouble is Trouble.UNSAVED else (UNREAD, "")
    return _answer(request, 503, message, hint=hint)


def _bug(request: Request, _error: Exception) -> Response:
    # Starlette answers this one outside all middleware, after the traceback went to the log.
    response = _answer(request, 500, "")
    add_headers(response.headers, request.scope)
    return response


def _answer(
    request: Request,
    status: int,
    message: str,
    *,
    hint: str = "",
    errors: tuple[str, ...] = (),
    headers: Mapping[str, str] = {},
) -> Response:
    response: Response
    if request.url.path.startswith(API):
        problem = Problem(
            title=HTTPStatus(status).phrase,
            status=status,
            detail=message or HTTPStatus(status).phrase,
            hint=hint,
            instance=request.url.path,
            errors=list(errors),
        )
        response = JSONResponse(problem.model_dump(), status, media_type=PROBLEM_JSON)
    else:
        response = page(
            request,
            "error.html",
            part="_error.html",
            status=status,
            message=message,
            hint=hint,
            errors=errors,
            code=status,
            typed=typed_in(request),
        )
    response.headers.update(headers)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
