"""`kb audit` and `kb edit`: what happened, proof of it, and many records changed by one command."""

import csv
import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from kb import appendonly, history, records
from kb.vocabulary import Level
from web.cli import app


@pytest.fixture
def kb(library, monkeypatch):
    monkeypatch.setenv("KB_DATABASE", library.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def run(*arguments: str):
        return CliRunner().invoke(app, ["--data", str(library.settings.data), *arguments])

    return run


@pytest.fixture
def some(library, story) -> list[int]:
    with library.writing() as session:
        ids = [records.create(session, story, by="anna").id for _ in range(2)]
        history.happened(session, "=1+1", by="@ben", record=None)
        session.commit()
    return ids


def test_what_happened_is_listed_and_can_be_narrowed(kb, some) -> None:
    all_of_it = kb("audit", "list").output
    assert "created" in all_of_it
    assert "@ben" in all_of_it
    mine = kb("audit", "list", "--by", "anna", "--record", str(some[0])).output
    assert mine.count("created") == 1
    assert "Nothing happened" in kb("audit", "list", "--since", "2999-01-01").output


def test_what_happened_is_exported(kb, some, tmp_path) -> None:
    assert "3 events" in kb("audit", "export", str(tmp_path / "a.jsonl")).output
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verb"] for line in lines] == ["=1+1", "created", "created"]
    kb("audit", "export", str(tmp_path / "a.csv"), "--verb", "=1+1")
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert (row["verb"], row["by"]) == ("'=1+1", "'@ben")
    assert kb("audit", "export", str(tmp_path / "a.txt")).exit_code == 1


def test_the_first_broken_link_is_named(kb, some, library) -> None:
    whole = kb("audit", "verify")
    assert "The chain holds: 3 events, 2 versions." in whole.output
    noted = whole.output.split()[-1]
    assert kb("audit", "verify", "--noted", noted).exit_code == 0
    with library.engine.begin() as connection:
        appendonly.lift(connection)
        connection.execute(text("update event set by = 'x' where id = 2"))
        appendonly.ensure(connection)
    broken = kb("audit", "verify")
    assert broken.exit_code == 1
    assert "broken at event 2" in broken.output


def test_many_are_changed_by_one_command_looked_at_before_and_undone(kb, some, library) -> None:
    asked = ("edit", "--where", "country=TZA", "--set", "level=district", "--why", "They are.")
    assert "2 to change" in kb(*asked, "--dry-run").output
    with library.reading() as session:
        assert records.get(session, some[0]).level is Level.FACILITY
    done = kb(*asked)
    assert "This is batch 1" in done.output
    with library.reading() as session:
        assert records.get(session, some[1]).level is Level.DISTRICT
        assert history.events(session, some[1])[-1].detail["why"] == "They are."
    assert kb("undo", "1").exit_code == 0
    with library.reading() as session:
        assert records.get(session, some[1]).level is Level.FACILITY


@pytest.mark.parametrize(
    "arguments",
    [
        ("edit", "--set", "level=district"),
        ("edit", "1", "--set", "level=moon"),
        ("edit", "1"),
        ("edit", "--where", "colour=red", "--set", "level=district"),
        ("edit", "--where", "status=red", "--set", "level=district"),
    ],
)
def test_what_cannot_be_is_refused(kb, some, library, arguments) -> None:
    assert kb(*arguments).exit_code != 0
    with library.reading() as session:
        assert len(history.versions(session, some[0])) == 1
