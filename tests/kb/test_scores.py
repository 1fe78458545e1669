from datetime import date, timedelta

import pytest

from kb import content, scores
from kb.vocabulary import DataSource, MeasureType, Unit, Validation, Verdict

START = date(2024, 1, 1)


def series(n: int, *, days: int = 7, **more) -> content.Measure:
    points = tuple(
        content.Point(period=START + timedelta(days=days * i), numerator=30 + i, denominator=100)
        for i in range(n)
    )
    return content.Measure(name="Breastfed within one hour", points=points, **more)


def test_the_worked_example_of_the_paper_s_topic_is_compelling() -> None:
    measure = series(26, source=DataSource.REGISTER, validated_how=Validation.COACH_RECHECK)
    found = scores.strength(measure, first_change=START + timedelta(weeks=8))
    assert found.lights == (2, 1, 2, 2, 2)
    assert scores.band(found.total) == "compelling"


def test_before_and_after_without_denominators_is_emerging() -> None:
    measure = content.Measure(
        name="Breastfed within one hour",
        points=(
            content.Point(period=START, value=30),
            content.Point(period=START + timedelta(days=200), value=80),
        ),
    )
    found = scores.strength(measure)
    assert found.lights == (1, 1, 1, 0, 0)
    assert scores.band(found.total) == "emerging"


@pytest.mark.parametrize(
    ("days", "kind", "light"),
    [
        (7, MeasureType.PROCESS, 2),
        (10, MeasureType.PROCESS, 2),
        (11, MeasureType.PROCESS, 1),
        (31, MeasureType.PROCESS, 1),
        (32, MeasureType.PROCESS, 0),
        (31, MeasureType.OUTCOME, 2),
        (92, MeasureType.OUTCOME, 1),
        (93, MeasureType.OUTCOME, 0),
    ],
)
def test_how_often_is_often_depends_on_the_measure(days, kind, light) -> None:
    assert scores.strength(series(12, days=days, type=kind)).frequent == light


def test_ten_points_need_one_before_the_change() -> None:
    measure = series(10)
    assert scores.strength(measure, first_change=START).many_points == 1
    assert scores.strength(measure, first_change=START + timedelta(days=1)).many_points == 2
    assert scores.strength(series(9), first_change=START + timedelta(days=1)).many_points == 1


def test_counting_visits_scores_two_at_most() -> None:
    measure = series(26, type=MeasureType.ACTIVITY, source=DataSource.REGISTER)
    assert scores.strength(measure, first_change=START + timedelta(weeks=8)).total == 2


def test_more_than_a_tenth_missing_is_not_validated() -> None:
    gap = content.Point(period=START + timedelta(weeks=30))
    for gaps, light in ((2, 2), (3, 0)):
        whole = series(18, source=DataSource.REGISTER, validated_how=Validation.DQA)
        holed = whole.model_copy(update={"points": (*whole.points, *[gap] * gaps)})
        assert scores.strength(holed).reliable == light


def test_a_denominator_of_zero_is_a_gap() -> None:
    point = content.Point(period=START, numerator=0, denominator=0)
    assert point.exact(Unit.PERCENT) is None


def test_worked_without_numbers_is_the_team_s_judgement(story) -> None:
    worked = story.model_copy(update={"verdict": Verdict.WORKED})
    assert scores.judged_by_team_only(worked)
    shown = worked.model_copy(update={"measures": (series(12),)})
    assert not scores.judged_by_team_only(shown)


def test_completeness_names_what_is_missing(story) -> None:
    found = scores.completeness(story)
    assert found.total == 2
    assert set(found.present) == {"the problem with a number", "a change idea with its steps"}
    assert "what it cost or needed" in found.missing
    assert found.total + len(found.missing) == 12
