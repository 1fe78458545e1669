"""Several workers at one batch, one of them killed: what is kept is what one alone keeps."""

import os
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from kb import batches, records, waiting
from kb.errors import NotReadyError
from kb.models import Batch, BatchItem, SourceFile, WaitingFile
from kb.settings import Settings
from kb.vocabulary import BatchKind, Became
from search.store import ensure_fts
from tests.databases import KINDS
from tests.torture.outcome import kept_in
from tests.web.bag_of_words import BagOfWords
from web import filling
from web.library import Library, open_library

EXAMPLES = Path(__file__).parents[2] / "examples" / "library"
TOLD = """# How {who} warmed its babies

## Problem

In our hospital every third baby was cold an hour after birth, because the scale, the bath and the
register came before the breast. The matron, Ms Zawadi Mushi, counted {number} cold babies in one
month and asked the team why nobody had said so before. The windows were open, the towels were wet
and the night shift had no lamp.

## What we tried

- We hung dry towels over the heater and weighed later.
- We moved the scale to the other room.
"""


@pytest.fixture(scope="module")
def inbox(tmp_path_factory) -> Path:
    """Twelve stories, a broken file, three files of the same bytes, a story told three times."""
    folder = tmp_path_factory.mktemp("queue") / "inbox"
    folder.mkdir()
    for path in (*EXAMPLES.glob("*.txt"), *EXAMPLES.glob("2*.html"), *EXAMPLES.glob("[23]*.md")):
        shutil.copy(path, folder)
    (folder / "29 broken.docx").write_bytes(b"PK\x03\x04 nothing follows")
    for place in ("25", "35", "57"):
        text = TOLD.format(who=f"Clinic {place}", number=place)
        (folder / f"{place} towels.md").write_text(text, encoding="utf-8")
    for place in ("24", "40"):
        shutil.copyfile(folder / "25 towels.md", folder / f"{place} copy.md")
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory, inbox) -> dict[str, object]:
    """What one worker keeps, on SQLite."""
    library = open_library(Settings(data=tmp_path_factory.mktemp("alone"), semantic=False))
    filling.ingest(library, [inbox], step=filling.quietly)
    kept = kept_in(library)
    library.engine.dispose()
    assert kept["became"][Became.KNOWN] == 2
    assert kept["became"][Became.FAILED] == 1
    assert len(kept["alike"]) == 3
    return kept


@pytest.fixture(params=KINDS)
def database_server(request) -> str:
    """The URL of a PostgreSQL server; empty for SQLite."""
    return request.getfixturevalue("postgres") if request.param == "postgresql" else ""


@pytest.fixture
def library(tmp_path, engine, terms, monkeypatch) -> Library:
    """An empty library that other processes open, too."""
    monkeypatch.setenv("KB_SEMANTIC", "false")
    with engine.begin() as connection:
        ensure_fts(connection)
    url = engine.url.render_as_string(hide_password=False)
    return Library(Settings(data=tmp_path, database=url), engine, terms)


def kill_the_other(library: Library) -> list[int]:
    """Kill the other process once it has read some files, and return which it had in hand."""
    mine = f"-{os.getpid()}-"
    for _ in range(6000):
        with library.reading() as session:
            done = len(session.scalars(select(BatchItem.id)).all())
            rows = session.scalars(select(WaitingFile).where(WaitingFile.owner != "")).all()
            theirs = [row for row in rows if mine not in row.owner]
            if theirs and done >= 9:
                os.kill(int(theirs[0].owner.split("-")[1]), signal.SIGKILL)
                return [row.position for row in theirs]
        time.sleep(0.01)
    raise AssertionError("no other process read a file")


def test_a_killed_worker_s_files_are_read_by_others_and_all_is_as_one_alone_leaves_it(
    library, inbox, alone
) -> None:
    in_hand: list[int] = []

    def step(done: int, _total: int, _line: str) -> None:
        if done >= 4 and not in_hand:  # the other one has to do something before it is killed
            in_hand.extend(kill_the_other(library))

    report = filling.ingest(library, [inbox], step=step, workers=2)
    assert in_hand
    assert kept_in(library) == alone
    # What others have read is told like what one has read oneself.
    assert [one.path.name for one in report.outcomes] == [
        path.name for path in sorted(inbox.iterdir())
    ]
    assert Counter(one.became for one in report.outcomes) == alone["became"]
    assert all(one.draft for one in report.added)
    assert [one.code for one in report.failed] == ["corrupt"]
    assert sum(one.findings for one in report.added) > 0


class Breaking(BagOfWords):
    """Breaks whoever reads a certain word."""

    def encode(self, texts, **more):
        if "unspeakable" in " ".join(texts):
            raise RuntimeError("something in it breaks us")
        return super().encode(texts, **more)


@pytest.mark.parametrize("database_server", KINDS[:1], indirect=True)
def test_a_file_that_breaks_each_worker_is_given_up_and_harms_no_other(library) -> None:
    library.__dict__["encoder"] = Breaking()
    folder = library.settings.data / "two"
    folder.mkdir()
    (folder / "bad.md").write_text("# Bad\n\nThe unspeakable ward was cold.\n")
    (folder / "good.md").write_text("# Good\n\nThe ward was warm.\n")
    with pytest.raises(RuntimeError):
        filling.ingest(library, [folder], step=filling.quietly)
    with library.writing() as session:
        bad, good = session.scalars(select(WaitingFile).order_by(WaitingFile.position))
        assert (bad.tries, bad.owner, good.tries) == (1, "", 0)
        bad.tries = waiting.MOST_TRIES  # as if it had broken more
        session.commit()
    report = filling.ingest(library, [folder], step=filling.quietly)
    assert [one.became for one in report.outcomes] == [Became.FAILED, Became.ADDED]
    assert f"{waiting.MOST_TRIES} workers ended while they read it" in report.failed[0].reason
    with library.reading() as session:
        assert len(session.scalars(select(Batch)).all()) == 1


@pytest.mark.parametrize("database_server", KINDS[:1], indirect=True)
def test_a_worker_without_the_folder_or_the_originals_says_so(
    library, tmp_path, caplog, story
) -> None:
    with library.writing() as session:
        batch = batches.begin(session, BatchKind.INGEST, ["x"], by="me")
        waiting.put(session, batch.id, [tmp_path / "nowhere" / f"{n}.md" for n in range(3)])
        session.commit()
    filling.work(library, once=True, stopping=lambda: False, told=lambda _: None)
    assert caplog.text.count("is not on this computer") == 1
    with library.reading() as session:
        rows = session.execute(select(WaitingFile.owner, WaitingFile.tries)).all()
        assert rows == [("", 0)] * 3
    with library.writing() as session:  # as another computer adds it to another folder
        session.add(SourceFile(sha256="ab" * 32, name="", media_type="", size=1))
        session.flush()
        records.create(session, story, by="me", original="ab" * 32)
        session.commit()
    with pytest.raises(NotReadyError, match="are not in"):
        filling.work(library, once=True, stopping=lambda: False, told=lambda _: None)
