import multiprocessing
import os
from datetime import date
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from kb import batches, content, records, tagging
from kb.content import Place, Tag
from kb.db import Base, connect
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import (
    BatchKind,
    FacilityType,
    Level,
    Naming,
    Status,
    StrengthBand,
    TagStatus,
    Verdict,
    Visibility,
)
from search.columns import LiveColumns, read
from search.filters import EVERYTHING, Filters, Scope, condition
from search.index import Index
from tests.deleting import take_out

NOTATIONS = ["small-and-sick-newborn-care", "kangaroo-mother-care", "anaemia-in-pregnancy"]
NOTATIONS += ["process-redesign", "safety-checklists"]


@pytest.fixture
def live() -> LiveColumns:
    return LiveColumns()


@pytest.fixture
def see(live, reading):
    """Return the ids that a scope sees now, and how many records each level has."""

    def now(scope=Scope.PUBLIC) -> tuple[list[int], dict[str, int]]:
        with reading() as session:
            columns = live.current(session)
        counted, about = columns.counts(EVERYTHING, scope, broader=lambda n: (n,))
        assert not about
        ids = columns.allowed(EVERYTHING, scope, lambda n: (n,)).tolist()
        return ids, {c.value: c.count for c in counted["levels"]}

    return now


def same(columns, other) -> bool:
    """Tell whether two readings say the same."""
    alone = all(
        getattr(columns, name).tolist() == getattr(other, name).tolist()
        for name in ("records", "strength")
    )
    return (
        alone
        and columns.titles == other.titles
        and all(
            (columns.visible[scope] == other.visible[scope]).all()
            and all(
                mine.names == other.values[scope][name].names
                and mine.starts.tolist() == other.values[scope][name].starts.tolist()
                and mine.codes.tolist() == other.values[scope][name].codes.tolist()
                for name, mine in columns.values[scope].items()
            )
            for scope in Scope
        )
    )


@pytest.mark.usefixtures("make_record")
def test_an_empty_library_has_nothing_to_count(see) -> None:
    assert see() == ([], {})


def test_nothing_is_read_again_while_nothing_is_committed(
    live, reading, make_record, queries, engine
) -> None:
    make_record()
    with reading() as session:
        first = live.current(session)
        queries.clear()
        assert live.current(session) is first
    read = [q for q in queries if q.startswith("SELECT")]
    if engine.dialect.name == "postgresql":  # which is asked how many writes there were
        assert "FROM passage_write" in read.pop()
    assert read == []


def test_a_commit_that_changes_no_record_keeps_what_was_read(live, reading, engine) -> None:
    with reading() as session:
        first = live.current(session)
        with engine.begin() as connection:
            connection.execute(text("create table elsewhere (id integer)"))
        assert live.current(session) is first


def test_every_verb_that_changes_what_is_counted_is_noticed(
    live, reading, make_record, session, story
) -> None:
    """A record's version grows with every change of its tags and places too."""

    def check() -> None:
        session.commit()
        with reading() as other:
            assert same(live.current(other), read(other.connection()))

    record_id = make_record()
    check()
    record = records.get(session, record_id)
    batch = batches.begin(session, BatchKind.INGEST, ["a.docx"], by="test")
    check()
    for change in (
        {"places": (Place(country="KEN", facility_type=FacilityType.HEALTH_POST),)},
        {"tags": (*story.tags, Tag(notation="safety-checklists", status=TagStatus.CONFIRMED))},
        {"naming": Naming.ANONYMOUS},
        {"title": "Another title"},
        {"level": Level.DISTRICT},
    ):
        new = records.read(record).model_copy(update=change)
        records.edit(session, record_id, new, version=record.version, by="test")
        check()
    tagging.confirm(session, record_id, [story.tags[0].notation], version=record.version, by="test")
    check()
    tagging.decide(
        session,
        record_id,
        {"safety-checklists": TagStatus.CONFIRMED},
        version=record.version,
        by="test",
    )
    check()
    suggested = [Tag(notation="kangaroo-mother-care", confidence=0.9)]
    assert tagging.suggest(session, record_id, suggested, by="test")
    check()
    records.restore(session, record_id, 1, by="test")
    check()
    for verb in (records.withdraw, records.reopen, records.retire, records.reopen):
        verb(session, record_id, by="test", reason="a test")
        check()
    take_out(session, record_id)
    check()
    assert batch.id


