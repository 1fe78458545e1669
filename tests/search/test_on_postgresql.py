"""On PostgreSQL the same questions get the same answers, by whoever asks and whatever happened."""

from threading import Thread
from time import sleep

import numpy as np
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from kb import records
from kb.db import connect
from kb.models import Concept, Record, Tag
from kb.vocabulary import Level, Scheme
from search import columns, lexical, pgvector, query, tsvector
from search.columns import LiveColumns
from search.filters import Filters, Scope
from search.index import LiveIndex
from search.query import search
from search.refreshing import refresh
from search.similar import similar
from search.store import ensure_fts, has_fts
from search.suggest import suggest
from search.terms import PASSAGES, TITLES, expression
from tests.databases import empty_database
from tests.deleting import take_out

STORIES = (
    ("Hand hygiene at the bedside", "Nurses wash hands with alcohol rub, hands again and again."),
    ("Lavage des mains", "L’hygiène des mains s’améliore; les infirmières se lavent les mains."),
    ("Skin to skin", "The midwife places the baby on the chest; babies stay warm."),
    ("Weighing waits", "Babies were weighed late. The midwives agreed, the o'neil scale moved."),
    ("Higiene de las manos", "Las enfermeras se lavan las manos antes de tocar al niño."),
    ("Usafi wa mikono", "Wauguzi huosha mikono kabla ya kumgusa mtoto."),
)
QUESTIONS = (
    "wash hands",
    "hygiene des mains",
    "babies on the chest",
    "midwifes weigihng babyes",
    '"baby on the chest"',
    "hands -alcohol",
    "manos",
    "o'neil & | ! <-> 'x\\",
    "usafi wa mikono",
    "",
)


@pytest.fixture
def database_server(postgres) -> str:
    return postgres


@pytest.fixture
def told(make_record):
    """Tell all stories."""
    languages = ("en", "fr", "en", "en", "es", "sw")
    return [
        make_record(title=title, summary=summary, language=language, change_ideas=())
        for (title, summary), language in zip(STORIES, languages, strict=True)
    ]


@pytest.fixture
def beside(tmp_path, terms, engine, told):
    """The same stories in SQLite."""
    with empty_database(tmp_path, "") as url:
        other = connect(url)
        from kb import tables

        with engine.connect():
            tables.snapshot(engine, tmp_path / "kb.sqlite")
        with other.begin() as connection:
            ensure_fts(connection)
        yield other
        other.dispose()


def index_of(engine, encoder, terms, live=None):
    with Session(engine) as session:
        while refresh(session, encoder, limit=4):
            session.commit()
        session.commit()
    session = Session(engine.execution_options(readonly=True))
    return session, (live or LiveIndex(encoder, terms)).current(session)


def answers(session, index):
    """Yield what is said to all questions, and to some readers who ask otherwise."""
    for question in QUESTIONS:
        for filters in (Filters(), Filters(languages=("en",)), Filters(levels=(Level.DISTRICT,))):
            found = search(session, index, question, filters=filters, facets=True, diverse=False)
            asked = question, filters
            yield asked, (found.question.corrections, found.total, found.facets)
            yield asked, {hit.record_id: (hit.words, hit.title_highlights) for hit in found.hits}
            yield asked, {hit.record_id: pytest.approx(hit.score, abs=5e-3) for hit in found.hits}
        yield question, suggest(session, index, question[:5])
    for record in session.scalars(select(Record.id).order_by(Record.id)).all():
        alike = similar(session, index, record, limit=5)
        yield record, {one.record_id: pytest.approx(one.score, abs=5e-3) for one in alike}


