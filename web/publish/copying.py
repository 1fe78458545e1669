"""The files of a copy: only what changed is written, and what changed is a folder of its own.

A run writes beside the files that are there, and moves its own into their places when all are
written. One that breaks off before leaves the copy as it was; one that breaks off while it moves is
brought to its end by the next.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kb.errors import InvalidError
from search.weights import write_whole

MANIFEST: Final = "copy.json"  # what the copy holds: path → the beginning of its sha256
CHANGES: Final = "changes.json"  # what a delta changes
NEW: Final = ".new"  # in the copy while a run goes on: what it will change
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
        write_whole(self.folder / NEW / path, content)
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
    left_out: tuple[str, ...] = ()  # what was asked for and could not be made, and what to do


def begin(folder: Path) -> Copy:
    """Open a folder for a copy, empty or with an earlier state.

    Raises:
        InvalidError: something else is in the folder: it is left alone.
    """
    if (folder / NEW / MANIFEST).is_file():
        _settle(folder)
    if folder.is_dir():
        shutil.rmtree(folder / NEW, ignore_errors=True)
    if (folder / MANIFEST).is_file():
        said = _read(folder / MANIFEST)
        return Copy(folder, dict(said["files"]), int(said["number"]) + 1)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidError(
            f"{folder} is not empty, and no copy of a library.",
            hint="Name a new folder, or the one that an earlier run wrote.",
        )
    return Copy(folder, {}, 1)


def finish(copy: Copy, *, made: str, left_out: Iterable[str] = ()) -> Written:
    """Remove what is no longer in the copy, and put what changed into a folder beside it.

    The delta of state 4 turns a copy in state 3 into one in state 4: its files are copied over,
    and what its `changes.json` calls removed is deleted.
    """
    delta = None
    if copy.changed or copy.removed:
        shutil.rmtree(_delta_of(copy.folder, copy.number), ignore_errors=True)
        manifest = {"number": copy.number, "made": made, "files": dict(sorted(copy.after.items()))}
        write_whole(copy.folder / NEW / MANIFEST, _json(manifest))  # now the run is whole
        delta = _settle(copy.folder)
    size = sum((copy.folder / path).stat().st_size for path in copy.after)
    changed, removed = len(copy.changed), len(copy.removed)
    return Written(len(copy.after), size, changed, removed, delta, tuple(left_out))


def packed(folder: Path) -> Path:
    """Return the copy as one file beside it, which is how it travels best.

    What is in it decides its bytes, not when it was packed.
    """
    target = folder.with_name(f"{folder.name}.zip")
    draft = folder.with_name(f".{folder.name}.zip")
    with ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=9) as bundle:
        for path in sorted([*_read(folder / MANIFEST)["files"], MANIFEST]):
            name = f"{folder.name}/{path}"
            bundle.writestr(ZipInfo(name), (folder / path).read_bytes(), ZIP_DEFLATED, 9)
    draft.replace(target)
    return target


def changes_of(folder: Path) -> Path:
    """Return the folder beside a copy with what changed, and what it was made from."""
    return folder.with_name(f"{folder.name}-changes")


def state_of(folder: Path) -> str:
    """Return what tells the state of a copy from others."""
    return sha256((folder / MANIFEST).read_bytes()).hexdigest()[:DIGITS]


def _settle(folder: Path) -> Path | None:
    """Move what a run wrote into its place; return the delta, None of a first copy.

    May be done again after it broke off: the old manifest is the last to go.
    """
    new, known = folder / NEW, folder / MANIFEST
    now = _read(new / MANIFEST)
    before = _read(known)["files"] if known.is_file() else {}
    removed = sorted(before.keys() - now["files"].keys())
    delta = _delta(folder, now, removed) if before else None
    for path in removed:  # first: for some file systems a.html and A.html are the same
        (folder / path).unlink(missing_ok=True)
        _remove_empty(folder / path, folder)
    for path in _files(new):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (new / path).replace(folder / path)
    (new / MANIFEST).replace(known)
    shutil.rmtree(new)
    return delta


def _delta(folder: Path, now: dict[str, Any], removed: list[str]) -> Path:
    delta, changed = _delta_of(folder, now["number"]), _files(folder / NEW)
    if (delta / CHANGES).is_file():  # written by the run that broke off
        return delta
    for path in (*changed, MANIFEST):
        target = delta / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / NEW / path, target)
    said = {
        "from": now["number"] - 1,
        "to": now["number"],
        "made": now["made"],
        "changed": changed,
        "removed": removed,
    }
    write_whole(delta / CHANGES, _json(said))
    return delta


def _delta_of(folder: Path, number: int) -> Path:
    return changes_of(folder) / f"{number:04}"


def _files(new: Path) -> list[str]:
    """Return what a run wrote, without its manifest."""
    whole = (path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
    return sorted(path for path in whole if path != MANIFEST)


def _read(manifest: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return said


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
