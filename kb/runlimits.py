"""How many runs, how long a run and how few crossings chance gives among points round a median."""

from functools import lru_cache
from math import comb
from typing import NamedTuple

from kb.errors import InvalidError


class RunLimits(NamedTuple):
    """The fewest and the most runs that chance gives; both still belong to chance."""

    lower: int
    upper: int


@lru_cache(maxsize=512)
def run_limits(n: int, *, above: int | None = None) -> RunLimits:
    """Return the fewest and the most runs that chance gives among `n` useful points.

    `above` of them lie above the median, half of them when not told. Each tail holds 2.5 %: the
    smallest r with P(R <= r) > 0.025 and the largest r with P(R >= r) > 0.025.

    Source: Swed, Eisenhart, Ann Math Stat 1943;14:66-87, by counting arrangements in whole numbers.

    Raises:
        InvalidError: there is no point, or more points above than there are.
    """
    above = n // 2 if above is None else above
    if n < 1 or not 0 <= above <= n:
        raise InvalidError(
            f"There are no run limits for {n} points with {above} above the median.",
            hint="Give at least one useful point.",
        )
    ways = {runs: _arrangements(above, n - above, runs) for runs in range(1, n + 1)}
    total = comb(n, above)
    lower = next(r for r in ways if 40 * sum(ways[s] for s in ways if s <= r) > total)
    upper = next(r for r in reversed(ways) if 40 * sum(ways[s] for s in ways if s >= r) > total)
    return RunLimits(lower, upper)


def longest_run_limit(n: int) -> int:
    """Return round(log2(n) + 3), the longest run that chance gives among `n` useful points.

    Source: Anhøj, Olesen, PLoS ONE 2014;9:e113825.
    """
    # n² has floor(2 log2 n) + 1 binary digits, and half of that, rounded down, is round(log2 n).
    return (n * n).bit_length() // 2 + 3


def crossings_limit(n: int) -> int:
    """Return the fewest crossings of the median that chance gives among `n` useful points.

    The smallest k with P(X <= k) >= 0.05, X binomial with n - 1 trials of one half.

    Source: Anhøj, Olesen, PLoS ONE 2014;9:e113825.
    """
    ways, crossings = 1, 0
    while 20 * ways < 2 ** (n - 1):
        crossings += 1
        ways += comb(n - 1, crossings)
    return crossings


def _arrangements(n1: int, n2: int, runs: int) -> int:
    """Count the orders of `n1` points on one side and `n2` on the other that make `runs` runs."""
    if not n1 or not n2:
        return int(runs == 1)
    half, odd = divmod(runs, 2)
    if not half:
        return 0
    if odd:
        more_first = comb(n1 - 1, half) * comb(n2 - 1, half - 1)
        return more_first + comb(n1 - 1, half - 1) * comb(n2 - 1, half)
    return 2 * comb(n1 - 1, half - 1) * comb(n2 - 1, half - 1)
