"""The files as they came: kept under their sha256, never changed, never lost."""

from hashlib import file_digest
from pathlib import Path
from shutil import copyfileobj

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import leftovers
from kb.errors import InvalidError, NotFoundError
from kb.models import Attachment, SourceFile
from kb.wording import marked


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
            marked("The original file %(file)s is missing.", file=f"{sha256[:12]}…"),
            hint=marked(
                "Restore the folder of originals from your backup: %(folder)s.", folder=str(folder)
            ),
        )
    return path


def are_here(session: Session, folder: Path) -> bool:
    """Tell whether `folder` is where the originals of this library lie, by the newest of them."""
    newest = select(Attachment.sha256).filter_by(original=True).order_by(Attachment.id.desc())
    sha256 = session.scalar(newest.limit(1))
    return sha256 is None or where(folder, sha256).is_file()


def _copy(path: Path, target: Path, sha256: str) -> None:
    with leftovers.whole(target) as copy:
        with path.open("rb") as source:
            copyfileobj(source, copy)
        copy.flush()
        _check(path, Path(copy.name), sha256)


def _check(path: Path, copy: Path, sha256: str) -> None:
    if sha256_of(copy) != sha256:
        raise InvalidError(
            marked("%(file)s changed while it was read.", file=path.name),
            hint=marked("Wait until it is saved; try again."),
        )
