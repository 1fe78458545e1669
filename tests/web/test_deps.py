"""What a request is given, and for how long."""

import asyncio

import pytest

from web.app import create_app


@pytest.mark.parametrize("path", ["/records/1", "/search?q=skin", "/api/v1/records/1", "/sign-in"])
def test_who_is_sent_an_answer_slowly_holds_no_connection(library, shelf, path) -> None:
    shelf(title="Skin to skin before the scale")
    held, statuses = [], []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        statuses.append(message.get("status", 200))
        held.append(library.engine.pool.checkedout())

    route, _, query = path.partition("?")
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": route,
        "raw_path": route.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"x")], "client": ("127.0.0.1", 9), "server": ("x", 80),
    }  # fmt: skip
    asyncio.run(create_app(library)(scope, receive, send))
    assert set(statuses) == {200}
    assert set(held) == {0}
