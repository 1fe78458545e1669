from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sqlalchemy.orm import Session

from kb.models import Record
from search.index import LiveIndex
from search.store import refresh
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
    assert sum("passage.vector" in query for query in queries) == 1


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
