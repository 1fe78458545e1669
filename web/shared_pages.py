"""Pages that are kept, and a folder of them that the processes of one server share."""

import json
import logging
import os
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event, Thread
from time import time
from typing import Any, Final, NamedTuple, TypeAlias

from starlette.types import Message

from kb import leftovers, processes
from kb.told import Version
from web.library import Library

OLDEST_S: Final = 300  # what an answer says of the day and of files is no older
MOST_SHARED: Final = 32_000_000  # bytes of all files, but for those of the last seconds
SWEEP_S: Final = 5  # between two looks at what has to go
MEMORY: Final = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
PAGES: Final = "maktaba-pages-"  # begins the name of that folder
OTHERS: Final = 0o077  # rights of anybody but the owner

Key: TypeAlias = tuple[str, ...]

log = logging.getLogger(__name__)


class State(NamedTuple):
    """A state of the library, as guests read it."""

    mark: Hashable  # differs once anything was committed; one process cannot read another's
    shelf: str  # differs once a record came to the public ones, or went


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was made, and what it was made of."""

    start: Message
    body: bytes
    route: Mapping[str, Any]  # what those who count want to know of the request
    state: State  # before the library was read
    told: Mapping[int, Version]
    made: float  # `monotonic`, which is the same for all processes of a computer


class SharedPages:
    """Pages for guests in a folder that several processes write and read.

    The folder is opened once: another one that comes to stand under its name is nothing to us.
    What cannot be read, whatever it is, is not there; what cannot be written is not shared.
    """

    def __init__(self, folder: Path, library: Library) -> None:
        """Open the folder.

        Raises:
            PermissionError: it is somebody else's, or others may look into it.
        """
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        found = os.fstat(self._folder)
        if found.st_uid != os.geteuid() or found.st_mode & OTHERS:
            raise PermissionError(f"{folder} is not for this server alone.")
        self._library = library
        self._made_with = _made_with(library)
        self._routes: dict[str, Any] = {}  # path → route, of the answers of this process
        self._said = False

    def put(self, key: Key, answer: Answer) -> None:
        """Let the other processes have the answer too; one thread at a time."""
        route = answer.route.get("route")
        if route is None:
            return
        self._routes[route.path] = route
        name = self._name(key)
        draft = f"{name}.{os.getpid()}"
        try:
            with open(draft, "wb", opener=self._open) as file:
                file.write(_packed(answer, route.path))
            os.replace(draft, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError as error:
            with suppress(OSError):
                os.unlink(draft, dir_fd=self._folder)
            self._warn(error)

    def get(self, key: Key) -> Answer | None:
        """Return an answer that this process or another one made; None where there is none.

        A process that has answered nothing of a route yet cannot count it, and gets none of it.
        """
        try:
            with open(self._name(key), "rb", opener=self._open) as file:
                head, _, body = file.read().partition(b"\n")
            return self._unpacked(json.loads(head), body)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            self._warn(error)
            return None

    def _open(self, name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW, 0o600, dir_fd=self._folder)

    def _name(self, key: Key) -> str:
        made = (self._made_with, str(self._library.words_only), *key)
        return sha256(json.dumps(made).encode()).hexdigest()

    def _unpacked(self, said: Mapping[str, Any], body: bytes) -> Answer | None:
        route = self._routes.get(said["route"])
        if route is None:
            return None
        heads = [(name.encode("latin-1"), one.encode("latin-1")) for name, one in said["headers"]]
        return Answer(
            {"type": "http.response.start", "status": said["status"], "headers": heads},
            body,
            {"route": route, "path_params": said["path_params"]},
            State(None, said["shelf"]),
            {one: (number, datetime.fromisoformat(at)) for one, number, at in said["told"]},
            float(said["made"]),
        )

    def _warn(self, error: Exception) -> None:
        if not self._said:
            log.warning("Pages are not shared with the other processes: %s", error)
        self._said = True


def _packed(answer: Answer, route: str) -> bytes:
    """Return an answer as `SharedPages` reads it again: a line of JSON, and the body."""
    head = {
        "route": route,
        "path_params": answer.route.get("path_params", {}),
        "status": answer.start["status"],
        "headers": [(n.decode("latin-1"), v.decode("latin-1")) for n, v in answer.start["headers"]],
        "shelf": answer.state.shelf,
        "told": [(one, number, at.isoformat()) for one, (number, at) in answer.told.items()],
        "made": answer.made,
    }
    return json.dumps(head).encode() + b"\n" + answer.body


def _made_with(library: Library) -> str:
    """Return what tells apart two processes that would make different pages of one database.

    One that took the place of another may be of a newer program, or have read other files.
    """
    # The one part that each process writes in an order of its own.
    terms = replace(library.files, abbr_case_sensitive=frozenset())
    said = repr((version("maktaba"), library.site, terms))
    return sha256(said.encode()).hexdigest()


def opened(folder: Path, library: Library) -> SharedPages | None:
    """Return the pages in the folder; None where it has gone, or is not ours any more."""
    try:
        return SharedPages(folder, library)
    except OSError as error:
        log.warning("This process shares no pages: %s", error)
        return None


@contextmanager
def folder_to_share() -> Iterator[Path | None]:
    """Yield a folder of nobody else's, which holds pages for some minutes; then remove it.

    It is in memory, for pages tell what was asked, which does not belong on a disk; where there is
    no such place, nothing is shared. What killed servers left there goes.
    """
    try:
        for left in MEMORY.glob(f"{PAGES}*"):
            if processes.is_gone(left.name.removeprefix(PAGES)):
                rmtree(left, ignore_errors=True)  # another user's, who will
        folder = Path(mkdtemp(dir=MEMORY, prefix=leftovers.mark(PAGES)))
    except OSError as error:
        log.warning("The processes share no pages: %s", error)
        yield None
        return
    over = Event()
    sweeper = Thread(target=_sweep_until, args=(folder, over), daemon=True)
    sweeper.start()
    try:
        yield folder
    finally:
        over.set()
        sweeper.join()
        rmtree(folder, ignore_errors=True)  # a process that is killed late may still write


def _sweep_until(folder: Path, over: Event) -> None:
    while not over.wait(SWEEP_S):
        sweep(folder)


def sweep(folder: Path) -> None:
    """Take away pages that are too old, and where there are too many, the oldest."""
    found = []
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # another process just put it in its place
            found.append((path.stat(), path))
    found.sort(key=lambda one: one[0].st_mtime, reverse=True)
    room, oldest = MOST_SHARED, time() - OLDEST_S
    for about, path in found:
        room -= about.st_size
        if room < 0 or about.st_mtime < oldest:
            path.unlink(missing_ok=True)
