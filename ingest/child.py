"""The child of the sandbox: it forks a process for each file, watches it, and ends it.

It never parses either. The process of a file gives up what it does not need, reads, and writes
its Document into a scratch folder; whatever becomes of it, the next file gets a fresh one.
"""

import contextlib
import json
import mimetypes
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ingest import confinement, readers
from ingest.order import Order, UncleanError
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError

RESULT = "result.json"
COPY = "copy"  # of the file, for readers
_POLL_S = 0.005
_FAMILY_EVERY = 10  # polls: all processes are looked at more seldom than the one that reads
_OFFICE_MARKS = (b"\xd0\xcf\x11\xe0", b"{\\rtf")  # old Office files and RTF


class End(StrEnum):
    """How the process of one file ended, in the words of the child to the parent."""

    DONE = "done"
    TIMEOUT = "timeout"
    KILLED = "killed"
    CRASHED = "crashed"


class Task(StrEnum):
    """What is to be done with a file."""

    READ = "read"
    PLAIN = "plain"  # for its words alone
    COPY = "copy"  # for readers, without what identifies people
    PICTURE = "picture"  # one of it, for a curator to look at


@dataclass(slots=True)
class Spent:
    """What the reading of one file took."""

    seconds: float = 0.0
    peak_bytes: int = 0  # resident, of the largest process
    together_bytes: int = 0  # resident, of all its processes, as often as looked at

    def see(self, resident: list[int]) -> None:
        """Take note of the resident bytes of all processes at one moment."""
        self.peak_bytes = max([self.peak_bytes, *resident])
        self.together_bytes = max(self.together_bytes, sum(resident))


def serve() -> None:
    """Fork a process for every request on standard input, and say how each ended."""
    confinement.adopt_orphans()
    mimetypes.init([])  # openpyxl would have it read the system's list, which is closed later on
    preload = sys.argv[2] == "preload"
    if preload:
        readers.preload()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if preload and request["task"] == Task.COPY:
            _preload_copying()
        limits = Limits(**request.pop("limits"))
        pid = os.fork()
        if pid == 0:
            _work(limits=limits, **request)
        end, spent = wait(pid, limits.ceiling())
        sys.stdout.write(json.dumps({"end": end, **asdict(spent)}) + "\n")
        sys.stdout.flush()


def wait(pid: int, limits: Limits) -> tuple[End, Spent]:
    """Wait for a process within the limits, end all it has started, and say how it ended."""
    start = time.monotonic()
    spent = Spent()
    end, polls = None, 0
    done, status, usage = os.wait4(pid, os.WNOHANG)
    while not done and end is None:
        time.sleep(_POLL_S)
        if time.monotonic() > start + limits.wall_s:
            end = End.TIMEOUT
        elif _too_large(pid, limits, spent, family=polls % _FAMILY_EVERY == 0):
            end = End.KILLED
        polls += 1
        done, status, usage = os.wait4(pid, os.WNOHANG)
    kill_group(pid)
    if not done:
        os.kill(pid, signal.SIGKILL)  # it may not lead its group yet
        _, _, usage = os.wait4(pid, 0)
    _end_orphans()
    spent.seconds = time.monotonic() - start
    # Linux counts in KiB, and the programs that the process has waited for
    spent.see([usage.ru_maxrss << (10 if sys.platform == "linux" else 0)])
    return end or _end(status), spent


def _end(status: int) -> End:
    if os.WIFEXITED(status):
        return End.DONE if os.WEXITSTATUS(status) == 0 else End.CRASHED
    match os.WTERMSIG(status):
        case signal.SIGALRM | signal.SIGXCPU:
            return End.TIMEOUT
        case signal.SIGKILL:
            return End.KILLED  # nobody but the kernel, short of memory, sends it
        case _:
            return End.CRASHED


