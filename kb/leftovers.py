"""What a killed process leaves lying: told by computer and process in its name."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from kb import processes

HALF = ".half-"  # begins the name of a file that is being written
OLD_S = 24 * 3_600  # what another computer has not touched for so long, nobody writes any more


def mark(kind: str) -> str:
    """Return the beginning of a name that says who is at work: ".half-1f3a52c7-4711-"."""
    return f"{kind}{processes.here()}-{os.getpid()}-"


def left(folder: Path, kind: str) -> Iterator[Path]:
    """Yield what is in `folder`, begins with `kind`, and whose process is no more.

    Several computers may share the folder: what is another's is left alone for a day.
    """
    for path in folder.glob(f"{kind}*-*"):
        if processes.is_gone(path.name.removeprefix(kind)) or _is_old(path):
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


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > OLD_S
    except FileNotFoundError:  # just put in its place
        return False
