import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.orm import Session

from kb.models import Record
from search.index import LiveIndex
from search.refreshing import refresh
from tests.deleting import take_out
from tests.search.conftest import Bag


def refreshed(engine, encoder) -> None:
    with Session(engine) as session:
        refresh(session, encoder)
        session.commit()


def test_an_unchanged_library_keeps_its_index(engine, make_record, reading, bag) -> None:
    make_record()
    refreshed(engine, bag)
    live = LiveIndex(bag)
    with reading() as session:
        assert live.current(session) is live.current(session)


def test_a_changed_library_gets_a_new_index_and_the_old_one_stays_as_it_was(
    engine, make_record, reading, bag
) -> None:
    make_record()
    refreshed(engine, bag)
    live = LiveIndex(bag)
    with reading() as session:
        old = live.current(session)
    make_record()
    refreshed(engine, bag)
    with reading() as session:
        new = live.current(session)
    assert len(new.passages) == 2 * len(old.passages)
    assert len(old.dense) == len(old.passages)
    assert new.revision > old.revision


def test_threads_read_a_new_index_once(engine, make_record, reading, bag, queries) -> None:
    make_record()
    refreshed(engine, bag)
    live = LiveIndex(bag)
    queries.clear()

    def current(_):
        with reading() as session:
            return live.current(session)

    with ThreadPoolExecutor(8) as pool:
        found = set(map(id, pool.map(current, range(16))))
    assert len(found) == 1
    once = int(engine.dialect.name == "sqlite")  # a server keeps them, and is never asked
    assert sum("passage.vector" in query for query in queries) == once


def test_an_empty_library_has_an_empty_index(indexed, bag) -> None:
    index = indexed(bag)
    assert len(index.passages) == 0
    assert index.dense is None


def test_vectors_of_other_weights_are_left_out(engine, make_record, reading, bag) -> None:
    make_record()
    refreshed(engine, bag)
    first = make_record()
    refreshed(engine, None)
    with reading() as session:
        index = LiveIndex(bag).current(session)
        other = LiveIndex(Bag("other")).current(session)
    assert other.dense is None
    half = len(index.passages) // 2
    assert len(index.dense) == half
    assert list(index.rows) == list(range(half))
    assert (index.slots[half:] == -1).all()
    assert (index.records[half:] == first).all()


def test_passages_that_came_after_the_index_are_unknown_to_it(indexed, make_record, bag) -> None:
    make_record()
    index = indexed(bag)
    later = np.array([index.passages[-1] + 1, index.passages[0]])
    assert list(index.known(later)) == [False, True]
    assert list(index.positions(later)) == [0]


def test_concepts_are_known_up_and_down(indexed, terms) -> None:
    index = indexed()
    assert "kangaroo-mother-care" in index.narrower("small-and-sick-newborn-care")
    above = index.broader("kangaroo-mother-care")
    assert above[0] == "kangaroo-mother-care"
    assert "small-and-sick-newborn-care" in above
    assert index.narrower("unknown") == index.broader("unknown") == ("unknown",)


def test_a_rolled_back_refresh_changes_nothing(engine, make_record, reading, bag) -> None:
    make_record()
    with Session(engine) as session:
        refresh(session, bag)
        session.rollback()
        assert session.get_one(Record, 1).version
    with reading() as session:
        assert len(LiveIndex(bag).current(session).passages) == 0


@pytest.fixture
def many(monkeypatch) -> None:
    """Let the index deal with a few passages as it would with very many."""
    monkeypatch.setattr("search.dense.FEW", 0)
    monkeypatch.setattr("search.postings.FEW", 0)


def words(held) -> dict[str, list[int]]:
    """Return which texts hold each of the words that the stories are told in."""
    terms = ("stori", "of", *map(str, range(12)))
    found = {term: held.holding(term) for term in terms}
    return {
        term: [*held.ids[one.rows].tolist(), *held.scores(one, one.rows).tolist()]
        for term, one in found.items()
    }


@pytest.mark.sqlite("the words and vectors that are held in memory beside it")
@pytest.mark.usefixtures("many")
def test_any_history_leaves_the_index_that_would_be_read_anew(
    engine, make_record, reading, bag, tmp_path
) -> None:
    live = LiveIndex(bag, folder=tmp_path)
    chance = np.random.default_rng(4)
    ids: list[int] = []
    for step in range(12):
        if len(ids) < 4 or chance.random() < 0.6:
            ids.append(make_record(title=f"story {step} of {chance.integers(9)}"))
        else:
            with Session(engine) as session:
                take_out(session, ids.pop(chance.integers(len(ids))))
                session.commit()
        with Session(engine) as session:
            refresh(session, bag)
            session.commit()
        with reading() as session:
            followed, fresh = live.current(session), LiveIndex(bag).current(session)
        assert followed.state == fresh.state
        for name in ("passages", "records", "rows", "slots"):
            assert list(getattr(followed, name)) == list(getattr(fresh, name))
        assert np.array_equal(followed.dense.halves(), fresh.dense.halves())
        for name in ("passages", "titles"):
            assert words(getattr(followed.words, name)) == words(getattr(fresh.words, name))
        assert set(followed.records.tolist()) == set(ids)


def test_two_processes_see_each_others_changes(engine, make_record, reading, bag) -> None:
    url = engine.url.render_as_string(hide_password=False)
    code = f"""
from sqlalchemy.orm import Session
from kb.db import connect
from search.refreshing import refresh
from tests.search.conftest import Bag
with Session(connect({url!r})) as session:
    refresh(session, Bag())
    session.commit()
"""
    live = LiveIndex(bag)
    for expected in (1, 2):
        make_record()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
        with reading() as session:
            assert len(set(live.current(session).records.tolist())) == expected


def test_who_began_to_read_before_a_change_throws_nothing_away(
    engine, make_record, reading, bag
) -> None:
    make_record()
    refreshed(engine, bag)
    live = LiveIndex(bag)
    with reading() as slow:
        live.current(slow)
        make_record()
        refreshed(engine, bag)
        with reading() as session:
            newest = live.current(session)
        assert live.current(slow).dense is newest.dense
