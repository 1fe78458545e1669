from fractions import Fraction

import pytest

from kb.vocabulary import Unit
from web.names import Names


@pytest.fixture
def names(terms) -> Names:
    return Names(terms)


def test_countries_are_called_by_their_names(names) -> None:
    assert [names.country(c) for c in ("TZA", "CIV", "QQQ")] == ["Tanzania", "Côte d’Ivoire", "QQQ"]


def test_languages_are_called_by_their_names_and_an_unknown_one_by_its_tag(names) -> None:
    found = [names.tongue(tag) for tag in ("sw", "pt-MZ", "rw", "zh-Hant", "qqx")]
    assert found == ["Swahili", "Portuguese (Mozambique)", "Kinyarwanda", "Chinese", "qqx"]


def test_a_concept_that_left_the_files_stands_for_itself(names) -> None:
    assert names.concept("kangaroo-mother-care") == "Kangaroo mother care"
    assert names.concept("no-longer-there") == "no-longer-there"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (Fraction(100, 3), Unit.PERCENT, "33%"),
        (Fraction(9, 2), Unit.PERCENT, "4.5%"),
        (Fraction(65, 2), Unit.PERCENT, "33%"),
        (0, Unit.PERCENT, "0%"),
        (Fraction(100), Unit.PERCENT, "100%"),
        (12345.4, Unit.COUNT, "12,345"),
        (1, Unit.DAYS, "1 day"),
        (2.5, Unit.DAYS, "2.5 days"),
        (45, Unit.MINUTES, "45 min"),
        (3.14, Unit.RATE, "3.1"),
        (-0.5, Unit.RATE, "-0.5"),
    ],
)
def test_a_figure_is_whole_from_ten_on(names, value, unit, written) -> None:
    assert names.figure(value, unit) == written


@pytest.mark.parametrize(
    ("group", "value", "name"),
    [
        ("topic", "kangaroo-mother-care", "Kangaroo mother care"),
        ("verdict", "did-not-work", "Did not work"),
        ("facility_type", "regional-hospital", "Regional / provincial hospital"),
        ("country", "UGA", "Uganda"),
        ("language", "fr", "French"),
        ("year", "2021", "2021"),
    ],
)
def test_every_filter_names_its_values(names, group, value, name) -> None:
    assert names.of(group, value) == name
