"""Some are answered at a time, and no slow network keeps the others waiting."""

import asyncio

import httpx
import pytest

from web.queueing import AT_ONCE, Queueing

pytestmark = pytest.mark.no_library


async def ask(app, method: str, number: int) -> list[object]:
    transport = httpx.ASGITransport(Queueing(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as reader:
        asks = (reader.request(method, "/") for _ in range(number))
        return await asyncio.gather(*asks, return_exceptions=True)


@pytest.mark.parametrize(("method", "most"), [("GET", AT_ONCE), ("POST", 3 * AT_ONCE)])
def test_so_many_who_read_are_answered_at_a_time(method, most) -> None:
    inside, seen = set(), []

    async def page(scope, _receive, send) -> None:
        inside.add(id(scope))
        seen.append(len(inside))
        await asyncio.sleep(0.01)
        inside.remove(id(scope))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"One page."})

    answers = asyncio.run(ask(page, method, 3 * AT_ONCE))
    assert {answer.text for answer in answers} == {"One page."}
    assert max(seen) == most


def test_nobody_waits_for_an_answer_that_is_being_sent() -> None:
    everybody = asyncio.Barrier(2 * AT_ONCE)

    async def large(_scope, _receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await everybody.wait()  # sent slowly: as long as the others have not begun
        await send({"type": "http.response.body", "body": b"A large file."})

    answers = asyncio.run(asyncio.wait_for(ask(large, "GET", 2 * AT_ONCE), 10))
    assert {answer.text for answer in answers} == {"A large file."}


def test_a_page_that_breaks_keeps_nobody_waiting() -> None:
    async def broken(*_anything) -> None:
        raise OSError("no disk")

    answers = asyncio.run(asyncio.wait_for(ask(broken, "GET", 2 * AT_ONCE), 10))
    assert all(isinstance(one, OSError) for one in answers)
