"""Charts as SVG made on the server: no script, no inline style, every text escaped.

Colours come from the stylesheet, by these classes: chart, chart-wide, chart-narrow (the drawing,
one for each width), chart-grid, chart-axis (lines and texts of the scale), chart-after (shading
from the first change on), chart-change, chart-change-text (line and label of a change),
chart-median, chart-target, chart-target-text, chart-line, chart-point, chart-marked (a point that
belongs to a signal), chart-key (list of numbered changes), spark, spark-line, spark-end. Without
a stylesheet a chart is drawn in the colour of the text.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import floor, log10
from typing import NamedTuple

from markupsafe import Markup, escape

CHARACTER, BOLD = 0.56, 0.68  # of the font size: the mean width of a letter
PALE, GREY = "#d0d6d5", "#7f8a8c"  # where no stylesheet says otherwise
NAMED_CHANGES = 3  # more are numbered, and named in a list below
STEPS = (1, 2, 2.5, 5, 10)  # of a power of ten: distances of grid lines that read well
FULL_PERCENT = 75  # from here on a scale of percent goes to 100


class Median(NamedTuple):
    """A stretch of the chart and the median that holds on it; both ends belong to it."""

    start: date
    end: date
    value: float


@dataclass(frozen=True)
class ChartSeries:
    """One measure over time, ready to draw.

    `points` are in order of time, None where a period is missing; `unit` is the measure's, and
    percent begins at 0; `marked` are indices of points that belong to a signal.
    """

    title: str
    unit: str
    points: tuple[tuple[date, float | None], ...]
    medians: tuple[Median, ...] = ()
    changes: tuple[tuple[date, str], ...] = ()
    target: float | None = None
    marked: tuple[int, ...] = ()


@dataclass(frozen=True)
class ChartWords:
    """What a chart says, in the reader's language; the braces are filled in."""

    span: str = "{count} points from {first} to {last}"
    change: str = "from {low} to {high}"
    median: str = "median {values}"
    target: str = "Target {value}"
    empty: str = "No points yet"


class Size(NamedTuple):
    """The drawing in its own units, which are pixels where it is shown unscaled."""

    name: str
    width: int
    height: int
    font: float

    @property
    def letter(self) -> float:
        """The mean width of a letter."""
        return self.font * CHARACTER


WIDE = Size("chart-wide", 660, 300, 13)
NARROW = Size("chart-narrow", 340, 250, 12)


