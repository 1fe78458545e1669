"""Run charts: valid, escaped, legible, and true to the numbers."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.pictures import runchart
from web.pictures.legend import change_key, legend
from web.pictures.runchart import ChartSeries, ChartWords, Median, describe, run_chart
from web.pictures.scale import NARROW, WIDE, scale
from web.pictures.svg import BOLD

START = date(2023, 1, 2)


def weekly(*values: float | None) -> tuple[tuple[date, float | None], ...]:
    return tuple((START + timedelta(weeks=week), value) for week, value in enumerate(values))


def series(*values: float | None, **fields) -> ChartSeries:
    return ChartSeries(
        **{"title": "Early feeds", "unit": "percent", "points": weekly(*values)} | fields
    )


def drawn(chart: ChartSeries, **options) -> ET.Element:
    return ET.fromstring(run_chart(chart, **options))


def having(svg: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in svg.iter() if name in one.get("class", "").split()]


def texts(svg: ET.Element, name: str) -> list[str]:
    return ["".join(one.itertext()) for one in having(svg, name) if one.tag == "text"]


def test_a_chart_says_in_words_what_it_shows() -> None:
    chart = series(
        34,
        None,
        82,
        medians=(Median(START, START, 34), Median(START, START, 81.5)),
        changes=((date(2023, 1, 9), "Chest first"),),
        target=80,
    )
    svg = drawn(chart, number=lambda value: f"{value:g} %")

    assert svg.get("role") == "img"
    assert [svg[0].tag, svg[0].text] == ["title", "Early feeds"]
    assert [svg[1].tag, svg[1].text] == [
        "desc",
        (
            "Points: 2, from Jan 2023 to Jan 2023. The first is 34 %, the last 82 %."
            " Middle value (median): 34 %, 81.5 %. Target 80 %. Jan 2023: Chest first."
        ),
    ]


def test_the_words_and_numbers_are_the_readers_own() -> None:
    words = ChartWords(span="%(count)s points, %(first)s à %(last)s, de %(low)s à %(high)s.")
    said = describe(
        series(12.5, 40),
        words=words,
        number=lambda value: f"{value:.1f}".replace(".", ",") + " %",
        period=lambda day: f"{day:%d/%m}",
    )
    assert said == "2 points, 02/01 à 09/01, de 12,5 % à 40,0 %."


def test_every_text_is_escaped() -> None:
    sly = '<script>&"'
    chart = series(1, 2, title=sly, changes=((START, sly),))
    numbered = series(1, 2, changes=((START, sly),) * 4)
    made = [run_chart(chart), run_chart(numbered), change_key(numbered)]
    made += [run_chart(series(1), number=lambda _: sly, period=lambda _: sly)]
    assert all("<script" not in one for one in made)
    for one in made:
        ET.fromstring(one)


def test_a_chart_obeys_the_content_security_policy() -> None:
    chart = series(
        1, None, 3, changes=((START, "x"),), target=2, medians=(Median(START, START, 2),)
    )
    made = run_chart(chart) + legend(chart) + change_key(chart)
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|href", made)


def test_a_gap_breaks_the_line_and_is_no_zero() -> None:
    svg = drawn(series(10, 20, None, 30, 40, None, 50))
    lines = [line.get("points").split() for line in having(svg, "chart-line")]
    assert [len(line) for line in lines] == [2, 2]
    assert len(having(svg, "chart-point")) == 5


def test_percent_begins_at_zero_and_a_high_one_ends_at_a_hundred() -> None:
    assert texts(drawn(series(76, 90)), "chart-axis")[:6] == ["0", "20", "40", "60", "80", "100"]
    assert texts(drawn(series(12, 13)), "chart-axis")[:4] == ["0", "5", "10", "15"]


def test_a_temperature_does_not_begin_at_zero() -> None:
    svg = drawn(series(36.1, 36.8, unit="°C"))
    assert texts(svg, "chart-axis")[:5] == ["36", "36.2", "36.4", "36.6", "36.8"]


def test_higher_values_are_drawn_higher_and_later_ones_further_right() -> None:
    low, high = having(drawn(series(20, 60)), "chart-point")
    assert float(low.get("cy")) > float(high.get("cy"))
    assert float(low.get("cx")) < float(high.get("cx"))


def test_medians_are_dashed_and_the_time_after_the_first_change_is_shaded() -> None:
    middle = START + timedelta(weeks=2)
    chart = series(
        10,
        20,
        60,
        70,
        80,
        medians=(Median(START, START + timedelta(weeks=1), 15), Median(middle, middle, 70)),
        changes=((middle + timedelta(weeks=1), "Second"), (middle, "First")),
    )
    svg = drawn(chart)
    points = having(svg, "chart-point")
    medians, shade = having(svg, "chart-median"), having(svg, "chart-after")

    assert all(line.get("stroke-dasharray") for line in medians)
    assert [medians[0].get("x1"), medians[0].get("x2")] == [p.get("cx") for p in points[:2]]
    assert [rect.get("x") for rect in shade] == [points[2].get("cx")]
    assert texts(svg, "chart-change-text") == ["First", "Second"]


def test_points_of_a_signal_are_marked() -> None:
    svg = drawn(series(1, 2, 3, marked=(2,)))
    places = [
        place for place, p in enumerate(having(svg, "chart-point")) if "marked" in p.get("class")
    ]
    assert places == [2]


@pytest.mark.parametrize("week", [0, 5, 9])
def test_a_long_label_is_cut_short_inside_the_drawing(week) -> None:
    size = WIDE
    label = "Babies are weighed only after the first feed, " * 3
    chart = series(*range(10), changes=((START + timedelta(weeks=week), label),))
    svg = drawn(chart, size=size)
    (text,) = having(svg, "chart-change-text")
    length = len(text.text) * size.font * BOLD
    x = float(text.get("x"))
    left = x - length if text.get("text-anchor") == "end" else x

    assert text.text.endswith("…")
    assert left >= 0
    assert left + length <= size.width
    assert label in [title.text for title in svg.iter("title")]


def test_a_label_that_would_be_cut_is_numbered_and_named_in_full_below() -> None:
    label = "Weigh the babies only after the first feed"
    chart = series(*range(10), changes=((START, label), (START + timedelta(weeks=8), "Night")))
    assert texts(drawn(chart, size=NARROW), "chart-change-text") == ["1", "2"]
    assert texts(drawn(chart), "chart-change-text") == [f"1 {label}", "2 Night"]
    items = [item.text for item in ET.fromstring(change_key(chart))]
    assert items == [f"Jan 2023: {label}", "Feb 2023: Night"]


def test_many_changes_are_numbered_and_named_in_a_list() -> None:
    changes = tuple((START + timedelta(weeks=week), f"Idea {week}") for week in range(4))
    chart = series(1, 2, 3, 4, changes=changes)
    assert texts(drawn(chart), "chart-change-text") == ["1", "2", "3", "4"]
    items = [item.text for item in ET.fromstring(change_key(chart))]
    assert items == [f"Jan 2023: Idea {week}" for week in range(4)]
    assert change_key(series(1, changes=changes[:3])) == ""


def test_a_measure_without_points_says_so() -> None:
    for empty in (series(), series(None, None)):
        svg = drawn(empty)
        assert [child.tag for child in svg] == ["title", "desc"]
        assert svg[1].text == "No points yet."


def test_the_narrow_chart_has_fewer_dates_and_the_same_points() -> None:
    chart = series(*range(26))

    def label(day: date) -> str:
        return f"{day:%d %b}"

    wide, narrow = drawn(chart, period=label), drawn(chart, size=NARROW, period=label)
    assert len(texts(wide, "chart-axis")) > len(texts(narrow, "chart-axis")) > 6
    assert len(having(wide, "chart-point")) == len(having(narrow, "chart-point")) == 26


def test_numbers_of_changes_that_begin_together_stand_together() -> None:
    weeks = (0, 6, 6, 6, 12)
    changes = tuple((START + timedelta(weeks=week), f"Idea {week}") for week in weeks)
    svg = drawn(series(*range(13), changes=changes))
    assert texts(svg, "chart-change-text") == ["1", "2–4", "5"]
    assert len(having(svg, "chart-change")) == 5


def test_labels_far_apart_share_a_line_and_near_ones_do_not() -> None:
    changes = ((START, "First"), (START + timedelta(weeks=7), "Second"))
    apart = having(drawn(series(*range(12), changes=changes)), "chart-change-text")
    near = having(drawn(series(*range(150), changes=changes)), "chart-change-text")
    assert len({label.get("y") for label in apart}) == 1
    assert len({label.get("y") for label in near}) == 2


def test_points_of_few_people_are_smaller() -> None:
    large, small = having(drawn(series(1, 2, small=(1,))), "chart-point")
    assert float(small.get("r")) < float(large.get("r"))
    assert "chart-small" in small.get("class")


def test_a_trend_is_drawn_behind_its_points_and_across_a_gap() -> None:
    svg = drawn(series(9, 1, None, 2, 3, 4, 5, trends=((1, 3, 4, 5, 6),)))
    (band,) = having(svg, "chart-trend")
    assert len(band.get("points").split()) == 5
    names = [one.get("class") for one in svg]
    assert names.index("chart-trend") < names.index("chart-line")


def test_medians_target_and_changes_differ_without_colour() -> None:
    chart = series(
        1,
        2,
        target=2,
        changes=((START, "x"),),
        medians=(Median(START, START, 1), Median(START, START, 1, held=True)),
    )
    svg = drawn(chart)
    classes = ("chart-median", "chart-target", "chart-change")
    lines = [line for name in classes for line in having(svg, name)]
    assert len({line.get("stroke-dasharray") for line in lines}) == len(lines) == 4


def test_the_legend_names_what_the_chart_has_and_nothing_else() -> None:
    plain, marked = series(1, 2), series(1, 2, marked=(1,), small=(0,))
    words = ChartWords()
    assert [item[0].tail.strip() for item in ET.fromstring(legend(plain))] == [words.line]
    said = [item[0].tail.strip() for item in ET.fromstring(legend(marked))]
    assert said == [words.line, words.long_run, words.small]


def test_all_words_are_in_the_readers_language() -> None:
    words = ChartWords.told(str.upper)
    assert words.own == "MIDDLE VALUE (MEDIAN)"
    assert words.small.isupper()


def test_the_module_lists_every_class_it_uses() -> None:
    changes = ((START, "x"),) * 4
    medians = (Median(START, START, 1), Median(START, START, 1, held=True))
    chart = series(
        *(1, 2),
        target=2,
        changes=changes,
        medians=medians,
        marked=(1,),
        small=(1,),
        trends=((0, 1),),
    )
    made = run_chart(chart) + run_chart(chart, size=NARROW) + change_key(chart) + legend(chart)
    used = {name for one in re.findall(r'class="([^"]+)"', made) for name in one.split()}
    assert len(used) >= 19
    assert [name for name in used if not re.search(rf"\b{name}\b", runchart.__doc__)] == []


known = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


@given(
    st.lists(st.none() | known, min_size=1, max_size=30),
    st.sampled_from(["percent", "count", "°C"]),
    st.none() | known,
    st.lists(st.integers(-50, 400), max_size=5),
    st.sampled_from([WIDE, NARROW]),
)
def test_everything_is_drawn_inside_the_drawing(values, unit, target, days, size) -> None:
    changes = tuple((START + timedelta(days=day), "Idea") for day in days)
    svg = drawn(series(*values, unit=unit, target=target, changes=changes), size=size)
    ends = {"x1": size.width, "x2": size.width, "cx": size.width, "x": size.width}
    ends |= {"y1": size.height, "y2": size.height, "cy": size.height, "y": size.height}
    for element in svg.iter():
        for name, end in ends.items():
            assert 0 <= float(element.get(name, 0)) <= end, (element.tag, name)


@given(st.lists(known, min_size=1, max_size=30), st.sampled_from(["percent", "count"]))
def test_the_scale_takes_in_every_value_in_few_round_steps(values, unit) -> None:
    ticks = scale(values, percent=unit == "percent")
    assert ticks[0] <= min(values)
    assert ticks[-1] >= max(values) - 1e-6 * abs(max(values))
    assert 2 <= len(ticks) <= 8
