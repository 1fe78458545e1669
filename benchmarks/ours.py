"""Maktaba's side of benchmarks/search.py: python -m benchmarks.ours build|serve FOLDER."""

import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from benchmarks.growing import Story, digest, kept
from benchmarks.sides import Condition, serve
from kb import content
from kb.folding import tokens
from kb.models import Concept, Place, Record, Section, Tag
from kb.settings import Settings
from kb.vocabulary import (
    Naming,
    SectionRole,
    Status,
    StrengthBand,
    TagSource,
    TagStatus,
    Visibility,
)
from search.encoder import Encoder, Vectors
from search.filters import Filters
from search.query import search
from search.refreshing import refresh
from search.stopwords import STOP_WORDS
from web.library import Library, open_library

BATCH = 500  # records between two commits
DEPTH = 200  # passages that the bare sum takes from each list


class Given(Encoder):
    """Knows the vectors of passages beforehand."""

    def __init__(self, real: Encoder, known: dict[bytes, NDArray[np.float16]]) -> None:
        self.weights = real.weights
        self._known = known

    def encode(self, texts: Sequence[str], *, progress: object = None) -> Vectors:  # noqa: ARG002
        """Return the vectors of passages that were cut before."""
        return np.array([self._known[digest(said)] for said in texts], np.float32)


def build(folder: Path) -> dict[str, float]:
    """Fill a library with a kept corpus; return how long its search index took."""
    corpus = kept(folder)
    library = _opened(folder)
    if library.encoder is None:
        raise ImportError("the encoder is not installed")
    library.encoder.prepare()
    with library.writing() as session:
        concepts = {row[0]: row[1] for row in session.execute(select(Concept.notation, Concept.id))}
        numbered = list(enumerate(corpus.stories, start=1))
        for some in _batches(numbered):
            session.execute(insert(Record), [_record(n, story) for n, story in some])
            session.execute(insert(Section), [_section(n, story) for n, story in some])
            session.execute(insert(Place), [_place(n, story) for n, story in some])
            session.execute(insert(Tag), [_tag(n, concepts[s.topic]) for n, s in some])
        session.commit()
    known = {
        digest(p.text): vector for p, vector in zip(corpus.passages, corpus.vectors, strict=True)
    }
    encoder = Given(library.encoder, known)
    cpu, wall = process_time(), perf_counter()
    with library.writing() as session:
        while refresh(session, encoder, limit=BATCH):
            session.commit()
    with library.reading() as session:
        library.index(session)
    taken = {"wall_s": perf_counter() - wall, "cpu_s": process_time() - cpu}
    library.engine.dispose()
    with closing(sqlite3.connect(folder / "ours" / "kb.sqlite")) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    return taken


