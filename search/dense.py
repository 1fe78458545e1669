"""Nearest passages by meaning, out of vectors in memory: the only door to faiss."""

from typing import Protocol, Self, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from search.encoder import Vector, Vectors

Ids: TypeAlias = NDArray[np.int64]  # (n,), passage ids
Cosines: TypeAlias = NDArray[np.float32]  # (n,), in [-1, 1]
Mask: TypeAlias = NDArray[np.bool_]  # (n,), one for each position of the index
Halves: TypeAlias = NDArray[np.float16]  # (n, dim), vectors of unit length in 16 bits
Coarse: TypeAlias = NDArray[np.uint8]  # (bytes,), a coarse index, written out

UNIT = 2e-3  # how far from 1 the length of a vector may be that was kept in 16 bits
AT_ONCE = 10_000  # vectors that are looked at with 32 bits at a time
NOWHERE = np.empty(0, np.int64)
NO_HALVES: Halves = np.empty((0, 0), np.float16)

# Share of the vectors that may be dead, or come after the first part, before all are put
# together anew. Each tenth of dead vectors costs a search a tenth of its time; putting 200,000
# together takes some 0.2 s. Up to FEW it takes no longer than a search, and is always done.
LOOSE = 0.1
FEW = 20_000

# From LARGE vectors on, exact search costs more than encoding the question; then what is
# allowed nearly everywhere is looked for among the DEEPER * k nearest by a coarse index.
# Source: measured, docs/search.md, "The index and its file".
LARGE = 50_000
NUMBERS = 4  # of a vector that the coarse index keeps in 4 bits
DEEPER = 10
WIDE = 0.5  # share of the vectors that must be allowed for the coarse index to be asked
ENOUGH = 5  # times k candidates that must be allowed for its answer to be taken
SAMPLE = 65_536  # vectors that the coarse index learns from


class Nearest(Protocol):
    """Vectors of unit length, by their position from 0, ready to be asked."""

    def nearest(self, query: Vector, *, k: int, allowed: Mask | None = None) -> tuple[Ids, Cosines]:
        """Return the positions of the `k` nearest vectors, best first, and their cosines.

        Only where `allowed` is true; fewer come back where fewer are allowed.
        """

    def cosines(self, query: Vector, positions: Ids) -> Cosines:
        """Return the exact cosine of `query` with each of the vectors at `positions`."""

    def vectors(self, positions: Ids) -> Vectors:
        """Return the vectors at `positions`, (n, dim), of unit length to 16 bits."""


class Dense(Protocol):
    """The vectors of an index, in memory or in the database."""

    def __len__(self) -> int: ...

    def at(self, session: Session) -> Nearest:
        """Return what can be asked in this session."""