@pytest.mark.parametrize("column", ["status", "visibility", "shown_naming"])
def test_who_may_see_a_record_is_noticed_whoever_changes_it(
    column, live, reading, engine, make_record
) -> None:
    make_record()
    with reading() as session:
        live.current(session)
    value = {"status": "withdrawn", "visibility": "team", "shown_naming": "anonymous"}[column]
    with engine.begin() as connection:  # another program, which knows nothing of versions
        connection.execute(text(f"update record set {column} = '{value}'"))
    with reading() as session:
        columns = live.current(session)
        assert same(columns, read(session.connection()))
        assert not columns.values[Scope.PUBLIC]["countries"].codes.size or column == "visibility"


def _withdraw(url: str, record_id: int) -> None:
    engine = connect(url)
    with Session(engine) as session:
        records.withdraw(session, record_id, by="another process", reason="asked for")
        session.commit()
    engine.dispose()


def test_what_another_process_withdraws_is_gone_at_once(see, make_record, engine) -> None:
    kept, gone = make_record(), make_record(level=Level.DISTRICT)
    assert see() == ([kept, gone], {"district": 1, "facility": 1})
    url = engine.url.render_as_string(hide_password=False)
    other = multiprocessing.get_context("spawn").Process(target=_withdraw, args=(url, gone))
    other.start()
    other.join()
    assert other.exitcode == 0
    for scope in Scope:
        assert see(scope) == ([kept], {"facility": 1})


def test_what_the_same_process_withdraws_is_gone_at_once(see, make_record, session) -> None:
    kept, gone = make_record(), make_record()
    assert see()[0] == [kept, gone]
    records.withdraw(session, gone, by="test", reason="asked for")
    assert see()[0] == [kept, gone]  # not committed yet
    session.commit()
    assert see()[0] == [kept]


def test_a_session_that_began_before_sees_what_was_committed_since(
    live, make_record, reading, session
) -> None:
    gone = make_record()
    with reading() as before:
        assert before.get(Record, gone) is not None  # its transaction stands as of now
        records.withdraw(session, gone, by="test", reason="asked for")
        session.commit()
        assert live.current(before).records.tolist() == []
        assert live.current(before).records.tolist() == []


def test_an_engine_that_was_disposed_of_is_asked_anew(see, make_record, engine) -> None:
    first = make_record()
    assert see()[0] == [first]
    engine.dispose()
    second = make_record()
    assert see()[0] == [first, second]


def test_one_live_columns_may_serve_two_databases(live, tmp_path, terms) -> None:
    for name, titles in (("one", ["First"]), ("two", ["Second", "Third"]), ("one", ["First"])):
        (tmp_path / name).mkdir(exist_ok=True)
        engine = connect(Settings(data=tmp_path / name).database_url)
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            if not session.query(Record).count():
                for title in titles:
                    records.create(session, content.Record(title=title), by="test")
            session.commit()
            assert live.current(session).titles == tuple(titles)
        engine.dispose()


@pytest.mark.sqlite("a database in memory")
def test_a_database_in_memory_is_read_through_its_only_connection(live) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        assert live.current(session).titles == ()
        records.create(session, content.Record(title="Only here"), by="test")
        session.flush()
        assert live.current(session).titles == ("Only here",)
    engine.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_opens_its_own_connection(live, reading, make_record) -> None:
    make_record()
    with reading() as session:
        live.current(session)
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if not child:
        with reading() as session:
            sender.send(len(live.current(session).records))
        os._exit(0)
    os.waitpid(child, 0)
    assert receiver.recv() == 1
    make_record()
    with reading() as session:
        assert len(live.current(session).records) == 2


