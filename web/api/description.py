"""The OpenAPI document: what FastAPI makes of the routes, and what holds for all of them."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from web.errors import documented
from web.rules import rule_of

BEARER: Final = "bearer"  # the token that a program signs in by
DESCRIPTION: Final = """
Every error is `application/problem+json` (RFC 9457). Lists go on in the header `Link` (RFC 8288).
Every answer has an `ETag`; `If-None-Match` is answered 304. A change names the version it is of
in `If-Match`: 428 without, 412 when there is a newer one. `RateLimit-*` headers say how often a
program may ask.
"""


def describe(app: FastAPI) -> None:
    """Have `app` describe its API, once it is asked."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            document["info"]["description"] = DESCRIPTION.strip()
            schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
            schemes[BEARER] = {"type": "http", "scheme": "bearer"}
            for route, operation in _operations(app, document):
                _complete(route, operation)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(app: FastAPI, document: Any) -> Iterator[tuple[APIRoute, dict[str, Any]]]:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.path in document["paths"]:
            for method in route.methods or ():
                if operation := document["paths"][route.path].get(method.lower()):
                    yield route, operation


def _complete(route: APIRoute, operation: dict[str, Any]) -> None:
    """Say of a route what its rule and what stands before all routes may answer."""
    answers = operation["responses"]
    for status, said in documented(406, 429).items():
        answers.setdefault(str(status), said)
    rule = rule_of(route)
    if rule is not None and rule.known:
        operation["security"] = [{BEARER: []}]
    if "requestBody" in operation:
        for status, said in documented(413, 415).items():
            answers.setdefault(str(status), said)
    if "412" in answers:
        operation.setdefault("parameters", []).append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag of the version that the change is of.",
                "schema": {"type": "string"},
            }
        )
