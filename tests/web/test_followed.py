"""What a page says of a measure, from the rules for run charts."""

from datetime import date, timedelta

import pytest

from kb.content import ChangeIdea, Measure, Point, Record
from kb.runchart import ChartSignal
from kb.vocabulary import Direction, Unit
from web.followed import followed
from web.names import Names

START = date(2024, 1, 1)
CHANGED = START + timedelta(weeks=10)
CALM = (30, 31, 34, 35, 32, 33, 34, 31, 30, 36)
BETTER = (60, 62, 61, 63, 60, 64, 61, 62)


@pytest.fixture
def names(terms) -> Names:
    return Names(terms)


def record(*values: float | None, **changes) -> Record:
    points = tuple(
        Point(period=START + timedelta(weeks=n), value=value) for n, value in enumerate(values)
    )
    fields = {"name": "Fed", "unit": Unit.PERCENT, "direction": Direction.UP, "points": points}
    ideas = (ChangeIdea(text="Weigh later", started=CHANGED),)
    return Record(title="A story", measures=(Measure(**{**fields, **changes}),), change_ideas=ideas)


def test_a_baseline_is_frozen_and_a_new_level_gets_its_own_median(names) -> None:
    [shown] = followed(record(*CALM, *BETTER), names)
    assert shown.signal is ChartSignal.IMPROVEMENT
    for chart in shown.charts:
        assert chart.count('class="chart-median"') == 2
        assert "Weigh later" in chart
    assert "(median): 33%, 61%." in shown.charts[0]


def test_the_median_of_a_baseline_is_drawn_on_for_comparison(names) -> None:
    [shown] = followed(record(*CALM, *BETTER), names)
    assert shown.charts[0].count("chart-held") == 1
    assert "drawn on" in shown.legend


def test_phases_that_people_named_have_their_own_medians(names) -> None:
    [shown] = followed(record(*CALM, *BETTER, phases=(10, 14)), names)
    assert shown.charts[0].count('class="chart-median"') == 3
    assert "chart-held" not in shown.charts[0]


def test_a_period_that_counts_few_people_is_marked_and_said(names) -> None:
    points = tuple(
        Point(period=START + timedelta(weeks=week), numerator=4, denominator=many)
        for week, many in enumerate((30, 28, 9, 31))
    )
    [shown] = followed(record(points=points), names)
    assert shown.charts[0].count("chart-small") == 1
    assert "Few people counted" in shown.legend


def test_nothing_is_marked_where_the_rules_say_nothing(names) -> None:
    [shown] = followed(record(1, 2, 3, 4, 5, 6, 7, 8, 9), names)
    assert "chart-marked" not in shown.charts[0]
    assert "chart-trend" not in shown.charts[0]


def test_fewer_than_ten_points_have_no_median_and_no_judgement(names) -> None:
    [shown] = followed(record(*BETTER), names)
    assert shown.signal is ChartSignal.TOO_FEW_POINTS
    assert "chart-median" not in shown.charts[0]


def test_a_missing_period_is_a_gap_in_line_and_table(names) -> None:
    [shown] = followed(record(30, 31, None, 33, 34), names)
    assert shown.charts[0].count("<polyline") == 2
    assert [row.value for row in shown.rows] == [30, 31, None, 33, 34]


def test_a_baseline_longer_than_the_series_is_not_believed(names) -> None:
    [shown] = followed(record(*CALM, baseline_points=50), names)
    assert shown.charts[0].count('class="chart-median"') == 1


def test_a_measure_without_points_is_not_shown(names) -> None:
    assert followed(record(), names) == []


def test_a_measure_with_gaps_only_says_that_there_are_no_points(names) -> None:
    [shown] = followed(record(None, None), names)
    assert shown.result is None
    assert "No points yet" in shown.charts[0]


def test_changes_outside_the_series_are_left_out(names) -> None:
    [shown] = followed(record(30, 40, 50), names)
    assert "Weigh later" not in shown.charts[0]
