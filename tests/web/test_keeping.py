"""Answers that many readers get alike: kept as long as they hold, and for nobody in particular."""

import asyncio

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from kb import records, tagging
from kb.models import Usage
from kb.vocabulary import Role, Visibility
from web import keeping
from web.app import create_app
from web.who import COOKIE

AGAIN = ("/", "/search?q=skin+to+skin", "/topics", "/countries")


@pytest.fixture
def asked(engine):
    """What pages read; whether something was committed is none of it."""
    said: list[str] = []

    def hear(_connection, _cursor, statement, *_rest) -> None:
        if statement.upper().startswith("SELECT") and "pg_current_snapshot" not in statement:
            said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    return said


@pytest.fixture
def patient(library):
    """The pages of a library that may show for some seconds what was."""
    return TestClient(
        create_app(_with(library, keep_s=60)), raise_server_exceptions=False, headers=READER
    )


READER = {"User-Agent": "Mozilla/5.0"}


def _with(library, **changes):
    library.settings.__dict__.update(changes)
    return library


def test_what_was_answered_is_given_again_without_a_question_to_the_database(
    client, shelf, asked
) -> None:
    record_id = shelf(visibility=Visibility.PUBLIC)
    for path in (*AGAIN, f"/records/{record_id}"):
        first = client.get(path)
        del asked[:]
        second = client.get(path)
        assert not asked, path
        assert second.content == first.content
        assert dict(second.headers) == dict(first.headers)
        tag = {"If-None-Match": first.headers["etag"]}
        assert client.get(path, headers=tag).status_code == 304
        assert not asked, path


def test_what_readers_may_get_differently_is_kept_apart(client, shelf) -> None:
    shelf(visibility=Visibility.PUBLIC)
    seen = [
        client.get("/", headers=headers).text
        for headers in (
            {},
            {"Accept-Language": "fr"},
            {"Cookie": "lang=ar"},
            {"Save-Data": "on"},
            {"Host": "elsewhere.example"},
        )
    ]
    assert len(set(seen)) == len(seen)
    whole = client.get("/search?q=skin").text
    part = client.get("/search?q=skin", headers={"HX-Request": "true"}).text
    assert part in whole
    assert part != whole


def test_a_change_is_seen_by_the_next_reader(client, shelf, session) -> None:
    record_id = shelf(visibility=Visibility.PUBLIC)
    paths = (*AGAIN, f"/records/{record_id}")
    before = {path: client.get(path).text for path in paths}
    record = records.get(session, record_id)
    new = records.read(record).model_copy(update={"title": "Told anew"})
    records.edit(session, record_id, new, version=record.version, by="test")
    session.commit()
    for path in ("/", f"/records/{record_id}"):
        assert "Told anew" in client.get(path).text
    records.withdraw(session, record_id, by="test", reason="a test")
    session.commit()
    assert client.get(f"/records/{record_id}").status_code == 410
    for path in AGAIN:
        assert client.get(path).text != before[path]


def test_a_page_may_be_some_seconds_old_but_nothing_that_a_record_says(
    patient, shelf, session
) -> None:
    first = shelf(visibility=Visibility.PUBLIC, title="Told first")
    home, topics = patient.get("/").text, patient.get("/topics").text
    tagging.confirm(session, first, ["breastfeeding"], version=_version(session, first), by="test")
    session.commit()
    assert patient.get("/topics").text == topics  # its count comes a little later
    shelf(visibility=Visibility.PUBLIC, title="Told second")
    assert "Told second" in patient.get("/").text
    assert patient.get("/topics").text != topics
    assert "Told second" not in home
    record = records.get(session, first)
    new = records.read(record).model_copy(update={"title": "Told without a name"})
    records.edit(session, first, new, version=record.version, by="test")
    session.commit()
    assert "Told first" not in patient.get("/").text
    records.withdraw(session, first, by="test", reason="a test")
    session.commit()
    assert "Told without a name" not in patient.get("/").text
    assert patient.get(f"/records/{first}").status_code == 410


def _version(session, record_id) -> int:
    return records.get(session, record_id).version


def test_the_title_of_what_was_taken_back_is_suggested_to_nobody(patient, shelf, session) -> None:
    record_id = shelf(visibility=Visibility.PUBLIC, title="Kangaroo mornings in Mbeya")
    assert "Kangaroo mornings" in patient.get("/suggest?q=kangaroo+mor").text
    records.withdraw(session, record_id, by="test", reason="a test")
    session.commit()
    assert "Kangaroo mornings" not in patient.get("/suggest?q=kangaroo+mor").text


