"""`kb duplicates`: what a curator sees and decides in a terminal."""

import pytest
from typer.testing import CliRunner

from kb.errors import ConflictError, NotFoundError
from web.cli import app

STORY = """# Chest first, scale later

## Problem

Only 34 % of babies were put to the breast within one hour, because weighing came first, and the
scale stood at the other end of the corridor, where nobody could see mother and child together.

## What we tried

The scale moved to the postnatal room. The midwife lays the baby on the chest
and looks at the clock.
"""


@pytest.fixture
def kb(tmp_path, monkeypatch):
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def invoke(*arguments: str):
        return CliRunner().invoke(app, ["--data", str(tmp_path / "library"), *arguments])

    return invoke


@pytest.fixture
def filled(kb, tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "story_v1.md").write_text(STORY, encoding="utf-8")
    (folder / "story_v2.md").write_text(STORY.replace("34 %", "39 %"), encoding="utf-8")
    kb("ingest", str(folder))
    return kb


def test_pairs_are_listed_with_kind_and_score(filled) -> None:
    listed = filled("duplicates").output
    assert "pair 1: earlier-version" in listed
    assert "earlier: record 1" in listed
    assert "1 pairs wait" in listed


def test_the_differences_of_a_record_are_shown(filled) -> None:
    shown = filled("duplicates", "2").output
    assert "- Only [34] % of babies" in shown
    assert "+ Only [39] % of babies" in shown
    assert "paragraphs are the same" in shown


def test_a_decision_retires_the_lesser_and_can_be_taken_back(filled) -> None:
    filled("duplicates")
    assert "(retired)" in filled("duplicates", "--same", "1").output
    assert "all such pairs are decided" in filled("duplicates").output
    assert "(draft)" in filled("duplicates", "--different", "1").output
    filled("duplicates", "--reopen", "1")
    assert "1 pairs wait" in filled("duplicates").output


def test_what_cannot_be_decided_is_said(filled) -> None:
    filled("publish", "1", "--accept", "0.3", "--ground", "illustration")
    filled("duplicates")
    refused = filled("duplicates", "--same", "1")
    assert isinstance(refused.exception, ConflictError)
    assert isinstance(filled("duplicates", "--same", "9").exception, NotFoundError)
    assert isinstance(filled("duplicates", "9").exception, NotFoundError)