class _Part:
    """Vectors that are searched together; never changed once made."""

    def __init__(self, halves: Halves, coarse: Coarse | None = None) -> None:
        halves = np.ascontiguousarray(halves, "<f2")
        self.exact = faiss.IndexScalarQuantizer(
            halves.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self.exact.add_sa_codes(halves.view(np.uint8))
        self.coarse = None if coarse is None else faiss.deserialize_index(coarse)
        if self.coarse is not None:
            # Looks the coarse candidates up in `exact`, so that nothing is kept twice.
            self.refined = faiss.IndexRefine(self.coarse, self.exact)

    def __len__(self) -> int:
        return int(self.exact.ntotal)

    @property
    def codes(self) -> NDArray[np.uint8]:
        """The vectors' bytes (n, 2 * dim), where faiss keeps them: valid as long as this part."""
        size = self.exact.codes.size()
        if not size:
            return np.empty((0, self.exact.code_size), np.uint8)
        there = faiss.rev_swig_ptr(self.exact.codes.data(), size)
        found: NDArray[np.uint8] = there.reshape(-1, self.exact.code_size)
        return found

    def nearest(self, query: Vector, k: int, allowed: Mask | None) -> tuple[Ids, Cosines]:
        """Return up to `k` rows, best first, and their cosines."""
        k = min(k, len(self) if allowed is None else int(allowed.sum()))
        if k == 0:
            return NOWHERE, np.empty(0, np.float32)
        if self.coarse is not None:
            found = self._coarsely(query, k, allowed)
            if found is not None:
                return found
        cosines, rows = self.exact.search(query[None], k, params=_parameters(allowed))
        return rows[0], cosines[0]

    def _coarsely(self, query: Vector, k: int, allowed: Mask | None) -> tuple[Ids, Cosines] | None:
        """Return what the coarse index finds, exactly compared; None where it finds too little."""
        share = 1.0 if allowed is None else float(allowed.mean())
        depth = int(k * DEEPER / max(share, WIDE))
        if share < WIDE or depth >= len(self):
            return None
        once = faiss.IndexRefineSearchParameters(k_factor=1.0)  # type: ignore[call-arg]
        cosines, rows = self.refined.search(query[None], depth, params=once)
        may = rows[0] >= 0 if allowed is None else (rows[0] >= 0) & allowed[rows[0]]
        if int(may.sum()) < ENOUGH * k:
            return None
        return rows[0][may][:k], cosines[0][may][:k]


class DenseIndex:
    """Search by cosine over unit vectors kept in 16 bits; never changed once made.

    A vector is known by its position, from 0, in the order given. Exact and flat, because
    that stays under the cost of encoding the question up to some 50,000 passages, and
    because a filter then costs nothing in recall. Above, `nearest` without a filter, or with
    a wide one, asks a coarse index for candidates first; cosines are exact all the same.

    `changed` makes a new index out of an old one and shares its vectors: they lie in a large
    part and a recent one, and those that are gone are passed over.
    """

    def __init__(self, vectors: Vectors | Halves) -> None:
        """Take vectors (n, dim) of unit length.

        Raises:
            ValueError: they have not.
        """
        halves = np.asarray(vectors, "<f2")
        _check(halves)
        self._assemble([_whole(halves)], None)

    @classmethod
    def again(cls, halves: Halves, coarse: Coarse | None) -> "DenseIndex":
        """Return the index that had these `halves` and this `coarse`; neither is checked."""
        index = object.__new__(cls)
        index._assemble([_Part(halves, coarse)], None)
        return index

    def _assemble(self, parts: list[_Part], alive: Ids | None) -> None:
        self._parts = parts
        self._alive = alive  # of the rows of all parts, in order; None for all
        self._starts = np.cumsum([0, *map(len, parts)])

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._alive is None else len(self._alive)

    def at(self, session: Session) -> Self:
        """Return this itself: what lies in memory is asked without a database."""
        del session
        return self

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self._parts[0].exact.d)

    @property
    def is_whole(self) -> bool:
        """Whether all vectors lie in one part and none in it is dead: then it can be kept."""
        return len(self._parts) == 1 and self._alive is None

    @property
    def nbytes(self) -> int:
        """Bytes of all vectors, of dead ones too."""
        return sum(part.codes.nbytes for part in self._parts)

    @property
    def coarse(self) -> Coarse | None:
        """The coarse index, written out; None below `LARGE` vectors."""
        first = self._parts[0].coarse
        return None if first is None else faiss.serialize_index(first)

    def nearest(self, query: Vector, *, k: int, allowed: Mask | None = None) -> tuple[Ids, Cosines]:
        """Return the positions of the `k` nearest vectors, best first, and their cosines.

        Only where `allowed` is true; fewer come back where fewer are allowed.
        """
        # The setting belongs to the calling thread, and a server has many.
        faiss.omp_set_num_threads(1)
        allowed = self._stored(allowed)
        found = []
        for part, start in zip(self._parts, self._starts.tolist(), strict=False):
            mine = None if allowed is None else allowed[start : start + len(part)]
            rows, cosines = part.nearest(query, k, mine)
            found.append((rows + start, cosines))
        rows, cosines = (np.concatenate(columns) for columns in zip(*found, strict=True))
        best = np.lexsort((rows, -cosines))[:k]
        return self._positions(rows[best]), cosines[best]

    def cosines(self, query: Vector, positions: Ids) -> Cosines:
        """Return the exact cosine of `query` with each of the vectors at `positions`."""
        # Not `@`: that wakes a second thread, which costs more than it saves.
        found: Cosines = np.einsum("ij,j->i", self.vectors(positions), query)
        return found

    def vectors(self, positions: Ids) -> Vectors:
        """Return the vectors at `positions`, (n, dim), of unit length to 16 bits."""
        found = np.empty((len(positions), self.dim), np.float32)
        rows = positions if self._alive is None else self._alive[positions]
        for part, start in zip(self._parts, self._starts.tolist(), strict=False):
            mine = (rows >= start) & (rows < start + len(part))
            if mine.any():
                found[mine] = part.exact.sa_decode(part.codes[rows[mine] - start])
        return found

    def halves(self) -> Halves:
        """Return all vectors in order, (n, dim), in 16 bits; read only, valid as long as this."""
        if self.is_whole:
            return self._parts[0].codes.view("<f2")
        codes = np.concatenate([part.codes for part in self._parts])
        return (codes if self._alive is None else codes[self._alive]).view("<f2")

    def changed(self, keep: Mask, added: Halves = NO_HALVES) -> "DenseIndex":
        """Return the index without the positions where `keep` is false, and `added` behind it.

        This one stays as it is. The vectors are put together anew when more than `LOOSE` of
        them are dead or recent, or they are few.
        """
        if len(added) == 0 and keep.all():
            return self
        if len(added):
            _check(added)
        rows = np.arange(len(self)) if self._alive is None else self._alive
        alive = rows[keep]
        first = len(self._parts[0])
        total = int(self._starts[-1]) + len(added)
        recent, dead = total - first, total - len(alive) - len(added)
        if total <= FEW or max(recent, dead) > LOOSE * total:
            return self._together(alive, added)
        changed = object.__new__(DenseIndex)
        later = [part.codes.view("<f2") for part in self._parts[1:]]
        if len(added):
            later.append(added)
        parts = [self._parts[0], *([_Part(np.concatenate(later))] if later else [])]
        alive = np.concatenate([alive, np.arange(total - len(added), total)])
        changed._assemble(parts, None if len(alive) == total else alive)
        return changed

    def _together(self, alive: Ids, added: Halves) -> "DenseIndex":
        kept = [
            part.codes[alive[(alive >= start) & (alive < start + len(part))] - start].view("<f2")
            for part, start in zip(self._parts, self._starts.tolist(), strict=False)
        ]
        index = object.__new__(DenseIndex)
        index._assemble([_whole(np.concatenate([*kept, *([added] if len(added) else [])]))], None)
        return index

    def _stored(self, allowed: Mask | None) -> Mask | None:
        """Return the mask over the rows of all parts."""
        if self._alive is None:
            return allowed
        mask = np.zeros(int(self._starts[-1]), bool)
        mask[self._alive if allowed is None else self._alive[allowed]] = True
        return mask

    def _positions(self, rows: Ids) -> Ids:
        return rows if self._alive is None else np.searchsorted(self._alive, rows)


