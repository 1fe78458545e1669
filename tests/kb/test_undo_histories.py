"""Random histories of batches and of people's work: undo restores exactly, or says that it cannot.

Reliability R5. A few hundred here; `pytest --hypothesis-profile=explore` plays thousands.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import audit, batches, bulk, content, records, schema, taxonomy
from kb.bulk_steps import Do, Step
from kb.db import connect
from kb.models import Record
from kb.people import operator
from kb.vocabulary import BatchKind, Became, Status
from tests.databases import empty_database, server

CURATOR = operator("curator")
CHANGES = (
    Step(Do.LEVEL, "district"),
    Step(Do.LEVEL, "facility"),
    Step(Do.ADD_TAG, "hand-hygiene"),
    Step(Do.REMOVE_TAG, "skin-to-skin-contact"),
    Step(Do.CONFIRM_TAG, "skin-to-skin-contact"),
    Step(Do.REMOVE_TAG, "early-initiation-of-breastfeeding"),
    Step(Do.COUNTRY, "KEN"),
    Step(Do.LICENCE, "CC0-1.0"),
    Step(Do.ADD_KEYWORD, "scale"),
    Step(Do.VISIBILITY, "team"),
    Step(Do.REVIEW_DUE, "2030-01-01"),
    Step(Do.RETIRE),
    Step(Do.RETURN),
    Step(Do.PUBLISH),
)
ANY = st.integers(0, 9)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 3)),
        st.tuples(st.just("bring"), ANY),
        st.tuples(st.just("change"), st.tuples(st.sampled_from(CHANGES), st.sets(ANY, max_size=4))),
        st.tuples(st.just("edit"), ANY),
        st.tuples(st.just("publish"), ANY),
        st.tuples(st.just("withdraw"), ANY),
        st.tuples(st.just("undo"), ANY),
        st.tuples(st.just("undo"), ANY),
    ),
    min_size=3,
    max_size=12,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, terms):
    """One database for all histories; each is rolled back."""
    with empty_database(tmp_path_factory.mktemp("histories"), server()) as url:
        engine = connect(url)
        schema.upgrade(engine)
        with Session(engine) as session:
            taxonomy.mirror(session, terms)
            session.commit()
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def said() -> content.Record:
    return content.Record(
        title="Any",
        summary="Babies stay on the chest.",
        sections=(content.Section(heading="What we did", body="Weigh later."),),
        places=(content.Place(country="TZA"),),
        tags=(
            content.Tag(notation="early-initiation-of-breastfeeding", status="confirmed"),
            content.Tag(notation="skin-to-skin-contact"),
        ),
        licence="CC-BY-4.0",
        source_kind="imported",
    )


@given(acts=ACTS)
def test_undo_restores_exactly_or_reports_a_conflict(kept, said, acts) -> None:
    with Session(kept) as session:
        History(session, said).play(acts)
        assert audit.verify(session).broken is None


State = tuple[content.Record, Status, Any]


class History:
    """What should be in the library, kept beside it by the simplest means."""

    def __init__(self, session: Session, said: content.Record) -> None:
        self.session, self.said = session, said
        self.there: dict[int, State] = {}
        # What each batch did to each record: what it was before (None: not there), and after.
        self.batches: dict[int, dict[int, tuple[State | None, State]]] = {}
        self.count = 0

    def play(self, acts) -> None:
        for act, what in acts:
            getattr(self, act)(what)
            self.session.flush()
            assert set(self.session.scalars(select(Record.id))) == set(self.there)
            assert {id_: self.state(id_) for id_ in self.there} == self.there

    def state(self, record_id: int) -> State:
        record = records.get(self.session, record_id)
        return records.read(record), record.status, record.published

    def new(self) -> content.Record:
        self.count += 1
        return self.said.model_copy(update={"title": f"Title {self.count}"})

    def nth(self, number: int) -> int | None:
        ids = sorted(self.there)
        return ids[number % len(ids)] if ids else None

    def begin(self, kind: BatchKind) -> int:
        self.count += 1
        batch_id = batches.begin(self.session, kind, [str(self.count)], by="x").id
        self.batches[batch_id] = {}
        return batch_id

    def noted(self, batch_id: int, record: Record, before: int | None, old: State | None) -> None:
        became = Became.ADDED if before is None else Became.CHANGED
        batches.note(
            self.session, batch_id, name=str(record.id), position=0, became=became,
            record=record, before=before,
        )  # fmt: skip
        self.there[record.id] = self.state(record.id)
        self.batches[batch_id][record.id] = old, self.there[record.id]

    def add(self, number: int) -> None:
        batch_id = self.begin(BatchKind.INGEST)
        for _ in range(number):
            self.noted(batch_id, records.create(self.session, self.new(), by="ingest"), None, None)

    def bring(self, number: int) -> None:
        record_id = self.nth(number)
        if record_id is None or self.there[record_id][1] is Status.WITHDRAWN:
            return
        batch_id, before = self.begin(BatchKind.IMPORT), records.get(self.session, record_id)
        version, old = before.version, self.there[record_id]
        record = records.edit(self.session, record_id, self.new(), version=version, by="import")
        self.noted(batch_id, record, version, old)

    def change(self, what: tuple[Step, set[int]]) -> None:
        step, numbers = what
        ids = {self.nth(number) for number in numbers} - {None}
        plan = bulk.plan(self.session, ids, [step], CURATOR)
        planned = {one.record_id for one in plan.change}
        told = planned | {one.record_id for one in (*plan.same, *plan.cannot)}
        assert told == ids  # nothing is passed over in silence
        batch = bulk.carry_out(self.session, plan.versions, [step], CURATOR, why="Why not?")
        if batch is None:
            assert not planned
            return
        self.batches[batch.id] = {}
        for item in batch.items:
            assert item.became is Became.CHANGED  # what was looked at is what is done
            old, self.there[item.record_id] = self.there[item.record_id], self.state(item.record_id)
            self.batches[batch.id][item.record_id] = old, self.there[item.record_id]

    def edit(self, number: int) -> None:
        record_id = self.nth(number)
        if record_id is not None:
            version = records.get(self.session, record_id).version
            records.edit(self.session, record_id, self.new(), version=version, by="somebody")
            self.there[record_id] = self.state(record_id)

    def publish(self, number: int) -> None:
        record_id = self.nth(number)
        if record_id is None or self.there[record_id][1] not in {Status.DRAFT, Status.RETURNED}:
            return
        if not records.missing_to_publish(records.get(self.session, record_id)):
            records.publish(self.session, record_id, by="somebody")
            self.there[record_id] = self.state(record_id)

    def withdraw(self, number: int) -> None:
        record_id = self.nth(number)
        if record_id is not None:
            records.withdraw(self.session, record_id, by="somebody", reason="asked")
            self.there[record_id] = self.state(record_id)

    def undo(self, number: int) -> None:
        """Undo one of the batches: each of its records is as before it, or is named."""
        if not self.batches:
            return
        batch_id = sorted(self.batches)[number % len(self.batches)]
        did = {id_: both for id_, both in self.batches.pop(batch_id).items() if id_ in self.there}
        looked = batches.preview(self.session, batch_id)
        undone = batches.undo(self.session, batch_id, by="me")
        assert undone == looked
        left = {one.record_id for one in undone.conflicts}
        assert left | set(undone.removed) | set(undone.restored) == set(did)
        for record_id, (old, after) in did.items():
            if record_id in left:
                assert self.state(record_id) == self.there[record_id]  # nobody's work is touched
            elif old is None:
                del self.there[record_id]
            else:
                assert self.there[record_id] == after  # only what the batch itself left is undone
                self.there[record_id] = old
