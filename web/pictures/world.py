"""The countries of the world in Equal Earth projection, shaded by how many stories they have.

The outlines are those of Natural Earth, in the public domain; `make_world.py` made the file. The
stylesheet knows these classes: world, world-land (land without stories), world-1 to world-4
(shades, from few stories to many), world-dot (a small country), world-here (the one that is
looked for), swatch.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from markupsafe import Markup, escape

from web.pictures.svg import PALE, tag

EDGE = 60  # units of empty ocean that are cut off at the left; the far east ends at the edge
DOT = "6"  # radius
SCALES = ((1, 2, 3, 4), (1, 2, 5, 10), (1, 5, 20, 50), (1, 20, 100, 500), (1, 100, 1000, 5000))
AROUND = 45  # units shown around a country at least: 1,700 km
RATIO = 0.7  # height of the view around a country, of its width

Box = tuple[float, float, float, float]  # left, top, right, bottom


class Country(NamedTuple):
    """How a country is drawn, and where its middle is."""

    path: str  # empty where it is too small for an outline
    x: int
    y: int
    small: bool  # drawn as a dot when it has stories


class World(NamedTuple):
    """All that can be drawn."""

    width: int
    height: int
    countries: Mapping[str, Country]  # by ISO 3166-1 alpha-3
    rest: str  # land that ISO 3166 does not list


@cache
def world() -> World:
    """Return the outlines, as the file has them."""
    said = json.loads(files("web.pictures").joinpath("data/world.json").read_bytes())
    countries = {
        code: Country(path, x, y, bool(small))
        for code, (path, x, y, small) in said["countries"].items()
    }
    return World(said["width"], said["height"], countries, said["rest"])


def scale(most: int) -> tuple[int, ...]:
    """Return from how many stories on each of the four shades holds.

    >>> scale(3), scale(17), scale(90)
    ((1, 2, 3, 4), (1, 2, 5, 10), (1, 5, 20, 50))
    """
    return next((steps for steps in SCALES if most < 2 * steps[-1]), SCALES[-1])


def shades_of(most: int) -> list[tuple[int, int]]:
    """Return for each shade in use from how many stories to how many it stands.

    >>> shades_of(17), shades_of(0)
    ([(1, 1), (2, 4), (5, 9), (10, 17)], [])
    """
    lows = [step for step in scale(most) if step <= most]
    highs = [*(low - 1 for low in lows[1:]), most]
    return list(zip(lows, highs, strict=bool(lows)))


def world_map(
    counts: Mapping[str, int],
    *,
    title: str,
    description: str,
    named: Callable[[str], str],
    linked: Callable[[str], str],
) -> Markup:
    """Return the map; `named` says what a country with stories is called and `linked` leads there.

    It is a group and no image, because a link inside an image could not be reached.
    """
    earth, steps = world(), scale(max(counts.values(), default=0))
    shown = {code: earth.countries[code] for code in counts if code in earth.countries}
    land = "".join(c.path for code, c in earth.countries.items() if code not in shown) + earth.rest
    # Dots come last, so that no larger country lies over them.
    ordered = sorted(shown.items(), key=lambda one: one[1].small)
    links = [
        tag(
            "a",
            tag("title", escape(named(code))),
            *_outline(country, f"world-{sum(counts[code] >= step for step in steps)}"),
            href=linked(code),
        )
        for code, country in ordered
    ]
    return tag(
        "svg",
        tag("title", escape(title), id="world-title"),
        tag("desc", escape(description), id="world-desc"),
        tag("path", class_="world-land", d=land, fill=PALE),
        *links,
        class_="world",
        viewBox=f"{EDGE} 0 {earth.width - EDGE} {earth.height}",
        role="group",
        aria_labelledby="world-title",
        aria_describedby="world-desc",
    )


def swatch(shade: int) -> Markup:
    """Return the sign that stands for a shade in the legend."""
    square = tag("rect", class_=f"world-{shade}", x="1", y="1", width="16", height="16", rx="3")
    return tag("svg", square, class_="swatch", viewBox="0 0 18 18", aria_hidden="true")


def locator(code: str, title: str) -> Markup:
    """Return a country among its neighbours, or nothing where the map does not have it."""
    here = world().countries.get(code)
    if here is None:
        return Markup("")
    left, top, right, bottom = view = _around(here)
    near = [
        country.path
        for other, country in world().countries.items()
        if other != code and country.path and _meet(_box(country.path), view)
    ]
    return tag(
        "svg",
        tag("title", escape(title)),
        tag("path", class_="world-land", d="".join(near), fill=PALE),
        *_outline(here, "world-here"),
        class_="world locator",
        viewBox=f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}",
        role="img",
    )


def _outline(country: Country, name: str) -> list[Markup]:
    drawn = [tag("path", class_=name, d=country.path)] if country.path else []
    if country.small:
        place = {"cx": str(country.x), "cy": str(country.y), "r": DOT}
        drawn.append(tag("circle", class_=f"{name} world-dot", **place))
    return drawn


def _around(country: Country) -> Box:
    """Return what to show of the Earth so that a country is seen with what lies around it."""
    left, top, right, bottom = _box(country.path) if country.path else (country.x, country.y) * 2
    half = max(AROUND, (right - left) * 0.8, (bottom - top) * 0.8 / RATIO)
    x, y = (left + right) / 2, (top + bottom) / 2
    return x - half, y - half * RATIO, x + half, y + half * RATIO


@cache
def _box(path: str) -> Box:
    """Return the edges of what a path draws."""
    xs, ys = [], []
    for ring in path.split("z")[:-1]:
        numbers = [int(number) for number in re.findall(r"-?\d+", ring)]
        x = y = 0
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            xs.append(x)
            ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
