from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import dense
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


step = st.tuples(st.integers(0, 60), st.floats(0, 0.6), st.integers(0, 2**32 - 1))
steps = st.lists(step, min_size=1, max_size=8)  # how many come, what share goes, which


@pytest.mark.parametrize("kind", ["parts", "whole", "coarse"])
@given(steps)
def test_after_any_history_the_nearest_are_those_of_plain_arithmetic(kind, history) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "FEW", 10**6 if kind == "whole" else 0)
        patch.setattr(dense, "LARGE", 100 if kind == "coarse" else 10**6)
        index, rows = INDEX if kind != "coarse" else DenseIndex(ROWS), ROWS
        for n, share, seed in history:
            chance = np.random.default_rng(seed)
            added = normalise(chance.normal(size=(n, DIM))) if n else ROWS[:0]
            keep = chance.random(len(rows)) >= share
            if not n and not keep.any():
                continue
            before = index.halves().copy()
            changed = index.changed(keep, added.astype(np.float16))
            assert np.array_equal(index.halves(), before)  # who still uses it is not disturbed
            index, rows = changed, np.concatenate([rows[keep], added])
            assert len(index) == len(rows)
            query = normalise(chance.normal(size=(1, DIM)))[0]
            exact = rows.astype(np.float16).astype(np.float32) @ query
            np.testing.assert_allclose(index.cosines(query, np.arange(len(rows))), exact, atol=1e-5)
            few = chance.random(len(rows)) < 0.2
            positions, cosines = index.nearest(query, k=10, allowed=few)
            expected = np.sort(exact[few])[::-1][:10]
            assert few[positions].all()
            np.testing.assert_allclose(cosines, expected, atol=1e-5)
            positions, cosines = index.nearest(query, k=10)
            np.testing.assert_allclose(cosines, exact[positions], atol=1e-5)
            assert len(set(positions.tolist())) == min(10, len(rows))
            if kind != "coarse":
                np.testing.assert_allclose(cosines, np.sort(exact)[::-1][:10], atol=1e-5)
            assert index.nbytes <= 2 * DIM * max(len(rows), 1) * 1.2


def test_the_coarse_index_finds_nearly_all_and_compares_exactly(monkeypatch) -> None:
    monkeypatch.setattr(dense, "LARGE", 1_000)
    chance = np.random.default_rng(5)
    centres = chance.normal(size=(40, 64))
    rows = normalise(
        centres[chance.integers(40, size=4_000)] + 0.4 * chance.normal(size=(4_000, 64))
    )
    index = DenseIndex(rows)
    halves = rows.astype(np.float16).astype(np.float32)
    wide = chance.random(4_000) < 0.8
    for allowed in (None, wide):
        found = 0
        for query in rows[:50]:
            exact = halves @ query if allowed is None else np.where(allowed, halves @ query, -1)
            positions, cosines = index.nearest(query, k=10, allowed=allowed)
            np.testing.assert_allclose(cosines, exact[positions], atol=1e-5)
            found += len(set(positions.tolist()) & set(np.argsort(-exact)[:10].tolist()))
        assert found >= 0.9 * 500


def test_deleting_and_adding_half_ten_times_leaves_what_a_fresh_index_has(monkeypatch) -> None:
    monkeypatch.setattr(dense, "FEW", 0)
    chance = np.random.default_rng(9)
    index, rows = INDEX, ROWS
    for _ in range(10):
        keep = np.ones(len(rows), bool)
        keep[chance.choice(len(rows), len(rows) // 2, replace=False)] = False
        back = rows[~keep]
        index, rows = (
            index.changed(keep, back.astype(np.float16)),
            np.concatenate([rows[keep], back]),
        )
    fresh = DenseIndex(rows)
    assert index.nbytes <= 1.2 * fresh.nbytes
    for query in unit(20):
        assert list(index.nearest(query, k=10)[0]) == list(fresh.nearest(query, k=10)[0])
