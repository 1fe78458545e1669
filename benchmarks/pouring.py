"""A library with more passages than would be indexed in the time there is: poured into the tables.

`python -m benchmarks.pouring FOLDER URL --passages 1000000`: FOLDER has a corpus as
benchmarks.search keeps it, URL names an empty database. What stands in the tables is what the
program would write; left out are the records as objects, the counting after each batch, and each
question for what is stale.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks import copying
from benchmarks.growing import Corpus, kept
from benchmarks.postgresql import Given, cut, size_of
from kb.db import connect
from search import full_text, pgvector
from search.store import PassageRow, Revision, Write, ensure_fts

AT_ONCE = 5_000
COUNT = """
    insert into term_fts (name, term, texts, words)
    select '{name}', term, count(*), 0
      from {name}, unnest(tsvector_to_array({name}.words)) as term group by term
    union all
    select '{name}', '', count(*), coalesce(sum(octet_length(said) / 4 - 2), 0) from {name}
"""


def pour(url: str, corpus: Corpus) -> dict[str, float]:
    """Fill the empty database at `url`; return what each step took, in seconds and bytes."""
    engine = connect(url)
    encoder = Given({b"": corpus.vectors[0]})
    on_postgresql = engine.dialect.name == "postgresql"
    clock, cpu = perf_counter(), _processor()
    copying.tell(engine, corpus)
    taken = {"stories told, wall s": perf_counter() - clock}
    before, clock, cpu = size_of(engine), perf_counter(), _processor()
    if on_postgresql:
        copying.passages(engine, corpus, encoder=encoder.digest)
    with Session(engine) as session:
        if not on_postgresql:
            rows = copying.rows(corpus, slice(0, len(corpus.passages)), encoder=encoder.digest)
            while part := list(islice(rows, AT_ONCE)):
                _write(session, corpus, part)
        session.add(Revision(id=1, value=1, encoder=encoder.digest))
        session.add(Write(id=1, mark="poured", passages=len(corpus.passages)))
        session.commit()
        taken["written, wall s"] = perf_counter() - clock
        taken["written, processor s of ours"] = _processor() - cpu
        print(json.dumps(taken), file=sys.stderr, flush=True)
        if on_postgresql:
            taken |= _settled(session, encoder)
    taken["index MB on disk"] = (size_of(engine) - before) / 1e6
    engine.dispose()
    return taken


def _processor() -> float:
    """Return the seconds of processor of this process and of those it has waited for."""
    said = os.times()
    return said.user + said.system + said.children_user + said.children_system


def _settled(session: Session, encoder: Given) -> dict[str, float]:
    """Make what was left for later."""
    clock = perf_counter()
    session.execute(text("set local maintenance_work_mem = '1GB'"))
    session.execute(text("set local work_mem = '512MB'"))
    ensure_fts(session.connection())
    for name in ("passage_fts", "title_fts"):
        session.execute(text(COUNT.format(name=name)))
    session.commit()
    words, clock = perf_counter() - clock, perf_counter()
    print(f"words {words:.0f} s", file=sys.stderr, flush=True)
    pgvector.settle(session, encoder)  # type: ignore[arg-type]
    graph, engine = perf_counter() - clock, session.get_bind().engine
    with engine.execution_options(isolation_level="AUTOCOMMIT", readonly=True).connect() as c:
        c.execute(text("vacuum analyze"))
    return {"words found and counted, s": words, "graph, s": graph}


def _write(session: Session, corpus: Corpus, rows: Sequence[dict[str, Any]]) -> None:
    """Write passages and their words into SQLite."""
    session.execute(insert(PassageRow), list(rows))
    titles = {row["record_id"]: corpus.stories[row["record_id"] - 1].title for row in rows}
    words = [(row["id"], titles[row["record_id"]], "", row["text"]) for row in rows]
    first = rows[0]["id"] - 1
    if first and corpus.passages[first - 1].story == corpus.passages[first].story:
        del titles[rows[0]["record_id"]]  # written with the rows before
    full_text.of(session).write(session, words, titles)


def main() -> None:
    """Pour, and print what it took as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("--passages", type=int, default=1_000_000)
    asked = parser.parse_args()
    corpus = cut(kept(asked.folder, most=1 + asked.passages * 51 // 50), asked.passages)
    taken = pour(asked.url, corpus)
    taken |= {"passages": len(corpus.passages), "records": len(corpus.stories)}
    print(json.dumps({**taken, "load": os.getloadavg()}, indent=1))


if __name__ == "__main__":
    main()
