"""Run charts: worked vectors, the published shape of the rules, and a second way to count."""

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidError
from kb.runchart import (
    ChartSignal,
    ChartWarning,
    Direction,
    RunsVerdict,
    analyse,
    offer_baseline,
    offer_phase,
    phases,
)

VECTORS = json.loads((Path(__file__).parent / "runchart_vectors.json").read_text())
UP, DOWN = Direction.UP, Direction.DOWN

values_with_gaps = st.lists(st.none() | st.integers(0, 12), max_size=40)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_worked_series_come_out_as_counted_by_hand(vector) -> None:
    chart = analyse(vector["values"], direction=UP, baseline_points=vector["baseline_points"])
    expected = vector["expected"]

    found = {
        "n_points": chart.n_points,
        "median": float(chart.median),
        "n_useful": chart.n_useful,
        "runs": chart.runs,
        "longest_run": chart.longest_run,
        "crossings": chart.crossings,
        "shifts": [{"side": run.side, "points": list(run.points)} for run in chart.shifts],
        "trends": [{"direction": t.direction, "points": list(t.points)} for t in chart.trends],
        "runs_verdict": chart.runs_verdict,
    }
    if chart.anhoej:
        found["runs_limits_exact"] = list(chart.run_limits)
        found["anhoej"] = vars(chart.anhoej)
    assert found == expected


def test_a_clean_step_up_is_an_improvement_only_where_up_is_better() -> None:
    step = [40, 42, 38, 41, 39, 40, 80, 82, 78, 81, 79, 80]
    assert analyse(step, direction=UP).signal is ChartSignal.IMPROVEMENT
    assert analyse(step, direction=DOWN).signal is ChartSignal.DETERIORATION


def test_a_classic_shift_alone_is_only_a_possible_improvement() -> None:
    frozen = [40, 44, 42, 38, 41, 39, 60, 62, 61, 65, 70, 72]
    better = analyse(frozen, direction=UP, baseline_points=6)
    worse = analyse(frozen, direction=DOWN, baseline_points=6)

    assert better.signal is ChartSignal.POSSIBLE_IMPROVEMENT
    assert ChartWarning.POSSIBLE_DETERIORATION not in better.warnings
    assert worse.signal is ChartSignal.NONE
    assert ChartWarning.POSSIBLE_DETERIORATION in worse.warnings


def test_a_trend_alone_says_look_again_and_is_no_signal() -> None:
    rise = [5, 9, 5, 1, 2, 6, 7, 8, 4, 9, 3, 8, 2]
    chart = analyse(rise, direction=UP)

    assert [trend.points for trend in chart.trends] == [(3, 4, 5, 6, 7)]
    assert chart.signal is ChartSignal.NONE
    assert ChartWarning.LOOK_AGAIN in chart.warnings


def test_oscillation_is_too_many_runs_and_no_improvement() -> None:
    chart = analyse([1, 9] * 6, direction=UP)
    assert chart.runs_verdict is RunsVerdict.TOO_MANY
    assert chart.signal is ChartSignal.NONE


def test_a_gain_that_was_lost_is_a_deterioration() -> None:
    lost = [10, 11, 12, 10, 11, 12, 10, 11, 60, 61, 62, 60, 61, 62, 60, 61, 9, 8, 9, 8, 9, 8, 9, 8]
    assert analyse(lost, direction=UP).signal is ChartSignal.DETERIORATION


def test_what_follows_the_first_change_is_compared_with_what_came_before() -> None:
    early_fall = [9, 9, 8, 9, 8, 9, 8, 9, 2, 1, 2, 1, 2, 1, 2, 1]
    assert analyse(early_fall, direction=UP).effect == -1
    assert analyse(early_fall, direction=UP, first_change=12).effect == -1
    assert analyse([5] * 4 + [1, 2, 9, 9], direction=UP, first_change=6).effect == 1
    assert analyse([5] * 4 + [5, 5, 5], direction=UP, first_change=6).effect == 0


def test_fewer_than_ten_points_are_drawn_but_not_judged() -> None:
    chart = analyse([1, 1, 1, 1, 9, 9, 9, 9, 9], direction=UP)
    assert chart.signal is ChartSignal.TOO_FEW_POINTS
    assert ChartWarning.FEW_POINTS in chart.warnings


def test_a_chart_of_mostly_equal_points_is_no_chart() -> None:
    chart = analyse([90, 100, 100, 95, 100, 100, 100, 92, 100, 100], direction=UP)
    assert chart.signal is ChartSignal.NO_CHART
    assert ChartWarning.SAME_VALUE in chart.warnings


def test_points_at_both_ends_of_a_percentage_make_no_chart() -> None:
    rare = [0, 100, 0, 50, 100, 0, 40, 100, 0, 60]
    assert ChartWarning.AT_BOUND not in analyse(rare, direction=UP).warnings
    chart = analyse(rare, direction=UP, bounds=(0, 100))
    assert ChartWarning.AT_BOUND in chart.warnings
    assert chart.signal is ChartSignal.NO_CHART


def test_uneven_denominators_are_warned_of_beyond_a_quarter() -> None:
    values = [1, 2, 3]
    even = analyse(values, direction=UP, denominators=[40, 50, 30])
    uneven = analyse(values, direction=UP, denominators=[40, 51, None])
    assert ChartWarning.UNEVEN_DENOMINATORS not in even.warnings
    assert ChartWarning.UNEVEN_DENOMINATORS not in analyse(values, direction=UP).warnings
    assert ChartWarning.UNEVEN_DENOMINATORS not in uneven.warnings
    uneven = analyse(values, direction=UP, denominators=[40, 51, 39])
    assert ChartWarning.UNEVEN_DENOMINATORS in uneven.warnings


