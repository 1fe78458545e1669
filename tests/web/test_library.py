from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from kb.db import PRAGMAS, connect
from kb.errors import NotReadyError
from kb.models import Concept
from kb.settings import Settings
from search.query import search
from search.store import has_fts
from web.library import explained, open_library

SITE = """
topics:
  - id: lullabies
    pref: {en: Lullabies}
    broader: [breastfeeding]
"""


OWN_TRIGGERS = pytest.mark.sqlite("triggers of FTS5")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data=tmp_path / "library", semantic=False)


@pytest.fixture
def opened(settings) -> Iterator[Engine]:
    """The database of a library that was opened once."""
    open_library(settings).engine.dispose()
    engine = connect(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def writer(opened, monkeypatch):
    """Another program, in the middle of writing; nobody waits long for it."""
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    with opened.begin() as connection:
        yield connection


def test_an_up_to_date_library_opens_while_another_program_writes(settings, writer) -> None:
    library = open_library(settings)
    with library.reading() as session:
        assert session.scalars(select(Concept.notation)).first()
    library.engine.dispose()


@pytest.mark.sqlite("on a server a writer waits for the other one")
def test_a_library_that_needs_changes_says_that_it_is_locked(settings, writer, tmp_path) -> None:
    more = settings.model_copy(update={"taxonomy": (_site_file(tmp_path),)})
    with pytest.raises(NotReadyError, match="locked") as said:
        open_library(more)
    assert "try again" in said.value.hint


def test_a_new_concept_reaches_the_database(settings, opened, tmp_path) -> None:
    library = open_library(settings.model_copy(update={"taxonomy": (_site_file(tmp_path),)}))
    with library.reading() as session:
        kept = session.scalar(select(Concept.pref_label).filter_by(notation="lullabies"))
    library.engine.dispose()
    assert kept == "Lullabies"


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param("drop trigger passage_fts_delete", marks=OWN_TRIGGERS),
        pytest.param("drop trigger title_fts_delete", marks=OWN_TRIGGERS),
        "drop table title_fts",
        "drop table passage_fts",
        "update concept set pref_label = 'old'",
        "update concept set deprecated = true",
    ],
)
def test_what_is_missing_is_noticed(settings, opened, lost) -> None:
    with opened.begin() as connection:
        connection.execute(text(lost))
    library = open_library(settings)
    with library.reading() as session:
        assert has_fts(session.connection())
        labels = set(session.scalars(select(Concept.pref_label)))
        retired = session.scalars(select(Concept.notation).filter_by(deprecated=False)).all()
    library.engine.dispose()
    assert "old" not in labels
    assert retired


def test_a_mistake_of_ours_is_not_explained_away(settings, opened) -> None:
    library = open_library(settings)
    with library.reading() as session, pytest.raises(DBAPIError) as mistake:
        session.execute(text("select nonsense from record"))
    library.engine.dispose()
    assert explained(mistake.value) is None


def _site_file(folder: Path) -> Path:
    path = folder / "site.yaml"
    path.write_text(SITE, encoding="utf-8")
    return path


@pytest.mark.parametrize("filled", [True, False])
def test_the_first_reader_waits_for_nothing_that_is_built_once(library, shelf, filled) -> None:
    if filled:
        shelf()
    library.get_ready()
    with library.reading() as session:
        index = library.index(session)
        built = {*vars(index.labels), *vars(index.vocabulary)}
        search(session, index, "mothres in Kenya, breastfeedign early", facets=True)
        assert {*vars(index.labels), *vars(index.vocabulary)} == built
    assert {"languages", "_loose", "_forms", "_written"} <= built
