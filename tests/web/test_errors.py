"""What goes wrong is said in plain words, with what to do."""

import pytest

from kb import errors
from web.errors import STATUS


def subclasses(kind: type) -> set[type]:
    return {kind, *(below for sub in kind.__subclasses__() for below in subclasses(sub))} - {
        errors.KBError
    }


def test_every_error_of_ours_has_a_status() -> None:
    for kind in subclasses(errors.KBError):
        assert any(parent in STATUS for parent in kind.__mro__), kind


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing", 404),
        ("/records/99", 404),
        ("/records/zero", 404),
        ("/records/0", 404),
        ("/records/99999999999999999999", 404),
        ("/topics/nothing", 404),
        ("/search?page=0", 422),
        ("/search?level=moon", 422),
        ("/search?country=tz", 422),
        (f"/search?q={'x' * 1001}", 422),
    ],
)
def test_a_reader_gets_a_page_that_says_what_to_do(client, shelf, address, status) -> None:
    shelf()
    answer = client.get(address)
    assert answer.status_code == status
    assert "Search the library" in answer.text
    assert "<html" in answer.text


def test_htmx_gets_the_error_where_the_hits_would_stand(client, shelf) -> None:
    shelf()
    answer = client.get(f"/search?q={'x' * 1001}", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.text.strip().startswith('<section id="hits" role="alert">')


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/records/99", 404),
        ("GET", "/api/v1/records/0", 404),
        ("POST", "/api/v1/records", 405),
        ("GET", "/api/v1/records?limit=1000", 422),
        ("GET", "/api/v1/search?level=moon", 422),
        ("GET", f"/api/v1/search?q={'x' * 1001}", 422),
    ],
)
def test_a_program_gets_one_shape_of_problem(client, method, address, status) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "hint", "instance", "errors"}
    assert problem["status"] == status


def test_a_wrong_value_is_named(client) -> None:
    problem = client.get("/api/v1/search?level=moon").json()
    assert problem["errors"][0].startswith("level.0: ")


def test_a_library_that_is_not_ready_says_when_to_come_back(client, library, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise errors.NotReadyError("The index is being built.", hint="Wait for it.")

    monkeypatch.setattr("web.pages.search.search", refuse)
    answer = client.get("/search")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "not ready yet" in answer.text


def test_the_process_says_that_it_is_there(client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_what_is_needed_is_checked_one_by_one(client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["checks"]) == {
        "database", "schema", "index", "stories", "model", "replica", "disk", "writable", "backup",
    }  # fmt: skip


def test_stories_that_nobody_finds_yet_are_counted(client, make_record, indexed) -> None:
    make_record()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["stories"] == {
        "ok": False,
        "why": "1 are not in the index yet, or not as they are now.",
        "do": "Run kb index. While files are read this passes by itself.",
        "warning": True,
    }
    indexed()
    assert client.get("/readyz").json()["checks"]["stories"]["ok"]


def test_a_full_disk_is_named(client, monkeypatch) -> None:
    monkeypatch.setattr("web.readiness.FREE_MB", 2**50)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert not checks["disk"]["ok"]
    assert "MB free" in checks["disk"]["why"]
    assert checks["database"]["ok"]


@pytest.mark.sqlite("only a file can be taken away")
def test_a_missing_database_is_named(client, engine, monkeypatch, library) -> None:
    engine.dispose()
    library.settings.data.joinpath("kb.sqlite").unlink(missing_ok=True)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["checks"]["index"]["ok"]
