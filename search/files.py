"""Vectors and words kept in files beside the database, so that no process need read them out of it.

The files can be deleted at any time. They hold ids, vectors and digests of terms, never text. A
file is believed only when it is whole and of this library: everything else is noticed, said, and
made anew.
"""

import json
import logging
import mmap
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from math import prod
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.dense import Coarse, Halves, Ids
from search.postings import Part
from search.store import VECTOR, State

NAME = "vectors"
WORDS = "words"
FORMAT = 2
HEADER = 4  # bytes that say how long the header is
ALIGNED = 8  # bytes: where a number may begin
DIGEST = sha256().digest_size  # bytes at the end; in hardware, and twice as fast as blake2b
WRITTEN_AT_ONCE = 2**24  # bytes
ABANDONED_S = 3_600  # age of a draft whose writer must be gone

log = logging.getLogger(__name__)
_complained: set[Path] = set()  # folders that could not be written to, said once a process


class Kept(NamedTuple):
    """What the file of vectors holds."""

    state: State  # of the passages when it was written
    encoder: str  # digest of the weights
    passages: Ids  # (n,), ascending
    halves: Halves  # (n, dim)
    coarse: Coarse | None


class KeptWords(NamedTuple):
    """What the file of words holds."""

    state: State  # of the passages when it was written
    passages: Part
    titles: Part


class _BrokenError(Exception):
    """The file is not what was written; says why."""


def write(folder: Path, kept: Kept) -> bool:
    """Write the file of vectors in place of the one before; return whether that was possible.

    Others see it either as it was or complete. A folder that cannot be written to is said once.
    """
    arrays: dict[str, NDArray[Any]] = {
        "passages": kept.passages,
        "halves": kept.halves.astype(VECTOR, copy=False),
    }
    if kept.coarse is not None:
        arrays["coarse"] = kept.coarse
    return _write(folder, NAME, kept.state, arrays, encoder=kept.encoder)


def read(folder: Path, encoder: str) -> Kept | None:
    """Return what the file of vectors holds; None where there is none, or none to be believed.

    Whether its state is one of this library is for the caller to ask: `store.was`.
    """
    found = _opened(folder, NAME, encoder=encoder)
    if found is None:
        return None
    state, arrays = found
    return Kept(state, encoder, arrays["passages"], arrays["halves"], arrays.get("coarse"))


def write_words(folder: Path, kept: KeptWords) -> bool:
    """Write the file of words in place of the one before, as `write` does."""
    arrays = {f"passages {name}": array for name, array in vars(kept.passages).items()}
    arrays |= {f"titles {name}": array for name, array in vars(kept.titles).items()}
    return _write(folder, WORDS, kept.state, arrays)


def read_words(folder: Path) -> KeptWords | None:
    """Return what the file of words holds, as `read` does."""
    found = _opened(folder, WORDS)
    if found is None:
        return None
    state, arrays = found
    passages, titles = (
        Part(**{name: arrays[f"{of} {name}"] for name in Part.__dataclass_fields__})
        for of in ("passages", "titles")
    )
    return KeptWords(state, passages, titles)


def _write(
    folder: Path, name: str, state: State, arrays: Mapping[str, NDArray[Any]], *, encoder: str = ""
) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, name)
        number, made = mkstemp(dir=folder, prefix=f".{name}.")
        draft = Path(made)
        try:
            with os.fdopen(number, "wb") as file:
                digest = sha256()
                for piece in _pieces(name, state, arrays, encoder):
                    digest.update(piece)
                    file.write(piece)
                file.write(digest.digest())
            os.replace(draft, folder / name)  # noqa: PTH105  the one step that others can see
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        if folder not in _complained:
            _complained.add(folder)
            log.warning(
                "the index cannot be kept in %s (%s): every start reads it out of the database",
                folder,
                error.strerror or error,
            )
        return False
    return True


def _opened(
    folder: Path, name: str, *, encoder: str = ""
) -> tuple[State, dict[str, NDArray[Any]]] | None:
    path = folder / name
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return _read(content, name, encoder)
    except FileNotFoundError:
        return None
    except (_BrokenError, OSError, ValueError) as reason:  # ValueError: it is empty
        log.warning("%s is not used and will be made anew: %s", path, reason)
        return None


def _read(content: mmap.mmap, name: str, encoder: str) -> tuple[State, dict[str, NDArray[Any]]]:
    """Return what is in the file, by views of it: they keep the map open."""
    magic = _magic(name)
    if len(content) < len(magic) + HEADER + DIGEST:
        raise _BrokenError("it is too short")
    said = memoryview(content)[:-DIGEST]
    if said[: len(magic)] != magic:
        raise _BrokenError(f"it is no file of {name}")
    if sha256(said).digest() != content[-DIGEST:]:
        raise _BrokenError("its checksum is wrong")
    start = len(magic) + HEADER
    end = start + int.from_bytes(said[len(magic) : start], "little")
    header: dict[str, Any] = json.loads(bytes(said[start:end]))
    if header["format"] != FORMAT:
        raise _BrokenError(f"it has format {header['format']}, and this version writes {FORMAT}")
    if header["encoder"] != encoder:
        raise _BrokenError("its vectors are those of another encoder")
    arrays = {}
    for key, kind, shape in header["arrays"]:
        dtype = np.dtype(kind)
        size = prod(shape) * dtype.itemsize
        arrays[key] = np.frombuffer(said[end : end + size], dtype).reshape(shape)
        end += size + -size % ALIGNED
    return State(header["value"], header["mark"]), arrays


def _pieces(
    name: str, state: State, arrays: Mapping[str, NDArray[Any]], encoder: str
) -> Iterator[bytes | memoryview]:
    little = {key: np.ascontiguousarray(a, a.dtype.newbyteorder("<")) for key, a in arrays.items()}
    header = {
        "format": FORMAT,
        "value": state.value,
        "mark": state.mark,
        "encoder": encoder,
        "arrays": [(key, array.dtype.str, array.shape) for key, array in little.items()],
    }
    magic, said = _magic(name), json.dumps(header).encode()
    said += b" " * (-(len(magic) + HEADER + len(said)) % ALIGNED)
    yield magic
    yield len(said).to_bytes(HEADER, "little")
    yield said
    for array in little.values():
        whole = array.reshape(-1).view(np.uint8).data
        for start in range(0, len(whole), WRITTEN_AT_ONCE):
            yield whole[start : start + WRITTEN_AT_ONCE]
        yield bytes(-len(whole) % ALIGNED)


def _magic(name: str) -> bytes:
    return f"maktaba {name}\n".encode()


def _sweep(folder: Path, name: str) -> None:
    """Remove drafts whose writers were killed."""
    for draft in folder.glob(f".{name}.*"):
        with suppress(FileNotFoundError):  # its writer is done with it this moment
            if time.time() - draft.stat().st_mtime > ABANDONED_S:
                draft.unlink()
