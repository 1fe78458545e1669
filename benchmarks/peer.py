"""txtai's side of benchmarks/search.py, in an interpreter that has it.

PYTHON -m benchmarks.peer build|serve|cold FOLDER WEIGHTS [QUESTION]. Hybrid search, content kept in
SQLite, faiss, the same weights and the same passages as Maktaba's; everything else as it comes.
"""

import json
import logging
import os
import sys
from pathlib import Path
from threading import Lock
from time import perf_counter, process_time
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Threads that wait by spinning take thirty times as long where another program uses a core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from txtai import Embeddings

from benchmarks.sides import Condition, serve

SETTINGS = {"hybrid": True, "content": True, "backend": "faiss", "gpu": False}
METHOD = "sentence-transformers"
FACETS = ("country", "topic", "year")
MATCHING = 1000  # candidates that the facets are counted over


def build(folder: Path, weights: str) -> dict[str, float]:
    """Index the kept passages with the vectors beside them; return how long it took."""
    with (folder / "stories.jsonl").open(encoding="utf-8") as file:
        stories = [json.loads(line) for line in file]
    with (folder / "passages.jsonl").open(encoding="utf-8") as file:
        passages = [json.loads(line) for line in file]
    vectors = np.load(folder / "vectors.npy")
    taken = 0

    def given(texts: list[str]) -> Any:
        nonlocal taken
        taken += len(texts)
        return vectors[taken - len(texts) : taken].astype(np.float32)

    engine = Embeddings({**SETTINGS, "method": "external", "transform": given})
    cpu, wall = process_time(), perf_counter()
    engine.index(
        (f"{p['story']}:{n}", {"text": p["text"], **_fields(stories[p["story"]])}, None)
        for n, p in enumerate(passages)
    )
    engine.config.pop("transform")  # questions are encoded by the model
    engine.config.update(path=weights, method=METHOD)
    engine.save(str(folder / "theirs"))
    return {"wall_s": perf_counter() - wall, "cpu_s": process_time() - cpu}


class Theirs:
    """An index of txtai, loaded."""

    def __init__(self, folder: Path) -> None:
        """Load it."""
        self._engine = Embeddings()
        self._engine.load(str(folder / "theirs"))
        # A query writes into temporary tables of the one connection.
        self._lock = Lock()

    def ask(self, question: str, condition: Condition) -> list[str]:
        """Return the stories, by number from 0; `new` for one that came later."""
        where = []
        if condition.country:
            where.append(f"country = '{condition.country}'")
        if condition.year:
            where.append(f"year = {condition.year}")
        with self._lock:
            if where:
                found = self._said(
                    f"select id, text, score from txtai where similar(:q) and {' and '.join(where)}"  # noqa: S608
                    f" order by score desc limit {condition.limit}",
                    question,
                )
            else:
                found = self._engine.search(question, condition.limit)
            for name in FACETS if condition.facets else ():
                self._said(
                    f"select {name}, count(*) n from txtai where similar(:q, {MATCHING})"  # noqa: S608
                    f" group by {name} limit 100",
                    question,
                )
        return list(dict.fromkeys(row["id"].partition(":")[0] for row in found))

    def add(self, text: str) -> None:
        """Add a story; it is on the disk only after `save`, which writes everything."""
        self._engine.upsert([("new:0", {"text": text, "year": 2018}, None)])

    def remove(self) -> None:
        """Delete what was added."""
        self._engine.delete(["new:0"])

    def bare(self, question: str) -> None:
        """Only encode."""
        self._engine.batchtransform([question], "query")

    def _said(self, statement: str, question: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._engine.search(statement, parameters={"q": question})
        return found


def _fields(story: dict[str, Any]) -> dict[str, Any]:
    return {name: story[name] for name in FACETS}


def main() -> None:
    """Build the index in a folder, answer for it, or answer once."""
    logging.disable(logging.WARNING)
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "build":
        print(json.dumps(build(folder, sys.argv[3])))
    elif what == "cold":
        print(Theirs(folder).ask(sys.argv[4], Condition()))
    else:
        cpu, wall = process_time(), perf_counter()
        side = Theirs(folder)
        serve(side, loaded={"wall_s": perf_counter() - wall, "cpu_s": process_time() - cpu})


if __name__ == "__main__":
    main()
