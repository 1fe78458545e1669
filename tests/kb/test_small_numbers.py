"""Numbers of one to four people are not told, and do not come back by arithmetic."""

from datetime import date

import pytest

from kb import scores
from kb.before_after import before_after
from kb.content import Baseline, Measure, Place, Point, Record, Section
from kb.privacy import public
from kb.small_numbers import about_deaths, bounds
from kb.vocabulary import MeasureType, Naming, Suppressed, Unit

FED = (2, 3, 4, 1, 2, 10, 12, 14, 16, 17, 18, 20)


def months(counts, whole=30.0, **changes) -> Measure:
    points = tuple(
        Point(
            period=date(2024, month, 1),
            label=f"m{month}",
            numerator=n,
            denominator=whole,
            value=round(100 * n / whole),
            note="twins",
        )
        for month, n in enumerate(counts, start=1)
    )
    said = {"name": "Babies fed", "numerator_text": "Babies", "points": points, **changes}
    return Measure.model_validate(said)


def told(*measures: Measure, **changes) -> Record:
    said = {"title": "Story", "measures": measures, "naming": Naming.NAMED, **changes}
    return Record.model_validate(said)


def test_a_small_count_goes_with_its_value_and_note_and_nothing_else_does() -> None:
    points = public(told(months(FED))).measures[0].points
    first, later = points[0], points[5]
    assert (first.numerator, first.value, first.note) == (None, None, "")
    assert (first.denominator, first.suppressed) == (30, Suppressed.FEW)
    assert (later.numerator, later.value, later.suppressed) == (10, 33, Suppressed.NOTHING)


@pytest.mark.parametrize(
    ("point", "shown"),
    [
        (Point(period=date(2024, 1, 1), numerator=0, denominator=41), (0, 41, None)),
        (Point(period=date(2024, 1, 1), numerator=0, denominator=3), (0, None, 0)),
        (Point(period=date(2024, 1, 1), numerator=3, denominator=3), (None, None, None)),
        (Point(period=date(2024, 1, 1), numerator=38, denominator=41), (38, 41, None)),
        (Point(period=date(2024, 1, 1), value=7), (None, None, 7)),
    ],
)
def test_what_of_a_point_is_told(point, shown) -> None:
    seen = public(told(Measure(name="Fed", points=(point,)))).measures[0].points[0]
    assert (seen.numerator, seen.denominator, seen.value) == shown


def test_a_count_alone_is_small_too_but_visits_are_no_people() -> None:
    points = (Point(period=date(2024, 1, 1), value=3),)
    counted = Measure(name="Babies", unit=Unit.COUNT, points=points)
    visits = Measure(name="Visits", unit=Unit.COUNT, type=MeasureType.ACTIVITY, points=points)
    seen = public(told(counted, visits)).measures
    assert (seen[0].points[0].value, seen[1].points[0].value) == (None, 3)


def test_who_lived_tells_who_died() -> None:
    lived = Measure(
        name="Small babies who survived",
        points=(Point(period=date(2024, 1, 1), numerator=38, denominator=41),),
    )
    seen = public(told(lived, context_numbers={"monthly_births": "200"})).measures[0].points[0]
    assert (seen.numerator, seen.denominator, seen.value) == (None, None, None)
    assert seen.suppressed is Suppressed.REST


@pytest.mark.parametrize(
    "name",
    [
        "Maternal deaths",
        "Stillbirths",
        "Décès avant la sortie",
        "Muertes neonatales",
        "Óbitos fetais",
        "Vifo vya watoto",
        "وفيات الأمهات",
        "Survival to discharge",
    ],
)
def test_deaths_are_known_in_every_language(name) -> None:
    assert about_deaths(Measure(name=name))
    assert not about_deaths(Measure(name="Babies fed within one hour"))


@pytest.mark.parametrize(
    ("naming", "births", "coarse"),
    [
        (Naming.NAMED, "45", True),
        (Naming.NAMED, "120", False),
        (Naming.NAMED, "", False),
        (Naming.TYPE_AND_DISTRICT, "", True),
        (Naming.TYPE_AND_DISTRICT, "120", False),
    ],
)
def test_rare_deaths_are_told_by_quarter_and_district(naming, births, coarse) -> None:
    record = told(
        months((6, 7, 8, 9, 5, 6), name="Neonatal deaths", whole=90.0),
        naming=naming,
        context_numbers={"monthly_births": births} if births else {},
        places=(Place(country="TZA", admin2="Rungwe", facility="Ilulu Health Centre"),),
        start_date=date(2024, 2, 1),
    )
    seen = public(record)
    shown = [(p.period, p.numerator, p.denominator) for p in seen.measures[0].points]
    if coarse:
        assert shown == [(date(2024, 1, 1), 21, 270), (date(2024, 4, 1), 20, 270)]
        assert seen.places[0].facility == ""
        assert seen.start_date == date(2024, 1, 1)
        assert seen.naming is Naming.TYPE_AND_DISTRICT
    else:
        assert len(shown) == 6


def test_a_middle_value_is_told_only_where_no_number_kept_back_decides_it() -> None:
    counted = before_after(months(FED), None)
    seen = before_after(public(told(months(FED))).measures[0], None)
    assert seen.before_below
    assert counted.before < seen.before == 100 * 5 / 30 or float(seen.before) == pytest.approx(
        16.67, abs=0.01
    )
    assert (seen.after, seen.after_below) == (counted.after, False)
    few = public(told(months((1, 20, 21), whole=30.0))).measures[0]
    assert before_after(few, None).before_below


def test_what_nobody_can_tell_is_no_result() -> None:
    tiny = months((2, 3), whole=4.0)
    assert before_after(public(told(tiny)).measures[0], None) is None


def test_bounds_hold_the_number_that_is_kept_back() -> None:
    measure = months(FED)
    for real, seen in zip(measure.points, public(told(measure)).measures[0].points, strict=True):
        low, high = bounds(seen, Unit.PERCENT)
        assert low <= real.exact(Unit.PERCENT) <= high


def test_scores_are_those_of_what_was_counted() -> None:
    record = told(months(FED))
    assert scores.record_strength(public(record)) == scores.record_strength(record)


def test_tables_and_sentences_do_not_give_it_back() -> None:
    body = (
        "| Month | fed | born | % |\n|--|--|--|--|\n"
        "| m1 | 2 | 30 | 7 % |\n| m6 | 10 | 30 | 33 % |\n\n"
        "At first 3 of 30 (10 %) were fed, 10 of 30 later. 4 of 5 steps were done."
    )
    seen = public(told(months(FED), sections=(Section(body=body),)))
    assert "| m1 | <5 | 30 | – |" in seen.sections[0].body
    assert "| m6 | 10 | 30 | 33 % |" in seen.sections[0].body
    assert "first <5 of 30 were fed, 10 of 30 later. 4 of 5 steps" in seen.sections[0].body


def test_where_it_began_is_told_likewise() -> None:
    began = public(told(baseline=Baseline(value=10, numerator=3, denominator=30))).baseline
    assert (began.value, began.numerator, began.denominator) == (None, None, 30)
