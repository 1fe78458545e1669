"""The vectors kept in a file beside the database, so that a process need not read them out of it.

The file can be deleted at any time. It holds ids and vectors only, and is believed only when it
is whole and of this library: everything else is noticed, said, and made anew.
"""

import json
import logging
import mmap
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple

import numpy as np

from search.dense import Coarse, Halves, Ids
from search.store import VECTOR, State

NAME = "vectors"
MAGIC = b"maktaba vectors\n"
FORMAT = 1
HEADER = 4  # bytes that say how long the header is
DIGEST = sha256().digest_size  # bytes at the end; in hardware, and twice as fast as blake2b
WRITTEN_AT_ONCE = 2**24  # bytes
ABANDONED_S = 3_600  # age of a draft whose writer must be gone

log = logging.getLogger(__name__)
_complained: set[Path] = set()  # folders that could not be written to, said once a process


class Kept(NamedTuple):
    """What the file holds."""

    state: State  # of the passages when it was written
    encoder: str  # digest of the weights
    passages: Ids  # (n,), ascending
    halves: Halves  # (n, dim)
    coarse: Coarse | None


class _BrokenError(Exception):
    """The file is not what was written; says why."""


def write(folder: Path, kept: Kept) -> bool:
    """Write the file in place of the one before; return whether that was possible.

    Others see it either as it was or complete. A folder that cannot be written to is said once.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        number, name = mkstemp(dir=folder, prefix=f".{NAME}.")
        draft = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                digest = sha256()
                for piece in _pieces(kept):
                    digest.update(piece)
                    file.write(piece)
                file.write(digest.digest())
            os.replace(draft, folder / NAME)  # noqa: PTH105  the one step that others can see
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        if folder not in _complained:
            _complained.add(folder)
            log.warning(
                "vectors cannot be kept in %s (%s): every start reads them out of the database",
                folder,
                error.strerror or error,
            )
        return False
    return True


def read(folder: Path, encoder: str) -> Kept | None:
    """Return what the file holds; None where there is none, or none to be believed.

    Whether its state is one of this library is for the caller to ask: `store.was`.
    """
    path = folder / NAME
    try:
        with path.open("rb") as file:
            return _read(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), encoder)
    except FileNotFoundError:
        return None
    except (_BrokenError, OSError, ValueError) as reason:  # ValueError: it is empty
        log.warning("%s is not used and will be made anew: %s", path, reason)
        return None


def _read(content: mmap.mmap, encoder: str) -> Kept:
    """Return what is in the file, by views of it: they keep the map open."""
    if len(content) < len(MAGIC) + HEADER + DIGEST:
        raise _BrokenError("it is too short")
    said = memoryview(content)[:-DIGEST]
    if said[: len(MAGIC)] != MAGIC:
        raise _BrokenError("it is no file of vectors")
    if sha256(said).digest() != content[-DIGEST:]:
        raise _BrokenError("its checksum is wrong")
    start = len(MAGIC) + HEADER
    end = start + int.from_bytes(said[len(MAGIC) : start], "little")
    header: dict[str, Any] = json.loads(bytes(said[start:end]))
    if header["format"] != FORMAT:
        raise _BrokenError(f"it has format {header['format']}, and this version writes {FORMAT}")
    if header["encoder"] != encoder:
        raise _BrokenError("its vectors are those of another encoder")
    n, dim = header["n"], header["dim"]
    vectors = end + n * 8
    coarse = vectors + n * dim * VECTOR.itemsize
    return Kept(
        State(header["value"], header["mark"]),
        encoder,
        np.frombuffer(said[end:vectors], "<i8"),
        np.frombuffer(said[vectors:coarse], VECTOR).reshape(n, dim),
        np.frombuffer(said[coarse:], np.uint8) if len(said) > coarse else None,
    )


def _pieces(kept: Kept) -> Iterator[bytes | memoryview]:
    n, dim = kept.halves.shape
    coarse = np.empty(0, np.uint8) if kept.coarse is None else kept.coarse
    header = {
        "format": FORMAT,
        "value": kept.state.value,
        "mark": kept.state.mark,
        "encoder": kept.encoder,
        "n": n,
        "dim": dim,
    }
    said = json.dumps(header).encode()
    said += b" " * (-(len(MAGIC) + HEADER + len(said)) % 8)  # so that numbers begin where they may
    yield MAGIC
    yield len(said).to_bytes(HEADER, "little")
    yield said
    for array in (kept.passages.astype("<i8"), kept.halves.astype(VECTOR, copy=False), coarse):
        whole = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        for start in range(0, len(whole), WRITTEN_AT_ONCE):
            yield whole[start : start + WRITTEN_AT_ONCE]


def _sweep(folder: Path) -> None:
    """Remove drafts whose writers were killed."""
    for draft in folder.glob(f".{NAME}.*"):
        with suppress(FileNotFoundError):  # its writer is done with it this moment
            if time.time() - draft.stat().st_mtime > ABANDONED_S:
                draft.unlink()
