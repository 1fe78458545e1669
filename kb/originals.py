"""The files as they came: kept under their sha256, never changed, never lost."""

import os
from hashlib import file_digest
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile

from sqlalchemy.orm import Session

from kb import leftovers
from kb.errors import InvalidError, NotFoundError
from kb.models import SourceFile


def sha256_of(path: Path) -> str:
    """Return the sha256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def keep(session: Session, path: Path, *, folder: Path, sha256: str, media_type: str) -> SourceFile:
    """Copy the file among the originals in `folder` and return its row; the same bytes once.

    Raises:
        InvalidError: the file has other bytes than `sha256` says, or is gone.
    """
    known = session.get(SourceFile, sha256)
    target = where(folder, sha256)
    if not target.exists():
        _copy(path, target, sha256)
    if known is not None:
        return known
    row = SourceFile(
        sha256=sha256, name=path.name, media_type=media_type, size=target.stat().st_size
    )
    session.add(row)
    return row


def where(folder: Path, sha256: str) -> Path:
    """Return where the original lies."""
    return folder / sha256[:2] / sha256


def find(folder: Path, sha256: str) -> Path:
    """Return the original's path.

    Raises:
        NotFoundError: the database knows the file, the folder does not have it.
    """
    path = where(folder, sha256)
    if not path.is_file():
        raise NotFoundError(
            f"The original file {sha256[:12]}… is missing from {folder}.",
            hint="Restore the originals folder from your backup.",
        )
    return path


def sweep(folder: Path) -> None:
    """Remove the half copies of runs that were killed."""
    for below in folder.glob("??"):
        for half in leftovers.left(below, _HALF):
            half.unlink(missing_ok=True)


_HALF = ".half-"  # begins the name of a copy that is being written


def _copy(path: Path, target: Path, sha256: str) -> None:
    # Written beside and renamed, so that a crash leaves no half file under a good name.
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=leftovers.mark(_HALF), delete=False) as copy:
        try:
            with path.open("rb") as source:
                copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
            _check(path, Path(copy.name), sha256)
        except BaseException:
            Path(copy.name).unlink()
            raise
    Path(copy.name).chmod(0o440)
    Path(copy.name).replace(target)


def _check(path: Path, copy: Path, sha256: str) -> None:
    if sha256_of(copy) != sha256:
        raise InvalidError(
            f"{path.name} changed while it was read.", hint="Wait until it is saved; try again."
        )
