"""What a killed process leaves lying: told by the number of the process in its name."""

import os
from collections.abc import Iterator
from pathlib import Path


def mark(kind: str) -> str:
    """Return the beginning of a name that says which process is at work: ".half-4711-"."""
    return f"{kind}{os.getpid()}-"


def left(folder: Path, kind: str) -> Iterator[Path]:
    """Yield what is in `folder`, begins with `kind`, and whose process is no more."""
    for path in folder.glob(f"{kind}[0-9]*-*"):
        number = path.name.removeprefix(kind).partition("-")[0]
        if number.isdecimal() and not _is_running(int(number)):
            yield path


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
