"""A folder or a zip that is written whole, or not at all."""

import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Final

from kb import leftovers
from kb.errors import InvalidError

ZIP: Final = ".zip"
PACKS_WELL: Final = frozenset({".jsonl", ".json", ".sqlite", ".txt", ".ttl", ".toml", ".yaml"})
SAME_DAY: Final = (1980, 1, 1, 0, 0, 0)  # what is in a zip decides its bytes, not when

Put = Callable[[str], AbstractContextManager[IO[bytes]]]


@contextmanager
def whole(target: Path) -> Iterator[Put]:
    """Yield what opens a new file by its name; all of them stand at `target` in the end.

    Only who writes it may read it, until they say otherwise.

    Raises:
        InvalidError: something is there already, or it cannot be written there.
    """
    if target.exists() or target.is_symlink():
        raise InvalidError(f"{target} is there already.", hint="Name a new folder or file.")
    with writing(target), _half(target) as half:
        if target.suffix.lower() == ZIP:
            with zipfile.ZipFile(half / ZIP, "w") as archive:
                yield _into_zip(archive, target.stem)
            (half / ZIP).chmod(0o600)
            (half / ZIP).replace(target)
        else:
            yield _into_folder(half / "bag")
            (half / "bag").replace(target)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Tell of what goes wrong with the disk meanwhile that `target` cannot be written.

    Raises:
        InvalidError: there is no such folder, no room, or others may not write there.
    """
    try:
        yield
    except OSError as error:
        raise InvalidError(
            f"{target} cannot be written: {error.strerror or error}.",
            hint="Name a folder that is there and that you may write to, with room on its disk.",
        ) from error


@contextmanager
def _half(target: Path) -> Iterator[Path]:
    for old in leftovers.left(target.parent, leftovers.HALF):  # of a run that was killed
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(mkdtemp(prefix=leftovers.mark(leftovers.HALF), dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _into_folder(folder: Path) -> Put:
    folder.mkdir(mode=0o700)

    def put(name: str) -> IO[bytes]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")

    return put


def _into_zip(archive: zipfile.ZipFile, top: str) -> Put:
    def put(name: str) -> IO[bytes]:
        member = zipfile.ZipInfo(f"{top}/{name}", SAME_DAY)
        member.external_attr = (stat.S_IFREG | 0o600) << 16
        if Path(name).suffix in PACKS_WELL:
            member.compress_type = zipfile.ZIP_DEFLATED
        return archive.open(member, "w", force_zip64=True)

    return put
