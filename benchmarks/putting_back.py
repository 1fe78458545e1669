"""Half of a library is taken out and put back, again and again; the index stays like a new one.

`python -m benchmarks.putting_back FOLDER --stories 20000 --rounds 10`: FOLDER has a corpus as
benchmarks.search keeps it. One library is changed and followed by one worker, as in service;
another is built at the end of the same stories. R3 of docs/reliability.md.
"""

import argparse
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.growing import Corpus, kept
from benchmarks.postgresql import Given, cut, given, questions, tell, told
from kb import taxonomy
from kb.db import connect
from search.index import LiveIndex
from search.query import search
from search.refreshing import refresh

BATCH = 500  # records indexed between two commits
PASSAGES = 10  # of a story at most, on average


class Library:
    """A library in a folder of its own, and the worker that follows it."""

    def __init__(self, folder: Path, encoder: Given) -> None:
        """Open one that is empty."""
        folder.mkdir()
        self.folder, self.encoder = folder, encoder
        self.engine: Engine = connect(f"sqlite:///{folder}/kb.sqlite")
        terms = taxonomy.load(taxonomy.shipped())
        self.live = LiveIndex(encoder, terms, folder=folder)  # type: ignore[arg-type]

    def index(self) -> None:
        """Bring the index up to date, and let the worker read it."""
        with Session(self.engine) as session:
            while refresh(session, self.encoder, limit=BATCH):
                session.commit()
            session.commit()
        with Session(self.engine.execution_options(readonly=True)) as session:
            self.live.current(session)

    def answers(self, corpus: Corpus) -> list[list[int]]:
        """Return the first ten records for each question."""
        found = []
        for asked in questions(corpus):
            self.encoder.asked = asked.vector
            with Session(self.engine.execution_options(readonly=True)) as session:
                index = self.live.current(session)
                said = search(session, index, asked.text, diverse=False)
                found.append([hit.record_id for hit in said.hits[:10]])
        return found

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each file."""
        with closing(sqlite3.connect(self.folder / "kb.sqlite")) as database:
            database.execute("pragma wal_checkpoint(truncate)")
            (free,) = database.execute("pragma freelist_count").fetchone()
            (page,) = database.execute("pragma page_size").fetchone()
        sizes = {path.name: path.stat().st_size for path in sorted(self.folder.iterdir())}
        return sizes | {"of that free": free * page}


def half_out_and_in(library: Library, corpus: Corpus, chance: Random) -> None:
    """Take out half of the stories, index; put them back, index."""
    numbered = list(enumerate(corpus.stories, start=1))
    half = chance.sample(numbered, len(numbered) // 2)
    gone = json.dumps([number for number, _ in half])
    with Session(library.engine) as session:
        statement = "delete from record where id in (select value from json_each(:ids))"
        session.execute(text(statement), {"ids": gone})
        session.commit()
    library.index()
    with Session(library.engine) as session:
        tell(session, half)
    library.index()


def main() -> None:
    """Print what was found as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stories", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=10)
    asked = parser.parse_args()
    most = PASSAGES * asked.stories
    corpus = cut(kept(asked.folder, most=most), most)
    last = sum(passage.story < asked.stories for passage in corpus.passages)
    corpus = Corpus(corpus.stories[: asked.stories], corpus.passages[:last], corpus.vectors[:last])
    encoder, chance, cpu = given(corpus), Random(3), process_time()
    with TemporaryDirectory() as folder:
        used, new = Library(Path(folder) / "used", encoder), Library(Path(folder) / "new", encoder)
        told(used.engine, corpus)
        used.index()
        for n in range(asked.rounds):
            half_out_and_in(used, corpus, chance)
            print(n + 1, used.sizes(), f"{process_time() - cpu:.0f} s", file=sys.stderr, flush=True)
        told(new.engine, corpus)
        new.index()
        print(json.dumps(_compared(used, new, corpus) | {"load": os.getloadavg()}, indent=1))


def _compared(used: Library, new: Library, corpus: Corpus) -> dict[str, Any]:
    pairs = list(zip(used.answers(corpus), new.answers(corpus), strict=True))
    sizes = used.sizes(), new.sizes()
    return {
        "stories": len(corpus.stories),
        "passages": len(corpus.passages),
        "same top ten": sum(one == other for one, other in pairs),
        "of": len(pairs),
        "recall@10": sum(len({*a} & {*b}) / max(len(b), 1) for a, b in pairs) / len(pairs),
        "used, bytes": sizes[0],
        "new, bytes": sizes[1],
    }


if __name__ == "__main__":
    main()
