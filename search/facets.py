"""How many records have each value of each filter, under the other filters and in limited time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kb.taxonomy import Taxonomy
from search.filters import FacetCount

Facets: TypeAlias = Mapping[str, tuple[FacetCount, ...]]  # by the names of the fields of Filters
Broader: TypeAlias = Callable[[str], Collection[str]]  # notation -> itself and all above it
Clock: TypeAlias = Callable[[], float]  # seconds
Rows: TypeAlias = NDArray[np.int64]  # positions of records
Mask: TypeAlias = NDArray[np.bool_]

BUDGET_MS = 200.0
PART = 16_384  # records counted between two looks at the clock


@dataclass(frozen=True, slots=True)
class Branch:
    """A concept of a facet, how many records have it or something narrower, and what is below."""

    value: str
    count: int
    narrower: tuple["Branch", ...]


@dataclass(frozen=True)
class Values:
    """Which values of one facet each record has, each once.

    The record at row r has `names[c]` for each c in `codes[starts[r] : starts[r + 1]]`.
    """

    names: tuple[str, ...]
    starts: Rows  # (n + 1,), ascending
    codes: NDArray[np.int32]

    @classmethod
    def of_pairs(cls, names: Sequence[str], codes: Rows, rows: Rows, n: int) -> "Values":
        """Return the values of n records, from pairs in any order and as often as you like.

        Pairs with a negative code or row are left out.
        """
        width = max(len(names), 1)
        some = (codes >= 0) & (rows >= 0)
        pairs = np.sort(rows[some] * width + codes[some], kind="stable")
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        starts = np.searchsorted(pairs, np.arange(n + 1) * width)
        return cls(tuple(names), starts, (pairs % width).astype(np.int32))

    @cached_property
    def code(self) -> Mapping[str, int]:
        """The code of each name."""
        return {name: code for code, name in enumerate(self.names)}

    def marked(self, wanted: Iterable[str]) -> Mask:
        """Return for each code whether its name is wanted; names that no record has are not."""
        marks = np.zeros(len(self.names), bool)
        marks[[self.code[name] for name in wanted if name in self.code]] = True
        return marks

    def has(self, rows: Rows, wanted: Iterable[str]) -> Mask:
        """Return for each of the rows whether it has any of the wanted values."""
        marks = self.marked(wanted)
        owners, codes = self.of_rows(rows)
        mask = np.zeros(len(rows), bool)
        mask[owners[marks[codes]]] = True
        return mask

    def counted(self, rows: Rows) -> Rows:
        """Return for each code how many of the rows have it."""
        _, codes = self.of_rows(rows)
        return np.bincount(codes, minlength=len(self.names))

    def places(self, wanted: Sequence[str]) -> Rows:
        """Return for each code its place among the wanted names, -1 for one that is not."""
        found = np.full(len(self.names), -1)
        for place, name in enumerate(wanted):
            if name in self.code:
                found[self.code[name]] = place
        return found

    def pairs(self, other: "Values", rows: Rows) -> tuple[Rows, Rows, Rows]:
        """Return each pair of values, one of this facet and one of another, that a row has both.

        Positions in `rows`, codes of this facet, codes of the other; in the same order.
        """
        owners, mine = self.of_rows(rows)
        which, others = other.of_rows(rows[owners])
        return owners[which], mine[which].astype(np.int64), others.astype(np.int64)

    def named(self, rows: Rows) -> list[list[str]]:
        """Return the names of the values that each of the rows has."""
        owners, codes = self.of_rows(rows)
        found: list[list[str]] = [[] for _ in rows]
        for owner, code in zip(owners.tolist(), codes.tolist(), strict=True):
            found[owner].append(self.names[code])
        return found

    def raised(self, above: Sequence[Sequence[str]]) -> "Values":
        """Return the same with all that stands above each value: for each code, itself first."""
        names = tuple(dict.fromkeys(name for chain in above for name in chain))
        code = {name: number for number, name in enumerate(names)}
        starts = np.cumsum([0, *map(len, above)])
        chains = Values(
            names, starts, np.array([code[n] for chain in above for n in chain], np.int32)
        )
        n = len(self.starts) - 1
        rows, own = self.of_rows(np.arange(n))
        which, codes = chains.of_rows(own.astype(np.int64))
        return Values.of_pairs(names, codes.astype(np.int64), rows[which], n)

    def of_rows(self, rows: Rows) -> tuple[Rows, NDArray[np.int32]]:
        """Return each value of the rows, with the position in `rows` of whose it is."""
        first = self.starts[rows]
        lengths = self.starts[rows + 1] - first
        ends = np.cumsum(lengths)
        owners = np.repeat(np.arange(len(rows)), lengths)
        offsets = np.arange(len(owners)) + (first - ends + lengths)[owners]
        return owners, self.codes[offsets]


def tree(counted: Sequence[FacetCount], taxonomy: Taxonomy) -> tuple[Branch, ...]:
    """Return the concepts of a facet as a tree, each below what is next broader, in their order.

    One with several broader concepts stands below each; one of which no broader concept is
    counted, and one that the taxonomy does not have, stands on top.
    """
    below: dict[str, list[FacetCount]] = {one.value: [] for one in counted}
    top: list[FacetCount] = []
    for one in counted:
        known = one.value in taxonomy.terms
        above = taxonomy[one.value].broader if known else ()
        shelves = [below[notation] for notation in above if notation in below] or [top]
        for shelf in shelves:
            shelf.append(one)

    def grown(ones: Sequence[FacetCount]) -> tuple[Branch, ...]:
        return tuple(Branch(one.value, one.count, grown(below[one.value])) for one in ones)

    return grown(top)


def counts(
    values: Mapping[str, Values],
    chosen: Mapping[str, Collection[str]],
    rows: Rows,
    *,
    budget_ms: float = BUDGET_MS,
    clock: Clock = perf_counter,
) -> tuple[Facets, bool]:
    """Return for each facet its values and how many of the rows have them; and if only about.

    Most first. A facet respects what is `chosen` of all others, but not of its own, so that one
    sees what choosing another value would give. Chosen values stay, even with nothing behind
    them. When the time is over, what was counted so far is scaled up: every k-th record is
    counted first, so that old and new ones, and all kinds, are in it.
    """
    end = clock() + budget_ms / 1000
    sums = {name: np.zeros(len(of.names), np.int64) for name, of in values.items()}
    n_parts = max(1, -(-len(rows) // PART))
    counted = 0
    for number in range(n_parts):
        if number and clock() > end:
            break
        part = rows[number::n_parts]
        counted += len(part)
        for name, mine in _left(values, chosen, part).items():
            sums[name] += values[name].counted(mine)
    about = counted < len(rows)
    scale = len(rows) / counted if about else 1.0
    return {
        name: _most_first(of.names, sums[name], chosen.get(name, ()), scale)
        for name, of in values.items()
    }, about


def _left(
    values: Mapping[str, Values], chosen: Mapping[str, Collection[str]], rows: Rows
) -> dict[str, Rows]:
    """Return for each facet the rows that all filters but its own leave."""
    failed = {
        name: ~values[name].has(rows, wanted)
        for name, wanted in chosen.items()
        if wanted and name in values
    }
    if not failed:
        return dict.fromkeys(values, rows)
    total = np.sum([*failed.values()], axis=0)
    passed = rows[total == 0]
    return {name: rows[total == failed[name]] if name in failed else passed for name in values}


def _most_first(
    names: tuple[str, ...], sums: Rows, chosen: Collection[str], scale: float
) -> tuple[FacetCount, ...]:
    found = dict.fromkeys(chosen, 0)
    some = np.flatnonzero(sums)
    scaled = np.rint(sums[some] * scale).astype(int).tolist()
    found |= {names[code]: count for code, count in zip(some.tolist(), scaled, strict=True)}
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetCount(value, count) for value, count in ordered)
