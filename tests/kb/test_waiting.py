"""Files that wait: each is one worker's at a time, and nobody's for ever."""

import subprocess
import sys
from datetime import timedelta
from itertools import chain
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import batches, processes, waiting
from kb.db import utcnow
from kb.models import Batch, WaitingFile
from kb.vocabulary import BatchKind
from kb.waiting import LEASE


@pytest.fixture
def aside(engine):
    """Open sessions as workers do for their claims."""
    return lambda: Session(engine.execution_options(aside=True))


@pytest.fixture
def batch_id(engine) -> int:
    """A batch of which forty files wait."""
    with Session(engine) as session:
        batch = batches.begin(session, BatchKind.INGEST, ["/inbox"], by="me")
        waiting.put(session, batch.id, [Path(f"/inbox/{number:02}.md") for number in range(40)])
        session.commit()
        return batch.id


def test_of_workers_that_take_files_at_once_each_has_its_own(aside, batch_id) -> None:
    taken: dict[str, list[int]] = {}

    def take(owner: str) -> None:
        mine = taken.setdefault(owner, [])
        while True:
            with aside() as session:
                claimed = waiting.claim(session, owner)
                session.commit()
            if claimed is None:
                return
            mine.append(claimed.position)

    threads = [Thread(target=take, args=(name,)) for name in ("one", "two", "three", "four")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(chain.from_iterable(taken.values())) == list(range(40))
    assert all(mine == sorted(mine) for mine in taken.values())


def test_on_postgresql_nobody_waits_for_another_one_s_claim_or_for_a_writer(
    aside, batch_id, engine, database_server
) -> None:
    if not database_server:
        pytest.skip("SQLite has one writer at a time")
    with Session(engine) as writer, aside() as one, aside() as two:
        writer.add(Batch(kind=BatchKind.INGEST, asked=[], by="", undone_by=""))
        writer.flush()
        assert waiting.claim(one, "one").position == 0
        assert waiting.claim(two, "two").position == 1  # the other one has not committed


def test_a_batch_is_being_read_while_a_worker_that_lives_has_a_file_of_it(aside, batch_id) -> None:
    now, owner = utcnow(), processes.name()
    with aside() as session:
        assert not waiting.in_hand(session, now=now)
        waiting.claim(session, owner, now=now)
        assert waiting.in_hand(session, now=now) == {batch_id}
        assert [one.is_being_read for one in batches.all_of(session)] == [True]
        assert not waiting.in_hand(session, now=now + 2 * LEASE)
        waiting.give_back(session, owner)
        assert not waiting.in_hand(session, now=now)


def test_a_claim_ends_with_its_minute_or_with_its_worker(aside, batch_id) -> None:
    now = utcnow()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with aside() as session:
        first = waiting.claim(session, "one", now=now)
        waiting.claim(session, "two", now=now)
        later = now + LEASE + timedelta(seconds=1)
        waiting.renew(session, "two", now=later)
        again = waiting.claim(session, "three", now=later)
        assert (again.position, again.tries, again.is_suspect) == (0, 2, True)
        assert waiting.claim(session, "three", now=later).position == 2
        assert not waiting.end(session, first, "one")  # it comes back, too late
        assert waiting.end(session, again, "three")
        dead = waiting.claim(session, f"{processes.here()}-{gone.pid}-x", now=now)
        elsewhere = waiting.claim(session, "0-1-x", now=now)
        mine = waiting.claim(session, processes.name(), now=now)
        waiting.take_from_the_dead(session)
        free = session.scalars(select(WaitingFile.position).filter_by(owner="")).all()
        assert dead.position in free
        assert not {elsewhere.position, mine.position} & set(free)


def test_what_is_given_back_counts_no_try_and_what_broke_its_worker_does(aside, batch_id) -> None:
    with aside() as session:
        one, two, _ = (waiting.claim(session, "one") for _ in range(3))
        waiting.let_go(session, "one", one)
        waiting.give_back(session, "one", two)
        waiting.give_back(session, "one")
        tries = session.scalars(select(WaitingFile.tries).order_by(WaitingFile.position)).all()
        assert tries[:3] == [1, 0, 0]
        assert not session.scalars(select(WaitingFile.id).where(WaitingFile.owner != "")).all()
        assert waiting.claim(session, "one", without={one.id}).position == 1
        assert waiting.claim(session, "one", elsewhere={batch_id}) is None


def test_a_batch_that_is_asked_for_again_waits_as_its_folder_now_is(session, batch_id) -> None:
    waiting.claim(session, "one")
    waiting.put(session, batch_id, [Path("/inbox/new.md"), Path("/inbox/00.md")])
    query = select(WaitingFile.path, WaitingFile.position, WaitingFile.tries)
    rows = session.execute(query.order_by(WaitingFile.position)).all()
    assert rows == [("/inbox/new.md", 0, 0), ("/inbox/00.md", 1, 1)]


def test_of_a_batch_that_was_undone_nothing_waits_and_nothing_in_hand_is_kept(
    session, batch_id
) -> None:
    claimed = waiting.claim(session, "one")
    batches.end(session, session.get_one(Batch, batch_id))
    assert session.get_one(Batch, batch_id).finished is None
    batches.undo(session, batch_id, by="me")
    assert waiting.left(session) == 0
    assert not waiting.end(session, claimed, "one")
