"""Ingest, search, curate, publish and serve a small library, as its people would; all is real.

python -m tests.torture.journey DATA FILE …

Run it where there is no network (`tests/torture/alone.py`); a step that fails ends it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import select

from kb import records
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import Ground, TagStatus
from web.library import open_library

KB = (sys.executable, "-c", "from web.cli import run; run()")
PORT = 8765
WAIT_S = 180  # on a busy machine


def main(data: Path, files: list[Path]) -> None:
    """Go the whole way once."""
    os.environ["KB_DATA"] = str(data)
    assert kb("ingest", *files).count("added") >= 1
    assert "1" in kb("search", "breastfeeding in the first hour")
    publish(data)
    kb("index")
    kb("publish", "site", data / "site")
    assert (data / "site" / "index.html").exists()
    kb("backup", data.with_name("backup.zip"))
    serve()


def kb(*arguments: str | Path) -> str:
    """Run a command of the library; return what it prints."""
    done = subprocess.run([*KB, *map(str, arguments)], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"kb {arguments[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def publish(data: Path) -> None:
    """Take every suggested tag, and show the drafts to everybody, as a curator does."""
    library = open_library(Settings(data=data))
    with library.writing() as session:
        for record_id, version in session.execute(select(Record.id, Record.version)).all():
            said = records.read(records.get(session, record_id))
            taken = [
                tag.model_copy(update={"status": TagStatus.CONFIRMED, "confirmed_by": "journey"})
                for tag in said.tags
            ]
            said = said.model_copy(update={"tags": tuple(taken)})
            records.edit(session, record_id, said, version=version, by="journey")
            records.publish(session, record_id, by="journey", ground=Ground.ILLUSTRATION)
        session.commit()


def serve() -> None:
    """Ask the pages, and how the server is."""
    server = subprocess.Popen([*KB, "serve", "--port", str(PORT)], stdout=subprocess.DEVNULL)
    try:
        for address in (
            "/healthz",
            "/",
            "/search?q=breastfeeding",
            "/records/1",
            "/api/v1/records",
        ):
            assert answer(address), address
    finally:
        server.terminate()
        server.wait(WAIT_S)


def answer(address: str) -> bytes:
    """Return what the server answers, once it is there."""
    for _ in range(WAIT_S * 5):
        try:
            with urlopen(f"http://127.0.0.1:{PORT}{address}", timeout=WAIT_S) as reply:
                return reply.read()
        except ConnectionError:
            time.sleep(0.2)
        except OSError as error:
            if not isinstance(getattr(error, "reason", None), ConnectionError):
                raise
            time.sleep(0.2)
    sys.exit("The server did not come up.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
