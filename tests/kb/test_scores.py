from datetime import date, timedelta

import pytest

from kb import content, scores
from kb.vocabulary import (
    Cadence,
    DataSource,
    MeasureType,
    SectionRole,
    Unit,
    Validation,
    Verdict,
)

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
    for gaps, light in ((2, 2), (3, 0)):
        whole = series(20, source=DataSource.REGISTER, validated_how=Validation.DQA)
        empty = tuple(content.Point(period=p.period) for p in whole.points[5 : 5 + gaps])
        holed = (*whole.points[:5], *empty, *whole.points[5 + gaps :])
        skipped = (*whole.points[:5], *whole.points[5 + gaps :])
        for points in (holed, skipped):  # an empty row, and no row at all
            assert scores.strength(whole.model_copy(update={"points": points})).reliable == light


def test_two_rows_for_a_week_do_not_make_up_for_a_week_without() -> None:
    whole = series(20, source=DataSource.REGISTER, validated_how=Validation.DQA)
    kept = (*whole.points[:5], *whole.points[8:])
    twice = content.Measure.model_validate({**dict(whole), "points": kept * 2})
    assert scores.strength(twice).reliable == 0


def test_a_monthly_cadence_shows_the_months_skipped() -> None:
    quarterly = series(8, days=91, source=DataSource.REGISTER, validated_how=Validation.DQA)
    monthly = quarterly.model_copy(update={"cadence": Cadence.MONTH})
    assert scores.strength(quarterly).reliable == 2
    assert scores.strength(monthly).reliable == 0


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


def test_people_trained_are_no_result_for_patients(story) -> None:
    trained = series(20, type=MeasureType.STRUCTURE, source=DataSource.REGISTER)
    outcome = content.Measure(
        name="Deaths", type=MeasureType.OUTCOME, points=[content.Point(period=START, value=3)]
    )
    both = story.model_copy(update={"measures": (trained, outcome), "verdict": Verdict.WORKED})
    alone = story.model_copy(update={"measures": (trained,), "verdict": Verdict.WORKED})
    assert scores.record_strength(both) == scores.strength(outcome)
    assert scores.record_strength(alone).total == 2
    assert scores.judged_by_team_only(alone)


def test_the_order_in_which_points_are_given_does_not_matter() -> None:
    measure = series(12)
    turned = content.Measure.model_validate({**dict(measure), "points": measure.points[::-1]})
    assert turned == measure


def test_a_rate_needs_its_denominator() -> None:
    points = [content.Point(period=START, value=12)]
    said = {"name": "x", "numerator_text": "deaths", "source": DataSource.HMIS, "points": points}
    assert scores.strength(content.Measure(**said, unit=Unit.RATE)).objective == 1
    assert scores.strength(content.Measure(**said, unit=Unit.COUNT)).objective == 2


@pytest.mark.parametrize(
    ("aim", "counts"),
    [
        ({"text": "Reach 80 %"}, False),
        ({"text": "Better by December 2024"}, False),
        ({"text": "Reach 80 % by December 2024"}, True),
        ({"target": "80 %", "by_when": "next Easter"}, True),
    ],
)
def test_an_aim_needs_an_amount_and_a_date(story, aim, counts) -> None:
    told = story.model_copy(update={"aim": content.Aim(**aim)})
    assert ("an aim with an amount and a date" in scores.completeness(told).present) is counts


def test_every_section_of_a_role_counts(story) -> None:
    sections = (
        content.Section(role=SectionRole.PROBLEM, body="Only 34 of 100."),
        content.Section(role=SectionRole.PROBLEM, body="Nobody knew why."),
        content.Section(role=SectionRole.RESULTS, body="82 of 100."),
    )
    told = story.model_copy(update={"sections": sections, "baseline": content.Baseline()})
    present = scores.completeness(told).present
    assert {"the problem with a number", "a result for patients"} <= set(present)


@pytest.mark.parametrize(
    ("baseline", "counts"),
    [({}, False), ({"period": "May 2023"}, False), ({"value": 0}, True), ({"numerator": 3}, True)],
)
def test_a_baseline_is_a_number_only_where_something_was_counted(story, baseline, counts) -> None:
    told = story.model_copy(update={"sections": (), "baseline": content.Baseline(**baseline)})
    assert ("the problem with a number" in scores.completeness(told).present) is counts


@pytest.mark.parametrize(
    ("body", "counts"), [("Better since 2023.", False), ("In 2023 it was 82 of 100.", True)]
)
def test_a_year_alone_is_no_result(story, body, counts) -> None:
    sections = (content.Section(role=SectionRole.RESULTS, body=body),)
    told = story.model_copy(update={"sections": sections})
    assert ("a result for patients" in scores.completeness(told).present) is counts


def test_a_measure_of_gaps_alone_is_no_result(story) -> None:
    empty = content.Measure(name="Deaths", points=(content.Point(period=START),))
    told = story.model_copy(update={"measures": (empty,)})
    assert "a result for patients" not in scores.completeness(told).present