@pytest.mark.parametrize("with_vectors", [True, False])
def test_both_databases_say_the_same(engine, beside, terms, bag, with_vectors) -> None:
    encoder = bag if with_vectors else None
    here, there = index_of(engine, encoder, terms), index_of(beside, encoder, terms)
    assert (here[1].dense is not None) == with_vectors
    for (asked, one), (_, other) in zip(answers(*here), answers(*there), strict=True):
        assert (asked, one) == (asked, other)
    said = [
        *(["hands", "hand", "mains", "manos", "baby", "babies", "midwives", "o'neil"]),
        "hand hygiene",
    ]
    for table in (PASSAGES, TITLES):
        one, other = (
            {
                int(i): float(s)
                for i, s in zip(*index.words.scored(session, table, said, said), strict=True)
            }
            for session, index in (here, there)
        )
        assert one == pytest.approx(other, abs=1e-9)
    for session, _ in (here, there):
        session.close()


def counted(session) -> list[tuple[str, str, int]]:
    return session.execute(
        text("select name, term, texts, words from term_fts order by 1, 2")
    ).all()


def test_what_is_deleted_leaves_no_word_and_what_is_lost_is_made_again(
    engine, terms, bag, told
) -> None:
    session, index = index_of(engine, bag, terms)
    everything = counted(session)
    with Session(engine) as writing:
        take_out(writing, told[-1])
        writing.commit()
    session.rollback()
    assert "mikono" not in {row.term for row in counted(session)}
    left = session.scalar(text("select count(*) from passage"))
    assert session.scalar(text("select count(*) from passage_vector")) == left
    assert left < len(index.passages)
    hits = search(session, index, "usafi wa mikono", scope=Scope.ALL).hits
    assert told[-1] not in {hit.record_id for hit in hits}
    before = counted(session)
    session.close()
    with Session(engine) as writing:
        writing.execute(text("delete from passage_vector"))
        writing.execute(text("drop table passage_fts"))
        assert not has_fts(writing.connection())
        ensure_fts(writing.connection())
        assert has_fts(writing.connection())
        writing.commit()
    bag.encoded.clear()
    session, index = index_of(engine, bag, terms)
    assert counted(session) == before != everything
    assert len(index.dense) == left
    assert bag.encoded == []
    session.close()
    with Session(engine) as writing:  # as after a crash between the two
        writing.execute(text("delete from passage_vector"))
        writing.commit()
    session, index = index_of(engine, bag, terms)
    assert len(index.dense) == left
    session.close()


def test_what_was_rolled_back_is_seen_by_nobody(engine, terms, told) -> None:
    live = LiveIndex(None, terms)
    session, index = index_of(engine, None, terms, live)
    title = "Skin to skin"
    with Session(engine) as writing:
        records.withdraw(writing, told[2], by="test", reason="wrong")
        writing.flush()
        inside = live.current(writing)  # who changes it sees it
        assert not search(writing, inside, title).hits
        writing.rollback()
    with Session(engine) as writing:
        records.withdraw(writing, told[0], by="test", reason="wrong")
        writing.commit()
    session.rollback()
    index = live.current(session)
    assert [hit.title for hit in search(session, index, title).hits][:1] == [title]
    assert not search(session, index, "bedside alcohol").hits
    session.close()


