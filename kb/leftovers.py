"""What a killed process leaves lying: told by the number of the process in its name."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

HALF = ".half-"  # begins the name of a file that is being written


def mark(kind: str) -> str:
    """Return the beginning of a name that says which process is at work: ".half-4711-"."""
    return f"{kind}{os.getpid()}-"


def left(folder: Path, kind: str) -> Iterator[Path]:
    """Yield what is in `folder`, begins with `kind`, and whose process is no more."""
    for path in folder.glob(f"{kind}[0-9]*-*"):
        number = path.name.removeprefix(kind).partition("-")[0]
        if number.isdecimal() and not _is_running(int(number)):
            yield path


@contextlib.contextmanager
def whole(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that stands at `target`, for reading only, when all is written, or not at all.

    Written beside and renamed, so that a crash leaves no half file under a good name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=mark(HALF), delete=False) as half:
        try:
            yield half
            half.flush()
            os.fsync(half.fileno())
        except BaseException:
            Path(half.name).unlink()
            raise
    Path(half.name).chmod(0o440)
    Path(half.name).replace(target)


def sweep(folder: Path) -> None:
    """Remove the half files of killed runs from the folders in `folder`."""
    for below in folder.glob("??"):
        for half in left(below, HALF):
            half.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