def test_who_signed_in_gets_a_page_of_their_own(library, patient, shelf, account) -> None:
    shelf(visibility=Visibility.PUBLIC, title="Told first")
    secret = account(Role.CURATOR, email="amina@people.example")
    theirs = {"Cookie": f"{COOKIE}={secret}"}
    assert "Amina" in patient.get("/", headers=theirs).text
    assert "Amina" not in patient.get("/").text
    assert "Amina" in patient.get("/", headers=theirs).text


def test_several_who_ask_the_same_wait_for_one(library) -> None:
    made: list[str] = []

    async def page(scope, _receive, send) -> None:
        made.append(scope["path"])
        await asyncio.sleep(0.05)
        heads = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": heads})
        await send({"type": "http.response.body", "body": b"One page."})

    async def all_ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(keeping.Keeping(page, library))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as reader:
            return await asyncio.gather(*(reader.get("/topics") for _ in range(8)))

    assert {answer.text for answer in asyncio.run(all_ask())} == {"One page."}
    assert made == ["/topics"]


def test_a_page_that_breaks_keeps_nobody_waiting(library) -> None:
    async def broken(*_anything) -> None:
        await asyncio.sleep(0.01)
        raise OSError("no disk")

    async def all_ask() -> list[object]:
        transport = httpx.ASGITransport(keeping.Keeping(broken, library))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as reader:
            asks = (reader.get("/topics") for _ in range(3))
            return await asyncio.gather(*asks, return_exceptions=True)

    assert all(isinstance(one, OSError) for one in asyncio.run(all_ask()))


def test_what_a_question_lacks_is_heard_of_each_who_asks_it(library, shelf) -> None:
    shelf(visibility=Visibility.PUBLIC)
    app = create_app(library)
    for name in ("Firefox", "Safari"):
        TestClient(app, headers={"User-Agent": name}).get("/search?q=xylophone+lessons")
    assert len(app.state.noting.marks) == 2


def test_each_who_looks_is_counted(library, shelf) -> None:
    record_id = shelf(visibility=Visibility.PUBLIC)
    app = create_app(library)
    for name in ("Mozilla/5.0 Firefox", "Safari", "Chrome"):
        client = TestClient(app, headers={"User-Agent": name})
        assert client.get(f"/records/{record_id}").status_code == 200
    app.state.counting.write()
    with library.reading() as session:
        assert session.scalar(select(func.sum(Usage.times))) == 3


def test_what_is_kept_is_what_may_be_kept(library) -> None:
    app = create_app(library)
    routes = {route.path for route in app.routes}
    assert routes >= keeping.KEPT
    http = {"type": "http", "method": "GET", "scheme": "http", "query_string": b"", "headers": []}
    assert keeping.key_of({**http, "path": "/records/7"})
    for scope in (
        {**http, "path": "/records/7", "method": "POST"},
        {**http, "path": "/records/7", "headers": [(b"authorization", b"Bearer x")]},
        {**http, "path": "/records/7", "headers": [(b"cookie", f"{COOKIE}=x".encode())]},
        {**http, "path": "/search", "query_string": b"q=" + b"x" * keeping.LONGEST},
        {**http, "path": "/desk"},
        {**http, "path": "/records/7.bib"},
        {"type": "lifespan"},
    ):
        assert keeping.key_of(scope) is None


def test_no_more_is_kept_than_there_is_room_for(library, shelf, monkeypatch, asked) -> None:
    shelf(visibility=Visibility.PUBLIC)
    client = TestClient(create_app(library))
    pages = ("/topics", "/interventions", "/countries")
    room = sum(len(client.get(path, headers={"Accept-Encoding": ""}).content) for path in pages[:2])
    monkeypatch.setattr(keeping, "MOST_BYTES", room)
    client = TestClient(create_app(library), headers={"Accept-Encoding": ""})
    for path in (*pages, pages[2]):
        del asked[:]
        client.get(path)
    assert not asked  # the last is there
    client.get(pages[0])
    assert asked  # the first had to go


def test_what_few_letters_find_takes_room_too(library, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 100_000)

    async def nothing(_scope, _receive, send) -> None:
        heads = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": heads})
        await send({"type": "http.response.body", "body": b"<ul></ul>"})

    kept = keeping.Keeping(nothing, library)

    async def type_many() -> None:
        transport = httpx.ASGITransport(kept)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as reader:
            for number in range(100):
                await reader.get(f"/suggest?q={number}")

    asyncio.run(type_many())
    assert 10 < len(kept._kept) < 40  # noqa: SLF001
