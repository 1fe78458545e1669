"""Read a file in a child process under limits: whatever is in it, the parent goes on.

The parent never parses. It starts one child that has read nothing yet; for each file that
child forks a process which gives up what it does not need (memory, time, network, new
privileges), reads, and writes its Document into a scratch folder. So the libraries are
loaded once, and no file meets a process that another file has touched.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from ingest import readers
from ingest.document import Document
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError

__all__ = ["Limits", "Reader", "Reason", "UnreadableError", "read_safely"]

_RESULT = "result.json"
_RESULT_BYTES_PER_CHAR = 6  # the longest JSON escape of a character
_RESULT_BYTES_BESIDE = 1 << 20
_GRACE_S = 10.0  # to fork, kill and answer, on top of the wall limit
_POLL_S = 0.005
_ROOT = str(Path(__file__).parents[1])
# -I shuts out the caller's folder and PYTHONPATH; the code comes from where ours does.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from ingest.sandbox import _serve; _serve()"


class _End(StrEnum):
    """How the process of one file ended, in the words of the child to the parent."""

    DONE = "done"
    TIMEOUT = "timeout"
    KILLED = "killed"
    CRASHED = "crashed"


_REASONS = {
    _End.TIMEOUT: Reason.TIMEOUT,
    _End.KILLED: Reason.MEMORY,  # nobody but the kernel, short of memory, sends SIGKILL
    _End.CRASHED: Reason.CRASHED,
}


def read_safely(path: Path, *, limits: Limits | None = None) -> Document:
    """Return the Document in one file. For several files, a `Reader` is faster.

    Raises:
        UnreadableError: the file cannot be read; its `reason` says why.
        FileNotFoundError, PermissionError: there is no such file to read.
    """
    with Reader(limits=limits, preload=False) as reader:
        return reader.read(path)


class Reader:
    """Reads files one after another, each in a process of its own; a context manager.

    `preload` loads the libraries of all formats at the start, which pays from the third
    file on. Threads may share a reader: they wait for one another.
    """

    def __init__(self, *, limits: Limits | None = None, preload: bool = True) -> None:
        self.limits = limits or Limits()
        self._preload = preload
        self._lock = Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, path: Path) -> Document:
        """Return the Document in `path`.

        Raises:
            UnreadableError: the file cannot be read; its `reason` says why.
            FileNotFoundError, PermissionError: there is no such file to read.
        """
        self._check(path)
        with self._lock:
            try:
                return self._read(path, plain=False)
            except UnreadableError as error:
                overtaxed = error.reason in {Reason.TIMEOUT, Reason.MEMORY, Reason.CRASHED}
                if not overtaxed or not _has_plain_reader(path):
                    raise
                return self._read(path, plain=True)

    def close(self) -> None:
        """End the child and everything it has started."""
        server, self._server = self._server, None
        if server is None:
            return
        _kill_group(server.pid)
        server.wait()
        for pipe in (server.stdin, server.stdout):
            if pipe is not None:
                pipe.close()

    def _check(self, path: Path) -> None:
        """Refuse what needs no child: no file, a device, an empty or a huge file."""
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError(Reason.UNSUPPORTED, name=path.name, detail="it is not a file")
        if about.st_size == 0:
            raise UnreadableError(Reason.EMPTY, name=path.name)
        if about.st_size > self.limits.file_bytes:
            detail = f"files up to {self.limits.file_bytes >> 20} MB are read"
            raise UnreadableError(Reason.TOO_LARGE, name=path.name, detail=detail)
        path.open("rb").close()  # PermissionError belongs to the caller

    def _read(self, path: Path, *, plain: bool) -> Document:
        scratch = tempfile.mkdtemp(prefix="reading-")
        try:
            end = self._ask(path, scratch, plain=plain)
            if end is not _End.DONE:
                raise UnreadableError(_REASONS[end], name=path.name)
            return _result(Path(scratch, _RESULT), path.name, self.limits)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _ask(self, path: Path, scratch: str, *, plain: bool) -> _End:
        if self._server is not None and self._server.poll() is not None:
            self.close()  # it ended between two files, such as for want of memory
        server = self._server or self._start()
        assert server.stdin is not None
        assert server.stdout is not None
        request = {
            "path": str(path.absolute()),
            "scratch": scratch,
            "plain": plain,
            "limits": asdict(self.limits),
        }
        try:
            with contextlib.suppress(BrokenPipeError):  # then there is no answer either
                server.stdin.write(json.dumps(request).encode() + b"\n")
            wait_s = self.limits.ceiling().wall_s + _GRACE_S
            ready, _, _ = select.select([server.stdout], [], [], wait_s)
            answer = server.stdout.readline() if ready else b""
        except BaseException:  # such as Ctrl-C: a late answer must not meet the next question
            self.close()
            raise
        if not answer:  # the child itself is gone or stuck: the next file gets a new one
            self.close()
            return _End.CRASHED if ready else _End.TIMEOUT
        return _End(answer.decode().strip())

    def _start(self) -> subprocess.Popen[bytes]:
        self._server = subprocess.Popen(  # noqa: S603  # our own interpreter and our own code
            [sys.executable, "-I", "-c", _START, _ROOT, "preload" if self._preload else ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            env={
                "PATH": os.environ.get("PATH", os.defpath),  # LibreOffice is looked up there
                "LANG": "C.UTF-8",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",  # a process with threads must not fork
            },
        )
        return self._server


def _has_plain_reader(path: Path) -> bool:
    """Tell by its first bytes whether a file has words to fall back to; a guess costs one try."""
    with path.open("rb") as file:
        head = file.read(1024)
    return b"%PDF-" in head or b"{\\rtf" in head


def _result(path: Path, name: str, limits: Limits) -> Document:
    """Return what the child wrote, trusting neither its file nor its JSON."""
    most = limits.markdown_chars * _RESULT_BYTES_PER_CHAR + _RESULT_BYTES_BESIDE
    try:
        # a link or a pipe in its place would lead the parent elsewhere, or hold it
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableError(Reason.CRASHED, name=name)
            data = file.read(most + 1)
        if len(data) > most:
            raise UnreadableError(Reason.TOO_LARGE, name=name, detail="its text has no end")
        answer = json.loads(data)
        if "reason" in answer:
            reason = Reason(answer["reason"])
            raise UnreadableError(reason, name=name, detail=str(answer["detail"]))
        return Document.from_json(data.decode())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(Reason.CRASHED, name=name) from error


# From here on: the child.


def _serve() -> None:
    """Fork a process for every request on standard input, and say how each ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if sys.argv[2] == "preload":
        readers.preload()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limits = Limits(**request.pop("limits"))
        pid = os.fork()
        if pid == 0:
            _work(limits=limits, **request)
        sys.stdout.write(f"{_wait(pid, limits.ceiling().wall_s)}\n")
        sys.stdout.flush()


