"""Make `data/world.json`, the outlines of the countries: `python -m web.pictures.make_world FILE`.

FILE is `countries-50m.json` of the npm package world-atlas 2.0.2, TopoJSON made of Natural Earth
4.1, which is in the public domain. The 110m file lacks many island states. The projection is Equal
Earth, so that no country looks larger than it is. Traps of the source, each minded below: shapes
are joined across 180 degrees; Australia shares its number with the Ashmore Islands; five areas
have no number of ISO 3166.

Source of the projection: Šavrič, Patterson, Jenny, Int. J. Geogr. Inf. Sci. 2019;33:454-465.
"""

import gzip
import heapq
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from babel.core import get_global

from kb.countries import alpha3

DATA = Path(__file__).parent / "data" / "world.json"
WIDTH = 1000  # of the whole Earth, in units of the drawing
NORTH, SOUTH = 84, -56  # degrees of latitude: Antarctica has no stories
BULGE = 0.9  # square units: what a corner adds to the area before it is worth keeping
SPECK = 2  # square units: a smaller part is not drawn
SMALL = 26  # square units: a smaller country is drawn as a dot when it has stories
# Parts of a country in ISO 3166 that the source draws on their own; others stay grey.
PART_OF = {"Somaliland": "SOM", "N. Cyprus": "CYP"}
LEFT_OUT = frozenset({"ATA"})
# In ISO 3166 and not in the source, or only as a part of another country: longitude and latitude.
DOTS = {
    "BES": (-68.3, 12.2), "CCK": (96.8, -12.2), "CXR": (105.6, -10.5), "GIB": (-5.3, 36.1),
    "GLP": (-61.5, 16.2), "GUF": (-53.2, 4.0), "MTQ": (-61.0, 14.6), "MYT": (45.2, -12.8),
    "REU": (55.5, -21.1), "SJM": (16.0, 78.5), "TKL": (-171.8, -9.2), "TUV": (179.2, -8.5),
}  # fmt: skip

Degrees: TypeAlias = tuple[float, float]  # longitude, latitude
Spot: TypeAlias = tuple[float, float]  # in units of the drawing, downwards from the north

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796  # of the Equal Earth projection
M = sqrt(3) / 2


class Shape(NamedTuple):
    """What one country, or one part of it, looks like."""

    path: str  # of SVG, in whole units
    middle: Spot  # of its largest part
    largest: float  # area of that part, in square units
    area: float


def main() -> None:
    """Read the file that is named, write the outlines and say how much they weigh."""
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    written = json.dumps(world(topology), separators=(",", ":")).encode()
    DATA.write_bytes(written + b"\n")
    sys.stdout.write(f"{len(written)} bytes, {len(gzip.compress(written, 9))} compressed\n")


def world(topology: Mapping[str, Any]) -> dict[str, Any]:
    """Return the size of the drawing, the countries by ISO 3166-1 alpha-3, and the other land."""
    arcs = [simplified(arc) for arc in _arcs(topology)]
    shapes: dict[str, list[Shape]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        code = _code(country)
        if code not in LEFT_OUT:
            shapes.setdefault(code, []).append(_shape(country, arcs))
    rest = "".join(one.path for one in shapes.pop("", []))
    rows = {code: _row(parts) for code, parts in shapes.items()}
    rows |= {code: ["", *map(round, _drawn(point)), 1] for code, point in DOTS.items()}
    return {
        "width": WIDTH,
        "height": round(_drawn((0, SOUTH))[1]),
        "countries": dict(sorted(rows.items())),
        "rest": rest,
    }


def equal_earth(longitude: float, latitude: float) -> tuple[float, float]:
    """Return where a point of the Earth lies on the map, for a radius of 1.

    >>> [round(value, 3) for value in equal_earth(180, 0)]
    [2.707, 0.0]
    """
    t = asin(M * sin(radians(latitude)))
    t2 = t * t
    t6 = t2**3
    across = M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2))
    return radians(longitude) * cos(t) / across, t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))


def simplified(arc: Sequence[Degrees], bulge: float = BULGE) -> list[Degrees]:
    """Return the border without the corners that add less than `bulge` to an area.

    Neighbours share an arc, so that no gap opens between them. Both ends stay.
    Source: Visvalingam, Whyatt, Cartographic Journal 1993;30:46-51.
    """
    spots = [_drawn(point) for point in arc]
    before = list(range(-1, len(arc) - 1))
    after = list(range(1, len(arc) + 1))
    kept = [True] * len(arc)
    worth = {at: _triangle(spots, at - 1, at, at + 1) for at in range(1, len(arc) - 1)}
    waiting = [(area, at) for at, area in worth.items()]
    heapq.heapify(waiting)
    while waiting and waiting[0][0] <= bulge:
        area, at = heapq.heappop(waiting)
        if not kept[at] or worth[at] != area:
            continue  # it was reckoned anew since
        kept[at] = False
        after[before[at]], before[after[at]] = after[at], before[at]
        for beside in (before[at], after[at]):
            if beside in worth:
                grown = _triangle(spots, before[beside], beside, after[beside])
                worth[beside] = max(area, grown)
                heapq.heappush(waiting, (worth[beside], beside))
    return [point for point, stays in zip(arc, kept, strict=True) if stays]


