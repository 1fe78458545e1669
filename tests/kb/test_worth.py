"""What is worth most first, and that nobody waits for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.worth import STARVED, Facts, Pair, rarest, worth

OVERDUE = 30
FACTS = st.builds(
    Facts,
    days=st.floats(0, 2_000),
    asked=st.integers(0, 10_000),
    rarest=st.none() | st.builds(Pair, st.just("t"), st.just("i"), st.integers(0, 1_000)),
    confidences=st.lists(st.floats(0, 1), max_size=12).map(tuple),
)


def test_each_part_gives_its_points() -> None:
    told = worth(
        Facts(days=30, asked=5, rarest=Pair("a", "b", 0), confidences=(0.5, 1.0)), overdue=OVERDUE
    )
    assert (told.age, told.demand, told.gap, told.doubt) == (40, 15, 20, 5)
    assert told.total == 80


def test_without_anything_known_only_age_counts() -> None:
    assert worth(Facts(days=15), overdue=OVERDUE).total == 20
    assert worth(Facts(days=-1), overdue=OVERDUE).total == 0  # a clock that was wrong


@given(FACTS, FACTS)
def test_nobody_starves(one: Facts, other: Facts) -> None:
    """Who has waited one and a half overdue times longer comes first, whatever else is said."""
    if one.days > other.days + STARVED * OVERDUE:
        assert worth(one, overdue=OVERDUE).total > worth(other, overdue=OVERDUE).total


@given(FACTS)
def test_what_does_not_grow_with_age_stays_within_sixty_points(facts: Facts) -> None:
    told = worth(facts, overdue=OVERDUE)
    assert 0 <= told.total - told.age <= 60


@pytest.mark.parametrize(
    ("lesser", "greater"),
    [
        (Facts(days=1), Facts(days=2)),
        (Facts(days=1, asked=1), Facts(days=1, asked=2)),
        (Facts(days=1, rarest=Pair("a", "b", 9)), Facts(days=1, rarest=Pair("a", "b", 1))),
        (Facts(days=1, confidences=(0.9,)), Facts(days=1, confidences=(0.6,))),
    ],
)
def test_more_of_each_reason_is_more(lesser, greater) -> None:
    assert worth(lesser, overdue=OVERDUE).total < worth(greater, overdue=OVERDUE).total


def test_the_rarest_pair_is_the_one_with_the_fewest_records() -> None:
    published = {("a", "x"): 2, ("a", "y"): 1, ("b", "x"): 3, ("b", "y"): 4}
    assert rarest(["a", "b"], ["x", "y"], published) == Pair("a", "y", 1)
    assert rarest(["a"], [], published) is None
