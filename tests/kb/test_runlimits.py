"""The limits of chance: against tables counted elsewhere, and against every order there is."""

from itertools import combinations
from math import log2

import pytest

from kb.errors import InvalidError
from kb.runlimits import crossings_limit, longest_run_limit, run_limits

# For 10 to 60 useful points, half of them on each side.
FEWEST_RUNS = """
    3 4 4 4 4 5 5 6 6 6 7 7 8 8 8 9 9 10 10 10 11 11 12 12 12 13 13 14 14 14 15 15 16 16 17
    17 17 18 18 19 19 20 20 20 21 21 22 22 23 23 24
"""
MOST_RUNS = """
    9 9 10 11 12 12 13 13 14 15 15 16 16 17 18 18 19 19 20 21 21 22 22 23 24 24 25 25 26 26
    27 28 28 29 29 30 31 31 32 32 33 33 34 35 35 36 36 37 37 38 38
"""
LONGEST_RUN = """
    6 6 7 7 7 7 7 7 7 7 7 7 7 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8 9 9 9 9 9 9 9 9
    9 9 9 9 9 9 9
"""
FEWEST_CROSSINGS = """
    2 2 3 3 4 4 4 5 5 6 6 6 7 7 8 8 8 9 9 10 10 11 11 11 12 12 13 13 14 14 14 15 15 16 16 17
    17 17 18 18 19 19 20 20 21 21 21 22 22 23 23
"""


def table(column: str) -> dict[int, int]:
    return dict(zip(range(10, 61), map(int, column.split()), strict=True))


def test_the_run_limits_are_those_of_the_exact_table() -> None:
    assert {n: run_limits(n).lower for n in range(10, 61)} == table(FEWEST_RUNS)
    assert {n: run_limits(n).upper for n in range(10, 61)} == table(MOST_RUNS)


def test_the_anhoej_limits_are_those_of_the_table() -> None:
    assert {n: longest_run_limit(n) for n in range(10, 61)} == table(LONGEST_RUN)
    assert {n: crossings_limit(n) for n in range(10, 61)} == table(FEWEST_CROSSINGS)


def test_the_longest_run_is_the_rounded_logarithm() -> None:
    assert all(longest_run_limit(n) == round(log2(n) + 3) for n in range(1, 2000))


def counted_limits(n: int, above: int) -> tuple[int, int]:
    """Try every order of the points; return the smallest and largest run count left to chance."""
    counts = []
    for places in combinations(range(n), above):
        sides = [place in places for place in range(n)]
        counts.append(1 + sum(sides[i] != sides[i - 1] for i in range(1, n)))
    share = {
        runs: (
            sum(count <= runs for count in counts) / len(counts),
            sum(count >= runs for count in counts) / len(counts),
        )
        for runs in range(1, n + 1)
    }
    return (
        min(runs for runs, (below, _) in share.items() if below > 0.025),
        max(runs for runs, (_, beyond) in share.items() if beyond > 0.025),
    )


@pytest.mark.parametrize("n", range(1, 13))
def test_the_run_limits_agree_with_counting_every_order(n) -> None:
    for above in range(n + 1):
        assert run_limits(n, above=above) == counted_limits(n, above)


def test_half_the_points_lie_above_unless_told_otherwise() -> None:
    assert run_limits(25) == run_limits(25, above=12) == run_limits(25, above=13)
    assert run_limits(24, above=4) != run_limits(24)


@pytest.mark.parametrize(("n", "above"), [(0, None), (10, 11), (10, -1)])
def test_limits_of_no_points_do_not_exist(n, above) -> None:
    with pytest.raises(InvalidError, match=f"for {n} points"):
        run_limits(n, above=above)
