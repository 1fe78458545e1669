from queue import SimpleQueue

import pytest
import yaml
from sqlalchemy import func, select

from kb import collections, records
from kb.errors import InvalidError
from kb.models import Attachment, Measure, Point, Record, SourceFile, Tag
from kb.originals import sha256_of, where
from kb.settings import Settings
from kb.vocabulary import Ground, Status, TagSource, TagStatus, Verdict
from search.store import PassageRow
from web import demo, filling
from web.library import Library, open_library

SAMPLES = demo.samples()
TRUTH = yaml.safe_load((SAMPLES / "truth.yaml").read_text(encoding="utf-8"))
HELD = {n for n, t in TRUTH.items() if t["identifiers"] or t["near_duplicate_of"]}
SCAN = {name for name, truth in TRUTH.items() if truth["layout"] == "scan"}


def silent(_done: int, _total: int, _line: str) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> tuple[Library, demo.Filled]:
    """The demo's library, by words alone."""
    folder = tmp_path_factory.mktemp("demo")
    library = demo.open_demo(Settings(semantic=False), asked_for=folder)
    return library, demo.fill(library, step=silent)


def name_of(session, record_id: int) -> str:
    return session.scalar(
        select(SourceFile.name)
        .join(Attachment, Attachment.sha256 == SourceFile.sha256)
        .where(Attachment.record_id == record_id)
    )


def test_every_sample_becomes_a_record_and_keeps_its_file(filled) -> None:
    library, done = filled
    assert len(done.report.added) == len(TRUTH) == 60
    assert not done.report.failed
    for path in (SAMPLES / "library").iterdir():
        digest = sha256_of(path)
        assert where(library.settings.originals, digest).read_bytes() == path.read_bytes()


def test_all_are_published_but_what_a_curator_would_keep_back(filled) -> None:
    library, done = filled
    assert {name for name, _ in done.kept_back} == HELD | SCAN
    with library.reading() as session:
        drafts = session.scalars(select(Record.id).where(Record.status == Status.DRAFT)).all()
        assert {name_of(session, record_id) for record_id in drafts} == HELD | SCAN
        assert records.count(session, status=Status.PUBLISHED) == 60 - len(drafts)


def test_a_second_fill_adds_and_changes_nothing(filled) -> None:
    library, _ = filled
    with library.reading() as session:
        before = session.execute(select(Record.id, Record.version)).all()
    again = demo.fill(library, step=silent)
    assert (len(again.report.added), again.published) == (0, 0)
    with library.reading() as session:
        assert session.execute(select(Record.id, Record.version)).all() == before


def test_the_sample_collections_are_there_to_read_and_say_what_they_are(filled) -> None:
    library, _ = filled
    with library.reading() as session:
        found = collections.published(session)
        hidden = [collections.not_shown(one) for one in collections.listed(session)]
    assert len(found) == demo.collect(library) == 3
    assert not any(hidden)
    for one in found:
        assert "llustrative" in one.content.purpose
        assert all(part.text for part in one.content.parts if part.record_id)


def test_published_records_say_what_the_curator_recorded(filled) -> None:
    library, _ = filled
    with library.reading() as session:
        query = select(Record.id).where(Record.status == Status.PUBLISHED)
        for record_id in session.scalars(query).all():
            said = records.read(records.get(session, record_id))
            truth = TRUTH[name_of(session, record_id)]
            confirmed = {t.notation for t in said.tags if t.status is TagStatus.CONFIRMED}
            assert said.title == truth["title"]
            assert said.verdict == truth["verdict"]
            assert confirmed == {*truth["topics"], *truth["interventions"]}
            assert len(said.change_ideas) == len(truth["change_ideas"])


def test_numbers_come_out_of_the_files(filled) -> None:
    library, _ = filled
    with library.reading() as session:
        points = session.scalar(select(func.count()).select_from(Point))
        named = set(session.scalars(select(Measure.name)))
    expected = [measure for truth in TRUTH.values() for measure in truth["measures"]]
    assert points >= sum(measure["points"] for measure in expected)
    missing = [m["name"] for m in expected if m["name"] not in named]
    # Samples that are kept back keep the curator's names all the same; nothing is missing.
    assert missing == []


