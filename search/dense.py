"""Nearest passages by meaning: the only door to faiss."""

from typing import TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

from search.encoder import Vector, Vectors

Ids: TypeAlias = NDArray[np.int64]  # (n,), passage ids
Cosines: TypeAlias = NDArray[np.float32]  # (n,), in [-1, 1]
Mask: TypeAlias = NDArray[np.bool_]  # (n,), one for each position of the index

UNIT = 2e-3  # how far from 1 the length of a vector may be that was kept in 16 bits


class DenseIndex:
    """Exact search by cosine over unit vectors kept in 16 bits; never changed once made.

    A vector is known by its position, from 0, in the order given. Exact and flat because
    that stays under the cost of encoding the question up to some 120,000 passages, and
    because a filter then costs nothing in recall.
    """

    def __init__(self, vectors: Vectors) -> None:
        """Take vectors (n, dim) of unit length.

        Raises:
            ValueError: they have not.
        """
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=UNIT):
            raise ValueError("vectors must have unit length; use normalise()")
        self._index = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, query: Vector, *, k: int, allowed: Mask | None = None) -> tuple[Ids, Cosines]:
        """Return the positions of the `k` nearest vectors, best first, and their cosines.

        Only where `allowed` is true; fewer come back where fewer are allowed.
        """
        count = len(self) if allowed is None else int(allowed.sum())
        k = min(k, count)
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        # The setting belongs to the calling thread, and a server has many.
        faiss.omp_set_num_threads(1)
        cosines, positions = self._index.search(query[None], k, params=_parameters(allowed))
        return positions[0], cosines[0]

    def cosines(self, query: Vector, positions: Ids) -> Cosines:
        """Return the exact cosine of `query` with each of the vectors at `positions`."""
        found: Cosines = self.vectors(positions) @ query
        return found

    def vectors(self, positions: Ids) -> Vectors:
        """Return the vectors at `positions`, (n, dim), of unit length to 16 bits."""
        if not len(positions):
            return np.empty((0, self._index.d), np.float32)
        found: Vectors = self._index.reconstruct_batch(positions)
        return found


def _parameters(allowed: Mask | None) -> faiss.SearchParameters | None:
    if allowed is None:
        return None
    bits = np.packbits(allowed, bitorder="little")
    # faiss keeps a bare pointer to the bits; its Python layer, which the generated types do
    # not know, keeps the array alive for it.
    selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
