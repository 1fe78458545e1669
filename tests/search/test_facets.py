from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.facets import PART, Branch, Values, counts, tree
from search.filters import FacetCount

N = 3 * PART  # records: three parts


def values(names, of_row, n) -> Values:
    """The values of n records, from a function of the row."""
    pairs = [(row, code) for row in range(n) for code in of_row(row)]
    rows, codes = np.array(pairs, np.int64).reshape(-1, 2).T
    return Values.of_pairs(names, codes, rows, n)


class Clock:
    """Says that each look at it took `step_s` seconds."""

    def __init__(self, step_s: float) -> None:
        self.step_s, self.now = step_s, 0.0

    def __call__(self) -> float:
        self.now += self.step_s
        return self.now


def large() -> dict[str, Values]:
    """Every third record is at level b, the others at a; the newer half is French."""
    rows = np.arange(N)
    return {
        "levels": Values.of_pairs("ab", (rows % 3 == 0).astype(np.int64), rows, N),
        "languages": Values.of_pairs(["en", "fr"], (rows >= N // 2).astype(np.int64), rows, N),
    }


def as_dict(facets) -> dict[str, dict[str, int]]:
    return {name: {c.value: c.count for c in found} for name, found in facets.items()}


def test_within_its_time_every_record_is_counted() -> None:
    found, about = counts(large(), {}, np.arange(N), budget_ms=200, clock=Clock(0.05))
    assert not about
    assert as_dict(found) == {
        "levels": {"a": 2 * N // 3, "b": N // 3},
        "languages": {"en": N // 2, "fr": N // 2},
    }


def test_when_the_time_is_over_what_was_counted_is_scaled_up() -> None:
    found, about = counts(large(), {}, np.arange(N), budget_ms=200, clock=Clock(0.15))
    assert about
    assert as_dict(found)["languages"] == {"en": N // 2, "fr": N // 2}  # old and new alike
    again, _ = counts(large(), {}, np.arange(N), budget_ms=200, clock=Clock(0.15))
    assert again == found


def test_estimates_respect_the_other_filters() -> None:
    chosen = {"languages": ("fr",)}
    exact, _ = counts(large(), chosen, np.arange(N), budget_ms=1e9)
    found, about = counts(large(), chosen, np.arange(N), budget_ms=0, clock=Clock(1))
    assert about
    assert as_dict(exact)["levels"] == {"a": N // 3, "b": N // 6}
    assert as_dict(found)["languages"] == as_dict(exact)["languages"]


@given(
    n=st.integers(0, 40),
    step_s=st.floats(0, 0.2),
    chosen=st.sets(st.sampled_from(["en", "fr"])),
)
def test_a_small_library_is_never_counted_about(n, step_s, chosen) -> None:
    """However slow: its one part is counted whole."""
    languages = values(["en", "fr"], lambda row: (row % 2,), n)
    found, about = counts(
        {"languages": languages}, {"languages": chosen}, np.arange(n), clock=Clock(step_s)
    )
    assert not about
    assert sum(as_dict(found)["languages"].values()) == n
    assert chosen <= set(as_dict(found)["languages"])


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 3)), max_size=30))
def test_values_are_kept_once_each_and_in_order(pairs) -> None:
    rows, codes = np.array(pairs, np.int64).reshape(-1, 2).T
    kept = Values.of_pairs("abcd", codes, rows, 6)
    wanted = sorted({(row, code) for row, code in pairs if row >= 0 and code >= 0})
    found = chain.from_iterable(
        ((row, code) for code in kept.codes[kept.starts[row] : kept.starts[row + 1]].tolist())
        for row in range(6)
    )
    assert [*found] == wanted
    everything = np.arange(6)
    for name, code in kept.code.items():
        having = [row for row, its in wanted if its == code]
        assert np.flatnonzero(kept.has(everything, [name])).tolist() == having
        assert kept.counted(everything)[code] == len(having)


def test_a_record_counts_once_for_what_is_above_two_of_its_values() -> None:
    own = values(["left", "right", "alone"], lambda row: ((0, 1), (2,), ())[row], 3)
    above = (("left", "top"), ("right", "top"), ("alone",))
    raised = own.raised(above)
    counted = dict(zip(raised.names, raised.counted(np.arange(3)).tolist(), strict=True))
    assert counted == {"left": 1, "right": 1, "top": 1, "alone": 1}


def test_a_tree_has_each_concept_below_what_is_broader_most_first(terms) -> None:
    top, middle, low = "a-site-concept", "small-and-sick-newborn-care", "kangaroo-mother-care"
    counted = (
        FacetCount(middle, 9),
        FacetCount("antenatal-care", 5),
        FacetCount(low, 4),
        FacetCount("anaemia-in-pregnancy", 4),
        FacetCount(top, 1),
    )
    assert tree(counted, terms) == (
        Branch(middle, 9, (Branch(low, 4, ()),)),
        Branch("antenatal-care", 5, (Branch("anaemia-in-pregnancy", 4, ()),)),
        Branch(top, 1, ()),
    )


def test_a_concept_without_anything_above_it_stands_on_top(terms) -> None:
    chosen = FacetCount("kangaroo-mother-care", 0)
    assert tree((chosen,), terms) == (Branch("kangaroo-mother-care", 0, ()),)