def test_threads_that_write_and_count_agree_in_the_end(see, make_record) -> None:
    failed: list[BaseException] = []

    def often(act) -> None:
        try:
            for _ in range(4):
                act()
        except BaseException as error:  # noqa: BLE001  shown below
            failed.append(error)

    threads = [Thread(target=often, args=(act,)) for act in (make_record, see, see, make_record)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(see()[0]) == 8


def test_titles_with_any_characters_stay_apart(live, reading, make_record) -> None:
    titles = ["One, two", "Three\x1ffour", "", "Ünï|code"]
    ids = [make_record(title=title or "–") for title in titles]
    with reading() as session:
        columns = live.current(session)
    assert columns.titles == ("One, two", "Three four", "–", "Ünï|code")
    assert columns.rows([ids[2], 999, ids[0]]).tolist() == [2, 0]


PLACES = st.builds(
    Place,
    country=st.sampled_from(["", "TZA", "KEN"]),
    facility_type=st.sampled_from([None, FacilityType.HEALTH_CENTRE, FacilityType.HEALTH_POST]),
)
TAGS = st.builds(
    Tag,
    notation=st.sampled_from(NOTATIONS),
    status=st.sampled_from(TagStatus),
    confidence=st.sampled_from([0.2, 0.5, 0.9]),
)
STORIES = st.builds(
    lambda state, **said: (state, content.Record(title="A story", **said)),
    st.tuples(st.sampled_from(Status), st.sampled_from(Visibility)),
    level=st.sampled_from([Level.FACILITY, Level.DISTRICT]),
    verdict=st.sampled_from([Verdict.WORKED, Verdict.HARMED]),
    language=st.sampled_from(["en", "fr"]),
    naming=st.sampled_from(Naming),
    start_date=st.sampled_from([None, date(2021, 12, 31), date(2022, 1, 1)]),
    places=st.lists(PLACES, max_size=3).map(tuple),
    tags=st.lists(TAGS, max_size=4, unique_by=lambda tag: tag.notation).map(tuple),
)
FILTERS = st.builds(
    Filters,
    topics=st.sets(st.sampled_from([*NOTATIONS[:3], "no-such-topic"]), max_size=2).map(tuple),
    interventions=st.sets(st.sampled_from(NOTATIONS[3:]), max_size=1).map(tuple),
    countries=st.sets(st.sampled_from(["TZA", "KEN", "UGA"]), max_size=2).map(tuple),
    facility_types=st.sets(st.sampled_from([FacilityType.HEALTH_POST]), max_size=1).map(tuple),
    levels=st.sets(st.sampled_from([Level.FACILITY]), max_size=1).map(tuple),
    verdicts=st.sets(st.sampled_from([Verdict.WORKED, Verdict.DID_NOT_WORK]), max_size=2).map(
        tuple
    ),
    languages=st.sets(st.sampled_from(["en"]), max_size=1).map(tuple),
    years=st.sets(st.sampled_from([2021, 2022]), max_size=1).map(tuple),
    strengths=st.sets(st.sampled_from(StrengthBand), max_size=2).map(tuple),
)


VALUES = {
    "topics": NOTATIONS,
    "interventions": NOTATIONS,
    "countries": ["TZA", "KEN"],
    "facility_types": list(FacilityType),
    "levels": list(Level),
    "years": ["2021", "2022"],
}


@pytest.fixture
def library(engine, terms):
    """A database, and the hierarchy of its taxonomy as an index has it."""

    class Hierarchy:
        taxonomy = terms
        narrower = Index.narrower
        broader = Index.broader

    return engine, Hierarchy()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stories=st.lists(STORIES, max_size=6),
    filters=FILTERS,
    scope=st.sampled_from(Scope),
    every=st.sampled_from([None, 2]),
)
def test_memory_allows_what_sql_allows_and_counts_what_one_would_count(
    stories, filters, scope, every, library
) -> None:
    engine, hierarchy = library
    with Session(engine) as session:
        session.execute(delete(Record))
        for (status, visibility), said in stories:
            record = records.create(session, said, by="test", status=status)
            record.visibility = visibility
        session.flush()
        columns = read(session.connection())
        everywhere = columns.allowed(EVERYTHING, scope, hierarchy.narrower).tolist()
        ids = None if every is None else everywhere[::every]
        for some in (filters, *(filters.without(name) for name in filters.__slots__)):
            by_sql = select(Record.id).where(condition(some, scope, hierarchy.narrower))
            allowed = columns.allowed(some, scope, hierarchy.narrower).tolist()
            assert allowed == sorted(session.scalars(by_sql))
        found, about = columns.counts(filters, scope, broader=hierarchy.broader, ids=ids)
        assert not about
        among = set(everywhere if ids is None else ids)
        for name, values in found.items():
            counts = {one.value: one.count for one in values}
            for value in {*counts, *VALUES.get(name, ())}:
                one = int(value) if name == "years" else value
                choosing = Filters(**{**as_dict(filters), name: (one,)})
                ids = columns.allowed(choosing, scope, hierarchy.narrower).tolist()
                assert counts.get(value, 0) == len(among.intersection(ids)), (name, value)
            assert set(map(str, getattr(filters, name))) <= set(counts)
            assert [*values] == sorted(values, key=lambda one: (-one.count, one.value))


def as_dict(filters: Filters) -> dict[str, tuple]:
    return {name: getattr(filters, name) for name in filters.__slots__}
