"""The same library in SQLite beside faiss, and in PostgreSQL with pgvector.

`python -m benchmarks.postgresql FOLDER SERVER`: FOLDER has a corpus as benchmarks.search keeps it
(stories, passages, vectors), SERVER is the URL of a PostgreSQL server with pgvector. Questions are
titles of stories, asked with the vector of one of their passages, disturbed: so nothing is encoded,
and only the search is measured. `--filled URL …` asks libraries that benchmarks.pouring filled.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.growing import Corpus, Story, digest, kept
from benchmarks.ours import BATCH, _batches, _place, _record, _section, _tag
from kb import schema, taxonomy
from kb.db import connect
from kb.models import Concept, Place, Record, Section, Tag
from search.encoder import Vector, Vectors, normalise
from search.filters import EVERYTHING, Filters
from search.index import LiveIndex
from search.query import search
from search.refreshing import refresh
from search.store import ensure_fts
from tests.databases import empty_database

NOISE = 0.5  # length of what is added to the vector of a passage to make that of a question
ASKED = 40  # questions of each kind
FILTERS = {
    "no filter": EVERYTHING,
    "filter of 10 %": Filters(years=("2019",)),
    "filter of 1 %": Filters(countries=("RWA",)),
}


class Question(NamedTuple):
    """What is asked, and the vector that an encoder would make of it."""

    text: str
    vector: Vector


class Given:
    """Knows all vectors beforehand."""

    digest = "given"

    def __init__(self, known: dict[bytes, Vector]) -> None:
        self._known = known
        self.dim = len(next(iter(known.values())))
        self.asked: Vector | None = None

    def encode(self, texts: Sequence[str], *, progress: object = None) -> Vectors:  # noqa: ARG002
        """Return the vectors of passages; of other texts none."""
        none = np.zeros(self.dim, np.float16)
        return np.array([self._known.get(digest(said), none) for said in texts], np.float32)

    def encode_query(self, _text: str) -> Vector:
        """Return the vector of the question that is asked."""
        assert self.asked is not None
        return self.asked

    def knows(self, _word: str) -> bool:
        """Return whether a word is spelt right; all of them are."""
        return True


def cut(corpus: Corpus, size: int) -> Corpus:
    """Return the first stories of a corpus, those with a title, that have `size` passages."""
    named = [bool(story.title.strip()) for story in corpus.stories]
    rows = [n for n, passage in enumerate(corpus.passages) if named[passage.story]]
    last = corpus.passages[rows[min(size, len(rows) - 1)]].story
    number = {n: new for new, n in enumerate(n for n in range(last) if named[n])}
    rows = [n for n in rows if corpus.passages[n].story < last]
    passages = [replace(p, story=number[p.story]) for p in (corpus.passages[n] for n in rows)]
    return Corpus([corpus.stories[n] for n in number], passages, corpus.vectors[rows])


def questions(corpus: Corpus) -> list[Question]:
    """Return titles of stories, each with a vector near to one of its passages."""
    chance, noise = Random(7), np.random.default_rng(7)
    numbers = chance.sample(range(len(corpus.passages)), ASKED)
    found = []
    for number in numbers:
        jitter = noise.normal(size=corpus.vectors.shape[1])
        vector = corpus.vectors[number] + NOISE * jitter / np.linalg.norm(jitter)
        title = corpus.stories[corpus.passages[number].story].title
        found.append(Question(title, normalise(vector[None].astype(np.float32))[0]))
    return found


def told(engine: Engine, corpus: Corpus) -> None:
    """Write the stories of a corpus into an empty database, as published records."""
    terms = taxonomy.load(taxonomy.shipped())
    schema.upgrade(engine)
    with Session(engine) as session:
        taxonomy.mirror(session, terms)
        ensure_fts(session.connection())
        tell(session, list(enumerate(corpus.stories, start=1)))


def tell(session: Session, stories: list[tuple[int, Story]]) -> None:
    """Write stories under their numbers, and commit."""
    concepts = {row[0]: row[1] for row in session.execute(select(Concept.notation, Concept.id))}
    for some in _batches(stories):
        session.execute(insert(Record), [_record(n, story) for n, story in some])
        session.execute(insert(Section), [_section(n, story) for n, story in some])
        session.execute(insert(Place), [_place(n, story) for n, story in some])
        session.execute(insert(Tag), [_tag(n, concepts[s.topic]) for n, s in some])
        # Changes of records are counted in one row; a long transaction keeps all its states.
        session.commit()


def build(url: str, corpus: Corpus) -> dict[str, float]:
    """Fill the empty database at `url`; return what the index took, in seconds and bytes."""
    engine = connect(url)
    told(engine, corpus)
    before, wall, cpu = size_of(engine), perf_counter(), process_time()
    encoder = given(corpus)
    with Session(engine) as session:
        while refresh(session, encoder, limit=BATCH):
            session.commit()
            print(".", end="", file=sys.stderr, flush=True)
    taken = {"build wall s": perf_counter() - wall, "build processor s": process_time() - cpu}
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT", readonly=True).connect() as c:
            c.execute(text("vacuum analyze"))
    taken["index MB on disk"] = (size_of(engine) - before) / 1e6
    engine.dispose()
    return taken


def given(corpus: Corpus) -> Given:
    """Return the encoder that knows the passages of a corpus."""
    pairs = zip(corpus.passages, corpus.vectors, strict=True)
    return Given({digest(passage.text): vector for passage, vector in pairs})


def size_of(engine: Engine) -> int:
    """Return how many bytes the database has on disk."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("select 1")
        return sum(Path(str(engine.url.database) + end).stat().st_size for end in ("",))
    with engine.connect() as connection:
        return int(connection.scalar(text("select pg_database_size(current_database())")) or 0)


