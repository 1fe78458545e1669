"""`kb privacy` shows what may name people, and decides it."""

import pytest
from typer.testing import CliRunner

from kb import records
from kb.settings import Settings
from kb.vocabulary import Status
from web.cli import app
from web.library import open_library


@pytest.fixture
def folder(tmp_path, story):
    library = open_library(Settings(data=tmp_path, semantic=False))
    with library.writing() as session:
        named = {"summary": "Mrs Amina Juma, 0712 345 678. Mrs Amina Juma [sic]."}
        records.create(session, story.model_copy(update=named), by="test")
        session.commit()
    return tmp_path


def kb(folder, *arguments: str):
    return CliRunner().invoke(app, ["--data", str(folder), *arguments], catch_exceptions=False)


def test_records_with_open_findings_are_listed(folder) -> None:
    shown = kb(folder, "privacy").output
    assert "3 open" in shown
    assert "1 records may name people" in shown


def test_findings_are_shown_where_they_stand_and_decided(folder) -> None:
    shown = kb(folder, "privacy", "1").output
    assert "Mrs Amina Juma [sic]." in shown
    assert "3 findings, 3 open." in shown
    shown = kb(folder, "privacy", "1", "--replace", "1", "--with", "a mother").output
    assert "“a mother” instead" in shown
    assert "3 findings, 1 open." in shown
    shown = kb(folder, "privacy", "1", "--keep", "2").output
    assert "3 findings, 0 open." in shown
    with open_library(Settings(data=folder, semantic=False)).reading() as session:
        said = records.read(records.get(session, 1))
        assert said.summary == "a mother, 0712 345 678. a mother [sic]."
    assert kb(folder, "publish", "1").exit_code == 0
    assert "No record has open findings." in kb(folder, "privacy").output
    with open_library(Settings(data=folder, semantic=False)).reading() as session:
        assert records.get(session, 1).status is Status.PUBLISHED
