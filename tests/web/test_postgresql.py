"""A library in PostgreSQL answers as any other, by as many workers as there are."""

import asyncio

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from kb import records
from kb.db import connect
from tests.web.bag_of_words import BagOfWords
from web.app import PARTS, create_app
from web.binding import paper
from web.cli import app
from web.library import Library, explained


@pytest.fixture
def database_server(postgres) -> str:
    return postgres


def test_every_address_answers(client, make_record, monkeypatch) -> None:
    monkeypatch.setattr(paper, "START", "print('%PDF')")  # what it presses is no database's matter
    paper.pdf.cache_clear()
    filled = {
        "record_id": make_record(),
        "kind": "health-post",
        "size": "192",
        "collection_id": 1,
        "number": 1,
        "notation": "early-initiation-of-breastfeeding",
        "code": "TZA",
        "name": "facility-en.docx",
        "form": "jsonld",
        "part": "1",
        "job_id": "1",
        "letter_id": "1",
    }
    make_record()
    paths = {route.path.format(**filled) for part in PARTS for route in part.router.routes}
    assert client.get("/readyz").json()["checks"]["model"]["ok"]
    for path in paths - {"/readyz"}:
        answer = client.get(path)
        assert answer.status_code < 500, f"{path}: {answer.text}"
    paper.pdf.cache_clear()


def test_every_worker_answers_and_sees_a_change_at_once(client, shelf, library, settings) -> None:
    first = shelf(title="Skin to skin before the scale", summary="Babies stay on the chest.")
    other = shelf(title="Warm rooms", summary="A heater where the babies are born and weighed.")
    second = Library(settings, connect(settings.database_url), library.taxonomy)
    second.__dict__["encoder"] = BagOfWords()
    beside = TestClient(create_app(second), raise_server_exceptions=False)
    for worker in (client, beside):
        found = worker.get("/api/v1/search?q=babies+on+the+chest").json()
        assert found["hits"][0]["record"]["id"] == first
        page = worker.get("/search?q=babiez+weighed").text
        assert "Warm rooms" in page
        assert "<mark>" in page
        assert "Tanzania" in page  # a facet
        assert worker.get("/api/v1/suggest?q=skin").status_code == 200
        assert worker.get(f"/records/{first}/similar").status_code == 200
        assert worker.get("/answer?q=babies").status_code == 200
    new = shelf(title="Lanterns for the night", summary="A solar lantern for each midwife.")
    with library.writing() as session:
        records.withdraw(session, other, by="test", reason="wrong")
        session.commit()
    for worker in (beside, client):
        found = worker.get("/api/v1/search?q=solar+lantern").json()
        assert found["hits"][0]["record"]["id"] == new
        assert "Warm rooms" not in worker.get("/search?q=heater").text
    second.engine.dispose()


def test_many_who_ask_at_once_are_answered(library, shelf) -> None:
    shelf(title="Skin to skin before the scale")
    app = create_app(library)

    async def all_ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as reader:
            paths = (f"/api/v1/search?q=skin+{number}" for number in range(120))
            return await asyncio.gather(*map(reader.get, paths))

    # Who waits for a connection in vain is refused after 30 seconds.
    assert {answer.status_code for answer in asyncio.run(all_ask())} == {200}


LIKE_A_REPLICA = "default_transaction_read_only=on"
WITHOUT_RIGHTS = "role=pg_read_all_data"


@pytest.fixture
def only_read(engine, tmp_path, monkeypatch):
    """Let `kb` on this library change nothing; return what it says and leaves."""
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def said(server_is: str, *arguments: str) -> str:
        url = engine.url.update_query_dict({"options": f"-c {server_is}"})
        monkeypatch.setenv("KB_DATABASE", url.render_as_string(hide_password=False))
        done = CliRunner().invoke(app, ["--data", str(tmp_path), *arguments])
        told = explained(done.exception) if done.exception else None
        return f"{told}\n{told.hint}" if told else done.output

    return said


def test_a_server_that_lets_us_only_read_is_a_message_and_a_hint(
    shelf, only_read, tmp_path
) -> None:
    shelf()
    (tmp_path / "ward.md").write_text("# Warm rooms\n\nThe ward was cold.\n")
    file = str(tmp_path / "ward.md")
    for server_is, said, hint in (
        (LIKE_A_REPLICA, "read-only transaction", "as a replica does"),
        (WITHOUT_RIGHTS, "permission denied", "read and write"),
    ):
        assert "Skin to skin" in only_read(server_is, "search", "chest")
        told = only_read(server_is, "ingest", file)
        assert said in told
        assert hint in told


def test_a_character_of_zero_is_no_reason_to_fail(client, shelf) -> None:
    """PostgreSQL takes none; programs that send one do."""
    shelf(title="Skin\0 to skin")
    assert "Skin to skin" in client.get("/records/1").text
    for path in ("/search?q=sk%00in", "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=%00"):
        assert client.get(path).status_code == 200
    one = "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=%00"
    assert "idDoesNotExist" in client.get(one).text
    words = {"email": "a\0@b.example", "password": "x"}
    refused = client.post("/sign-in", data=words, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 403
