from datetime import date, timedelta
from fractions import Fraction

from kb.before_after import before_after, first_change, main_measure
from kb.content import ChangeIdea, Measure, Point, Record
from kb.vocabulary import Direction, MeasureType, Unit

START = date(2024, 1, 1)


def series(*values: float | None, **changes) -> Measure:
    points = tuple(
        Point(period=START + timedelta(weeks=n), value=value) for n, value in enumerate(values)
    )
    fields = {"name": "Fed within the hour", "direction": Direction.UP, "points": points}
    return Measure(**{**fields, **changes})


def test_a_few_points_are_shown_as_the_first_and_the_last() -> None:
    found = before_after(series(None, 30, 90, 50), None)
    assert found is not None
    assert (found.before, found.after, found.n_before, found.n_after) == (30, 50, 1, 1)
    assert found.better


def test_many_points_are_shown_as_medians_around_the_change() -> None:
    measure = series(30, 34, 32, 36, 60, 70, 80, 82, 84, 5)
    found = before_after(measure, START + timedelta(weeks=4))
    assert found is not None
    assert (found.before, found.after) == (33, 81)  # one bad last week does not decide
    assert (found.n_before, found.n_after, found.before_the_change) == (4, 4, True)


def test_a_frozen_baseline_goes_before_the_date_of_the_change() -> None:
    measure = series(10, 20, 30, 60, 70, 80, 82, 84, 83, 85, baseline_points=3)
    found = before_after(measure, START + timedelta(weeks=1))
    assert found is not None
    assert (found.before, found.n_before) == (20, 3)


def test_without_a_known_change_the_first_four_points_stand_for_before() -> None:
    found = before_after(series(*range(10)), None)
    assert found is not None
    assert (found.before, found.after) == (Fraction(3, 2), Fraction(15, 2))
    assert not found.before_the_change


def test_a_change_after_the_last_point_is_no_change_in_the_series() -> None:
    found = before_after(series(*range(10)), START + timedelta(weeks=99))
    assert found is not None
    assert not found.before_the_change


def test_better_follows_the_direction_of_the_measure() -> None:
    down = before_after(series(9, 3, direction=Direction.DOWN), None)
    same = before_after(series(3, 3), None)
    unsaid = before_after(series(3, 9, direction=None), None)
    assert down is not None
    assert same is not None
    assert unsaid is not None
    assert (down.better, same.better, unsaid.better) == (True, None, None)


def test_one_point_is_no_result() -> None:
    assert before_after(series(None, 30), None) is None


def test_percent_comes_from_numerator_and_denominator_exactly() -> None:
    points = (
        Point(period=START, numerator=1, denominator=3),
        Point(period=START + timedelta(weeks=1), numerator=2, denominator=3),
    )
    found = before_after(series(points=points, unit=Unit.PERCENT), None)
    assert found is not None
    assert (found.before, found.after) == (Fraction(100, 3), Fraction(200, 3))


def test_the_main_measure_is_the_one_with_the_strongest_data() -> None:
    visits = series(1, 2, 3, name="Visits", type=MeasureType.ACTIVITY)
    deaths = series(1, 2, 3, name="Newborns that died", type=MeasureType.OUTCOME)
    record = Record(title="A story", measures=(visits, deaths))
    assert main_measure(record) == deaths
    assert main_measure(Record(title="A story")) is None


def test_the_first_change_is_the_earliest_start_that_is_known() -> None:
    ideas = (ChangeIdea(text="b", started=START), ChangeIdea(text="a"))
    assert first_change(Record(title="A story", change_ideas=ideas)) == START
    assert first_change(Record(title="A story")) is None


def test_a_point_more_is_not_shown_as_a_gain() -> None:
    points = [Point(period=date(2024, 1, 1), value=61), Point(period=date(2024, 2, 1), value=62)]
    found = before_after(Measure(name="x", direction=Direction.UP, points=points), None)
    assert found.better is None
