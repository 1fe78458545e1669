"""The library tries its own backups: what was not restored is no backup."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from kb import backups, processes, proofs
from kb.db import utcnow
from kb.vocabulary import Role
from web.app import create_app
from web.cli import app
from web.library import Library
from web.ticking import tick
from web.who import COOKIE


@pytest.fixture
def kept(library, terms, shelf, tmp_path_factory) -> Library:
    """A library with a story whose backups go to a folder."""
    shelf()
    settings = library.settings.model_copy(update={"backups": tmp_path_factory.mktemp("disk")})
    kept = Library(settings, library.engine, terms)
    kept.__dict__["encoder"] = library.encoder
    return kept


def _seen(kept: Library, secret: str) -> tuple[dict, str, str]:
    """Return what /readyz, the audit and the queue say."""
    client = TestClient(create_app(kept), cookies={COOKIE: secret})
    ready = client.get("/readyz")
    assert ready.status_code == 200  # a backup that is missing keeps nobody from reading
    audit, queue = client.get("/desk/audit").text, client.get("/desk").text
    return ready.json()["checks"]["backup"], audit, queue


def test_the_newest_backup_is_tried_once_a_week_and_people_are_told(kept, account) -> None:
    folder, admin, now = kept.settings.backups, account(Role.ADMIN), utcnow()
    state, audit, queue = _seen(kept, admin)
    assert (state["ok"], state["warning"]) == (False, True)
    assert "No backup was restored" in audit
    assert "No backup was restored" in queue
    curator = TestClient(create_app(kept), cookies={COOKIE: account(Role.CURATOR)})
    assert "No backup was restored" not in curator.get("/desk").text
    assert tick(kept, now=now)["backups tried"] == 0  # there is none

    path = proofs.place(folder, now=now)
    rows = backups.write(path, settings=kept.settings).rows
    killed = folder / f".half-{processes.here()}-999999999-x"
    killed.mkdir()
    assert tick(kept, now=now)["backups tried"] == 1
    assert proofs.last(folder) == proofs.Proof(path.name, now, rows, "")
    assert sorted(one.name for one in folder.iterdir()) == [proofs.RESULT, path.name]
    state, audit, queue = _seen(kept, admin)
    assert state["ok"]
    assert "everything came back" in audit
    assert "No backup was restored" not in queue
    assert tick(kept, now=now + timedelta(days=6))["backups tried"] == 0

    path.write_bytes(path.read_bytes()[:-2000])
    assert tick(kept, now=now + timedelta(days=7))["backups tried"] == 1
    state, audit, _queue = _seen(kept, admin)
    assert not state["ok"]
    assert "did not come back" in state["why"]
    assert str(folder) not in state["why"]
    assert "everything came back" not in audit


def test_the_command_keeps_what_came_of_it_and_a_late_proof_is_none(kept, monkeypatch) -> None:
    folder = kept.settings.backups
    monkeypatch.setenv("KB_DATA", str(kept.settings.data))
    monkeypatch.setenv("KB_DATABASE", kept.settings.database)
    assert "Where are" in str(CliRunner().invoke(app, ["prove"]).exception)
    monkeypatch.setenv("KB_BACKUPS", str(folder))
    assert "no backup" in str(CliRunner().invoke(app, ["prove"]).exception)
    assert CliRunner().invoke(app, ["backup"]).exit_code == 0
    done = CliRunner().invoke(app, ["prove"])
    assert "is equal" in done.output
    assert proofs.trouble(folder, utcnow()) == ""
    assert "compared since" in proofs.trouble(folder, utcnow() + proofs.LATE)
    Path(folder / proofs.RESULT).chmod(0o600)
    (folder / proofs.RESULT).write_text('{"at": 7}')
    assert proofs.last(folder) is None


def test_a_backup_that_comes_back_each_week_is_not_enough_where_none_is_made_any_more(
    kept, monkeypatch
) -> None:
    folder, now = kept.settings.backups, utcnow()
    path = proofs.place(folder, now=now)
    backups.write(path, settings=kept.settings)
    old = now - timedelta(days=60)  # the nightly job ended then, and nobody saw it
    os.utime(path, (old.timestamp(), old.timestamp()))
    assert tick(kept, now=now)["backups tried"] == 1
    assert proofs.last(folder).failed == ""
    state = TestClient(create_app(kept)).get("/readyz").json()["checks"]["backup"]
    assert (state["ok"], state["warning"]) == (False, True)
    assert state["why"] == f"None was made since {old:%Y-%m-%d}."
    monkeypatch.setenv("KB_BACKUPS", str(folder))
    assert "None was made since" in CliRunner().invoke(app, ["prove"]).output
    path.unlink()
    assert "none any more" in proofs.trouble(folder, now)


@pytest.mark.no_library
def test_a_backup_that_is_deleted_meanwhile_is_none(tmp_path) -> None:
    (tmp_path / "library-2026-11-28-0200.zip").symlink_to(tmp_path / "deleted")
    assert proofs.newest(tmp_path) is None
    kept = tmp_path / "library-2026-11-27-0200.zip"
    kept.touch()
    assert proofs.newest(tmp_path) == kept
