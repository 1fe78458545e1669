"""Answers that are kept, and a folder of them that the processes of one server share."""

import json
import logging
import os
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock
from time import time
from typing import Any, Final, NamedTuple, TypeAlias

from starlette.types import Message

from kb import leftovers
from kb.told import Version

OLDEST_S: Final = 300  # what an answer says of the day and of files is no older
MOST_SHARED: Final = 32_000_000  # bytes of all files
MEMORY: Final = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
PAGES: Final = "maktaba-pages-"  # begins the name of that folder
SWEPT: Final = 50  # answers that a process shares between two looks at what may go

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


class Shared:
    """A folder of answers to guests that several processes write and read; it may vanish."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._routes: dict[str, Any] = {}  # path → route, of the answers of this process
        self._put = 0

    def put(self, key: Key, answer: Answer) -> None:
        """Let the others have it too; whoever cannot write says so, and shares nothing."""
        route = answer.route.get("route")
        if route is None:
            return
        self._routes[route.path] = route
        path = self._path(key)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with self._lock:
                draft.write_bytes(_packed(answer))
                draft.replace(path)
                self._put += 1
                if self._put % SWEPT == 0:
                    self._sweep()
        except OSError as error:
            log.warning("a page is not shared with the other processes: %s", error)

    def get(self, key: Key) -> Answer | None:
        """Return an answer that another process made, or this one; None where there is none.

        Nor of a route that this process has answered nothing of yet: it cannot count it.
        """
        try:
            packed = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        head, _, body = packed.partition(b"\n")
        said = json.loads(head)
        route = self._routes.get(said["route"])
        if route is None:
            return None
        return Answer(
            {
                "type": "http.response.start",
                "status": said["status"],
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in said["headers"]
                ],
            },
            body,
            {"route": route, "path_params": said["path_params"]},
            State(None, said["shelf"]),
            {
                record_id: (version, datetime.fromisoformat(updated))
                for record_id, version, updated in said["told"]
            },
            said["made"],
        )

    def _path(self, key: Key) -> Path:
        return self._folder / sha256(json.dumps(key).encode()).hexdigest()

    def _sweep(self) -> None:
        """Take away what is too old, and where there is too much of the rest, the oldest."""
        found = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process is at it
                found.append((path.stat(), path))
        found.sort(key=lambda one: one[0].st_mtime, reverse=True)
        room = MOST_SHARED
        for about, path in found:
            room -= about.st_size
            if room < 0 or about.st_mtime < time() - OLDEST_S:
                path.unlink(missing_ok=True)


@contextmanager
def folder_to_share() -> Iterator[Path]:
    """Yield a folder of nobody else's, in memory where there is such a place.

    Pages tell what was asked, which does not belong on a disk. What killed servers left goes.
    """
    there = MEMORY if os.access(MEMORY, os.W_OK) else Path(gettempdir())
    for left in leftovers.left(there, PAGES):
        rmtree(left, ignore_errors=True)  # another user's, who will
    with TemporaryDirectory(dir=there, prefix=leftovers.mark(PAGES)) as folder:
        yield Path(folder)


def _packed(answer: Answer) -> bytes:
    """Return an answer as the line that `Shared.get` reads, and its body."""
    head = {
        "route": answer.route["route"].path,
        "path_params": answer.route.get("path_params", {}),
        "status": answer.start["status"],
        "headers": [(name.decode("latin-1"), v.decode("latin-1")) for name, v in _heads(answer)],
        "shelf": answer.state.shelf,
        "told": [(one, version, at.isoformat()) for one, (version, at) in answer.told.items()],
        "made": answer.made,
    }
    return json.dumps(head).encode() + b"\n" + answer.body


def _heads(answer: Answer) -> Iterable[tuple[bytes, bytes]]:
    heads: Iterable[tuple[bytes, bytes]] = answer.start["headers"]
    return heads