def test_a_point_far_off_is_only_a_candidate() -> None:
    chart = analyse([10, 12, 11, 13, 12, None, 95, 11, 10, 12, 13, 11], direction=UP)
    assert chart.candidates == (6,)
    assert chart.signal is ChartSignal.NONE


def test_displayed_rounding_never_decides_the_side() -> None:
    thirds = [Fraction(1, 3)] * 3 + [Fraction(33, 100)] * 3 + [Fraction(34, 100)] * 3
    chart = analyse(thirds, direction=UP)
    assert chart.median == Fraction(1, 3)
    assert chart.n_useful == 6


def test_a_float_counts_as_the_decimal_it_prints_as() -> None:
    chart = analyse([0.1, 0.2, 0.3], direction=UP)
    assert chart.median == Fraction(1, 5)
    assert analyse([0.1, 0.3], direction=UP, baseline_points=2).median == Fraction(1, 5)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_point_that_is_no_number_is_named(value) -> None:
    with pytest.raises(InvalidError, match=str(value)):
        analyse([1, value], direction=UP)


@pytest.mark.parametrize("baseline_points", [0, 4])
def test_a_baseline_fits_the_series(baseline_points) -> None:
    with pytest.raises(InvalidError, match=f"baseline of {baseline_points}"):
        analyse([1, None, 2, 3], direction=UP, baseline_points=baseline_points)


def test_a_short_frozen_baseline_is_noted() -> None:
    values = list(range(12))
    seven = analyse(values, direction=UP, baseline_points=7)
    eight = analyse(values, direction=UP, baseline_points=8)
    assert ChartWarning.SHORT_BASELINE in seven.warnings
    assert ChartWarning.SHORT_BASELINE not in eight.warnings


def test_no_points_make_an_empty_chart() -> None:
    chart = analyse([None, None], direction=UP)
    assert (chart.median, chart.n_points, chart.runs) == (None, 0, 0)
    assert chart.signal is ChartSignal.TOO_FEW_POINTS
    assert phases([None, None], [1]) == ()


def test_eight_calm_points_before_the_change_may_freeze_the_median() -> None:
    calm = [5, 7, 4, None, 8, 5, 6, 4, 7]
    assert offer_baseline([*calm, 20, 21], 9) == 8
    assert offer_baseline([*calm, 20, 21], 8) is None


def test_a_baseline_that_already_moves_is_not_frozen() -> None:
    assert offer_baseline([1, 2, 1, 2, 1, 2, 9, 8, 9, 8, 9, 8, 20], 12) is None


def test_a_new_phase_is_offered_where_a_good_shift_still_holds() -> None:
    values = [40, 44, 42, 38, 41, 39, 43, 40, 60, 62, 61, 65, 70, 72]
    chart = analyse(values, direction=UP, baseline_points=8)
    assert offer_phase(chart, UP) == 8
    assert offer_phase(chart, DOWN) is None
    lost = analyse([*values, 30], direction=UP, baseline_points=8)
    assert offer_phase(lost, UP) is None


def test_each_phase_keeps_its_own_median() -> None:
    found = phases([1, 3, None, 10, 12, 14], [3])
    assert [(p.start, p.end, p.median) for p in found] == [(0, 3, 2), (3, 6, 12)]


@given(values_with_gaps)
def test_gaps_change_nothing_but_the_indices(values) -> None:
    dense = [value for value in values if value is not None]
    place = [index for index, value in enumerate(values) if value is not None]
    ours, theirs = analyse(values, direction=UP), analyse(dense, direction=UP)

    assert ours.median == theirs.median
    assert ours.signal is theirs.signal
    assert [run.points for run in ours.shifts] == [
        tuple(place[i] for i in run.points) for run in theirs.shifts
    ]
    assert [t.points for t in ours.trends] == [
        tuple(place[i] for i in t.points) for t in theirs.trends
    ]


@given(values_with_gaps)
def test_turning_the_chart_upside_down_turns_the_signal(values) -> None:
    mirrored = [None if value is None else -value for value in values]
    ours, theirs = analyse(values, direction=UP), analyse(mirrored, direction=DOWN)
    assert ours.signal is theirs.signal
    assert (ours.runs, ours.longest_run) == (theirs.runs, theirs.longest_run)


@given(values_with_gaps)
def test_runs_agree_with_a_plain_count(values) -> None:
    chart = analyse(values, direction=UP)
    points = [value for value in values if value is not None]
    sides = [value > median(points) for value in points if value != median(points)]

    assert chart.n_useful == len(sides)
    assert chart.runs == (len(sides) > 0) + sum(old != new for old, new in pairwise(sides))
    assert sum(len(run.points) for run in chart.run_sequence) == len(sides)


@given(st.lists(st.integers(0, 6), max_size=30))
def test_a_trend_only_ever_climbs_or_only_ever_falls(values) -> None:
    for trend in analyse(values, direction=UP).trends:
        sign = 1 if trend.direction is UP else -1
        assert len(trend.points) >= 5
        assert all(
            sign * (values[new] - values[old]) > 0
            and all(values[i] == values[old] for i in range(old, new))
            for old, new in pairwise(trend.points)
        )


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_a_trend_is_never_missed(values) -> None:
    moves = values[:1] + [new for old, new in pairwise(values) if new != old]
    fives = [moves[i : i + 5] for i in range(len(moves) - 4)]
    climbs = any(five in (sorted(five), sorted(five, reverse=True)) for five in fives)
    assert bool(analyse(values, direction=UP).trends) == climbs