@contextmanager
def opened(url: str, dim: int) -> Iterator[tuple[Engine, LiveIndex, Given]]:
    """Open a library as a worker does, and let it answer once."""
    engine, encoder = connect(url), Given({b"": np.zeros(dim, np.float16)})
    folder = Path(str(engine.url.database)).parent if engine.dialect.name == "sqlite" else None
    live = LiveIndex(encoder, taxonomy.load(taxonomy.shipped()), folder=folder)  # type: ignore[arg-type]
    yield engine, live, encoder
    engine.dispose()


def worker(url: str, asked: list[Question], filters: Filters, *, facets: bool) -> dict[str, object]:
    """Ask all questions one after another, as one process of several."""
    with opened(url, len(asked[0].vector)) as (engine, live, encoder):
        times, hits, spent = [], [], []
        start, server = perf_counter(), _backend(engine)
        for n, question in enumerate([*asked[:3], *asked]):  # the first three warm it up
            encoder.asked = question.vector
            begun, cpu = perf_counter(), process_time() + _processor(server)
            with Session(engine.execution_options(readonly=True)) as session:
                index = live.current(session)
                if n == 0:
                    started = perf_counter() - start
                found = search(session, index, question.text, filters=filters, facets=facets)
            times.append(1000 * (perf_counter() - begun))
            spent.append(1000 * (process_time() + _processor(server) - cpu))
            hits.append([hit.record_id for hit in found.hits])
        told = {"ms": times[3:], "hits": hits[3:], "start": started, "rss": resident()}
        return told | {"cpu": spent[3:], "start cpu": spent[0] / 1000}


def _backend(engine: Engine) -> Path | None:
    """Return where the server's process says what it has used; it is on this computer."""
    if engine.dialect.name == "sqlite":
        return None
    with engine.execution_options(readonly=True).connect() as connection:
        pid = connection.scalar(text("select pg_backend_pid()"))
    return Path(f"/proc/{pid}/schedstat")


def _processor(process: Path | None) -> float:
    """Return the seconds of processor that a process has used; 0 of none."""
    return int(process.read_text("ascii").split()[0]) / 1e9 if process else 0.0


def resident() -> float:
    """Return the megabytes of this process that are its own and not of a file or shared."""
    said = Path("/proc/self/smaps_rollup").read_text("utf-8").splitlines()
    kept = [line.split() for line in said if line.startswith(("Private_Dirty", "Private_Clean"))]
    return sum(int(row[1]) for row in kept) / 1024


