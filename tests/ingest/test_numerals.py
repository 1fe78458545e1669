"""Cells of tables: what is a number, what is a gap, and what stands beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.numerals import Habit, decode, habit_of, read, unmarked
from kb.vocabulary import Unit


@pytest.mark.parametrize(
    ("cell", "numerator", "denominator", "percent"),
    [
        ("12/30", 12, 30, None),
        ("12 / 30", 12, 30, None),
        ("12 of 30", 12, 30, None),
        ("12 out of 30", 12, 30, None),
        ("12 sur 30", 12, 30, None),
        ("12 de 30", 12, 30, None),
        ("12 kati ya 30", 12, 30, None),
        ("12/30 (40 %)", 12, 30, 40),
        ("40 % (12/30)", 12, 30, 40),
        ("12 (40%)", 12, None, 40),
        ("40% (n=30)", None, 30, 40),
        ("1 214 of 2 000", 1214, 2000, None),
    ],
)
def test_two_or_three_numbers_of_a_cell_are_told_apart(cell, numerator, denominator, percent):
    found = read(cell)
    assert (found.numerator, found.denominator, found.percent) == (numerator, denominator, percent)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "-",
        "–",
        "—",
        "…",
        "n/a",
        "N/A",
        "ND",
        "n.d.",
        "s/d",
        "no data",
        "pas de données",
        "sin datos",
        "sem dados",
        "hakuna data",
        "#N/A",
        "#DIV/0!",
        "non disponible",
        "missing",
    ],
)
def test_a_gap_is_no_number_and_no_word(cell):
    assert not read(cell).is_filled


@pytest.mark.parametrize("cell", ["<5", "strike", "2023-01-02", "1e5", "12½"])
def test_what_is_no_number_stays_as_words(cell):
    assert (read(cell).value, read(cell).words) == (None, cell)


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("36,5 %", 36.5, Unit.PERCENT),
        ("12 min", 12, Unit.MINUTES),
        ("9 jours", 9, Unit.DAYS),
        ("3,1 ‰", 3.1, Unit.RATE),
        ("-4", -4, None),
    ],
)
def test_a_unit_in_a_cell_is_read(cell, value, unit):
    assert (read(cell).value, read(cell).unit) == (value, unit)


def test_a_mark_is_no_part_of_the_number():
    assert (read("45¹").value, read("45¹").marks) == (45, ("1",))
    assert (read("12*").value, read("12*").marks) == (12, ("*",))
    assert read("12 (1)").value is None
    assert read("12 (1)", known=frozenset({"1"})).value == 12


def test_a_provisional_number_is_one():
    assert [read(cell).provisional for cell in ("12 p", "12 (p)", "12 prov.", "12")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_other_cells_of_the_table_tell_what_a_comma_is():
    assert decode("1,421") == 1421
    assert decode("1,421", habit_of(["36,5", "1,421"])) == 1.421
    assert decode("1.421", habit_of(["36,5"])) == 1421
    assert habit_of(["12", "strike"]) == Habit(None, None)
    assert read("1,421").unsure == "1,421"
    assert read("1,421", habit_of(["1,421", "1,300", "2,100", "1,888"])).unsure == ""


@given(st.integers(0, 10**9))
def test_thousands_are_read_as_they_are_written(number):
    assert decode(f"{number:,}".replace(",", " ")) == number
    assert decode(f"{number:,}", Habit(comma_is_decimal=False)) == number


@given(st.text(max_size=80))
def test_any_cell_can_be_read(text):
    found = read(text)
    assert not (found.words and found.is_number)


def test_a_long_cell_of_marks_is_read_at_once():
    assert unmarked("*" * 100_000)[1] == ()
    assert read("1/" * 100_000).value is None
