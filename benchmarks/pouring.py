"""A library with more passages than would be indexed in the time there is: poured into the tables.

`python -m benchmarks.pouring FOLDER URL --passages 1000000`: FOLDER has a corpus as
benchmarks.search keeps it, URL names an empty database. What stands in the tables is what the
program would write; left out are the records as objects, the counting after each batch, and each
question for what is stale.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks.growing import Corpus, digest, kept
from benchmarks.postgresql import Given, cut, given, size_of, told
from kb.db import connect
from kb.vocabulary import SectionRole
from search import full_text, pgvector
from search.store import VECTOR, PassageRow, Revision, Write, ensure_fts

AT_ONCE = 5_000
LATER = (
    "drop index ix_passage_fts_words",
    "drop index ix_title_fts_words",
    "drop trigger passage_fts_new on passage_fts",
    "drop trigger title_fts_new on title_fts",
)
COUNT = """
    insert into term_fts (name, term, texts, words)
    select '{name}', term, count(*), 0
      from {name}, unnest(tsvector_to_array({name}.words)) as term group by term
    union all
    select '{name}', '', count(*), coalesce(sum(octet_length(said) / 4 - 2), 0) from {name}
"""
GO_ON = "select setval(pg_get_serial_sequence('passage', 'id'), (select max(id) from passage))"


def pour(url: str, corpus: Corpus) -> dict[str, float]:
    """Fill the empty database at `url`; return what each step took, in seconds and bytes."""
    engine = connect(url)
    told(engine, corpus)
    on_postgresql = engine.dialect.name == "postgresql"
    before, encoder = size_of(engine), given(corpus)
    taken: dict[str, float] = {}
    rows = _rows(corpus)
    with Session(engine) as session:
        clock, cpu = perf_counter(), process_time()
        if on_postgresql:
            for statement in LATER:
                session.execute(text(statement))
        while part := list(islice(rows, AT_ONCE)):
            _write(session, encoder, corpus, part)
        session.add(Revision(id=1, value=1, encoder=encoder.digest))
        session.add(Write(id=1, mark="poured", passages=len(corpus.passages)))
        session.commit()
        taken["written, wall s"] = perf_counter() - clock
        taken["written, processor s of ours"] = process_time() - cpu
        if on_postgresql:
            taken |= _settled(session, encoder)
    taken["index MB on disk"] = (size_of(engine) - before) / 1e6
    engine.dispose()
    return taken


def _settled(session: Session, encoder: Given) -> dict[str, float]:
    """Make what was left for later."""
    clock = perf_counter()
    session.execute(text("set local maintenance_work_mem = '1GB'"))
    session.execute(text("set local work_mem = '512MB'"))
    ensure_fts(session.connection())
    for name in ("passage_fts", "title_fts"):
        session.execute(text(COUNT.format(name=name)))
    session.execute(text(GO_ON))
    session.commit()
    words, clock = perf_counter() - clock, perf_counter()
    pgvector.settle(session, encoder)  # type: ignore[arg-type]
    graph, engine = perf_counter() - clock, session.get_bind().engine
    with engine.execution_options(isolation_level="AUTOCOMMIT", readonly=True).connect() as c:
        c.execute(text("vacuum analyze"))
    return {"words found and counted, s": words, "graph, s": graph}


def _rows(corpus: Corpus) -> Iterator[dict[str, Any]]:
    """Yield the rows of `passage`, as the program would write them."""
    start, story = 0, -1
    for number, passage in enumerate(corpus.passages):
        start = start if passage.story == story else 0
        story = passage.story
        said = passage.text.removeprefix(corpus.stories[story].title).lstrip("\n")
        yield {
            "id": number + 1,
            "record_id": story + 1,
            "record_version": 1,
            "section": SectionRole.OTHER,
            "section_position": 0,
            "heading": "",
            "start": start,
            "end": start + len(said),
            "text": said,
            "encoded": digest(passage.text),
            "encoder": "given",
            "vector": corpus.vectors[number].astype(VECTOR).tobytes(),
        }
        start += len(said) + 1


def _write(
    session: Session, encoder: Given, corpus: Corpus, rows: Sequence[dict[str, Any]]
) -> None:
    session.execute(insert(PassageRow), list(rows))
    titles = {row["record_id"]: corpus.stories[row["record_id"] - 1].title for row in rows}
    words = [(row["id"], titles[row["record_id"]], "", row["text"]) for row in rows]
    first = rows[0]["id"] - 1
    if first and corpus.passages[first - 1].story == corpus.passages[first].story:
        del titles[rows[0]["record_id"]]  # written with the rows before
    full_text.of(session).write(session, words, titles)
    if session.get_bind().dialect.name == "postgresql":
        pgvector.add(session, encoder, ((row["id"], row["vector"]) for row in rows))  # type: ignore[arg-type]


def main() -> None:
    """Pour, and print what it took as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("--passages", type=int, default=1_000_000)
    asked = parser.parse_args()
    corpus = cut(kept(asked.folder), asked.passages)
    taken = pour(asked.url, corpus)
    taken |= {"passages": len(corpus.passages), "records": len(corpus.stories)}
    print(json.dumps({**taken, "load": os.getloadavg()}, indent=1))


if __name__ == "__main__":
    main()