def recall(
    url: str, corpus: Corpus, asked: list[Question], *, k: int, one_in: int = 1
) -> dict[str, float]:
    """Return the share of the ten nearest passages among the first ten of the `k` looked for.

    Where only `one_in` so many may answer, the nearest of these. And how long it took, in ms.
    """
    with (
        opened(url, corpus.vectors.shape[1]) as (engine, live, _),
        Session(engine.execution_options(readonly=True)) as session,
    ):
        index = live.current(session)
        assert index.dense is not None
        mask = np.arange(len(index.rows)) % one_in == 0
        told, right, times = index.dense.at(session), [], []
        for question in asked:
            cosines = _cosines(corpus.vectors, question.vector)
            cosines[~mask] = -1
            begun = perf_counter()
            rows, _ = told.nearest(question.vector, k=k, allowed=None if one_in == 1 else mask)
            times.append(1000 * (perf_counter() - begun))
            right.append(float((cosines[rows[:10]] >= np.sort(cosines)[-10] - 1e-3).mean()))
        return {"share": float(np.mean(right)), "p50 ms": float(np.median(times))}


def _cosines(vectors: Vectors, query: Vector) -> Vector:
    """Return all cosines, exactly; the passages stand in the tables in the corpus's order."""
    parts = range(0, len(vectors), 50_000)
    return np.concatenate([vectors[n : n + 50_000].astype(np.float32) @ query for n in parts])


def measure(url: str, asked: list[Question], processes: int) -> dict[str, float]:
    """Return what one or several workers take for all questions."""
    said: dict[str, float] = {}
    kinds = [(name, filters, False) for name, filters in FILTERS.items()]
    kinds.append(("facets", EVERYTHING, True))
    for name, filters, facets in kinds if processes == 1 else kinds[:1]:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            begun = perf_counter()
            running = [
                pool.submit(worker, url, asked, filters, facets=facets) for _ in range(processes)
            ]
            told = [one.result() for one in running]
            del begun
        times = np.concatenate([one["ms"] for one in told])
        said[f"{name}, p50 ms"] = float(np.percentile(times, 50))
        said[f"{name}, p95 ms"] = float(np.percentile(times, 95))
        spent = np.concatenate([one["cpu"] for one in told])
        said[f"{name}, processor ms, p50"] = float(np.percentile(spent, 50))
        said[f"{name}, processor ms, p95"] = float(np.percentile(spent, 95))
        if name == "no filter":
            said["questions a second"] = processes * 1000 / float(times.mean())
            said["start, processor s"] = float(np.mean([one["start cpu"] for one in told]))
            said["start s"] = float(np.mean([one["start"] for one in told]))
            said["resident MB"] = float(np.mean([one["rss"] for one in told]))
    return said


def asked_of(url: str, corpus: Corpus, processes: Sequence[int]) -> dict[str, object]:
    """Ask a library that is filled with a corpus."""
    asked, found = questions(corpus), dict[str, object]()
    for n in processes:
        found |= {f"{n}: {k}": v for k, v in measure(url, asked, n).items()}
        print(found, file=sys.stderr, flush=True)
    for k in (10, 200):  # 200 is what a search looks for
        found[f"recall@10 of {k}"] = recall(url, corpus, asked, k=k)
        print(found[f"recall@10 of {k}"], file=sys.stderr, flush=True)
        found[f"recall@10 of {k} behind 10 %"] = recall(url, corpus, asked, k=k, one_in=10)
    return found | {"load": os.getloadavg()}


def main() -> None:
    """Build both libraries, ask both, print what was found as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("server", nargs="?", help="both libraries are built, this one's on it")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--filled", nargs="*", default=[], help="URLs of libraries to ask instead")
    given_ = parser.parse_args()
    corpus = cut(kept(given_.folder, most=1 + given_.passages * 51 // 50), given_.passages)
    print(f"{len(corpus.passages)} passages, {len(corpus.stories)} records, load {os.getloadavg()}")
    for url in given_.filled:
        kind = url.partition("+")[0].partition(":")[0]
        found = {"database": kind} | asked_of(url, corpus, given_.processes)
        print(json.dumps(found, indent=1), flush=True)
    if given_.filled:
        return
    with TemporaryDirectory() as folder:
        for server in ("", given_.server):
            with empty_database(Path(folder), server) as url:
                found = {"database": "postgresql" if server else "sqlite"}
                found |= build(url, corpus)
                found |= asked_of(url, corpus, given_.processes)
                print(json.dumps(found, indent=1), flush=True)


if __name__ == "__main__":
    main()