def test_the_graph_finds_what_comparing_all_finds(engine, terms, bag, told, monkeypatch) -> None:
    session, index = index_of(engine, bag, terms)
    vector, asked = bag.encode_query("babies on the chest"), index.dense.at(session)
    exact = asked.nearest(vector, k=2)
    assert not pgvector.has_graph(session, index.dense)
    session.close()
    monkeypatch.setattr(pgvector, "MANY", 2)
    session, index = index_of(engine, bag, terms)
    assert pgvector.has_graph(session, index.dense)
    rough = []
    event.listen(engine, "before_cursor_execute", lambda *said: rough.append(said[2]))
    for allowed in (None, np.arange(len(index.dense)) != 0):
        rows, cosines = index.dense.at(session).nearest(vector, k=2, allowed=allowed)
        every = index.dense.at(session).cosines(vector, np.arange(len(index.dense)))
        best = [row for row in np.argsort(-every, kind="stable") if allowed is None or allowed[row]]
        assert rows.tolist() == best[:2]
        assert cosines == pytest.approx(every[best[:2]], abs=1e-3)
    assert any("halfvec(64)" in statement for statement in rough)
    assert exact[0].tolist() == index.dense.at(session).nearest(vector, k=2)[0].tolist()

    with Session(engine) as writing:  # as one that was killed while it was made
        writing.execute(
            text(
                "update pg_index set indisvalid = false where indexrelid = "
                "(select oid from pg_class where relname like 'ix_passage_vector_bag%')"
            )
        )
        writing.commit()
    session.rollback()
    assert not pgvector.has_graph(session, index.dense)
    assert exact[0].tolist() == index.dense.at(session).nearest(vector, k=2)[0].tolist()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        other.execute(text(f"select pg_advisory_lock({pgvector.BUILDER})"))
        pgvector.settle(session, bag)  # another process is at it
        assert not pgvector.has_graph(session, index.dense)
        other.execute(text(f"select pg_advisory_unlock({pgvector.BUILDER})"))
    pgvector.settle(session, bag)
    assert pgvector.has_graph(session, index.dense)
    assert "set statement_timeout = '0'" in rough
    session.close()


def test_who_reads_the_index_while_another_one_writes_gets_a_whole_one(
    engine, terms, bag, told
) -> None:
    session, _ = index_of(engine, bag, terms)
    session.close()
    reading = engine.execution_options(readonly=True)
    written = []

    def write(_conn, _cursor, statement, *_rest) -> None:
        if "FROM passage" in statement and "string_agg" in statement and not written:
            written.append(statement)
            with Session(engine) as writing:
                records.withdraw(writing, told[0], by="test", reason="wrong")
                writing.get(Record, told[2]).title = "Skin to skin and onwards"
                writing.get(Record, told[2]).version += 1
                writing.flush()
                while refresh(writing, bag):
                    writing.commit()

    event.listen(reading, "after_cursor_execute", write)
    with Session(reading) as session:
        live = LiveIndex(bag, terms)
        for _ in range(2):
            index = live.current(session)
            assert (index.passages[index.rows] == index.dense.ids).all()
            search(session, index, "babies on the chest")
            session.rollback()
        assert written
        assert len(index.rows) == len(index.passages)


def test_what_a_worker_remembers_has_an_end(engine, terms, told, monkeypatch) -> None:
    monkeypatch.setattr(tsvector, "MOST_KEPT", 20)
    session, index = index_of(engine, None, terms)
    words = ["wash", "hands", "with", "alcohol", "rub", "again", "nurses"]
    pairs = [f"{one} {other}" for one in words for other in words if other != "again"]
    counts = index.words.counts(session, pairs)
    assert counts[pairs.index("wash hands")] == 1
    assert index.words.counts(session, pairs) == counts
    index.words.counts(session, ["hands again"])
    assert len(index.words._phrases) == 1  # noqa: SLF001
    session.close()


def test_what_came_since_words_were_counted_breaks_no_question(
    engine, terms, told, make_record
) -> None:
    session, index = index_of(engine, None, terms)
    index.words.counts(session, ["hands"])  # and with it, how many texts there are
    for _ in range(40):
        make_record(title="Cold chain", summary="The fridge was mended.", change_ideas=())
    index_of(engine, None, terms)[0].close()
    session.rollback()
    found = search(session, index, "the fridge and hands")
    assert {hit.record_id for hit in found.hits} <= set(told)
    session.close()


@pytest.mark.usefixtures("told")
def test_who_counts_words_while_another_one_does_counts_right(engine, terms) -> None:
    session, index = index_of(engine, None, terms)
    heard = []

    class Late(list):
        """Rows; before they are read, another thread asks."""

        def __iter__(self):
            heard.extend(index.words.counts(session, ["hands"]))
            return super().__iter__()

    class Slow:
        """The session of the first who asks."""

        def execute(self, statement, given):
            return Late(session.execute(statement, given).all())

    assert index.words.counts(Slow(), ["hands"]) == heard
    assert heard[0] > 0
    session.close()


