"""What the index of vectors costs as it grows: python -m benchmarks.index VECTORS.npz [SIZE …].

VECTORS.npz holds real vectors of unit length under the name `vectors`. Larger sizes are made of
them with a jitter, so that near ones stay near; questions are real vectors that are left out. All
figures come from one run and one thread: believe their ratios where the machine is busy.
"""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TypeVar

import numpy as np

from search import dense, files
from search.dense import DenseIndex, Halves
from search.encoder import Vectors
from search.store import State

SIZES = (10_000, 50_000, 100_000, 200_000, 1_000_000)
QUESTIONS = 30
JITTER = 0.015  # of each number; their root mean square is 0.051
T = TypeVar("T")
HEAD = "passages  kind    build s  file ms  ms/query  1 % ms  50 % ms  MB  recall@10"


def main() -> None:
    """Print a row for each size and kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    arguments = parser.parse_args()
    real = np.load(arguments.vectors)["vectors"].astype(np.float32)
    chance = np.random.default_rng(1)
    asked = chance.choice(len(real), QUESTIONS, replace=False)
    kept = np.delete(real, asked, axis=0)
    print(HEAD)
    for size in arguments.sizes:
        measure(grown(kept, size, chance), real[asked], chance)


def grown(real: Vectors, size: int, chance: np.random.Generator) -> Halves:
    """Return `size` vectors: the real ones, then jittered copies of them."""
    halves = np.empty((size, real.shape[1]), np.float16)
    for start in range(0, size, len(real)):
        some = real[: size - start]
        if start:
            some = some + JITTER * chance.standard_normal(some.shape, np.float32)
            some /= np.linalg.norm(some, axis=1, keepdims=True)
        halves[start : start + len(some)] = some
    return halves


def measure(halves: Halves, questions: Vectors, chance: np.random.Generator) -> None:
    """Print what exact and coarse search of these vectors cost."""
    few, half = (chance.random(len(halves)) < share for share in (0.01, 0.5))
    truth: list[set[int]] = []
    for kind, large in (("exact", len(halves) + 1), ("coarse", 0)):
        dense.LARGE = large
        index, built = timed(partial(DenseIndex, halves))
        answers = [set(index.nearest(q, k=10)[0].tolist()) for q in questions]
        truth = truth or answers
        recall = np.mean([len(a & t) / 10 for a, t in zip(answers, truth, strict=True)])
        loaded = through_a_file(index)
        times = [
            np.median([timed(partial(index.nearest, q, k=200, allowed=m))[1] for q in questions])
            for m in (None, few, half)
        ]
        coarse = 0 if index.coarse is None else index.coarse.nbytes
        print(
            f"{len(halves):9,} {kind:6} {built:8.2f} {1000 * loaded:8.0f} {1000 * times[0]:8.2f} "
            f"{1000 * times[1]:8.2f} {1000 * times[2]:8.2f} {(index.nbytes + coarse) / 2**20:6.0f} "
            f"{recall:6.3f}",
            flush=True,
        )


def through_a_file(index: DenseIndex) -> float:
    """Return the seconds that reading the index from its file takes, checksum and all."""
    ids = np.arange(len(index), dtype=np.int64)
    with TemporaryDirectory() as name:
        folder = Path(name)
        files.write(folder, files.Kept(State(1, ""), "", ids, index.halves(), index.coarse))

        def read() -> DenseIndex:
            kept = files.read(folder, "")
            assert kept is not None
            return DenseIndex.again(kept.halves, kept.coarse)

        return timed(read)[1]


def timed(act: Callable[[], T]) -> tuple[T, float]:
    """Return what `act` returned and its seconds of processor."""
    start = process_time()
    return act(), process_time() - start


if __name__ == "__main__":
    main()