class Frame(NamedTuple):
    """The plot inside the drawing, and the dates and values at its edges."""

    left: float
    right: float
    top: float
    bottom: float
    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> float:
        """Return how far right the day lies; days outside the series stay at the edge."""
        days = (self.last - self.first).days
        if not days:
            return (self.left + self.right) / 2
        share = min(max((day - self.first).days / days, 0), 1)
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return how far down the value lies."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def plain_number(value: float) -> str:
    """Return the value with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def plain_month(day: date) -> str:
    """Return the month and year of the day, in English."""
    return f"{day:%b %Y}"


def run_chart(
    series: ChartSeries,
    *,
    size: Size = WIDE,
    number: Callable[[float], str] = plain_number,
    period: Callable[[date], str] = plain_month,
    words: ChartWords | None = None,
) -> Markup:
    """Return the run chart as one `<svg role="img">` with a title and a sentence describing it.

    `number` writes a value with its unit, `period` a date, as the reader's language does.
    """
    words = words or ChartWords()
    values = [float(value) for _, value in series.points if value is not None]
    spoken = [
        _tag("title", escape(series.title)),
        _tag("desc", escape(describe(series, number=number, period=period, words=words))),
    ]
    drawn: list[Markup] = []
    if values:
        ticks = scale(series, values)
        labels = [number(tick) for tick in ticks]
        frame = _frame(series, size, ticks, labels)
        drawn = [
            *_grid(frame, size, ticks, labels),
            *_periods(series, frame, size, period),
            *_changes(series, frame, size),
            *_target(series, frame, size, number, words),
            *_medians(series, frame),
            *_line(series, frame),
            *_points(series, frame, number, period),
        ]
    box = f"0 0 {size.width} {size.height}"
    return _tag(
        "svg",
        *spoken,
        *drawn,
        class_=f"chart {size.name}",
        viewBox=box,
        role="img",
        direction="ltr",
    )


def describe(
    series: ChartSeries,
    *,
    number: Callable[[float], str] = plain_number,
    period: Callable[[date], str] = plain_month,
    words: ChartWords | None = None,
) -> str:
    """Return the chart in a sentence: points, first and last value, medians, changes."""
    words = words or ChartWords()
    points = [(day, float(value)) for day, value in series.points if value is not None]
    if not points:
        return f"{words.empty}."
    (first, start), (last, end) = points[0], points[-1]
    parts = [
        words.span.format(count=len(points), first=period(first), last=period(last)),
        words.change.format(low=number(start), high=number(end)),
    ]
    if series.medians:
        values = ", ".join(number(segment.value) for segment in series.medians)
        parts.append(words.median.format(values=values))
    told = [f"{', '.join(parts)}."]
    if series.target is not None:
        told.append(f"{words.target.format(value=number(series.target))}.")
    told += [f"{period(day)}: {label}." for day, label in series.changes]
    return " ".join(told)


def change_key(series: ChartSeries, *, period: Callable[[date], str] = plain_month) -> Markup:
    """Return the list that names the changes where the chart only numbers them, else nothing."""
    if len(series.changes) <= NAMED_CHANGES:
        return Markup("")
    items = [_tag("li", escape(f"{period(day)}: {label}")) for day, label in series.changes]
    return _tag("ol", *items, class_="chart-key")


def spark(values: Sequence[float | None], *, width: int = 96, height: int = 24) -> Markup:
    """Return a line the size of a word, for result lists; the numbers stand beside it as text."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return Markup("")
    edge, low, high = 3, min(known), max(known)
    step = (width - 2 * edge) / max(len(values) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        share = (value - low) / (high - low) if high > low else 0.5
        return edge + index * step, height - edge - share * (height - 2 * edge)

    spots = [None if v is None else place(index, float(v)) for index, v in enumerate(values)]
    end = next(spot for spot in reversed(spots) if spot)
    return _tag(
        "svg",
        *(_stroke(part, class_="spark-line") for part in _unbroken(spots)),
        _tag(
            "circle",
            cx=_round(end[0]),
            cy=_round(end[1]),
            r="2.5",
            fill="currentColor",
            class_="spark-end",
        ),
        class_="spark",
        viewBox=f"0 0 {width} {height}",
        width=str(width),
        height=str(height),
        aria_hidden="true",
    )


def scale(series: ChartSeries, values: Sequence[float]) -> list[float]:
    """Return two to eight round values that take in every point, every median and the target.

    They begin at 0 for percent, and wherever 0 is not far from the lowest value.
    """
    shown = [*values, *(segment.value for segment in series.medians)]
    shown += [] if series.target is None else [series.target]
    low, high = min(shown), max(shown)
    percent = series.unit == "percent"
    if percent or 0 <= low <= high / 2:
        low = min(low, 0)
    if percent and FULL_PERCENT <= high <= 100:  # noqa: PLR2004  per cent
        high = 100
    spread = (high - low) or abs(high) or 1
    power = 10.0 ** floor(log10(spread / 5))
    step = next(step * power for step in STEPS if step * power * 5 >= spread * 0.999)
    first = floor(low / step)
    count = next(n for n in range(1, 9) if (first + n) * step >= high - step * 1e-9)
    return [round((first + place) * step, 9) for place in range(count + 1)]


def _frame(series: ChartSeries, size: Size, ticks: Sequence[float], labels: Sequence[str]) -> Frame:
    named = len(series.changes) if len(series.changes) <= NAMED_CHANGES else 1
    return Frame(
        left=max(map(len, labels)) * size.letter + 14,
        right=size.width - 10,
        top=10 + named * size.font * 1.35,
        bottom=size.height - 2.2 * size.font,
        first=series.points[0][0],
        last=series.points[-1][0],
        low=ticks[0],
        high=ticks[-1],
    )


def _grid(
    frame: Frame, size: Size, ticks: Sequence[float], labels: Sequence[str]
) -> Iterator[Markup]:
    for tick, label in zip(ticks, labels, strict=True):
        y = frame.y(tick)
        yield _rule(frame.left - 6, y, frame.right, y, class_="chart-grid", stroke=PALE)
        yield _text(
            label, frame.left - 10, y + size.font / 3, size, class_="chart-axis", text_anchor="end"
        )


def _periods(
    series: ChartSeries, frame: Frame, size: Size, period: Callable[[date], str]
) -> Iterator[Markup]:
    """Write as many periods below the scale as fit, the first one always, none twice."""
    free, before = 0.0, ""
    for day, _ in series.points:
        label = period(day)
        half = len(label) * size.letter / 2
        middle = min(max(frame.x(day), half), size.width - half)
        if label != before and middle - half >= free:
            yield _text(
                label,
                middle,
                size.height - size.font * 0.7,
                size,
                class_="chart-axis",
                text_anchor="middle",
            )
            free, before = middle + half + 2 * size.font, label


def _changes(series: ChartSeries, frame: Frame, size: Size) -> Iterator[Markup]:
    if not series.changes:
        return
    start = frame.x(min(day for day, _ in series.changes))
    yield _tag(
        "rect",
        x=_round(start),
        y=_round(frame.top),
        width=_round(frame.right - start),
        height=_round(frame.bottom - frame.top),
        class_="chart-after",
        fill="currentColor",
        fill_opacity="0.06",
    )
    named = len(series.changes) <= NAMED_CHANGES
    for place, (day, label) in enumerate(series.changes):
        x = frame.x(day)
        y = 8 + (place if named else 0) * size.font * 1.35
        yield _tag(
            "g",
            _tag("title", escape(label)),
            _rule(x, y, x, frame.bottom, class_="chart-change", stroke=GREY),
            _change_text(label if named else str(place + 1), x, y + size.font * 0.75, size),
        )


def _change_text(label: str, x: float, y: float, size: Size) -> Markup:
    """Write the label beside its line, on the side with room, cut short where it would not fit."""
    letter = size.font * BOLD
    rightwards = len(label) * letter <= size.width - x - 8 or x < size.width / 2
    room = size.width - x - 8 if rightwards else x - 8
    letters = int(room / letter)
    shown = label if len(label) <= letters else f"{label[: letters - 1].rstrip()}…"
    return _text(
        shown,
        x + 6 if rightwards else x - 6,
        y,
        size,
        class_="chart-change-text",
        text_anchor="start" if rightwards else "end",
    )


def _target(
    series: ChartSeries,
    frame: Frame,
    size: Size,
    number: Callable[[float], str],
    words: ChartWords,
) -> Iterator[Markup]:
    if series.target is None:
        return
    y = frame.y(series.target)
    yield _rule(frame.left, y, frame.right, y, class_="chart-target", stroke_dasharray="2 4")
    label = words.target.format(value=number(series.target))
    yield _text(label, frame.left + 4, y - 5, size, class_="chart-target-text")


def _medians(series: ChartSeries, frame: Frame) -> Iterator[Markup]:
    for segment in series.medians:
        y = frame.y(segment.value)
        start, end = frame.x(segment.start), frame.x(segment.end)
        yield _rule(start, y, end, y, class_="chart-median", stroke_dasharray="7 5")


def _line(series: ChartSeries, frame: Frame) -> Iterator[Markup]:
    spots = [
        None if value is None else (frame.x(day), frame.y(float(value)))
        for day, value in series.points
    ]
    for part in _unbroken(spots):
        yield _stroke(part, class_="chart-line")


def _points(
    series: ChartSeries,
    frame: Frame,
    number: Callable[[float], str],
    period: Callable[[date], str],
) -> Iterator[Markup]:
    for index, (day, value) in enumerate(series.points):
        if value is None:
            continue
        yield _tag(
            "circle",
            _tag("title", escape(f"{period(day)}: {number(float(value))}")),
            cx=_round(frame.x(day)),
            cy=_round(frame.y(float(value))),
            r="3.5",
            fill="currentColor",
            class_="chart-point chart-marked" if index in series.marked else "chart-point",
        )


def _unbroken(
    spots: Sequence[tuple[float, float] | None],
) -> Iterator[list[tuple[float, float]]]:
    """Yield the stretches of two and more points without a gap."""
    for known, group in groupby(spots, key=lambda spot: spot is not None):
        stretch = [spot for spot in group if spot is not None]
        if known and len(stretch) > 1:
            yield stretch


def _stroke(spots: Sequence[tuple[float, float]], **attributes: str) -> Markup:
    path = " ".join(f"{_round(x)},{_round(y)}" for x, y in spots)
    return _tag("polyline", points=path, fill="none", stroke="currentColor", **attributes)


def _rule(x1: float, y1: float, x2: float, y2: float, **attributes: str) -> Markup:
    ends = {"x1": _round(x1), "y1": _round(y1), "x2": _round(x2), "y2": _round(y2)}
    return _tag("line", **ends, **({"stroke": "currentColor"} | attributes))


def _text(text: str, x: float, y: float, size: Size, **attributes: str) -> Markup:
    place = {"x": _round(x), "y": _round(y), "font_size": _round(size.font)}
    return _tag("text", escape(text), **place, **attributes)


def _round(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _tag(name: str, *content: Markup, **attributes: str) -> Markup:
    """Return an element; `class_` and `text_anchor` become class and text-anchor."""
    spelt = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    written = Markup("").join(Markup(' {}="{}"').format(*pair) for pair in spelt.items())
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, Markup("").join(content))
