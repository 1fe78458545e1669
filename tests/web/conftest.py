"""A whole library behind real pages; the encoder is a bag of words, so that tests are exact."""

from datetime import date, timedelta
from zlib import crc32

import numpy as np
import pytest
from fastapi.testclient import TestClient

from kb import content
from kb.settings import Settings
from kb.vocabulary import DataSource, Direction, MeasureType
from search.store import ensure_fts, refresh
from web.app import create_app
from web.library import Library

DIM = 64


class BagOfWords:
    """Texts that share words are near each other."""

    digest = "bag-of-words"
    dim = DIM

    def encode_query(self, text: str):
        return self.encode([text])[0]

    def knows(self, word: str) -> bool:
        return False

    def encode(self, texts, *, progress=None):
        vectors = np.zeros((len(texts), DIM), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, crc32(word.encode()) % DIM] += 1
            vectors[row, 0] += 0.01  # no text is nothing
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def settings(tmp_path, engine) -> Settings:
    return Settings(
        data=tmp_path, database=engine.url.render_as_string(hide_password=False), name="Test shelf"
    )


@pytest.fixture
def library(settings, engine, terms) -> Library:
    with engine.begin() as connection:
        ensure_fts(connection)
    library = Library(settings, engine, terms)
    library.__dict__["encoder"] = BagOfWords()  # in place of the cached one
    return library


@pytest.fixture
def indexed(library):
    """Bring the index up to date with the records."""

    def index() -> None:
        with library.writing() as session:
            while refresh(session, library.encoder, limit=50):
                session.commit()
            session.commit()

    return index


@pytest.fixture
def series() -> content.Measure:
    """Thirteen weeks: four before the change, one missing, better afterwards."""
    fed = (10, 11, 9, 10, 12, 18, 22, 24, None, 25, 26, 24, 25)
    return content.Measure(
        name="Newborns fed within one hour",
        type=MeasureType.PROCESS,
        direction=Direction.UP,
        source=DataSource.REGISTER,
        numerator_text="Babies put to the breast",
        denominator_text="Live births",
        points=tuple(
            content.Point(
                period=date(2024, 1, 1) + timedelta(weeks=week), numerator=n, denominator=30
            )
            for week, n in enumerate(fed)
        ),
    )


@pytest.fixture
def shelf(make_record, indexed):
    """Make a published record that can be found; return its id."""

    def make(**changes) -> int:
        record_id = make_record(**changes)
        indexed()
        return record_id

    return make


@pytest.fixture
def client(library, indexed) -> TestClient:
    """The pages of the library, as a browser without JavaScript would ask for them."""
    return TestClient(create_app(library), raise_server_exceptions=False)


@pytest.fixture
def desk(library) -> TestClient:
    """The library with its desk, as a browser on the same computer would ask for it."""
    return TestClient(
        create_app(library, desk=True),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        raise_server_exceptions=False,
    )