def test_a_passage_that_goes_while_hits_are_shown_is_left_out(engine, terms, told) -> None:
    session, index = index_of(engine, None, terms)
    written = []

    def write(_conn, _cursor, statement, *_rest) -> None:
        if statement.startswith("select rowid, title, body") and not written:
            written.append(statement)
            with Session(engine) as writing:
                record = records.get(writing, told[2])
                new = records.read(record).model_copy(update={"summary": "It stays warm."})
                records.edit(writing, record.id, new, version=record.version, by="test")
                writing.commit()
                while refresh(writing, None):
                    writing.commit()

    event.listen(engine, "before_cursor_execute", write)
    hits = search(session, index, "midwife places babies on the chest").hits
    event.remove(engine, "before_cursor_execute", write)
    assert written
    assert told[2] not in {hit.record_id for hit in hits}
    session.close()


def test_a_concept_that_comes_while_columns_are_read_breaks_nothing(engine, told) -> None:
    read = []

    def write(_conn, _cursor, statement, *_rest) -> None:
        if "concept.scheme" not in statement:
            return
        read.append(statement)
        if len(read) != 2:  # the first asks only whether concepts have changed
            return
        with Session(engine) as writing:
            new = Concept(notation="own-1", scheme=Scheme.TOPICS, pref_label="Own")
            writing.add(new)
            writing.flush()
            row = select(Tag).where(Tag.record_id == told[0]).limit(1)
            writing.scalars(row).one().concept_id = new.id
            writing.commit()

    reading = engine.execution_options(readonly=True)
    event.listen(reading, "after_cursor_execute", write)
    with reading.connect() as connection:
        found = columns.read(connection)
    assert len(read) == 2
    assert len(found.records) == len(told)


@pytest.mark.usefixtures("told")
def test_of_all_who_see_a_change_one_reads_it(engine, terms) -> None:
    index_of(engine, None, terms)[0].close()
    live = LiveColumns()
    seen, read = [], []

    def see(_conn, _cursor, statement, *_rest) -> None:
        (seen if "record_change" in statement else read).append(statement)

    def ask() -> None:
        with Session(engine.execution_options(readonly=True)) as session:
            live.now(session)

    event.listen(engine, "after_cursor_execute", see)
    readers = [Thread(target=ask) for _ in range(4)]
    with live._lock:  # noqa: SLF001
        for reader in readers:
            reader.start()
        while len(seen) < len(readers):
            sleep(0.01)
    for reader in readers:
        reader.join()
    event.remove(engine, "after_cursor_execute", see)
    asked = [said for said in read if "shown_naming" in said and "title" not in said]
    assert len(asked) == 1  # whether anything has changed


@pytest.mark.usefixtures("told")
def test_without_pgvector_words_answer_and_the_operator_is_told(
    engine, terms, bag, monkeypatch, caplog
) -> None:
    with Session(engine) as writing:
        writing.execute(text("drop extension vector cascade"))
        writing.execute(text("drop table if exists passage_vector"))
        monkeypatch.setattr(pgvector, "EXTEND", "create extension no_such_extension")
        ensure_fts(writing.connection())
        writing.commit()
    assert "words alone" in caplog.text
    session, index = index_of(engine, bag, terms)
    assert index.dense is None
    assert search(session, index, "babies on the chest").hits[0].title == "Skin to skin"
    with pytest.raises(pgvector.NotReadyError, match="pgvector") as refused:
        pgvector.check(session.connection())
    assert "create extension vector" in refused.value.hint
    session.close()


def test_no_text_is_syntax(engine, terms, told) -> None:
    session, index = index_of(engine, None, terms)
    for said in ("a:* | b", "'", "\\", "x' <-> 'y", "!(a & b)", ":AD", "\x00", "%s :ids", "{name}"):
        lexical.nearest(session, index.words, expression([said]), k=3, ids=index.passages)
        query.search(session, index, f'{said} "{said}" -{said}')
    session.close()