def test_suggestions_that_were_turned_down_stay_to_be_seen(filled) -> None:
    library, _ = filled
    with library.reading() as session:
        rejected = session.scalars(select(Tag).where(Tag.status == TagStatus.REJECTED)).all()
        assert rejected
        assert all(tag.evidence and tag.source is not TagSource.CURATOR for tag in rejected)


def test_ingest_never_says_that_a_change_worked(filled) -> None:
    library, _ = filled
    with library.reading() as session:
        for record_id in session.scalars(select(Record.id)).all():
            first = records.history.version(session, record_id, 1)
            assert first.verdict is not Verdict.WORKED
            assert all(idea.verdict is not Verdict.WORKED for idea in first.change_ideas)


def test_an_interrupted_fill_is_finished_by_the_next(tmp_path) -> None:
    files = sorted((SAMPLES / "library").glob("*.md"))
    library = open_library(Settings(data=tmp_path, semantic=False))

    def stop(done: int, _total: int, _line: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filling.ingest(library, files, step=stop)
    with library.reading() as session:
        assert records.count(session) == 2

    report = filling.ingest(library, files, step=silent)
    with library.reading() as session:
        assert records.count(session) == len(files)
    assert len(report.added) == len(files) - 2


def test_the_demo_never_fills_somebody_s_library(tmp_path, monkeypatch, story) -> None:
    monkeypatch.chdir(tmp_path)
    real = Settings(data=tmp_path / "real", database=f"sqlite:///{tmp_path}/real.sqlite")
    opened = demo.open_demo(real.model_copy(update={"semantic": False}))
    assert opened.settings.data == demo.DEMO
    assert not (tmp_path / "real.sqlite").exists()

    library = open_library(Settings(data=tmp_path / "mine", semantic=False))
    with library.writing() as session:
        records.create(session, story, by="me")
        session.commit()
    with pytest.raises(InvalidError, match="holds 1 records that are no samples"):
        demo.open_demo(Settings(semantic=False), asked_for=tmp_path / "mine")


@pytest.fixture
def by_words(tmp_path, models, encoder, story) -> Library:
    """A library with a story that is found by words, and an encoder; the graph is there."""
    library = open_library(Settings(data=tmp_path))
    (tmp_path / "models").symlink_to(models)
    with library.writing() as session:
        record = records.create(session, story, by="test")
        records.publish(session, record.id, by="test", ground=Ground.ILLUSTRATION)
        session.commit()
    words = open_library(library.settings.model_copy(update={"semantic": False}))
    assert filling.index(words, step=silent) == 1
    return library


def encoders(library: Library) -> set[str]:
    with library.reading() as session:
        return set(session.scalars(select(PassageRow.encoder)))


@pytest.mark.sqlite("another process opens it, and is told of no server")
def test_stories_found_by_words_are_encoded_by_another_process_meanwhile(by_words) -> None:
    assert encoders(by_words) == {""}
    told = SimpleQueue()
    with demo.encoding_meanwhile(by_words, told=told.put):
        assert "found by words for now" in told.get(timeout=1)
        assert "found by what is meant" in told.get(timeout=120)
        assert encoders(by_words) == {by_words.encoder.digest}
    with demo.encoding_meanwhile(by_words, told=told.put):
        assert told.empty()  # nothing is left to do


def test_an_encoding_that_fails_is_told_with_its_reason(by_words, monkeypatch) -> None:
    monkeypatch.setattr(demo, "ENCODE", "raise SystemExit('Error: no room.')")
    told = SimpleQueue()
    with demo.encoding_meanwhile(by_words, told=told.put):
        told.get(timeout=1)
        assert told.get(timeout=30).endswith("could not be encoded. Error: no room.")


def test_an_encoding_ends_with_the_pages_and_is_no_failure(by_words, monkeypatch) -> None:
    monkeypatch.setattr(demo, "ENCODE", "import time; time.sleep(600)")
    told = SimpleQueue()
    with demo.encoding_meanwhile(by_words, told=told.put):
        told.get(timeout=1)
    assert told.empty()


def test_where_words_are_all_that_is_asked_for_nothing_is_encoded(filled) -> None:
    library, _ = filled
    told = SimpleQueue()
    with demo.encoding_meanwhile(library, told=told.put):
        assert told.empty()
