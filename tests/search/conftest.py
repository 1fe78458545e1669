from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pytest
from sqlalchemy.orm import Session

from kb.db import Base
from kb.folding import tokens
from kb.vocabulary import Visibility
from search.encoder import Vector, Vectors, normalise
from search.index import LiveIndex
from search.refreshing import refresh
from search.store import ensure_fts


class Bag:
    """An encoder that knows words but no meaning: quick, and the same on every machine."""

    def __init__(self, digest: str = "bag", dim: int = 64) -> None:
        self.digest = digest
        self.dim = dim
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], *, progress=None) -> Vectors:
        self.encoded += texts
        vectors = np.full((len(texts), self.dim), 1e-3)
        for row, text in zip(vectors, texts, strict=True):
            for token in tokens(text):
                row[crc32(token.form.encode()) % self.dim] += 1
        return normalise(vectors) if len(texts) else vectors.astype(np.float32)

    def encode_query(self, text: str) -> Vector:
        return self.encode([text])[0]

    def knows(self, word: str) -> bool:
        return False


@pytest.fixture
def bag() -> Bag:
    return Bag()


@pytest.fixture
def engine(engine):
    """The library's database with the tables of search."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        ensure_fts(connection)
    return engine


@pytest.fixture
def make_record(make_record):
    """Make a record that everybody may see."""

    def make(*, visibility=Visibility.PUBLIC, **changes) -> int:
        return make_record(visibility=visibility, **changes)

    return make


@pytest.fixture
def reading(engine):
    """Open a session that sees the database as it is and waits for nobody."""

    def open_session() -> Session:
        return Session(engine.execution_options(readonly=True))

    return open_session


@pytest.fixture
def indexed(engine, reading, terms):
    """Bring the passages up to date and return the index of them."""

    def load(encoder=None, *, terms=terms):
        with Session(engine) as session:
            while refresh(session, encoder):
                session.commit()
        with reading() as session:
            return LiveIndex(encoder, terms).current(session)

    return load
