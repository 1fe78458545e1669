"""The timeline of spread: sums that add up, and a dot for every story."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary import Verdict
from search.counting import Begun
from web.pictures.spread import (
    ROWS,
    Again,
    Draw,
    SoFar,
    Spread,
    SpreadWords,
    spread_chart,
)

CODES = [f"C{letter}{other}" for letter in "ABCD" for other in "EFGHI"]


def begun(record_id: int, year: int, *countries: str, facilities: int = 1, **said) -> Begun:
    verdict = said.get("verdict", Verdict.WORKED)
    return Begun(record_id, said.get("title", "A story"), year, countries, facilities, verdict)


def drawn(spread: Spread, **options) -> ET.Element:
    draw = Draw(SpreadWords(), str.lower, lambda code, records: f"/many/{code}", **options)
    return ET.fromstring(spread_chart(spread, "Spread", draw))


some = st.lists(
    st.tuples(st.integers(2000, 2020), st.lists(st.sampled_from(CODES), max_size=2, unique=True)),
    min_size=1,
    max_size=40,
).map(lambda told: tuple(begun(n, year, *codes) for n, (year, codes) in enumerate(sorted(told))))


@given(some)
def test_what_there_is_by_a_year_is_what_counting_finds(records) -> None:
    sums = Spread(records).so_far
    for year, began, total, countries, facilities in sums:
        until = [one for one in records if one.year <= year]
        assert began == sum(one.year == year for one in records)
        assert total == facilities == len(until)
        assert countries == len({code for one in until for code in one.countries})
    assert [one.year for one in sums] == list(range(records[0].year, records[-1].year + 1))


@given(some)
def test_every_story_is_in_a_row_of_each_of_its_countries_and_on_the_drawing(records) -> None:
    spread = Spread(records)
    assert len(spread.rows) <= ROWS + 2
    shown = {one.record_id for row in spread.rows.values() for one in row}
    assert shown == {one.record_id for one in records}
    svg = drawn(spread)
    dots = {one.get("href") for one in svg.iter("a")}
    many = sum(href.startswith("/many/") for href in dots)
    assert many or dots == {f"/records/{one.record_id}" for one in records}
    for element in svg.iter():
        for name in ("cx", "x1", "x2"):
            assert 0 <= float(element.get(name, "0").rstrip("%")) <= 100


def test_sums_of_three_kinds_are_not_mixed_up() -> None:
    spread = Spread((begun(1, 2020, "KEN", facilities=7), begun(2, 2020, "KEN", facilities=0)))
    assert spread.so_far == [SoFar(2020, began=2, records=2, countries=1, facilities=7)]


def test_countries_stand_in_the_order_in_which_they_began() -> None:
    spread = Spread((begun(1, 2019, "UGA"), begun(2, 2020, "KEN"), begun(3, 2021, "UGA")))
    labels = [one.text for one in drawn(spread).iter("text")]
    assert labels[-2:] == ["uga", "ken"]


def test_a_story_of_no_country_has_a_row_of_its_own() -> None:
    assert "Country not told" in [one.text for one in drawn(Spread((begun(1, 2020),))).iter("text")]


@pytest.mark.parametrize(
    ("verdict", "name"),
    [(Verdict.WORKED, "worked"), (Verdict.HARMED, "other"), (Verdict.TOO_EARLY, "untold")],
)
def test_a_dot_says_what_became_of_it_by_its_filling(verdict, name) -> None:
    svg = drawn(Spread((begun(1, 2020, "KEN", verdict=verdict),)))
    assert [dot.get("class") for dot in svg.iter("circle")] == [f"spread-{name}"]


def test_a_branch_goes_from_a_story_to_where_another_team_tried_it() -> None:
    svg = drawn(Spread((begun(1, 2020, "KEN"),), (Again(1, 2023),)))
    (branch,) = (one for one in svg.iter("line") if one.get("class") == "spread-branch")
    (dot,) = svg.iter("circle")
    (square,) = (one for one in svg.iter("rect"))
    assert (branch.get("x1"), branch.get("x2")) == (dot.get("cx"), square.get("x"))


def test_titles_are_escaped_and_cut_short() -> None:
    made = spread_chart(
        Spread((begun(1, 2020, title="<i>" + "long " * 40),)),
        "Spread",
        Draw(SpreadWords(), str, lambda code, records: ""),
    )
    assert "<i>" not in made
    assert re.search(r"&lt;i&gt;.{60,70}…", made)