def _whole(halves: Halves) -> _Part:
    """Return one part of all vectors, with a coarse index if they are many."""
    many = len(halves) >= LARGE and halves.shape[1] % NUMBERS == 0
    return _Part(halves, _coarse(halves) if many else None)


def _check(halves: Halves) -> None:
    for start in range(0, len(halves), AT_ONCE):
        some = halves[start : start + AT_ONCE].astype(np.float32)
        if not np.allclose(np.linalg.norm(some, axis=1), 1, atol=UNIT):
            raise ValueError("vectors must have unit length; use normalise()")


def _coarse(halves: Halves) -> Coarse:
    """Return a coarse index of the vectors, written out; the same for the same vectors."""
    faiss.omp_set_num_threads(1)
    dim = halves.shape[1]
    index = faiss.IndexPQFastScan(dim, dim // NUMBERS, 4, faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(1).choice(len(halves), min(SAMPLE, len(halves)), replace=False)
    index.train(halves[np.sort(sample)].astype(np.float32))
    for start in range(0, len(halves), AT_ONCE):
        index.add(halves[start : start + AT_ONCE].astype(np.float32))
    written: Coarse = faiss.serialize_index(index)
    return written


def _parameters(allowed: Mask | None) -> faiss.SearchParameters | None:
    if allowed is None:
        return None
    bits = np.packbits(allowed, bitorder="little")
    # faiss keeps a bare pointer to the bits; its Python layer, which the generated types do
    # not know, keeps the array alive for it.
    selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
