from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import Weights, reciprocal_ranks, weighed

# bm25 is 0 without a match, and far above what a float rounds to 0 with one.
bm25s = st.just(0.0) | st.floats(1e-6, 50)
candidates = st.lists(st.tuples(st.floats(-1, 1), bm25s, st.floats(0, 1)), min_size=1, max_size=20)


def total(rows, weights=Weights()) -> np.ndarray:  # noqa: B008  a frozen value
    return sum(weighed(*np.array(rows, float).T, weights))


def test_a_worked_example() -> None:
    rows = [(0.5, 4.0, 1.0), (0.9, 0.0, 0.0), (-0.2, 8.0, 0.5)]
    weights = Weights(meaning=0.8, words=0.2, concepts=0.1)
    assert total(rows, weights) == pytest.approx([0.4 + 0.1 + 0.1, 0.72, 0.2 + 0.05])


@given(candidates)
def test_a_score_is_between_nothing_and_the_sum_of_the_weights(rows) -> None:
    weights = Weights()
    scores = total(rows, weights)
    assert (scores >= 0).all()
    assert (scores <= weights.meaning + weights.words + weights.concepts + 1e-9).all()


@given(candidates, st.integers(0, 2), st.floats(0, 1))
def test_who_is_better_in_one_part_and_equal_in_the_others_is_not_below(rows, part, more) -> None:
    better = list(rows[0])
    better[part] = min(better[part] + more, 1 if part != 1 else 50)
    first, second = total([rows[0], better, *rows[1:]])[:2]
    assert second >= first


@given(candidates, st.floats(0.1, 10))
def test_the_scale_of_bm25_does_not_matter(rows, factor) -> None:
    stretched = [(cosine, bm25 * factor, concepts) for cosine, bm25, concepts in rows]
    np.testing.assert_allclose(total(rows), total(stretched), atol=1e-9)


def test_without_any_matching_word_meaning_alone_decides() -> None:
    assert total([(0.5, 0, 0), (0.25, 0, 0)]) == pytest.approx([0.4, 0.2])


@given(st.lists(st.floats(-1, 1), max_size=20))
def test_reciprocal_ranks_keep_the_order(scores) -> None:
    shares = reciprocal_ranks(np.array(scores))
    assert ((shares > 0) == (np.array(scores) > 0)).all()
    for i, j in combinations(range(len(scores)), 2):
        if scores[i] > scores[j] > 0:
            assert shares[i] > shares[j]


def test_fusion_by_rank_does_not_see_the_scale() -> None:
    rows = [(0.9, 1.0, 0.0), (0.8, 30.0, 0.0), (0.7, 0.0, 0.0)]
    by_rank = Weights(by_rank=True)
    wanted = [1 / 61 + 1 / 62, 1 / 62 + 1 / 61, 1 / 63]
    assert total(rows, by_rank) == pytest.approx(wanted)
    stretched = [(cosine / 2, bm25 * 9, concepts) for cosine, bm25, concepts in rows]
    assert total(stretched, by_rank) == pytest.approx(wanted)
