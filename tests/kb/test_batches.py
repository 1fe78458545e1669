"""A batch is kept file by file and taken back as one; nobody's later work goes with it."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import batches, content, findings, records, tagging
from kb.errors import ConflictError, NotFoundError
from kb.hidden import Hidden
from kb.models import (
    Batch,
    BatchItem,
    Collection,
    CollectionPart,
    Event,
    Finding,
    Record,
    RecordVersion,
)
from kb.vocabulary import (
    BatchKind,
    Became,
    FindingState,
    IdentifierKind,
    TagSource,
    TagStatus,
)


@pytest.fixture
def begun(session) -> int:
    return batches.begin(session, BatchKind.INGEST, ["/inbox"], by="me").id


@pytest.fixture
def added(session, story, begun) -> Callable[..., Record]:
    def add(name: str) -> Record:
        record = records.create(session, story.model_copy(update={"title": name}), by="ingest")
        batches.note(session, begun, name=name, position=0, became=Became.ADDED, record=record)
        return record

    return add


def test_undoing_takes_out_what_the_batch_added(session, added, begun) -> None:
    kept = added("One"), added("Two")
    undone = batches.undo(session, begun, by="me")
    assert set(undone.removed) == {record.id for record in kept}
    assert not undone.conflicts
    assert session.scalars(select(Record)).all() == []
    assert session.scalars(select(RecordVersion)).all() == []
    events = session.scalars(select(Event.verb).order_by(Event.id)).all()
    assert events == ["created", "created", "removed", "removed", "batch undone"]


def test_undoing_brings_back_what_the_batch_changed(session, story, begun) -> None:
    record = records.create(session, story, by="me")
    record_id = record.id
    changed = story.model_copy(update={"title": "From the sheet"})
    records.edit(session, record_id, changed, version=1, by="import")
    batches.note(
        session, begun, name="row 2", position=0, became=Became.CHANGED, record=record, before=1
    )
    undone = batches.undo(session, begun, by="me")
    assert undone.restored == (record_id,)
    assert records.read(records.get(session, record_id)) == story


def test_a_record_that_somebody_edited_since_stays_and_is_named(session, added, begun) -> None:
    record, other = added("One"), added("Two")
    mine = records.read(record).model_copy(update={"summary": "My own words."})
    records.edit(session, record.id, mine, version=record.version, by="curator")
    undone = batches.undo(session, begun, by="me")
    assert undone.removed == (other.id,)
    assert [(left.record_id, left.reason) for left in undone.conflicts] == [
        (record.id, "It was edited since.")
    ]
    assert records.get(session, record.id).summary == "My own words."


def test_what_people_decided_beside_the_text_is_work_too(session, added, begun) -> None:
    record, collected = added("One"), added("Two")
    finding = Finding(
        record_id=record.id, kind=IdentifierKind.PERSON, field="title", start=0, end=3,
        text="One", confidence=0.9, state=FindingState.KEPT, replacement="", decided_by="me",
    )  # fmt: skip
    shelf = Collection(title="Shelf", purpose="", language="en", parts=[])
    shelf.parts.append(CollectionPart(record_id=collected.id, position=0))
    session.add_all([finding, shelf])
    undone = batches.undo(session, begun, by="me")
    assert {left.reason for left in undone.conflicts} == {
        "Somebody decided what in it may name people.",
        "It stands in a collection.",
    }


def test_what_the_library_does_to_its_own_draft_is_nobody_s_work(session, added, begun) -> None:
    record = added("One")
    better = content.Tag(notation="hand-hygiene", source=TagSource.RULE, confidence=0.8)
    assert tagging.suggest(session, record.id, [better], by="ingest")
    batches.follow(session, record, before=1)
    assert batches.undo(session, begun, by="me").removed == (record.id,)


def test_suggestions_take_the_place_of_open_ones_only(session, story) -> None:
    record = records.create(session, story, by="me")
    better = content.Tag(notation="hand-hygiene", source=TagSource.RULE, confidence=0.8)
    decided = content.Tag(notation="early-initiation-of-breastfeeding", source=TagSource.RULE)
    assert tagging.suggest(session, record.id, [better, decided], by="ingest")
    tags = {tag.notation: tag.status for tag in records.read(record).tags}
    assert tags == {
        "early-initiation-of-breastfeeding": TagStatus.CONFIRMED,  # as a curator said
        "hand-hygiene": TagStatus.SUGGESTED,
    }
    assert not tagging.suggest(session, record.id, [better], by="ingest")


def test_what_no_person_decided_is_no_work(session, added, begun) -> None:
    record = added("One")
    author = Hidden(IdentifierKind.METADATA, "docProps/core.xml", "creator: Zawadi")
    [found] = findings.scan(session, record.id, hidden=[author])
    assert found.state is FindingState.REDACTED
    assert batches.undo(session, begun, by="me").removed == (record.id,)


def test_a_preview_changes_nothing(session, added, begun) -> None:
    record = added("One")
    assert batches.preview(session, begun).removed == (record.id,)
    assert records.get(session, record.id).title == "One"
    assert batches.get(session, begun).undone is None


def test_a_batch_is_undone_once(session, begun) -> None:
    batches.undo(session, begun, by="me")
    with pytest.raises(ConflictError, match="undone already"):
        batches.undo(session, begun, by="me")
    with pytest.raises(NotFoundError, match="no batch 99"):
        batches.undo(session, 99, by="me")


def test_an_interrupted_batch_is_gone_on_with(session, added, begun) -> None:
    record = added("One")
    assert batches.begin(session, BatchKind.INGEST, ["/inbox"], by="me").id == begun
    assert batches.begin(session, BatchKind.INGEST, ["/other"], by="me").id != begun
    again = batches.note(session, begun, name="One", position=0, became=Became.KNOWN, record=record)
    assert again.became is Became.ADDED
    batches.finish(session, begun)
    assert batches.begin(session, BatchKind.INGEST, ["/inbox"], by="me").id != begun


def test_a_file_that_failed_may_succeed_when_it_is_met_again(session, story, begun) -> None:
    batches.note(
        session, begun, name="a.docx", position=0, became=Became.FAILED, reason="It is empty."
    )
    record = records.create(session, story, by="ingest")
    batches.note(session, begun, name="a.docx", position=0, became=Became.ADDED, record=record)
    (item,) = session.scalars(select(BatchItem)).all()
    assert (item.became, item.reason, item.record_id) == (Became.ADDED, "", record.id)


def test_a_run_that_met_only_known_files_leaves_no_batch(session, story, begun) -> None:
    known = records.create(session, story, by="me")
    batches.note(session, begun, name="a", position=0, became=Became.KNOWN, record=known)
    assert batches.finish(session, begun) is None
    assert session.scalars(select(Batch)).all() == []


def test_the_list_asks_in_three_statements_however_many(session, added, begun, queries) -> None:
    added("One")
    batches.note(session, begun, name="bad", position=1, became=Became.FAILED, reason="No.")
    for number in range(5):
        batches.begin(session, BatchKind.INGEST, [str(number)], by="me")
    session.flush()
    queries.clear()
    newest, *_, oldest = batches.all_of(session)
    assert len(queries) == 3  # the batches, what became of their files, which are being read
    assert newest.counts == {}
    assert oldest.counts == {Became.ADDED: 1, Became.FAILED: 1}


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 3)),
        st.tuples(st.just("import"), st.integers(0, 9)),
        st.tuples(st.just("edit"), st.integers(0, 9)),
        st.tuples(st.just("publish"), st.integers(0, 9)),
        st.tuples(st.just("undo"), st.integers(0, 9)),
    ),
    max_size=14,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_undoing_restores_exactly_or_reports_a_conflict(session: Session, story, acts) -> None:
    """Random histories: nothing that a person did is lost, nothing of a batch is left unsaid."""
    History(session, story).play(acts)
    session.rollback()


class History:
    """What should be in the library, kept beside it by the simplest means."""

    def __init__(self, session: Session, story: content.Record) -> None:
        self.session, self.story = session, story
        self.said: dict[int, content.Record] = {}
        self.batches: dict[int, dict[int, tuple[content.Record | None, int]]] = {}
        self.count = 0

    def play(self, acts) -> None:
        for act, number in acts:
            getattr(self, act if act != "import" else "bring")(number)
            there = set(self.session.scalars(select(Record.id)))
            assert there == set(self.said)
            for record_id, said in self.said.items():
                assert records.read(records.get(self.session, record_id)).title == said.title

    def _batch(self, kind: BatchKind) -> int:
        self.count += 1
        return batches.begin(self.session, kind, [str(self.count)], by="x").id

    def _new(self) -> content.Record:
        self.count += 1
        return self.story.model_copy(update={"title": f"Title {self.count}"})

    def _note(self, batch_id: int, record: Record, became: Became, before: int | None) -> None:
        batches.note(
            self.session, batch_id, name=str(record.id), position=0, became=became,
            record=record, before=before,
        )  # fmt: skip

    def _nth(self, number: int) -> int | None:
        ids = sorted(self.said)
        return ids[number % len(ids)] if ids else None

    def add(self, number: int) -> None:
        batch_id = self._batch(BatchKind.INGEST)
        self.batches[batch_id] = {}
        for _ in range(number):
            record = records.create(self.session, self._new(), by="ingest")
            self._note(batch_id, record, Became.ADDED, None)
            self.said[record.id] = records.read(record)
            self.batches[batch_id][record.id] = None, record.version

    def bring(self, number: int) -> None:
        record_id = self._nth(number)
        if record_id is None:
            return
        batch_id = self._batch(BatchKind.IMPORT)
        before = records.get(self.session, record_id)
        old, version = records.read(before), before.version
        record = records.edit(self.session, record_id, self._new(), version=version, by="import")
        self._note(batch_id, record, Became.CHANGED, version)
        self.said[record_id] = records.read(record)
        self.batches[batch_id] = {record_id: (old, record.version)}

    def edit(self, number: int) -> None:
        record_id = self._nth(number)
        if record_id is not None:
            version = records.get(self.session, record_id).version
            record = records.edit(
                self.session, record_id, self._new(), version=version, by="somebody"
            )
            self.said[record_id] = records.read(record)

    def publish(self, number: int) -> None:
        record_id = self._nth(number)
        if record_id is not None:
            records.publish(self.session, record_id, by="somebody")

    def undo(self, number: int) -> None:
        if not self.batches:
            return
        batch_id = sorted(self.batches)[number % len(self.batches)]
        changes = self.batches.pop(batch_id)
        versions = {
            id_: records.get(self.session, id_).version for id_ in changes if id_ in self.said
        }
        versions_before = {
            item.record_id: item.before for item in batches.get(self.session, batch_id).items
        }
        undone = batches.undo(self.session, batch_id, by="me")
        left = {one.record_id for one in undone.conflicts}
        for record_id, (old, after) in changes.items():
            if record_id not in self.said:
                continue  # an earlier undo took it out
            assert (record_id in left) == (versions[record_id] != after)
            if record_id in left:
                continue
            if old is None:
                del self.said[record_id]
            else:
                self.said[record_id] = old
                self._follow(record_id, back_to=versions_before[record_id])

    def _follow(self, record_id: int, *, back_to: int | None) -> None:
        """Let the batch that had left the record so be undone next, as if nothing was since."""
        now = records.get(self.session, record_id).version
        for changes in self.batches.values():
            old, after = changes.get(record_id, (None, None))
            if after is not None and after == back_to:
                changes[record_id] = old, now


@pytest.mark.parametrize("imports", [1, 2])
def test_batches_are_undone_one_after_the_other_back_to_the_first(session, story, imports) -> None:
    acts = [("add", 1), *[("import", 0)] * imports]
    History(session, story).play([*acts, *[("undo", nth) for nth in reversed(range(len(acts)))]])
    assert session.scalars(select(Record)).all() == []
