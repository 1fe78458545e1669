"""`kb import` and `kb export`, typed as a curator would."""

import json

import pytest
from typer.testing import CliRunner

from kb.errors import KBError
from web.cli import app

LISTED = """Title,Country,Topics,Remarks
Warm babies,Malawi,hypothermia prevention; early initiation of breastfeeding,ask Ada
,Malawi,,no title
Clean hands,Kenya,,
"""


@pytest.fixture
def kb(tmp_path, monkeypatch):
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def invoke(*arguments: str, library: str = "library"):
        return CliRunner().invoke(app, ["--data", str(tmp_path / library), *arguments])

    return invoke


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LISTED, encoding="utf-8")
    return str(path)


def test_a_dry_run_shows_how_each_column_is_read_and_keeps_nothing(kb, listed) -> None:
    shown = kb("import", listed, "--dry-run").output
    assert "2 records of 3 can be made." in shown
    assert "row 3: It has no title." in shown
    for column, field in (("Country", "country"), ("Topics", "topics"), ("Remarks", "left out")):
        assert any(column in line and field in line for line in shown.splitlines())
    assert "No batch yet" in kb("batches").output


def test_a_list_becomes_a_batch_that_can_be_undone(kb, listed) -> None:
    done = kb("import", listed, "--set", "licence=CC-BY-4.0", "--map", "Remarks=summary")
    assert "3 records: 2 added, 0 changed, 0 known, 1 failed" in done.output
    assert done.exit_code == 1
    assert "Warm babies" in kb("search", "warm babies").output
    again = kb("import", listed, "--set", "licence=CC-BY-4.0", "--map", "Remarks=summary")
    assert "3 records: 0 added, 0 changed, 2 known, 1 failed" in again.output
    assert "2 records removed" in kb("undo", "1").output
    assert "Nothing found" in kb("search", "warm babies").output


def test_a_column_that_is_not_there_is_named(kb, listed) -> None:
    error = kb("import", listed, "--map", "Colour=title").exception
    assert isinstance(error, KBError)
    assert "colour" in str(error)
    assert "Remarks" in error.hint


def test_a_list_without_a_title_says_how_to_name_it(kb, tmp_path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("A,B\none,two\nthree,four\n", encoding="utf-8")
    error = kb("import", str(path)).exception
    assert "--map" in error.hint
    assert "2 added" in kb("import", str(path), "--map", "A=title").output


STORY = """# Chest first

Illustrative story: the facility and the people are invented.

## Problem

Only 34 % of babies had early initiation of breastfeeding, because weighing came first. The nurses
and the midwives of the ward wanted to change that within three months, every shift taking part.

## What we tried

- Weigh the baby after the first breastfeed; skin-to-skin contact stays undisturbed.
"""


def test_one_library_feeds_another_again_and_again(kb, tmp_path) -> None:
    (tmp_path / "story.md").write_text(STORY, encoding="utf-8")
    kb("ingest", str(tmp_path / "story.md"))
    assert kb("publish", "1", "--accept", "0.3", "--ground", "published-already").exit_code == 0
    out = tmp_path / "out.jsonl"
    assert "1 records written" in kb("export", str(out)).output
    assert json.loads(out.read_text(encoding="utf-8"))["origin"] == "Maktaba#1"
    first = kb("import", str(out), library="other")
    assert "1 added" in first.output
    assert "1 known" in kb("import", str(out), library="other").output
    assert "Chest first" in kb("search", "breastfeeding", library="other").output


def test_an_export_that_cannot_be_written_leaves_no_half_file(kb, tmp_path) -> None:
    error = kb("export", str(tmp_path / "no" / "out.jsonl")).exception
    assert "cannot be written" in str(error)
    assert not list(tmp_path.glob("**/*.half"))


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl"])
def test_a_list_that_is_not_there_is_said(kb, tmp_path, name) -> None:
    error = kb("import", str(tmp_path / name)).exception
    assert isinstance(error, KBError)
    assert "There is no file" in str(error)
    assert error.hint
