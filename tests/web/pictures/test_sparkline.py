"""Sparklines: small, true, and silent."""

from xml.etree import ElementTree as ET

import pytest

from web.pictures.sparkline import spark


def parts(svg: str) -> dict[str, ET.Element]:
    return {one.get("class"): one for one in ET.fromstring(svg)}


def test_a_sparkline_is_hidden_from_those_who_hear_the_numbers() -> None:
    assert ET.fromstring(spark([34, 60, 82])).get("aria-hidden") == "true"


def test_two_points_are_the_pair_itself_and_need_no_line() -> None:
    assert spark([34, 82]) == spark([None]) == spark([]) == ""


def test_a_gap_breaks_the_sparkline() -> None:
    line = parts(spark([34, 40, None, 60, 82]))["spark-line"]
    assert line.get("d").count("M") == 2


def test_the_last_point_and_the_median_are_marked() -> None:
    drawn = parts(spark([0, 0, 0, 0, 100, None]))
    end = drawn["spark-end"]
    assert (int(end.get("cx")) < 120 - 4, end.get("cy")) == (True, "4")  # before the gap, on top
    assert drawn["spark-median"].get("d") == "M4 24h112"  # of all points, at the bottom


def test_equal_values_make_a_level_line() -> None:
    assert parts(spark([5, 5, 5]))["spark-line"].get("d") == "M4 14l56 0 56 0"


@pytest.mark.parametrize("n_points", [3, 13, 60, 61, 500])
def test_a_sparkline_weighs_at_most_700_bytes_however_long_the_series(n_points) -> None:
    made = spark([(week * 37) % 101 for week in range(n_points)])
    assert len(made) <= 700
    assert parts(made)["spark-end"].get("cx") == "116"
