"""The files of a copy: only what changed is written, and what changed is a folder of its own."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kb.errors import InvalidError
from search.weights import write_whole

MANIFEST: Final = "copy.json"  # what the copy holds: path → the beginning of its sha256
CHANGES: Final = "changes.json"  # what a delta changes
DIGITS = 16  # of the sha256: enough to see that a file changed


@dataclass
class Copy:
    """A folder that holds a copy, while it is brought up to date."""

    folder: Path
    before: dict[str, str]  # path → digest, as the last run left it
    number: int  # of this state; the first is 1
    after: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    def write(self, path: str, content: bytes) -> None:
        """Write a file, if it is not there as it is to be."""
        digest = sha256(content).hexdigest()[:DIGITS]
        self.after[path] = digest
        if self.before.get(path) == digest and (self.folder / path).is_file():
            return
        write_whole(self.folder / path, content)
        self.changed.append(path)

    def keep(self, path: str) -> bool:
        """Leave a file as it is; tell whether it is there to be left."""
        if path in self.before and (self.folder / path).is_file():
            self.after[path] = self.before[path]
            return True
        return False

    @property
    def removed(self) -> list[str]:
        """What the last state had and this one has not."""
        return sorted(self.before.keys() - self.after.keys())


@dataclass(frozen=True, slots=True)
class Written:
    """What bringing a copy up to date did."""

    files: int
    size: int  # bytes of all files
    changed: int
    removed: int
    delta: Path | None  # the folder with what changed; None for a first copy, and for no change


def begin(folder: Path) -> Copy:
    """Open a folder for a copy, empty or with an earlier state.

    Raises:
        InvalidError: something else is in the folder: it is left alone.
    """
    manifest = folder / MANIFEST
    if manifest.is_file():
        said: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
        return Copy(folder, dict(said["files"]), int(said["number"]) + 1)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidError(
            f"{folder} is not empty, and no copy of a library.",
            hint="Name a new folder, or the one that an earlier run wrote.",
        )
    return Copy(folder, {}, 1)


def finish(copy: Copy, *, made: str) -> Written:
    """Remove what is no longer in the copy, and put what changed into a folder beside it.

    The delta of state 4 turns a copy in state 3 into one in state 4: its files are copied over,
    and what its `changes.json` calls removed is deleted.
    """
    for path in copy.removed:
        (copy.folder / path).unlink(missing_ok=True)
        _remove_empty(copy.folder / path, copy.folder)
    delta = None
    if copy.changed or copy.removed:
        manifest = {"number": copy.number, "made": made, "files": dict(sorted(copy.after.items()))}
        write_whole(copy.folder / MANIFEST, _json(manifest))
        delta = _delta(copy, made) if copy.before else None
    size = sum((copy.folder / path).stat().st_size for path in copy.after)
    return Written(len(copy.after), size, len(copy.changed), len(copy.removed), delta)


def packed(folder: Path) -> Path:
    """Return the copy as one file beside it, which is how it travels best.

    What is in it decides its bytes, not when it was packed.
    """
    target = folder.with_name(f"{folder.name}.zip")
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as bundle:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            bundle.writestr(ZipInfo(name), path.read_bytes(), ZIP_DEFLATED, 9)
    return target


def changes_of(folder: Path) -> Path:
    """Return the folder beside a copy with what changed, and what it was made from."""
    return folder.with_name(f"{folder.name}-changes")


def _delta(copy: Copy, made: str) -> Path:
    folder = changes_of(copy.folder) / f"{copy.number:04}"
    for path in (*copy.changed, MANIFEST):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(copy.folder / path, target)
    said = {
        "from": copy.number - 1,
        "to": copy.number,
        "made": made,
        "changed": sorted(copy.changed),
        "removed": copy.removed,
    }
    write_whole(folder / CHANGES, _json(said))
    return folder


def _json(said: object) -> bytes:
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def _remove_empty(gone: Path, top: Path) -> None:
    for folder in _between(gone, top):
        if not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def _between(path: Path, top: Path) -> Iterator[Path]:
    while (path := path.parent) != top:
        yield path