def _wait(pid: int, wall_s: float) -> _End:
    """Wait for a process within `wall_s`, end all it has started, and say how it ended."""
    deadline = time.monotonic() + wall_s
    done, status = os.waitpid(pid, os.WNOHANG)
    while not done and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        done, status = os.waitpid(pid, os.WNOHANG)
    _kill_group(pid)
    if not done:
        os.kill(pid, signal.SIGKILL)  # it may not lead its group yet
        os.waitpid(pid, 0)
    _end_orphans()
    if not done:
        return _End.TIMEOUT
    if os.WIFEXITED(status):
        return _End.DONE if os.WEXITSTATUS(status) == 0 else _End.CRASHED
    match os.WTERMSIG(status):
        case signal.SIGALRM | signal.SIGXCPU:
            return _End.TIMEOUT
        case signal.SIGKILL:
            return _End.KILLED
        case _:
            return _End.CRASHED


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it is gone already
        os.killpg(pid, signal.SIGKILL)


def _end_orphans() -> None:
    """Kill what left its process group: as subreaper, this process has inherited it."""
    with contextlib.suppress(ChildProcessError):  # none is left
        while True:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                for child in _children():
                    os.kill(child, signal.SIGKILL)
                time.sleep(_POLL_S)


def _children() -> Iterator[int]:
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it ended meanwhile
                # proc(5): the name in brackets may hold anything, the parent follows the state
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == os.getpid():
                    yield int(entry.name)


def _work(path: str, scratch: str, *, plain: bool, limits: Limits) -> None:
    """Read one file, write the result, and end this process without a way back."""
    code = 1
    try:
        os.setsid()
        _isolate(scratch)
        _restrain(limits.ceiling())
        Path(scratch, _RESULT).write_text(_outcome(Path(path), plain=plain, limits=limits))
        code = 0
    finally:
        os._exit(code)


def _outcome(path: Path, *, plain: bool, limits: Limits) -> str:
    try:
        return readers.read(path, limits=limits, plain=plain, restrain=_restrain).to_json()
    except UnreadableError as error:
        return json.dumps({"reason": error.reason, "detail": error.detail})
    except MemoryError:
        return json.dumps({"reason": Reason.MEMORY, "detail": ""})
    except Exception as error:  # noqa: BLE001  # a bug of ours, or a library that is missing
        detail = f"{type(error).__name__}: {error}"
        return json.dumps({"reason": Reason.CRASHED, "detail": detail})


def _isolate(scratch: str) -> None:
    """Give up the network, new privileges and the parent's pipes; make the scratch our home."""
    os.chdir(scratch)
    os.environ.update(HOME=scratch, TMPDIR=scratch)
    tempfile.tempdir = scratch
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _leave_network()


def _restrain(limits: Limits) -> None:
    """Set the limits of this process; a second call can only lower them."""
    seconds = int(limits.wall_s) + 1  # of processor time, never before the alarm below
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.scratch_bytes),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CORE, 0),
    ):
        if kind == resource.RLIMIT_AS and sys.platform == "darwin":
            continue  # macOS has the constant and refuses the limit
        hard = resource.getrlimit(kind)[1]
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lower, lower))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)  # its signal ends the process


# Linux only; elsewhere the limits above and the killing of the group remain.
# Source: prctl(2), unshare(2) and their headers.
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc().prctl(option, value, 0, 0, 0)


def _leave_network() -> None:
    """Enter an empty network namespace; where the system forbids it, go on with the network."""
    if sys.platform == "linux" and _libc().unshare(_CLONE_NEWNET) != 0:
        _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)
