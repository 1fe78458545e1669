"""Which process on which computer is at work, in a word that others understand later; and turns."""

import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, flock
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4


@cache
def here() -> str:
    """Return what tells the processes of this computer from those of others.

    Two containers with one name number their processes apart, so that belongs to it (Linux).
    """
    try:
        numbering = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        numbering = ""
    return sha256(f"{platform.node()} {numbering}".encode()).hexdigest()[:8]


def name() -> str:
    """Return a new name of a worker in this process."""
    return f"{here()}-{os.getpid()}-{uuid4().hex}"


def is_gone(worker: str) -> bool:
    """Tell whether the process of a worker is no more, as far as this computer can know."""
    place, _, rest = worker.partition("-")
    number = rest.partition("-")[0]
    return place == here() and number.isdecimal() and not is_running(int(number))


def is_running(pid: int) -> bool:
    """Tell whether this computer has a process of that number which is not dead."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return not _is_dead(pid)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Wait until nobody else on this computer holds the file `lock`, and hold it.

    Where there is no folder to write to, or one that knows no locks, nobody is waited for.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            lock.parent.mkdir(exist_ok=True)
            flock(stack.enter_context(lock.open("a")), LOCK_EX)
        yield


def _is_dead(pid: int) -> bool:
    """Tell whether the process has ended and only waits for its parent to hear of it (Linux)."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return said.rpartition(")")[2].split()[:1] in (["Z"], ["X"])  # after its name, which may lie
