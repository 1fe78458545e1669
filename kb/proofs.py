"""Backups that are tried by the library itself: the newest is restored for a moment and compared.

What is not restored is no backup. The result lies beside the backups, so that it says nothing of a
library that was restored from one.
"""

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kb import backups
from kb.bags import Step, quietly
from kb.db import utcnow
from kb.errors import KBError, NotReadyError
from kb.leftovers import HALF, left, whole

RESULT: Final = "last-proof.json"  # in the folder of the backups
NAMES: Final = "library-*"  # of the backups that the library names itself
EVERY: Final = timedelta(days=7)
LATE: Final = timedelta(days=9)  # two days late: the computer may have been off


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of the last try."""

    backup: str  # name of the file
    at: datetime
    rows: int  # that came back equal; 0 where it failed
    failed: str  # why; empty where all is equal


def place(folder: Path, *, now: datetime | None = None) -> Path:
    """Return where the next backup goes.

    >>> place(Path("b"), now=datetime(2026, 11, 28, 2, 0)).name
    'library-2026-11-28-0200.zip'
    """
    return folder / f"library-{now or utcnow():%Y-%m-%d-%H%M}.zip"


def newest(folder: Path) -> Path | None:
    """Return the newest backup in a folder; None without one."""
    found = {}
    for path in folder.glob(NAMES):
        with suppress(FileNotFoundError):  # deleted meanwhile, as old ones are
            if path.suffix == ".zip" or path.is_dir():
                found[path] = path.stat().st_mtime
    return max(found, key=found.__getitem__, default=None)


def prove(folder: Path, *, now: datetime | None = None, step: Step = quietly) -> Proof:
    """Restore the newest backup of a folder for a moment, compare it, and keep what came of it.

    Raises:
        NotReadyError: there is no backup, or the folder cannot be written.
    """
    backup = newest(folder)
    if backup is None:
        raise NotReadyError(
            f"There is no backup in {folder}.", hint="`kb backup` makes one; KB_BACKUPS says where."
        )
    moment = now or utcnow()
    for half in left(folder, HALF):  # of a try that was killed: whole libraries lie in them
        shutil.rmtree(half, ignore_errors=True)
    try:
        proof = Proof(
            backup.name, moment, backups.verify(backup, step=step, beside=folder).rows, ""
        )
    except (KBError, OSError) as error:
        proof = Proof(backup.name, moment, 0, str(error))
    try:
        with whole(folder / RESULT) as file:
            said = asdict(proof) | {"at": proof.at.isoformat()}
            file.write(json.dumps(said, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise NotReadyError(
            f"{folder} cannot be written: {error.strerror}.", hint="Say who may write there."
        ) from error
    return proof


def last(folder: Path) -> Proof | None:
    """Return what came of the last try; None where nobody tried, or it cannot be read."""
    try:
        said = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        return Proof(**said | {"at": datetime.fromisoformat(said["at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_due(folder: Path, now: datetime) -> bool:
    """Tell whether the newest backup is to be tried: once a week."""
    proof = last(folder)
    return newest(folder) is not None and (proof is None or now - proof.at >= EVERY)


def trouble(folder: Path, now: datetime) -> str:
    """Tell why the backups of a folder are not to be relied on; nothing where they are.

    One that came back is not enough: where none is made any more, the last one comes back each week
    and is older each time.
    """
    proof, backup = last(folder), newest(folder)
    if proof is None:
        return "None was restored and compared yet."
    day = f"{proof.at:%Y-%m-%d}"
    if proof.failed:
        return f"The one that was tried on {day} did not come back."
    if now - proof.at >= LATE:
        return f"None was restored and compared since {day}."
    if backup is None:
        return "There is none any more."
    made = datetime.fromtimestamp(backup.stat().st_mtime, UTC)
    return f"None was made since {made:%Y-%m-%d}." if now - made >= LATE else ""
