"""Sparklines: a series the size of a word; the two numbers beside it say it in words."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from markupsafe import Markup

from web.catalogue import PublicRecord
from web.pictures.svg import Spot, tag, unbroken

WIDTH, HEIGHT, EDGE = 120, 28, 4  # pixels
FEWEST, MOST = 3, 60  # points: two are the pair itself; more than a pixel or two apart is enough


def sparkline(record: PublicRecord) -> Markup:
    """Return the main measure of a record as a line the size of a word, or nothing."""
    measure = record.measure
    if measure is None:
        return Markup("")
    exact = [point.exact(measure.unit) for point in measure.points]
    return spark([None if value is None else float(value) for value in exact])


def spark(values: Sequence[float | None]) -> Markup:
    """Return the series with its median and its last point marked; a gap breaks the line."""
    known = [value for value in values if value is not None]
    if len(known) < FEWEST:
        return Markup("")
    shown = _thinned(values)
    low, high = min(known), max(known)

    def x(index: int) -> int:
        return round(EDGE + index * (WIDTH - 2 * EDGE) / (len(shown) - 1))

    def y(value: float) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE))

    spots = [None if value is None else (x(index), y(value)) for index, value in enumerate(shown)]
    end = next(spot for spot in reversed(spots) if spot)
    middle = f"M{EDGE} {y(median(known))}h{WIDTH - 2 * EDGE}"
    line = {"fill": "none", "stroke": "currentColor"}
    return tag(
        "svg",
        tag("path", class_="spark-median", d=middle, stroke_dasharray="3 3", **line),
        tag("path", class_="spark-line", d=_path(spots), **line),
        tag("circle", class_="spark-end", cx=str(end[0]), cy=str(end[1]), r="3"),
        class_="spark",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=str(WIDTH),
        height=str(HEIGHT),
        aria_hidden="true",
    )


def _thinned(values: Sequence[float | None]) -> list[float | None]:
    """Return at most as many values as can be seen apart, the last one always among them."""
    every = -(-len(values) // MOST)
    return list(values[::-1][::every][::-1])


def _path(spots: Sequence[Spot | None]) -> str:
    """Return the line in steps from each point to the next.

    >>> _path([(4, 24), (10, 20), None, (22, 4), (28, 5)])
    'M4 24l6-4M22 4l6 1'
    """
    return "".join(map(_stretch, unbroken(spots)))


def _stretch(spots: Sequence[Spot]) -> str:
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(spots)]
    written = " ".join(f"{dx:.0f}{dy:.0f}" if dy < 0 else f"{dx:.0f} {dy:.0f}" for dx, dy in steps)
    return f"M{spots[0][0]:.0f} {spots[0][1]:.0f}l{written}"
