"""The map of the world: every country there, none torn, all small enough to send."""

import gzip
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest

from kb.countries import alpha3
from web.pictures import make_world
from web.pictures.world import _box, locator, scale, shades_of, world, world_map

DATA = files("web.pictures").joinpath("data/world.json").read_bytes()
NO_COUNTRY = {"ATA", "BVT", "UMI", "ASC", "CPT", "DGA", "TAA"}  # nobody lives there, or reserved


def drawn(counts: dict[str, int]) -> ET.Element:
    svg = world_map(
        counts,
        title="Stories",
        description="Shaded by number.",
        named=lambda code: f"{code} & co: {counts[code]}",
        linked=lambda code: f"/countries/{code}",
    )
    return ET.fromstring(svg)


def test_the_outlines_weigh_little() -> None:
    assert len(DATA) <= 40_000
    assert len(gzip.compress(DATA, 9)) <= 12_288


def test_every_country_of_iso_3166_can_be_drawn() -> None:
    there = {code for code in alpha3().values() if not code.startswith(("Q", "X", "AAA", "ZZZ"))}
    assert there - NO_COUNTRY - world().countries.keys() == set()


@pytest.mark.parametrize("code", ["COM", "CPV", "STP", "MDV", "KIR", "TUV", "TON", "MUS", "SYC"])
def test_a_small_island_state_is_a_dot(code) -> None:
    (link,) = drawn({code: 1}).iter("a")
    assert link.find("circle").get("class") == "world-1 world-dot"


def test_australia_is_not_lost_to_the_islands_that_share_its_number() -> None:
    assert len(world().countries["AUS"].path) > 500


@pytest.mark.parametrize("code", ["FJI", "RUS", "NZL", "USA"])
def test_no_country_is_torn_across_the_map_where_the_day_changes(code) -> None:
    for ring in world().countries[code].path.split("z")[:-1]:
        left, _, right, _ = _box(f"{ring}z")
        assert right - left < world().width / 2


def test_everything_lies_inside_the_drawing() -> None:
    earth = world()
    for country in earth.countries.values():
        assert 0 <= country.x <= earth.width
        if country.path:
            left, top, right, bottom = _box(country.path)
            assert 0 <= left <= right <= earth.width
            assert -1 <= top <= bottom <= earth.height + 10


def test_more_stories_are_a_darker_shade_and_dots_lie_above() -> None:
    svg = drawn({"RWA": 12, "TZA": 1, "KEN": 5})
    shades = {link.get("href"): link[1].get("class") for link in svg.iter("a")}
    assert shades == {
        "/countries/TZA": "world-1",
        "/countries/KEN": "world-3",
        "/countries/RWA": "world-4",
    }
    assert list(shades)[-1] == "/countries/RWA"


def test_a_link_is_named_and_escaped() -> None:
    (link,) = drawn({"TZA": 3}).iter("a")
    assert link[0].text == "TZA & co: 3"


def test_land_without_stories_is_one_outline_and_no_link() -> None:
    svg = drawn({})
    assert list(svg.iter("a")) == []
    (land,) = (one for one in svg if one.get("class") == "world-land")
    assert world().countries["TZA"].path in land.get("d")


def test_a_code_that_the_map_does_not_have_is_left_out() -> None:
    assert list(drawn({"QQQ": 2}).iter("a")) == []


@pytest.mark.parametrize("most", [0, 1, 4, 5, 99, 100_000])
def test_a_scale_has_four_steps_that_rise(most) -> None:
    steps = scale(most)
    assert list(steps) == sorted(set(steps))
    assert len(steps) == 4


@pytest.mark.parametrize("most", [1, 3, 7, 40])
def test_the_shades_of_the_legend_take_in_every_number_once(most) -> None:
    found = shades_of(most)
    covered = [n for low, high in found for n in range(low, high + 1)]
    assert covered == list(range(1, most + 1))


def test_a_locator_shows_a_country_and_its_neighbours_only() -> None:
    svg = ET.fromstring(locator("RWA", "Where Rwanda lies"))
    assert (svg.get("role"), svg[0].text) == ("img", "Where Rwanda lies")
    land = next(one for one in svg if one.get("class") == "world-land").get("d")
    assert world().countries["BDI"].path in land
    assert world().countries["BRA"].path not in land
    assert len(locator("RWA", "x")) < 12_000


def test_a_country_that_the_map_does_not_have_has_no_locator() -> None:
    assert locator("QQQ", "x") == ""


def test_a_border_that_crosses_180_degrees_is_cut_there() -> None:
    ring = [(170.0, 0.0), (190.0, 0.0), (190.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    parts = make_world.cut(ring)
    assert sorted(sorted({x for x, _ in part}) for part in parts) == [[-180, -170], [170, 180]]


def test_simplifying_keeps_the_ends_and_what_stands_out() -> None:
    line = [(0.0, 0.0), (10.0, 0.001), (20.0, 0.0), (30.0, 30.0), (40.0, 0.0)]
    assert make_world.simplified(line) == [line[0], *line[2:]]
