"""What one publication costs in a large library: `python -m benchmarks.one_change URL …`.

URLs are of libraries that benchmarks.pouring filled; one record of each is changed and changed
back. First what it would cost to ask all records and all passages, as was done before 29 November
2026; then the change as it is done now, step by step, and what a worker reads because of it.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from benchmarks.postgresql import Given
from kb import taxonomy
from kb.db import connect
from kb.models import Record
from search import columns, pgvector, refreshing, store
from search.encoder import Vectors
from search.index import LiveIndex

DIM = 384


def measured(url: str) -> dict[str, float]:
    """Return the milliseconds of each step."""
    engine = connect(url)
    encoder: Any = Encoder({b"": np.zeros(DIM, np.float16)})
    terms = taxonomy.load(taxonomy.shipped())
    with Session(engine) as session:
        store.ensure_fts(session.connection())
        session.commit()
    said = asking_all(engine, encoder)
    with Session(engine) as session:  # as the first start after pouring does
        _timed(said, "all are asked, once", lambda: refreshing.refresh(session, encoder))
        session.commit()
    live = LiveIndex(encoder, terms)
    with Session(engine.execution_options(readonly=True)) as reading:
        _timed(said, "worker ready", lambda: live.current(reading))
    with Session(engine) as session:
        middle = session.scalar(select(func.max(Record.id))) or 0
        record = session.get_one(Record, middle // 2)
        before = record.title
        for title in (f"{before} again", before):
            record.title = title
            session.commit()
            _timed(said, "count what waits", lambda: refreshing.count_stale(session, encoder))
            update = _timed(said, "prepare", lambda: refreshing.prepare(session, encoder))
            session.rollback()
            _timed(said, "write", partial(_write, session, update))
            with Session(engine.execution_options(readonly=True)) as reading:
                steps_of_a_worker(said, reading, encoder)
                _timed(said, "worker has it", lambda: live.current(reading))
                _timed(said, "worker asks again", lambda: live.current(reading))
    engine.dispose()
    return said


class Encoder(Given):
    """Gives every text the same vector."""

    def encode(self, texts: Sequence[str], *, progress: object = None) -> Vectors:  # noqa: ARG002
        """Return vectors of unit length."""
        return np.eye(1, self.dim, dtype=np.float32).repeat(len(texts), axis=0)


def _write(session: Session, update: refreshing.Update) -> None:
    refreshing.write(session, update)
    session.commit()


def asking_all(engine: Engine, encoder: Any) -> dict[str, float]:
    """Return what it takes to ask all records and passages what is stale."""
    said: dict[str, float] = {}
    with Session(engine.execution_options(readonly=True)) as session:
        stale = refreshing._stale(encoder)  # noqa: SLF001  this is what is measured
        count = select(func.count()).select_from(Record).where(stale)
        _timed(said, "all: count", lambda: session.scalar(count))
        query = select(Record.id).where(stale).order_by(Record.id).limit(50)
        _timed(said, "all: list", lambda: session.execute(query).all())
        _timed(said, "all: passages counted", lambda: refreshing._count(session))  # noqa: SLF001
        if engine.dialect.name == "postgresql":
            _timed(said, "all: vectors missing", lambda: pgvector.lacks(session, encoder))
    return said


def steps_of_a_worker(said: dict[str, float], session: Session, encoder: Any) -> None:
    """Measure what a worker reads after a change, by part."""
    connection = session.connection()
    _timed(said, " stamps of the columns", lambda: columns.stamps(connection))
    _timed(said, " columns", lambda: columns.read(connection))
    passages, _ = _timed(said, " passages", lambda: store.standing(session))
    if connection.dialect.name == "postgresql":
        _timed(said, " which vectors", lambda: pgvector.load(session, encoder, passages))


def _timed(said: dict[str, float], name: str, act: Callable[[], Any]) -> Any:
    begun = perf_counter()
    result = act()
    taken = 1000 * (perf_counter() - begun)
    said[name] = round(min(said.get(name, taken), taken), 1)
    return result


def main() -> None:
    """Print what was measured as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", nargs="+")
    for url in parser.parse_args().urls:
        kind = url.partition("+")[0].partition(":")[0]
        print(json.dumps({kind: measured(url), "load": os.getloadavg()}, indent=1), flush=True)


if __name__ == "__main__":
    main()
