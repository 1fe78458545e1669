"""What the library needs to answer, part by part: is it there, and what is to be done if not.

Strangers may read it: no paths, no addresses, no names. What went wrong in the machine's own words
goes to the log.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import disk_usage
from tempfile import NamedTemporaryFile
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kb import proofs, schema
from kb.db import utcnow
from kb.errors import KBError, NotReadyError
from kb.leftovers import HALF, mark
from search import pgvector
from search.refreshing import count_stale
from web.library import Library

FREE_MB = 100  # less, and the next file or index may not be written
PROBE: Final = b"\0" * 4096  # bytes; a full disk takes an empty file

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is needed: how it is looked at, and what to say when it is not there."""

    check: Callable[[Library], str]  # returns how it is; raises when it is not
    missing: str
    do: str  # docs/runbook.md says more
    reads: bool = False  # without it nobody can read
    warns: bool = False  # the library works without it, for now


@dataclass(frozen=True, slots=True)
class State:
    """How one part is."""

    ok: bool
    why: str
    do: str = ""
    warning: bool = False  # what is not ok can wait until somebody is there


@dataclass(frozen=True, slots=True)
class Readiness:
    """How all parts are."""

    parts: dict[str, State]

    @property
    def ok(self) -> bool:
        """Whether everything is there that cannot wait."""
        return all(state.ok or state.warning for state in self.parts.values())

    @property
    def reads(self) -> bool:
        """Whether readers get their pages, even where nothing can be saved."""
        return all(state.ok for name, state in self.parts.items() if PARTS[name].reads)

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        checks = {name: asdict(state) for name, state in self.parts.items()}
        return {"ok": self.ok, "reads": self.reads, "checks": checks}


def look(library: Library) -> Readiness:
    """Look at every part; one that fails keeps nobody from looking at the others."""
    return Readiness({name: _looked(part, library) for name, part in PARTS.items()})


def _looked(part: Part, library: Library) -> State:
    try:
        return State(ok=True, why=part.check(library))
    except MissingError as missing:
        return State(ok=False, why=str(missing), do=part.do, warning=part.warns)
    except (KBError, SQLAlchemyError, OSError) as error:
        log.warning("Not ready: %s %s", part.missing, error)
        return State(ok=False, why=part.missing, do=part.do, warning=part.warns)


class MissingError(NotReadyError):
    """A part is not there; what it says may be read by strangers."""


def _database(library: Library) -> str:
    with library.reading() as session:
        session.execute(text("select 1"))
    return library.engine.dialect.name


def _schema(library: Library) -> str:
    with library.reading() as session:
        found = schema.revision_of(session.connection())
    if found != schema.head():
        raise MissingError(f"The tables are at {found}; this version works with {schema.head()}.")
    return found


def _index(library: Library) -> str:
    with library.reading() as session:
        library.index(session)
    return "there"


def _stories(library: Library) -> str:
    with library.reading() as session:
        count = count_stale(session, None if library.words_only else library.encoder)
    if count:
        raise MissingError(f"{count} are not in the index yet, or not as they are now.")
    return "found as they are now"


def _model(library: Library) -> str:
    if library.words_only:
        raise MissingError("It cannot be loaded: the search finds words only.")
    if library.encoder is None:
        return "searching by words only"
    if library.engine.dialect.name == "postgresql":
        _vectors(library)
    return "there"


def _vectors(library: Library) -> None:
    with library.reading() as session:
        try:
            pgvector.check(session.connection())
        except NotReadyError as missing:
            raise MissingError(f"{missing} The search finds words only.") from missing
        except SQLAlchemyError as silent:  # which is said of the database
            log.warning("The vectors were not looked for: %s", silent)


def _replica(library: Library) -> str:
    replica = library.replica
    if replica is None:
        return "none is set"
    replica.look()
    if replica.trouble:
        raise MissingError(replica.trouble)
    return f"{replica.age_s or 0:.1f} s behind at most"


def _disk(library: Library) -> str:
    free_mb = disk_usage(library.settings.data).free // 2**20
    if free_mb < FREE_MB:
        raise MissingError(f"{free_mb} MB free, {FREE_MB} MB are needed.")
    return f"{free_mb} MB free"


def _writable(library: Library) -> str:
    with NamedTemporaryFile(dir=library.settings.data, prefix=mark(HALF), buffering=0) as probe:
        probe.write(PROBE)
    if library.engine.dialect.name == "sqlite":
        if not os.access(Path(library.engine.url.database or ""), os.W_OK):
            raise MissingError("The file of the database may not be written.")
    else:
        with library.reading() as session:
            if session.scalar(text("show transaction_read_only")) == "on":
                raise MissingError("The database server takes no changes.")
    return "files and database"


def _backup(library: Library) -> str:
    folder = library.settings.backups
    if folder is None:
        return "none is looked after here"
    if trouble := proofs.trouble(folder, utcnow()):
        raise MissingError(trouble)
    proof = proofs.last(folder)
    return f"restored and compared on {proof.at:%Y-%m-%d}" if proof else ""


PARTS: Final[dict[str, Part]] = {
    "database": Part(
        _database,
        "It does not answer.",
        "Start the database, or bring its disk back; the library goes on by itself.",
        reads=True,
    ),
    "schema": Part(
        _schema,
        "The tables cannot be read.",
        "Start the version of the program that made them, or run kb upgrade with this one.",
        reads=True,
    ),
    "index": Part(
        _index,
        "It can be neither read nor built.",
        "Run kb index; if that does not help, delete the folder index and run it again.",
        reads=True,
    ),
    "stories": Part(
        _stories,
        "Whether all are in the index cannot be said.",
        "Run kb index. While files are read this passes by itself.",
        warns=True,
    ),
    "model": Part(
        _model,
        "It cannot be loaded.",
        "Bring it back: it is looked for once a minute. Or set KB_SEMANTIC=false and start anew.",
    ),
    "replica": Part(
        _replica,
        "It does not answer.",
        "Start it, or see why it is behind; until then all read from the database itself.",
        warns=True,
    ),
    "disk": Part(
        _disk,
        "Its room cannot be measured.",
        "Make room: old backups and logs first. Nothing can be saved when it is full.",
    ),
    "writable": Part(
        _writable,
        "Nothing can be written into the data folder.",
        "Make room, mount the disk for writing, or give the folder to the library's account.",
    ),
    "backup": Part(
        _backup,
        "The backups cannot be looked at.",
        "Run kb backup --verify, then kb prove.",
        warns=True,
    ),
}
