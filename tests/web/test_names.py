from datetime import date, timedelta
from fractions import Fraction
from functools import partial

import pytest

from kb.content import Cost
from kb.db import utcnow
from kb.vocabulary import Unit
from kb.wording import marked
from web.i18n import LANGUAGES
from web.names import Name, Names


@pytest.fixture
def names(terms) -> Names:
    return Names(terms)


def test_countries_are_called_by_their_names(names) -> None:
    assert [names.country(c) for c in ("TZA", "CIV", "QQQ")] == ["Tanzania", "Côte d’Ivoire", "QQQ"]


def test_what_is_no_country_cannot_be_chosen_as_one(names) -> None:
    offered = {str(name) for _, name in names.countries()}
    assert {"Tanzania", "Uganda", "Côte d’Ivoire"} <= offered
    assert not offered & {"European Union", "Pseudo-Accents", "Pseudo-Bidi", "Unknown Region"}


def test_what_came_a_moment_ago_did_not_come_an_hour_ago(names) -> None:
    assert names.age(utcnow() - timedelta(seconds=5)) == "1 minute ago"
    assert names.age(utcnow() - timedelta(minutes=20)) == "20 minutes ago"
    assert names.age(utcnow() - timedelta(hours=3)) == "3 hours ago"


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


def test_a_label_that_a_language_does_not_have_is_english_and_says_so(terms) -> None:
    arabic, french = Names(terms, "ar"), Names(terms, "fr")
    label = arabic.concept("kangaroo-mother-care")
    assert label == "Kangaroo mother care"
    assert label.__html__() == '<span lang="en" dir="ltr">Kangaroo mother care</span>'
    assert label.inline.__html__() == '<span lang="en" dir="ltr">kangaroo mother care</span>'
    assert french.concept("kangaroo-mother-care").lang == ""


def test_a_name_is_escaped_where_a_page_prints_it() -> None:
    assert Name("<b>", "en").__html__() == '<span lang="en" dir="ltr">&lt;b&gt;</span>'
    assert Name("<b>").__html__() == "&lt;b&gt;"


def test_what_is_in_no_catalogue_is_said_in_english_and_marked(terms) -> None:
    french = Names(terms, "fr")
    assert french.told("It went away.").lang == "en"
    assert Names(terms).told("It went away.").lang == ""
    said = marked("There is no record %(number)s of %(day)s.", number=12345, day=date(2024, 5, 3))
    assert said == "There is no record 12345 of 2024-05-03."
    assert Names(terms).told(said) == "There is no record 12,345 of 3 May 2024."


def test_what_is_missing_is_listed_in_the_reader_s_language(terms) -> None:
    said = marked("Still missing: %(what)s.", what=(marked("a summary"), marked("a text")))
    assert said == "Still missing: a summary; a text."
    assert Names(terms, "es").told(said) == "Todavía falta: un resumen; un texto."


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["33%", "1,234.5", "3 May 2024", "May 2024", "54 kB", "Cabo Verde", "Kenya"]),
        (
            "fr",
            [
                "33\xa0%",
                "1\u202f234,5",
                "3 mai 2024",
                "mai 2024",
                "54\u202fko",
                "Cabo Verde",
                "Kenya",
            ],
        ),
        ("es", ["33\xa0%", "1.234,5", "3 may 2024", "may 2024", "54 kB", "Cabo Verde", "Kenia"]),
        ("pt", ["33%", "1\xa0234,5", "3 mai. 2024", "mai. 2024", "54 kB", "Cabo Verde", "Quénia"]),
        ("sw", ["33%", "1,234.5", "3 Mei 2024", "Mei 2024", "kilobaiti 54", "Cabo Verde", "Kenya"]),
        (
            "ar",
            ["33%", "1,234.5", "3 مايو 2024", "مايو 2024", "54 كيلوبايت", "الرأس الأخضر", "كينيا"],
        ),
    ],
)
def test_numbers_days_sizes_and_countries_are_those_of_the_language(
    terms, language, written
) -> None:
    names, day = Names(terms, language), date(2024, 5, 3)
    assert [
        names.figure(33, Unit.PERCENT).replace("\u200e", ""),
        names.number(1234.5),
        names.day(day),
        names.month(day),
        names.size(54_321),
        names.country("CPV"),
        names.country("KEN"),
    ] == written


def test_a_country_has_a_name_in_each_language(terms) -> None:
    for code in ("COD", "COG", "CPV", "SWZ", "MKD", "SSD", "TLS", "PSE", "CUW"):
        assert all(names.country(code) != code for names in map(partial(Names, terms), LANGUAGES))


@pytest.mark.parametrize(("language", "said"), [("en", "4,000 TZS"), ("fr", "4\u202f000 TZS")])
def test_an_amount_is_written_as_the_language_writes_it(terms, language, said) -> None:
    assert Names(terms, language).amount(Cost(amount=4000, currency="TZS")) == said
    assert Names(terms, language).amount(Cost(text="very little")) == ""
