from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dense import DenseIndex
from search.encoder import normalise

DIM = 16
rng = np.random.default_rng(20240901)


def unit(n: int) -> np.ndarray:
    return normalise(rng.normal(size=(n, DIM)))


ROWS = unit(500)
INDEX = DenseIndex(ROWS)


def by_arithmetic(query, k, allowed=None) -> list[int]:
    cosines = ROWS.astype(np.float16).astype(np.float32) @ query
    if allowed is not None:
        cosines[~allowed] = -np.inf
    return list(np.argsort(-cosines)[: min(k, 500 if allowed is None else allowed.sum())])


@given(st.integers(0, 2**32 - 1), st.integers(1, 600), st.floats(0, 1))
def test_the_nearest_are_those_of_plain_arithmetic(seed, k, share) -> None:
    chance = np.random.default_rng(seed)
    query = normalise(chance.normal(size=(1, DIM)))[0]
    allowed = chance.random(len(ROWS)) < share

    positions, cosines = INDEX.nearest(query, k=k, allowed=allowed)

    assert list(positions) == by_arithmetic(query, k, allowed)
    np.testing.assert_allclose(cosines, ROWS[positions] @ query, atol=2e-3)
    np.testing.assert_allclose(cosines, INDEX.cosines(query, positions), atol=1e-5)


def test_without_a_filter_everything_may_answer() -> None:
    query = unit(1)[0]
    positions, _ = INDEX.nearest(query, k=7)
    assert list(positions) == by_arithmetic(query, 7)


def test_a_filter_of_one_in_a_hundred_still_fills_the_page() -> None:
    allowed = np.zeros(len(ROWS), bool)
    allowed[[3, 99, 100, 256, 499]] = True
    positions, _ = INDEX.nearest(unit(1)[0], k=10, allowed=allowed)
    assert sorted(positions) == [3, 99, 100, 256, 499]


def test_nothing_allowed_finds_nothing() -> None:
    positions, cosines = INDEX.nearest(unit(1)[0], k=5, allowed=np.zeros(len(ROWS), bool))
    assert len(positions) == len(cosines) == 0


def test_a_vector_is_nearest_to_itself() -> None:
    positions, cosines = INDEX.nearest(ROWS[42], k=1)
    assert positions[0] == 42
    assert cosines[0] == pytest.approx(1, abs=1e-3)


def test_vectors_come_back_as_they_were_to_sixteen_bits() -> None:
    np.testing.assert_allclose(INDEX.vectors(np.array([7, 3])), ROWS[[7, 3]], atol=1e-3)
    assert INDEX.vectors(np.empty(0, np.int64)).shape == (0, DIM)


def test_threads_get_the_same_answers() -> None:
    queries = unit(40)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda q: list(INDEX.nearest(q, k=5)[0]), queries))
    assert found == [by_arithmetic(query, 5) for query in queries]


def test_vectors_of_any_other_length_are_refused() -> None:
    with pytest.raises(ValueError, match="unit length"):
        DenseIndex(unit(2) * 1.1)
