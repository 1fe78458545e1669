"""Measures of a ranking, as the field defines them (checked against trec_eval).

Everywhere, `ranking` lists ids, best first, each once; `gains` holds the judged relevance of
ids, at least 0, and an id without judgement counts 0. A question with no relevant id scores 0.
"""

from collections.abc import Mapping, Sequence
from math import log2

import numpy as np

Gains = Mapping[str, float]

ROUNDS_SEED = 20  # any would do; one, so that a run says the same twice
ROUNDS_AT_ONCE = 500
TIE = 1e-9  # sums of the same numbers in another order differ by less


def ndcg(ranking: Sequence[str], gains: Gains, *, k: int = 10) -> float:
    """Return nDCG@k, in [0, 1].

    Gain is linear and the discount log2(rank + 1), as in trec_eval's `ndcg_cut`.

    Raises:
        ValueError: an id is listed twice.

    Source: Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, section 2.

    >>> round(ndcg(["b", "a"], {"a": 2, "b": 1}), 4)
    0.8597
    """
    if len(set(ranking)) != len(ranking):
        raise ValueError("a ranking lists each id once")
    ideal = _dcg(sorted(gains.values(), reverse=True)[:k])
    return _dcg([gains.get(i, 0.0) for i in ranking[:k]]) / ideal if ideal else 0.0


def recall(ranking: Sequence[str], gains: Gains, *, k: int = 100) -> float:
    """Return the share of the relevant ids that are among the first `k`, as `recall_<k>`.

    >>> recall(["a", "x"], {"a": 1, "b": 2}, k=2)
    0.5
    """
    relevant = _relevant(gains)
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], gains: Gains) -> float:
    """Return 1 / rank of the first relevant id, 0 if there is none; the mean of it is MRR.

    >>> reciprocal_rank(["x", "a"], {"a": 1})
    0.5
    """
    relevant = _relevant(gains)
    return next((1 / rank for rank, i in enumerate(ranking, start=1) if i in relevant), 0.0)


def success(ranking: Sequence[str], gains: Gains, *, k: int = 5) -> float:
    """Return 1 if one of the first `k` is relevant, else 0, as `success_<k>`.

    >>> success(["x", "a"], {"a": 1}, k=1)
    0.0
    """
    return float(not _relevant(gains).isdisjoint(ranking[:k]))


def chance(one: Sequence[float], other: Sequence[float], *, rounds: int = 10_000) -> float:
    """Return how often chance alone makes a difference of means as large as this one, in (0, 1].

    `one` and `other` score the same questions, in the same order, at least one. If it did not
    matter which of two systems answered, each question's two scores could be exchanged: that is
    done at random in each round, and the share of rounds is counted whose difference is as
    large, either way (Fisher's paired randomisation test). The same chances every time.

    Source: Smucker, Allan and Carterette, CIKM 2007, section 2.1; that what was observed counts
    as one of the rounds: Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9(1), 2010.

    >>> chance([0.5, 0.2, 0.9], [0.5, 0.2, 0.9])
    1.0
    """
    differences = np.subtract(one, other, dtype=np.float64)
    observed = abs(differences.sum()) - TIE
    random = np.random.default_rng(ROUNDS_SEED)
    as_large = 1
    for done in range(0, rounds, ROUNDS_AT_ONCE):
        shape = min(ROUNDS_AT_ONCE, rounds - done), differences.size
        signs = random.integers(0, 2, shape, dtype=np.int8) * 2 - 1
        as_large += int(np.count_nonzero(np.abs(signs @ differences) >= observed))
    return as_large / (rounds + 1)


def _relevant(gains: Gains) -> set[str]:
    return {i for i, gain in gains.items() if gain > 0}


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
