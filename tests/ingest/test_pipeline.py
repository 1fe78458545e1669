"""Files to drafts in the library: each once, and one bad file stops none."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from ingest import readers
from ingest.draft import Proposer
from ingest.pipeline import Became, add, files_in, known_files, prepare
from kb.errors import NotFoundError
from kb.labels import Labels
from kb.models import Record

STORY = (
    "# Warm babies\n\n## Problem\n\nThe babies on the postnatal ward of our hospital were cold.\n"
)


@pytest.fixture(scope="module")
def propose(terms):
    return Proposer(terms, Labels.of(terms))


@pytest.fixture
def inbox(tmp_path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.md").write_text(STORY, encoding="utf-8")
    (folder / "b.docx").write_bytes(b"PK\x03\x04 no document")
    (folder / "c.md").write_text(STORY.replace("cold", "warm"), encoding="utf-8")
    return folder


def _ingest(session, folder, propose, originals):
    files = files_in([folder])
    known = known_files(session)
    found = prepare(files, known=known, read=readers.read, propose=propose)
    return [add(session, one, folder=originals, by="test") for one in found]


def test_a_bad_file_stops_none_and_says_why(session, inbox, propose, tmp_path):
    outcomes = _ingest(session, inbox, propose, tmp_path / "originals")
    assert [o.became for o in outcomes] == [Became.ADDED, Became.FAILED, Became.ADDED]
    assert outcomes[0].title == "Warm babies"
    assert outcomes[1].error is not None
    assert str(outcomes[1].error)


def test_a_second_run_knows_the_files(session, inbox, propose, tmp_path):
    _ingest(session, inbox, propose, tmp_path / "originals")
    again = _ingest(session, inbox, propose, tmp_path / "originals")
    assert [o.became for o in again] == [Became.KNOWN, Became.FAILED, Became.KNOWN]
    assert session.scalar(select(func.count()).select_from(Record)) == 2


def test_the_same_bytes_under_two_names_are_one_record(session, inbox, propose, tmp_path):
    (inbox / "copy of a.md").write_text(STORY, encoding="utf-8")
    outcomes = _ingest(session, inbox, propose, tmp_path / "originals")
    added = [o for o in outcomes if o.became is Became.ADDED]
    known = [o for o in outcomes if o.became is Became.KNOWN]
    assert (len(added), len(known)) == (2, 1)
    assert known[0].record_id == added[0].record_id


def test_the_original_bytes_are_kept(session, inbox, propose, tmp_path):
    originals = tmp_path / "originals"
    _ingest(session, inbox, propose, originals)
    kept = [path.read_bytes() for path in originals.rglob("*") if path.is_file()]
    assert STORY.encode() in kept


def test_the_draft_carries_its_doubts_to_the_curator(session, inbox, propose, tmp_path):
    first, *_ = _ingest(session, inbox, propose, tmp_path / "originals")
    assert "No country was found." in first.doubts


def test_hidden_files_and_locks_of_office_programs_are_passed_over(inbox):
    for name in (".hidden.md", "~$a.docx"):
        (inbox / name).write_text("x")
    assert [path.name for path in files_in([inbox])] == ["a.md", "b.docx", "c.md"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="nowhere"):
        files_in([tmp_path / "nowhere"])


@pytest.mark.parametrize("change", [lambda p: p.write_text("other bytes"), lambda p: p.unlink()])
def test_a_file_that_changes_under_our_hands_fails_alone(session, inbox, propose, tmp_path, change):
    files = [inbox / "a.md", inbox / "c.md"]
    prepared = list(prepare(files, known={}, read=readers.read, propose=propose))
    change(inbox / "a.md")
    folder = tmp_path / "originals"
    outcomes = [add(session, one, folder=folder, by="test") for one in prepared]
    assert [o.became for o in outcomes] == [Became.FAILED, Became.ADDED]
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [(inbox / "c.md").read_bytes()]