def kill_group(pid: int) -> None:
    """Kill a process group; one that is gone already is no matter."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _too_large(pid: int, limits: Limits, spent: Spent, *, family: bool) -> bool:
    """Tell whether a process has too much memory, or, with `family`, all together or too many."""
    resident = [_resident(one) for one in (_descendants() if family else [pid])]
    spent.see(resident)
    return (
        max(resident, default=0) > limits.resident_bytes
        or sum(resident) > limits.together_bytes
        or len(resident) > limits.processes
    )


def _resident(pid: int) -> int:
    """Return the bytes a process has in memory; 0 where it is gone, or there is no /proc."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _descendants() -> list[int]:
    """Return all processes below this one; as subreaper it has inherited the orphans, too."""
    parents = dict(_parents())
    found: list[int] = []
    below = {os.getpid()}
    while below:
        below = {pid for pid, parent in parents.items() if parent in below}
        found += below
    return found


def _end_orphans() -> None:
    """Kill what left its process group: as subreaper, this process has inherited it."""
    with contextlib.suppress(ChildProcessError):  # none is left
        while True:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                for child in _descendants():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                time.sleep(_POLL_S)


def _parents() -> Iterator[tuple[int, int]]:
    """Yield every process and its parent, where the system has /proc."""
    if not Path("/proc/self").exists():
        return
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it ended meanwhile
                # proc(5): the name in brackets may hold anything, the parent follows the state
                fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
                yield int(entry.name), int(fields[1])


@cache
def _preload_copying() -> None:
    """Load what copies are made and looked through with, for every fork that follows."""
    import ingest.cleaning  # noqa: F401, PLC0415  # not needed to read
    from kb import identifiers  # noqa: PLC0415

    identifiers.find("nobody")


def _work(path: str, scratch: str, *, task: str, order: dict[str, Any], limits: Limits) -> None:
    """Read or copy one file, write the result, and end this process without a way back."""
    code = 1
    try:
        os.setsid()
        tempfile.tempdir = scratch
        with Path(path).open("rb") as file:
            office = file.read(1024).lstrip().startswith(_OFFICE_MARKS)
        wanted = ("soffice", "libreoffice") if office else ("tesseract",)
        programs = filter(None, map(shutil.which, wanted))
        confinement.isolate(scratch, Path(path), programs=programs, office=office)
        confinement.restrain(limits.ceiling())
        done = _outcome(Path(path), Task(task), order, limits)
        Path(scratch, RESULT).write_text(done)
        code = 0
    finally:
        os._exit(code)


def _outcome(path: Path, task: Task, order: dict[str, Any], limits: Limits) -> str:
    try:
        if task in {Task.COPY, Task.PICTURE}:
            return _copied(path, task, order, limits)
        plain = task is Task.PLAIN
        return readers.read(
            path, limits=limits, plain=plain, restrain=confinement.restrain
        ).to_json()
    except UnreadableError as error:
        return json.dumps({"reason": error.reason, "detail": error.detail})
    except UncleanError as error:
        return json.dumps({"unclean": str(error), "hint": error.hint})
    except MemoryError:
        return json.dumps({"reason": Reason.MEMORY, "detail": ""})
    except Exception as error:  # noqa: BLE001  # a bug of ours, or a library that is missing
        detail = f"{type(error).__name__}: {error}"
        return json.dumps({"reason": Reason.CRASHED, "detail": detail})


def _copied(path: Path, task: Task, order: dict[str, Any], limits: Limits) -> str:
    """Write the copy, or the one picture, into the scratch folder; return what is said of it."""
    from ingest.cleaning import Cleaned, clean, look  # noqa: PLC0415  # not needed to read

    data = path.read_bytes()
    kind = readers.sniff(data, path.name)
    confinement.restrain(limits.for_format(kind))
    faces = frozenset(order["faces"])
    asked = Order(words=order["words"], faces=faces, longest=order["longest"])
    try:
        if task is Task.PICTURE:
            copy = Cleaned(look.picture(data, kind, next(iter(asked.faces)), limits), ".png")
        else:
            copy = clean(data, kind, asked, limits)
    except (UnreadableError, UncleanError, MemoryError):
        raise
    except Exception as error:  # the libraries raise anything at all on damaged files
        raise UncleanError(f"It cannot be copied safely ({type(error).__name__}).") from error
    Path(COPY).write_bytes(copy.data)
    return json.dumps({"suffix": copy.suffix, "note": copy.note})
