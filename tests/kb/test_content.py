from datetime import date
from fractions import Fraction

import pytest
from pydantic import ValidationError

from kb import content
from kb.vocabulary import Unit


def test_points_are_kept_in_date_order_and_equal_days_in_the_order_of_the_source() -> None:
    march = content.Point(period=date(2024, 3, 1), value=3)
    first, second = (content.Point(period=date(2024, 1, 1), value=n) for n in (2, 1))
    measure = content.Measure(name="Fever", points=(march, first, second))
    assert measure.points == (first, second, march)


def test_points_out_of_order_are_put_in_order_when_read_from_a_version() -> None:
    said = {"name": "Fever", "points": [{"period": "2024-02-01"}, {"period": "2024-01-01"}]}
    measure = content.Measure.model_validate(said)
    assert [point.period.month for point in measure.points] == [1, 2]


def test_an_idea_names_an_intervention_once_in_the_order_given() -> None:
    idea = content.ChangeIdea(text="Post a midwife", interventions=("b", "a", "b", "c", "a"))
    assert idea.interventions == ("b", "a", "c")


def test_facets_are_a_set_whatever_the_order_they_came_in() -> None:
    rural = content.Facet(name="setting", value="rural")
    urban = content.Facet(name="setting", value="urban")
    nurses = content.Facet(name="audience", value="nurses")
    record = content.Record(title="Warm rooms", facets=(urban, rural, nurses, urban))
    assert record.facets == (nurses, rural, urban)
    assert record == content.Record(title="Warm rooms", facets=(rural, nurses, urban))


def test_a_record_is_the_same_after_it_was_a_version() -> None:
    record = content.Record(
        title="Warm rooms",
        facets=(content.Facet(name="setting", value="rural"),),
        change_ideas=(content.ChangeIdea(text="Close the door", interventions=("b", "a")),),
    )
    assert content.Record.model_validate_json(record.model_dump_json()) == record


def test_a_record_cannot_be_changed_in_place() -> None:
    record = content.Record(title="Warm rooms")
    with pytest.raises(ValidationError):
        record.title = "Cold rooms"  # type: ignore[misc]


def test_the_printed_value_of_a_rate_wins_for_only_it_knows_per_how_many() -> None:
    point = content.Point(period=date(2024, 1, 1), numerator=6, denominator=400, value=15)
    assert point.exact(Unit.RATE) == 15
    assert point.exact(Unit.PERCENT) == Fraction(3, 2)
    assert content.Point(period=date(2024, 1, 1), numerator=6, denominator=400).exact(
        Unit.RATE
    ) == Fraction(6, 400)
