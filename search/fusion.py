"""One ranking out of several that do not share a scale."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scores: TypeAlias = NDArray[np.float64]  # (n,), one for each candidate; larger is better

RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009, found 60 near-optimal


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts.

    Meaning and words: the best and steadiest of 11 ways to fuse on eight judged sets, and the
    value that leaving one set out chooses on the seven others. Concepts: over 222 questions
    in five languages nDCG@10 grows up to 0.3 and no further (docs/search.md).
    """

    meaning: float = 0.8  # times the cosine
    words: float = 0.2  # times bm25 / the largest bm25 of the list
    concepts: float = 0.25  # times the share of the question's concepts that the record has
    by_rank: bool = False  # reciprocal rank fusion instead: needs no scale, and gains half as much


def weighed(
    cosines: Scores, bm25: Scores, concepts: Scores, weights: Weights
) -> tuple[Scores, Scores, Scores]:
    """Return what meaning, words and concepts add to the score of each candidate.

    `cosines` in [-1, 1]; `bm25` at least 0, 0 without a match; `concepts` in [0, 1].
    A cosine is taken as it is, not stretched over the list: its own scale is what says that
    nothing near was found. Below 0 it says no more than 0 does.

    >>> [float(part[0]) for part in weighed(*(np.array([x, 1]) for x in (0.5, 2, 0)), Weights())]
    [0.4, 0.2, 0.0]
    """
    if weights.by_rank:
        return reciprocal_ranks(cosines), reciprocal_ranks(bm25), reciprocal_ranks(concepts)
    best = bm25.max(initial=0)
    return (
        weights.meaning * np.maximum(cosines, 0),
        weights.words * (bm25 / best if best > 0 else bm25),
        weights.concepts * concepts,
    )


def reciprocal_ranks(scores: Scores, *, k: int = RRF_K) -> Scores:
    """Return 1 / (k + rank) for each score above 0, else 0; ranks count from 1, ties in order.

    >>> [round(1 / share) for share in reciprocal_ranks(np.array([0.5, 2, 0.1]))]
    [62, 61, 63]
    """
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    shares: Scores = np.where(scores > 0, 1 / (k + ranks), 0.0)
    return shares
