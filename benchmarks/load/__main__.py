"""Let many read and some write at once, and say how long they waited and whether anything was lost.

python -m benchmarks.load LIBRARY [--readers 200] [--writers 8] [--minutes 10] [--pause 10]

Copies the folder LIBRARY, serves it with `kb serve` in a process of its own, and beside it, in the
same run, the plain framework with answers as long as ours. Each reader asks for something about
every `--pause` seconds, two times of three one of the judged questions; each writer
changes one of two records, a published one and a draft, about every three seconds (200 times in ten
minutes), says which version it changed, and begins anew where somebody was faster. In the end each
record has to count as many changes as were accepted.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load.people import work
from kb import api_tokens, content, records, users
from kb.people import Grant
from kb.settings import Settings
from kb.vocabulary import ApiScope, Role
from web.library import open_library

KB = (sys.executable, "-c", "from web.cli import run; run()")
PLAIN = (sys.executable, "-m", "benchmarks.load.plain")
PORTS = (8781, 8782)


def main() -> None:
    """Print the table; exit code 1 where anything failed or was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=10, help="seconds a reader reads a page")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        data = Path(home) / "library"
        shutil.copytree(asked.library, data, ignore=shutil.ignore_patterns("*.lock"))
        token, asked.draft = _prepared(data)
        environment = {"KB_DATA": str(data), "KB_API_GUESTS": "", "KB_API_PEOPLE": ""}
        command = (*KB, "serve", "--port", str(PORTS[0]))
        with served(command, environment) as server:
            ours = asyncio.run(work(PORTS[0], server.pid, asked, token))
        with served((*PLAIN, str(PORTS[1]), *map(str, ours.sizes)), {}) as server:
            asked.minutes = min(asked.minutes, 2)
            plain = asyncio.run(work(PORTS[1], server.pid, asked, ""))
    for name, told in (("Maktaba", ours), ("plain", plain)):
        print(told.table(name))
    sys.exit(0 if ours.is_well else 1)


def _prepared(data: Path) -> tuple[str, int]:
    """Return the token of who writes, and a draft to write at."""
    library = open_library(Settings(data=data))
    with library.writing() as session:
        user = users.add(session, "load@people.example", name="Load", by="load")
        users.grant(session, user, Grant(Role.ADMIN), by="load")
        session.flush()
        token = api_tokens.make(session, user, name="load", scopes=list(ApiScope))
        told = content.Record(title="Counting changes", summary="Changes: 0.", language="en")
        draft = records.create(session, told, by="load").id
        session.commit()
    return token, draft


@contextmanager
def served(command: tuple[str, ...], environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """Run a server beside this process, and stop it in the end."""
    server = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)  # noqa: S603  ours
    try:
        yield server
    finally:
        server.terminate()
        server.wait(60)


if __name__ == "__main__":
    main()
