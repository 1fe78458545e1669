"""Numbers typed or pasted: what is understood, and what does not add up."""

import pytest

from ingest.pasted import MOST_ROWS, Doubt, Why, merged, paste, typed, understand

FRENCH = "Mois\tNés\tMis au sein\t%\njanvier 2024\t30\t10\t33 %\nfévrier 2024\t31\t12\t50 %"


def test_columns_are_known_by_what_they_hold_in_any_order() -> None:
    found = paste(FRENCH)
    assert found.rows[0] == ("janvier 2024", "10", "30", "33 %", "")
    assert (found.numerator, found.denominator) == ("Mis au sein", "Nés")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Semana\tNiños\tPartos\nenero 2024\t4\t9\nfebrero 2024\t5\t9", ("enero 2024", "4", "9")),
        ("Mês;Bebés;Partos\njaneiro 2024;4;9\nfevereiro 2024;5;9", ("janeiro 2024", "4", "9")),
        ("Mwezi\tWatoto\tWote\nMachi 2024\t4\t9\nMei 2024\t5\t9", ("Machi 2024", "4", "9")),
        ("|Week|Fed|Of|\n|2024-01-01|4|9|\n|2024-01-08|5|9|", ("2024-01-01", "4", "9")),
        ("2024-01-01\t4\t9\n2024-01-08\t5\t9", ("2024-01-01", "4", "9")),
        ("week 1 2024\t4\nweek 2 2024\t5", ("week 1 2024", "4", "")),
    ],
)  # fmt: skip
def test_cells_are_read_in_five_languages_with_a_head_or_without(text, first) -> None:
    assert paste(text).rows[0][:3] == first


def test_what_has_no_weeks_or_no_numbers_is_no_table() -> None:
    for text in ("", "hello", "a\tb\nc\td", "2024-01-01\n2024-01-08"):
        found = paste(text)
        assert (found.rows, found.doubts) == ((), (Doubt(Why.NO_TABLE),))


def test_columns_that_are_not_used_are_named() -> None:
    found = paste("Week\tFed\tBorn\tTwins\n2024-01-01\t4\t9\t1\n2024-01-08\t5\t9\t2")
    assert found.doubts == (Doubt(Why.LEFT_OUT, "Twins"),)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("nonsense", "1", "2"), Why.NO_PERIOD),
        (("May 2024", "many", "2"), Why.NO_NUMBER),
        (("May 2024", "1.5", "2"), Why.NOT_WHOLE),
        (("May 2024", "31", "30"), Why.ABOVE),
        (("May 2024", "10", "30", "50 %"), Why.DIFFERS),
    ],
)
def test_what_does_not_add_up_is_a_doubt(row, why) -> None:
    assert why in [doubt.why for doubt in understand([row])[0].doubts]


def test_a_number_that_was_not_counted_is_no_doubt() -> None:
    assert understand([("May 2024", "", "", "", "register lost")])[0].doubts == ()


def test_a_period_that_comes_twice_is_a_doubt_where_it_comes_again() -> None:
    first, again = understand([("May 2024", "1", "2"), ("2024-05", "1", "2")])
    assert first.doubts == ()
    assert again.doubts == (Doubt(Why.TWICE, "2024-05"),)


def test_pasted_rows_take_the_place_of_those_of_their_period_and_stand_in_order() -> None:
    old = [("2024-02", "1", "9"), ("2024-03", "2", "9")]
    rows = merged(old, [("Jan 2024", "5", "9"), ("Feb 2024", "6", "9")])
    assert [row[:2] for row in rows] == [("Jan 2024", "5"), ("Feb 2024", "6"), ("2024-03", "2")]


def test_no_more_rows_are_kept_than_a_page_can_show() -> None:
    text = "\n".join(f"{1990 + n // 12}-{n % 12 + 1:02}\t{n}\t900" for n in range(MOST_ROWS + 50))
    assert len(merged([], paste(text).rows)) <= MOST_ROWS


def test_a_percentage_alone_is_a_value() -> None:
    assert typed("2024-05", "34%", "") == ("2024-05", "", "", "34%", "")
    assert typed("2024-05", "34", "90") == ("2024-05", "34", "90", "", "")
