"""Read a file in a child process under limits: whatever is in it, the parent goes on.

The parent never parses. It starts children that have read nothing yet; for each file a child
forks a process under limits (`ingest.child`, `ingest.confinement`) and says how it ended. So the
libraries are loaded once, and no file meets a process that another file has touched.
"""

import contextlib
import json
import os
import select
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Self

from ingest.child import COPY, RESULT, End, Spent, Task, kill_group
from ingest.document import Document
from ingest.order import Cleaned, Order, UncleanError
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError
from kb import leftovers

__all__ = ["Limits", "Reader", "Reason", "Spent", "UnreadableError", "read_safely"]

_SCRATCH = "reading-"
_RESULT_BYTES_PER_CHAR = 6  # the longest JSON escape of a character
_RESULT_BYTES_BESIDE = 1 << 20
_GRACE_S = 10.0  # to fork, kill and answer, on top of the wall limit
_ROOT = str(Path(__file__).parents[1])
# -I shuts out the caller's folder and PYTHONPATH; the code comes from where ours does.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from ingest.child import serve; serve()"
_PASSED_ON = ("PATH", "TESSDATA_PREFIX")  # where LibreOffice and tesseract are looked up

_REASONS = {
    End.TIMEOUT: Reason.TIMEOUT,
    End.KILLED: Reason.MEMORY,
    End.CRASHED: Reason.CRASHED,
}
_OVERTAXED = {Reason.TIMEOUT, Reason.MEMORY, Reason.CRASHED}


def read_safely(path: Path, *, limits: Limits | None = None) -> Document:
    """Return the Document in one file. For several files, a `Reader` is faster.

    Raises:
        UnreadableError: the file cannot be read; its `reason` says why.
        FileNotFoundError, PermissionError: there is no such file to read.
    """
    with Reader(limits=limits, preload=False, at_once=1) as reader:
        return reader.read(path)