class Ours:
    """A library opened as the server opens it."""

    def __init__(self, folder: Path) -> None:
        """Open it, and read its index."""
        self._library = _opened(folder)
        with self._library.reading() as session:
            self._library.index(session)
            self._stories = session.scalar(select(Record.id).order_by(Record.id.desc()).limit(1))
        self._bare: tuple[Any, sqlite3.Connection] | None = None

    def ask(self, question: str, condition: Condition) -> list[str]:
        """Return the stories, by number from 0; `new` for one that came later."""
        filters = Filters(
            countries=(condition.country,) if condition.country else (),
            years=(condition.year,) if condition.year else (),
        )
        with self._library.reading() as session:
            found = search(
                session,
                self._library.index(session),
                question,
                filters=filters,
                facets=condition.facets,
                limit=condition.limit,
                diverse=condition.folded,
            )
        last = self._stories or 0
        ids = [hit.record_id for hit in found.hits]
        return [str(id_ - 1) if id_ <= last else "new" for id_ in ids]

    def add(self, text: str) -> None:
        """Add a published story and bring the index up to date, as publishing does."""
        story = Story("new", text.partition(".")[0], text, "KEN", "", 2018)
        with self._library.writing() as session:
            number = (self._stories or 0) + 1
            session.execute(insert(Record), [_record(number, story)])
            session.execute(insert(Section), [_section(number, story)])
            self._refreshed(session)

    def remove(self) -> None:
        """Delete what was added."""
        with self._library.writing() as session:
            session.execute(delete(Record).where(Record.id > self._stories))
            self._refreshed(session)

    def bare(self, question: str) -> None:
        """Encode, search a flat index, match the words; nothing is read or put together."""
        encoder = self._library.encoder
        if encoder is None:
            raise ImportError("the encoder is not installed")
        flat, database = self._bare or self._made_bare()
        vector = encoder.encode_query(question)
        faiss.omp_set_num_threads(1)
        flat.search(vector[None], DEPTH)
        said = [token.surface.casefold() for token in tokens(question)]
        telling = [word for word in said if word not in STOP_WORDS["en"]] or said
        match = " OR ".join(f'"{word}"' for word in dict.fromkeys(telling))
        nearest = "select rowid from passage_fts where passage_fts match ? order by rank limit ?"
        database.execute(nearest, (match, DEPTH)).fetchall()

    def _made_bare(self) -> tuple[Any, sqlite3.Connection]:
        with self._library.reading() as session:
            dense = self._library.index(session).dense
        if dense is None:
            raise ValueError("the library has no vectors")
        vectors = dense.vectors(np.arange(len(dense)))
        kind = faiss.ScalarQuantizer.QT_fp16  # quicker than 32 bits, so the harder to match
        flat = faiss.IndexScalarQuantizer(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        flat.add(vectors)
        database = sqlite3.connect(self._library.settings.data / "kb.sqlite")
        database.execute("pragma mmap_size = 1000000000")
        self._bare = flat, database
        return self._bare

    def _refreshed(self, session: Session) -> None:
        session.flush()
        while refresh(session, self._library.encoder):
            session.commit()
        session.commit()


def _opened(folder: Path) -> Library:
    data, models = folder / "ours", folder.parent / "models"
    data.mkdir(parents=True, exist_ok=True)
    models.mkdir(exist_ok=True)
    if not (data / "models").exists():
        (data / "models").symlink_to(models.resolve(), target_is_directory=True)
    return open_library(Settings(data=data))


def _batches(stories: Sequence[tuple[int, Story]]) -> Iterator[list[tuple[int, Story]]]:
    waiting = iter(stories)
    while some := list(islice(waiting, BATCH)):
        yield some


def _record(number: int, story: Story) -> dict[str, Any]:
    blank = content.Record(title="untitled").model_dump()
    return {name: value for name, value in blank.items() if name in Record.__table__.columns} | {
        "id": number,
        "version": 1,
        "title": story.title,
        "start_date": date(story.year, 1, 1),
        "naming": Naming.NAMED,
        "status": Status.PUBLISHED,
        "visibility": Visibility.PUBLIC,
        "strength_band": StrengthBand.NOT_ASSESSED,
        "completeness": 0,
    }


def _section(number: int, story: Story) -> dict[str, Any]:
    return {
        "record_id": number,
        "position": 0,
        "role": SectionRole.OTHER,
        "heading": "",
        "body": story.text,
    }


def _place(number: int, story: Story) -> dict[str, Any]:
    blank = content.Place(country=story.country).model_dump()
    named = {name: value for name, value in blank.items() if name in Place.__table__.columns}
    return named | {"record_id": number, "position": 0}


def _tag(number: int, concept: int) -> dict[str, Any]:
    return {
        "record_id": number,
        "concept_id": concept,
        "source": TagSource.CURATOR,
        "confidence": 1.0,
        "evidence": "",
        "section": "",
        "neighbour": "",
        "status": TagStatus.CONFIRMED,
        "confirmed_by": "",
        "at": None,
    }


def main() -> None:
    """Build the library in a folder, or answer for it."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "build":
        print(json.dumps(build(folder)))
        return
    cpu, wall = process_time(), perf_counter()
    side = Ours(folder)
    serve(side, loaded={"wall_s": perf_counter() - wall, "cpu_s": process_time() - cpu})


if __name__ == "__main__":
    main()
