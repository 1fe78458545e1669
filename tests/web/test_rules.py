"""Every route says who may come in; what it says holds."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from kb.vocabulary import Role
from web.app import create_app
from web.rules import rule_of

OWN = {"/api/v1/openapi.json"}  # FastAPI's own, which tells how the API is asked


def routes(app) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def test_every_route_declares_its_rule(library) -> None:
    app = create_app(library)
    without = [route.path for route in routes(app) if rule_of(route) is None]
    assert without == []
    assert len(routes(app)) > 80
    others = [route for route in app.routes if not isinstance(route, APIRoute | Mount)]
    assert {route.path for route in others} == OWN


def test_what_changes_something_is_not_open_by_mistake(library) -> None:
    open_ones = {
        route.path
        for route in routes(create_app(library))
        if "POST" in route.methods and rule_of(route).name == "open"
    }
    assert open_ones == {
        "/judgements",  # a reader proposes, a curator decides
        "/similar",  # a pasted text is only looked at
        "/api/v1/similar",
        "/oai",  # a question in a form
        "/sign-in",
        "/sign-out",
        "/notices/stop/{token}",  # by the secret that stands in the mail; RFC 8058
    }


@pytest.mark.parametrize("role", [None, *Role])
def test_a_rule_lets_in_its_role_and_those_above(library, signed_in, client, role) -> None:
    browser = client if role is None else signed_in(role)
    ranks = list(Role)
    for route in routes(browser.app):
        rule = rule_of(route)
        if "GET" not in route.methods or not rule.known or route.path == "/sign-out":
            continue
        path = re.sub(r"{[^}]*}", "1", route.path)
        status = browser.get(path, follow_redirects=False).status_code
        if role is None:
            assert status == (401 if path.startswith("/api/") else 303), path
        elif path.startswith("/api/"):
            assert status == 401, path  # no cookie counts there
        elif rule.role is None or ranks.index(role) >= ranks.index(rule.role):
            assert status not in {401, 403}, path
        elif "{record_id}" in route.path:  # and first it is asked whether the record is there
            assert status in {403, 404}, path
        else:
            assert status == 403, path