class Reader:
    """Reads files, each in a process of its own, `at_once` at the same time; a context manager.

    `preload` loads the libraries of all formats at the start, which pays from the third
    file on. Threads may share a reader; its children start when they are needed. `note` is told
    what the reading of each file took.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        preload: bool = True,
        at_once: int = 2,
        note: Callable[[Path, Spent], None] = lambda *_: None,
    ) -> None:
        _sweep()
        self.limits = limits or Limits()
        self._note = note
        self._children = [_Child(self.limits, preload=preload) for _ in range(at_once)]
        # last in, first out: who reads one file after another needs one child only
        self._idle: LifoQueue[_Child] = LifoQueue()
        for child in reversed(self._children):
            self._idle.put(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get_ready(self) -> None:
        """Start the child that reads first, and wait until it has loaded what it needs."""
        child = self._idle.get()
        try:
            child.get_ready()
        finally:
            self._idle.put(child)

    def read(self, path: Path) -> Document:
        """Return the Document in `path`.

        Raises:
            UnreadableError: the file cannot be read; its `reason` says why.
            FileNotFoundError, PermissionError: there is no such file to read.
        """
        self._check(path)
        child = self._idle.get()
        try:
            return self._read(child, path)
        finally:
            self._idle.put(child)

    def copy(self, path: Path, order: Order) -> Cleaned:
        """Return the copy of the file in `path` that readers may have.

        Raises:
            UncleanError: there can be none; the message says why.
            UnreadableError: the file cannot be read at all.
            FileNotFoundError, PermissionError: there is no such file to read.
        """
        return self._made(path, Task.COPY, order)

    def picture(self, path: Path, where: str) -> bytes:
        """Return one picture of the file as a small PNG, drawn anew, for a curator to look at.

        Raises:
            UncleanError: there is none at `where`, or it cannot be opened.
            UnreadableError: the file cannot be read at all.
            FileNotFoundError, PermissionError: there is no such file to read.
        """
        return self._made(path, Task.PICTURE, Order(faces=frozenset({where}))).data

    def _made(self, path: Path, task: Task, order: Order) -> Cleaned:
        self._check(path)
        scratch = tempfile.mkdtemp(prefix=leftovers.mark(_SCRATCH))
        child = self._idle.get()  # last: whoever takes one gives it back
        try:
            self._ask(child, path, scratch, task, order)
            answer = json.loads(_bytes(Path(scratch, RESULT), path.name, _RESULT_BYTES_BESIDE))
            if "unclean" in answer:
                raise UncleanError(str(answer["unclean"]), hint=str(answer["hint"]))
            _refuse(answer, path.name)
            data = _bytes(Path(scratch, COPY), path.name, self.limits.scratch_bytes)
            return Cleaned(data, str(answer["suffix"]), str(answer["note"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableError(Reason.CRASHED, name=path.name) from error
        finally:
            self._idle.put(child)
            shutil.rmtree(scratch, ignore_errors=True)

    def close(self) -> None:
        """End the children and everything they have started."""
        for child in self._children:
            child.close()

    def _check(self, path: Path) -> None:
        """Refuse what needs no child: no file, a device, an empty or a huge file."""
        try:
            about = path.stat()
        except (FileNotFoundError, PermissionError):
            raise  # the caller's mistake
        except OSError as error:  # such as a link that leads to itself
            detail = str(error.strerror)
            raise UnreadableError(Reason.UNSUPPORTED, name=path.name, detail=detail) from error
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError(Reason.UNSUPPORTED, name=path.name, detail="it is not a file")
        if about.st_size == 0:
            raise UnreadableError(Reason.EMPTY, name=path.name)
        if about.st_size > self.limits.file_bytes:
            detail = f"files up to {self.limits.file_bytes >> 20} MB are read"
            raise UnreadableError(Reason.TOO_LARGE, name=path.name, detail=detail)
        path.open("rb").close()  # PermissionError belongs to the caller

    def _read(self, child: "_Child", path: Path) -> Document:
        try:
            return self._once(child, path, Task.READ)
        except UnreadableError as error:
            if error.reason not in _OVERTAXED or not _has_plain_reader(path):
                raise
            return self._once(child, path, Task.PLAIN)

    def _ask(
        self, child: "_Child", path: Path, scratch: str, task: Task, order: Order | None = None
    ) -> None:
        end, spent = child.ask(path, scratch, task, order or Order())
        self._note(path, spent)
        if end is not End.DONE:
            raise UnreadableError(_REASONS[end], name=path.name)

    def _once(self, child: "_Child", path: Path, task: Task) -> Document:
        scratch = tempfile.mkdtemp(prefix=leftovers.mark(_SCRATCH))
        try:
            self._ask(child, path, scratch, task)
            return _result(Path(scratch, RESULT), path.name, self.limits)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


class _Child:
    """One process that forks readers: started when first asked, again when it was lost."""

    def __init__(self, limits: Limits, *, preload: bool) -> None:
        self._limits = limits
        self._preload = preload
        self.server: subprocess.Popen[bytes] | None = None

    def get_ready(self) -> subprocess.Popen[bytes]:
        """Return the process, and start it where it is not there."""
        if self.server is not None and self.server.poll() is not None:
            self.close()  # it ended between two files, such as for want of memory
        if self.server is None:
            self.server = self._start()
            try:
                _, said = self._answer(self.server)
            except BaseException:  # as in `ask`: it would be taken for the answer to a question
                self.close()
                raise
            if not said:  # stuck: what it said later would be an answer, too
                kill_group(self.server.pid)
        return self.server

    def ask(self, path: Path, scratch: str, task: Task, order: Order) -> tuple[End, Spent]:
        """Have one file read or copied into `scratch`; return how that ended and what it took."""
        server = self.get_ready()
        assert server.stdin is not None
        request = {
            "path": str(path.absolute()),
            "scratch": scratch,
            "task": task,
            "order": {
                "words": dict(order.words),
                "faces": sorted(order.faces),
                "longest": order.longest,
            },
            "limits": asdict(self._limits),
        }
        try:
            with contextlib.suppress(BrokenPipeError):  # then there is no answer either
                server.stdin.write(json.dumps(request).encode() + b"\n")
            ready, answer = self._answer(server)
        except BaseException:  # such as Ctrl-C: a late answer must not meet the next question
            self.close()
            raise
        if not answer:  # the child itself is gone or stuck: the next file gets a new one
            self.close()
            return (End.CRASHED if ready else End.TIMEOUT), Spent()
        said = json.loads(answer)
        return End(said.pop("end")), Spent(**said)

    def _answer(self, server: subprocess.Popen[bytes]) -> tuple[bool, bytes]:
        """Return whether the process said anything in time, and its line; none from one gone."""
        assert server.stdout is not None
        wait_s = self._limits.ceiling().wall_s + _GRACE_S
        look = select.poll()  # not `select`: that knows the first 1,024 files of a process only
        look.register(server.stdout, select.POLLIN)
        ready = look.poll(1000 * wait_s)
        return bool(ready), server.stdout.readline() if ready else b""

    def close(self) -> None:
        """End the child and everything it has started."""
        server, self.server = self.server, None
        if server is None:
            return
        kill_group(server.pid)
        server.wait()
        for pipe in (server.stdin, server.stdout):
            if pipe is not None:
                pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and our own code
            [sys.executable, "-I", "-c", _START, _ROOT, "preload" if self._preload else ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            env={
                "PATH": os.defpath,
                **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                "LANG": "C.UTF-8",
                "OMP_NUM_THREADS": "1",
                "OMP_THREAD_LIMIT": "1",  # tesseract is no faster with more
                "OPENBLAS_NUM_THREADS": "1",  # a process with threads must not fork
            },
        )


def _sweep() -> None:
    """Remove the scratch folders of readers that were killed: they may hold somebody's story."""
    for folder in leftovers.left(Path(tempfile.gettempdir()), _SCRATCH):
        shutil.rmtree(folder, ignore_errors=True)  # another user's stay, and theirs to sweep


def _has_plain_reader(path: Path) -> bool:
    """Tell by its first bytes whether a file has words to fall back to; a guess costs one try."""
    with path.open("rb") as file:
        head = file.read(1024)
    return b"%PDF-" in head or b"{\\rtf" in head


def _result(path: Path, name: str, limits: Limits) -> Document:
    """Return what the child wrote, trusting neither its file nor its JSON."""
    most = limits.markdown_chars * _RESULT_BYTES_PER_CHAR + _RESULT_BYTES_BESIDE
    try:
        data = _bytes(path, name, most)
        _refuse(json.loads(data), name)
        return Document.from_json(data.decode())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(Reason.CRASHED, name=name) from error


def _bytes(path: Path, name: str, most: int) -> bytes:
    # a link or a pipe in its place would lead the parent elsewhere, or hold it
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableError(Reason.CRASHED, name=name)
        data = file.read(most + 1)
    if len(data) > most:
        raise UnreadableError(Reason.TOO_LARGE, name=name, detail="its text has no end")
    return data


def _refuse(answer: dict[str, object], name: str) -> None:
    if "reason" in answer:
        reason = Reason(str(answer["reason"]))
        raise UnreadableError(reason, name=name, detail=str(answer["detail"]))