def cut(ring: Sequence[Degrees]) -> list[list[Degrees]]:
    """Return the ring in parts that each lie between -180 and 180 degrees."""
    if all(-180 <= longitude <= 180 for longitude, _ in ring):  # noqa: PLR2004  degrees
        return [list(ring)]
    turned = ([(x + turn, y) for x, y in ring] for turn in (-360, 0, 360))
    parts = (_clipped(_clipped(part, 180, 1), -180, -1) for part in turned)
    return [part for part in parts if len(part) > 3]  # noqa: PLR2004  a triangle, closed


def _clipped(ring: Sequence[Degrees], limit: float, side: int) -> list[Degrees]:
    """Return what of the ring lies on one side of a meridian (Sutherland-Hodgman, one edge)."""
    found: list[Degrees] = []
    for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]] if ring else []):
        inside = side * x1 <= side * limit
        if inside:
            found.append((x1, y1))
        if inside != (side * x2 <= side * limit):
            found.append((limit, y1 + (y2 - y1) * (limit - x1) / (x2 - x1)))
    return [*found, found[0]] if found else []


def _arcs(topology: Mapping[str, Any]) -> Iterator[list[Degrees]]:
    (sx, sy), (tx, ty) = (topology["transform"][name] for name in ("scale", "translate"))
    for steps in topology["arcs"]:
        x = y = 0
        arc: list[Degrees] = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            longitude = x * sx + tx
            if arc:  # a border that crosses 180 degrees goes on, it does not leap back
                longitude += 360 * round((arc[-1][0] - longitude) / 360)
            arc.append((longitude, y * sy + ty))
        yield arc


def _code(country: Mapping[str, Any]) -> str:
    """Return the alpha-3 code, or an empty text for an area that ISO 3166 does not list."""
    name = country["properties"]["name"]
    alpha2 = get_global("territory_aliases").get(country.get("id", ""), [""])[0]
    return PART_OF.get(name) or alpha3().get(alpha2, "")


def _shape(country: Mapping[str, Any], arcs: Sequence[Sequence[Degrees]]) -> Shape:
    kind, polygons = country["type"], country["arcs"]
    path, areas = [], []
    for polygon in polygons if kind == "MultiPolygon" else [polygons]:
        for place, ring in enumerate(polygon):
            for part in cut(_ring(ring, arcs)):
                spots = [_drawn(point) for point in part]
                area, middle = _measured(spots)
                if not place:  # the first ring is the outline, the others are holes
                    areas.append((area, middle))
                if area >= SPECK:
                    path.append(_written(spots))
    largest, middle = max(areas)
    return Shape("".join(path), middle, largest, sum(area for area, _ in areas))


def _ring(numbers: Iterable[int], arcs: Sequence[Sequence[Degrees]]) -> list[Degrees]:
    ring: list[Degrees] = []
    for number in numbers:
        arc = list(arcs[number]) if number >= 0 else list(reversed(arcs[~number]))
        if ring:
            turn = 360 * round((ring[-1][0] - arc[0][0]) / 360)
            arc = [(x + turn, y) for x, y in arc[1:]]
        ring += arc
    return ring


def _row(parts: Sequence[Shape]) -> list[Any]:
    """Return the path of a country, the middle of its largest part, and 1 for a small one."""
    main = max(parts, key=lambda part: part.largest)
    small = sum(part.area for part in parts) < SMALL
    return ["".join(part.path for part in parts), *map(round, main.middle), int(small)]


def _drawn(point: Degrees) -> Spot:
    x, y = equal_earth(*point)
    scale = WIDTH / (2 * equal_earth(180, 0)[0])
    return WIDTH / 2 + x * scale, (equal_earth(0, NORTH)[1] - y) * scale


def _triangle(spots: Sequence[Spot], a: int, b: int, c: int) -> float:
    (ax, ay), (bx, by), (cx, cy) = spots[a], spots[b], spots[c]
    return abs((ax - cx) * (by - ay) - (ax - bx) * (cy - ay)) / 2


def _measured(spots: Sequence[Spot]) -> tuple[float, Spot]:
    """Return the area of a closed ring and its centre of gravity."""
    crosses = [x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(spots)]
    twice = sum(crosses)
    if not twice:
        return 0.0, spots[0]
    pairs = list(zip(pairwise(spots), crosses, strict=True))
    x = sum((p[0] + q[0]) * cross for (p, q), cross in pairs) / (3 * twice)
    y = sum((p[1] + q[1]) * cross for (p, q), cross in pairs) / (3 * twice)
    return abs(twice) / 2, (x, y)


def _written(spots: Sequence[Spot]) -> str:
    """Return a ring as a path in whole units, each step from the one before."""
    whole = [(round(x), round(y)) for x, y in spots]
    ring = [spot for spot, before in zip(whole, [None, *whole], strict=False) if spot != before]
    if len(ring) < 4:  # noqa: PLR2004  a triangle, closed
        return ""
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(ring[:-1])]
    numbers = [number for step in steps for number in step]
    line = "".join(f" {n}" if n >= 0 and place else str(n) for place, n in enumerate(numbers))
    return f"M{ring[0][0]} {ring[0][1]}l{line}z"


if __name__ == "__main__":
    main()
