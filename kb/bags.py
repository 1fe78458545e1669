"""Bags: files with their checksums, as a folder or one zip, after BagIt 1.0 (RFC 8493).

A zip is read where it lies and never unpacked, so no name in it leads anywhere and nothing of it
fills a disk; a folder is read without following links. Both may be read-only.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from typing import IO, Final, NoReturn

from kb import packing
from kb.db import utcnow
from kb.errors import InvalidError, NotFoundError

DATA: Final = "data/"  # where the payload of a bag is
DECLARED: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
VERSIONS: Final = ("0.97", "1.0")
MANIFEST: Final = "manifest-sha256.txt"
TAGS: Final = "tagmanifest-sha256.txt"

MOST_FILES: Final = 200_000
MOST_DEPTH: Final = 12  # folders in folders
MOST_NAME: Final = 255  # bytes of a name that file systems can hold
MOST_TAG_BYTES: Final = 64 << 20  # of a manifest
MOST_SAID_BYTES: Final = 1 << 20  # of what a bag says of itself
# A zip that says it unpacks to more than so many times its size is none of ours: text packs to a
# tenth, and the most that the method can do is a thousandth.
MOST_RATIO: Final = 200
SMALL: Final = 64 << 20  # bytes that any zip may unpack to

# What reading raises where bits of a zip have rotted; ValueError: a name in it is in no code.
ROTTEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    NotImplementedError,
    EOFError,
    RuntimeError,
    ValueError,
)

Step = Callable[[int, int, str], None]


def quietly(_done: int, _total: int, _line: str) -> None:
    """Tell nobody how far it is."""


class BrokenBagError(InvalidError):
    """What was brought is no bag, or not the one that was packed."""


@dataclass(frozen=True)
class Bag:
    """A bag that is open for reading: its files by their names, and what it says of itself."""

    path: Path
    sizes: Mapping[str, int]  # bytes, of every file
    reader: Callable[[str], IO[bytes]]
    info: dict[str, str] = field(default_factory=dict)  # of bag-info.txt

    def open(self, name: str) -> IO[bytes]:
        """Open a file of the bag for reading.

        Raises:
            BrokenBagError: there is none of that name.
        """
        if name not in self.sizes:
            _refuse(f"{self.path.name} lacks the file {name}.")
        return self.reader(name)

    def text(self, name: str, *, most: int = MOST_TAG_BYTES) -> str:
        """Return a whole small file of the bag as text."""
        if self.sizes.get(name, 0) > most:
            _refuse(f"{name} in {self.path.name} is larger than {most >> 20} MB.")
        with self.open(name) as file:
            try:
                return file.read(most + 1).decode("utf-8-sig")
            except UnicodeDecodeError:
                _refuse(f"{name} in {self.path.name} is not in UTF-8.")

    def payload(self, under: str = "") -> list[str]:
        """Return the names of the files below `data/` and `under`, in order."""
        return sorted(name for name in self.sizes if name.startswith(DATA + under))


@contextmanager
def opened(path: Path, *, step: Step = quietly, looked_at: bool = False) -> Iterator[Bag]:
    """Open a bag, with every checksum of it looked at first, if that was not just done.

    Raises:
        NotFoundError: there is no such file or folder.
        BrokenBagError: it is no bag, or a file of it is missing, added or has other bytes.
    """
    if not path.exists():
        raise NotFoundError(f"There is no {path}.", hint="Check the name and the folder.")
    with ExitStack() as stack:
        try:
            bag = _of_folder(path) if path.is_dir() else _of_zip(path, stack)
            bag.info.update(_declared(bag))
            if not looked_at:
                _check(bag, step)
        except ROTTEN as error:
            _refuse(f"{path.name} is broken: {error}.")
        except OSError as error:
            _refuse(f"{path.name} cannot be read: {error.strerror or error}.")
        yield bag


def _of_folder(path: Path) -> Bag:
    sizes: dict[str, int] = {}
    for name, file in _files(path, path, depth=0):
        if len(sizes) >= MOST_FILES:
            _refuse(f"{path.name} has more than {MOST_FILES:,} files.")
        sizes[_safe(name)] = file.lstat().st_size
    return Bag(path, sizes, lambda name: (path / name).open("rb"))


def _files(folder: Path, top: Path, *, depth: int) -> Iterator[tuple[str, Path]]:
    if depth > MOST_DEPTH:
        _refuse(f"{folder.relative_to(top)} in {top.name} lies too deep.")
    for entry in sorted(folder.iterdir()):
        mode = entry.lstat().st_mode
        name = entry.relative_to(top).as_posix()
        if stat.S_ISDIR(mode):
            yield from _files(entry, top, depth=depth + 1)
        elif stat.S_ISREG(mode):
            yield name, entry
        else:  # a link leads out of the bag or round in it, a pipe is never read to its end
            _refuse(f"{name} in {top.name} is neither a file nor a folder.")


def _of_zip(path: Path, stack: ExitStack) -> Bag:
    if not zipfile.is_zipfile(path):
        _refuse(f"{path.name} is neither a folder nor a zip.")
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = [one for one in archive.infolist() if not one.is_dir()]
    if len(members) > MOST_FILES:
        _refuse(f"{path.name} has more than {MOST_FILES:,} files.")
    if sum(one.file_size for one in members) > max(SMALL, MOST_RATIO * path.stat().st_size):
        _refuse(f"{path.name} would unpack to {MOST_RATIO} times its size.")
    top = _top([one.filename for one in members])
    named: dict[str, zipfile.ZipInfo] = {}
    for one in members:
        name = _safe(one.filename.removeprefix(top))
        mode = one.external_attr >> 16
        if name in named or one.flag_bits & 1 or (stat.S_IFMT(mode) not in {0, stat.S_IFREG}):
            _refuse(f"{name} in {path.name} stands there twice, is locked or is no file.")
        named[name] = one
    sizes = {name: one.file_size for name, one in named.items()}
    return Bag(path, sizes, lambda name: archive.open(named[name]))


def _top(names: list[str]) -> str:
    """Return the folder that everything in a zip lies in, with its slash; empty for none."""
    top = names[0].partition("/")[0] + "/" if names else ""
    return top if top != DATA and all(name.startswith(top) for name in names) else ""


def _safe(name: str) -> str:
    """Return the name of a file in a bag; one that could lead elsewhere is refused."""
    parts = name.split("/")
    if (
        any(part in {"", ".", ".."} or len(part.encode()) > MOST_NAME for part in parts)
        or len(parts) > MOST_DEPTH
        or re.search(r"[\\\x00-\x1f\x7f]|^[A-Za-z]:", name)
    ):
        _refuse(f"The bag has a file with a name that is not allowed: {name[:200]!r}.")
    return name


def _declared(bag: Bag) -> dict[str, str]:
    """Return what the bag says of itself, once it has said that it is one."""
    said = _fields(bag.text("bagit.txt", most=4096))
    if said.get("BagIt-Version") not in VERSIONS:
        _refuse(f"{bag.path.name} is a bag of another version than {' or '.join(VERSIONS)}.")
    if "fetch.txt" in bag.sizes:
        _refuse(f"Files of {bag.path.name} lie elsewhere: fetch.txt lists them.")
    return (
        _fields(bag.text("bag-info.txt", most=MOST_SAID_BYTES))
        if "bag-info.txt" in bag.sizes
        else {}
    )


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _check(bag: Bag, step: Step) -> None:
    """Compare every file with its checksum; the first one that is not as it was packed is named."""
    payload = _digests(bag, MANIFEST)
    there = {name for name in bag.sizes if name.startswith(DATA)}
    if missing := sorted(payload.keys() - there):
        _refuse(f"{bag.path.name} lacks the file {missing[0]}{_more(missing)}.")
    if added := sorted(there - payload.keys()):
        _refuse(f"{bag.path.name} has a file that its list does not name: {added[0]}.")
    tags = _digests(bag, TAGS) if TAGS in bag.sizes else {}
    wanted = {**tags, **payload}
    for number, (name, digest) in enumerate(wanted.items(), start=1):
        with bag.open(name) as file:
            if digest_of(file) != digest:
                _refuse(f"{name} in {bag.path.name} is not as it was packed: its checksum differs.")
        step(number, len(wanted), "")


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} others" if len(names) > 1 else ""


def _digests(bag: Bag, manifest: str) -> dict[str, str]:
    """Return the sha256 of each file that a manifest names."""
    found: dict[str, str] = {}
    for line in bag.text(manifest).splitlines():
        digest, _, name = line.strip().partition(" ")
        if not re.fullmatch(r"[0-9a-fA-F]{64}", digest) or not name.strip():
            _refuse(f"A line of {manifest} in {bag.path.name} is no checksum with a name.")
        name = _unescaped(name.strip().removeprefix("*"))
        if name in found:
            _refuse(f"{manifest} in {bag.path.name} names {name} twice.")
        if len(found) >= MOST_FILES:
            _refuse(f"{manifest} in {bag.path.name} names more than {MOST_FILES:,} files.")
        found[_safe(name)] = digest.lower()
    return found


def digest_of(file: IO[bytes]) -> str:
    """Return the sha256 of what is left in the file, in hex."""
    digest = sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _unescaped(name: str) -> str:
    return name.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def _refuse(message: str) -> NoReturn:
    raise BrokenBagError(
        message, hint="Nothing was changed here. Copy it once more, or ask for a new one."
    )


@dataclass
class Packing:
    """A bag while it is packed."""

    put: packing.Put
    digests: dict[str, str] = field(default_factory=dict)
    size: int = 0  # bytes of the payload

    def add(self, name: str, file: IO[bytes]) -> str:
        """Put what is left in `file` into the bag as `data/name`; return its sha256."""
        digest, size = self._write(_safe(DATA + name), file)
        self.size += size
        return digest

    def write(self, name: str, text: str) -> None:
        """Put a text into the bag as `data/name`."""
        self.add(name, BytesIO(text.encode()))

    def seal(self, info: Mapping[str, str]) -> None:
        """Write what the bag says of itself, and the checksums of all that is in it."""
        payload = dict(self.digests)
        self.digests.clear()
        told = {
            **info,
            "Bagging-Date": f"{utcnow():%Y-%m-%d}",
            "Payload-Oxum": f"{self.size}.{len(payload)}",
        }
        lines = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in told.items())
        for name, text in (
            ("bagit.txt", DECLARED),
            ("bag-info.txt", lines),
            (MANIFEST, _listed(payload)),
        ):
            self._write(name, BytesIO(text.encode()))
        self._write(TAGS, BytesIO(_listed(self.digests).encode()))

    def _write(self, name: str, file: IO[bytes]) -> tuple[str, int]:
        digest, size = sha256(), 0
        with self.put(name) as target:
            while block := file.read(1 << 20):
                digest.update(block)
                size += len(block)
                target.write(block)
        self.digests[name] = digest.hexdigest()
        return digest.hexdigest(), size


def _listed(digests: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {_escaped(name)}\n" for name, digest in sorted(digests.items()))


@contextmanager
def packed(target: Path, info: dict[str, str]) -> Iterator[Packing]:
    """Pack a new bag: a zip where `target` is called so, else a folder.

    It stands at `target` when all is in it, or not at all. `info` is read at the end.

    Raises:
        InvalidError: something is there already, or it cannot be written there.
    """
    with packing.whole(target) as put:
        bag = Packing(put)
        yield bag
        bag.seal(info)
