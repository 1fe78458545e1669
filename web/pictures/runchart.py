"""Run charts: a number over time, its middle value, what was changed, and what the rules mark.

The stylesheet knows these classes: chart, chart-wide, chart-narrow (the drawing, one for each
width), chart-grid, chart-axis (lines and texts of the scale), chart-after (shading from the first
change on), chart-change, chart-change-text (line and label of a change), chart-median, chart-held
(a median drawn on beyond its own points), chart-target, chart-target-text, chart-trend (behind
points that all go one way), chart-line, chart-point, chart-marked (a point of a long run on one
side), chart-small (a point of few people), chart-few (hollow, on the axis: a number that is not
told), chart-key (list of numbered changes), chart-legend,
chart-swatch. Without a stylesheet a chart is drawn in the colour of the text.

Nothing is said by colour alone: medians, target and changes differ in their dashes, points in
size and filling.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from markupsafe import Markup, escape

from kb.wording import marked
from web.pictures.scale import WIDE, Frame, Size, scale
from web.pictures.svg import BOLD, GREY, PALE, rounded, rule, stroke, tag, text, unbroken
from web.pictures.words import Words

NAMED_CHANGES = 3  # more have only their number on the chart
SHORT = 18  # letters of a label that fits everywhere
ENOUGH = 0.35  # of the width: room for a label that has to be cut on either side
LTR, END = "\u2066", "\u2069"  # what stands between them runs from left to right
POINT, SMALL_POINT = "3.5", "2.2"  # radius
# Dashes: of a median, of the same drawn on, of the target, of the beginning of a change.
OWN, HELD, GOAL, START = "7 5", "2 5", "1 4", "4 3"

Write: TypeAlias = Callable[[float], str]  # a value with its unit, as the reader's language does
Period: TypeAlias = Callable[[date], str]


class Median(NamedTuple):
    """A stretch of the chart and the median that holds on it; both ends belong to it."""

    start: date
    end: date
    value: float
    held: bool = False  # the median of earlier points, drawn on to compare with


@dataclass(frozen=True)
class ChartSeries:
    """One measure over time, ready to draw.

    `points` are in order of time, None where a period is missing; `unit` is the measure's, and
    percent begins at 0; `marked` are indices of points of a long run on one side of the median,
    `small` of those that count few people, `trends` of those that all rise or all fall, `few` of
    those whose number is kept back, so that they have no value.
    """

    title: str
    unit: str
    points: tuple[tuple[date, float | None], ...]
    medians: tuple[Median, ...] = ()
    changes: tuple[tuple[date, str], ...] = ()
    target: float | None = None
    marked: tuple[int, ...] = ()
    small: tuple[int, ...] = ()
    trends: tuple[tuple[int, ...], ...] = ()
    few: tuple[int, ...] = ()

    @property
    def dated(self) -> list[tuple[date, str]]:
        """The changes, the earliest first."""
        return sorted(self.changes, key=lambda change: change[0])

    @property
    def numbered(self) -> bool:
        """Tell whether the changes are too many or too long, so that a list below names them."""
        too_long = any(len(said) > SHORT for _, said in self.changes)
        return too_long or len(self.changes) > NAMED_CHANGES


@dataclass(frozen=True)
class ChartWords(Words):
    """What a chart says, in the reader's language; what stands in brackets is filled in."""

    span: str = marked(
        "Points: %(count)s, from %(first)s to %(last)s. The first is %(low)s, the last %(high)s."
    )
    median: str = marked("Middle value (median): %(values)s.")
    target: str = marked("Target %(value)s")
    empty: str = marked("No points yet.")
    line: str = marked("What was counted")
    own: str = marked("Middle value (median)")
    held: str = marked("The middle value before, drawn on")
    goal: str = marked("Target")
    change: str = marked("A change begins")
    long_run: str = marked("Six or more in a row on one side of the middle")
    trend: str = marked("Five or more in a row that all rise or all fall")
    small: str = marked("Few people counted: such a point jumps more")
    few: str = marked("Fewer than 5: the number is not told")
    fewer: str = marked("fewer than 5")
    kept: str = marked("Numbers not told, because fewer than 5 people were counted: %(count)s.")


class Label(NamedTuple):
    """What stands above the line of a change, or of several that begin together."""

    x: float  # of the line it stands beside
    start: float  # where it begins
    end: float
    shown: str
    lane: int  # 0 is nearest to the plot


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
    number: Write = plain_number,
    period: Period = plain_month,
    words: ChartWords | None = None,
) -> Markup:
    """Return the run chart as one `<svg role="img">` with a title and sentences describing it.

    Time goes from left to right whatever way the page is written.
    """
    words = words or ChartWords()
    said = describe(series, number=number, period=period, words=words)
    drawn = [tag("title", escape(series.title)), tag("desc", escape(said))]
    values = [float(value) for _, value in series.points if value is not None]
    values = values or ([0.0] if series.few else [])
    if values:
        ticks = scale(_taken_in(series, values), percent=series.unit == "percent")
        written = [number(tick) for tick in ticks]
        frame, labels = _frame(series, size, ticks, written)
        drawn += [
            *_grid(frame, size, ticks, written),
            *_periods(series, frame, size, period),
            *_changes(series, frame, size, labels),
            *_target(series, frame, size, number, words),
            *_medians(series, frame),
            *_lines(series, frame),
            *_points(series, frame, number, period),
            *_few(series, frame, period, words),
        ]
    return tag(
        "svg",
        *drawn,
        class_=f"chart {size.name}",
        viewBox=f"0 0 {size.width} {size.height}",
        role="img",
        direction="ltr",
    )


def describe(
    series: ChartSeries,
    *,
    number: Write = plain_number,
    period: Period = plain_month,
    words: ChartWords | None = None,
) -> str:
    """Return the chart in sentences: points, first and last value, medians, target, changes."""
    words = words or ChartWords()
    points = [(day, float(value)) for day, value in series.points if value is not None]
    kept = [words.kept % {"count": len(series.few)}] if series.few else []
    if not points:
        return " ".join(kept) or words.empty
    (first, start), (last, end) = points[0], points[-1]
    span = {"count": len(points), "first": period(first), "last": period(last)}
    told = [words.span % (span | {"low": number(start), "high": number(end)}), *kept]
    own = [number(segment.value) for segment in series.medians if not segment.held]
    if own:
        told.append(words.median % {"values": ", ".join(own)})
    if series.target is not None:
        told.append(f"{words.target % {'value': number(series.target)}}.")
    return " ".join([*told, *(f"{period(day)}: {label}." for day, label in series.dated)])


def _taken_in(series: ChartSeries, values: Sequence[float]) -> list[float]:
    target = [] if series.target is None else [series.target]
    return [*values, *(segment.value for segment in series.medians), *target]


def _frame(
    series: ChartSeries, size: Size, ticks: Sequence[float], written: Sequence[str]
) -> tuple[Frame, list[Label]]:
    """Return the plot, as high as the labels of the changes leave it, and these."""
    frame = Frame(
        left=max(map(len, written)) * size.letter + 18,
        right=size.width - 10,
        top=10,
        bottom=size.height - 2.2 * size.font,
        first=series.points[0][0],
        last=series.points[-1][0],
        low=ticks[0],
        high=ticks[-1],
    )
    labels = _labels(series, frame, size)
    lanes = max((label.lane + 1 for label in labels), default=0)
    return frame._replace(top=10 + lanes * size.font * 1.35), labels


def _labels(series: ChartSeries, frame: Frame, size: Size) -> list[Label]:
    """Return the labels of the changes, none of them over another one."""
    few = len(series.changes) <= NAMED_CHANGES
    named = few and (size.named or not series.numbered)
    labels: list[Label] = []
    ordered = list(enumerate(series.dated, 1))
    # Of two labels the earlier stands higher: so the line of neither goes through the other.
    for place, (day, said) in reversed(ordered) if named else ordered:
        x, number = frame.x(day), f"{place} " if series.numbered else ""
        new = _beside(f"{number}{said}" if named else str(place), x, size)
        beneath = [one for one in labels if one.start < new.end and new.start < one.end]
        if beneath and not named:  # several begin together: from the first to this one
            first = beneath[-1].shown.split("–")[0]
            labels[-1] = _beside(f"{first}–{place}", beneath[-1].x, size)
            continue
        taken = {one.lane for one in beneath}
        free = next(lane for lane in range(len(labels) + 1) if lane not in taken)
        labels.append(new._replace(lane=free))
    return sorted(labels)


def _beside(said: str, x: float, size: Size) -> Label:
    """Return a label beside its line, on the side with room, cut short where it would not fit."""
    letter = size.font * BOLD
    to_the_right, to_the_left = size.width - x - 8, x - 8
    fits = len(said) * letter <= to_the_right
    enough = len(said) * letter > to_the_left and to_the_right >= ENOUGH * size.width
    rightwards = fits or enough
    letters = int((to_the_right if rightwards else to_the_left) / letter)
    shown = said if len(said) <= letters else f"{said[: letters - 1].rstrip()}…"
    length = len(shown) * letter
    start = x + 6 if rightwards else x - 6 - length
    return Label(x, start, start + length, shown, 0)


def _grid(
    frame: Frame, size: Size, ticks: Sequence[float], written: Sequence[str]
) -> Iterator[Markup]:
    for tick, said in zip(ticks, written, strict=True):
        x, y = frame.left - 10, frame.y(tick)
        yield rule(frame.left - 6, y, frame.right, y, class_="chart-grid", stroke=PALE)
        yield text(said, x, y + size.font / 3, size.font, class_="chart-axis", text_anchor="end")


def _periods(series: ChartSeries, frame: Frame, size: Size, period: Period) -> Iterator[Markup]:
    """Write as many periods below the scale as fit, the first one always, none twice."""
    free, before, y = 0.0, "", size.height - size.font * 0.7
    for day, _ in series.points:
        said = period(day)
        half = len(said) * size.letter / 2
        middle = min(max(frame.x(day), half), size.width - half)
        if said != before and middle - half >= free:
            yield text(said, middle, y, size.font, class_="chart-axis", text_anchor="middle")
            free, before = middle + half + 2 * size.font, said


def _changes(
    series: ChartSeries, frame: Frame, size: Size, labels: Sequence[Label]
) -> Iterator[Markup]:
    if not series.changes:
        return
    start = frame.x(series.dated[0][0])
    yield tag(
        "rect",
        x=rounded(start),
        y=rounded(frame.top),
        width=rounded(frame.right - start),
        height=rounded(frame.bottom - frame.top),
        class_="chart-after",
        fill="currentColor",
        fill_opacity="0.06",
    )
    height = size.font * 1.35
    tops = {label.x: frame.top - (label.lane + 1) * height for label in labels}
    for day, said in series.dated:
        x = frame.x(day)
        line = {"class_": "chart-change", "stroke": GREY, "stroke_dasharray": START}
        yield tag(
            "g",
            tag("title", escape(said)),
            rule(x, tops.get(x, frame.top), x, frame.bottom, **line),
        )
    for label in labels:
        rightwards = label.start > label.x
        yield text(
            label.shown,
            label.x + 6 if rightwards else label.x - 6,
            frame.top - label.lane * height - size.font * 0.5,
            size.font,
            class_="chart-change-text",
            text_anchor="start" if rightwards else "end",
        )


def _target(
    series: ChartSeries, frame: Frame, size: Size, number: Write, words: ChartWords
) -> Iterator[Markup]:
    if series.target is None:
        return
    y = frame.y(series.target)
    yield rule(frame.left, y, frame.right, y, class_="chart-target", stroke_dasharray=GOAL)
    said = words.target % {"value": f"{LTR}{number(series.target)}{END}"}
    own = {"class_": "chart-target-text", "unicode_bidi": "plaintext"}  # Arabic from the right
    yield text(said, frame.left + 4, y - 5, size.font, **own)


def _medians(series: ChartSeries, frame: Frame) -> Iterator[Markup]:
    for segment in series.medians:
        y = frame.y(segment.value)
        start, end = frame.x(segment.start), frame.x(segment.end)
        line = "chart-median chart-held" if segment.held else "chart-median"
        dashes = HELD if segment.held else OWN
        yield rule(start, y, end, y, class_=line, stroke_dasharray=dashes)


def _lines(series: ChartSeries, frame: Frame) -> Iterator[Markup]:
    spots = [
        None if value is None else (frame.x(day), frame.y(float(value)))
        for day, value in series.points
    ]
    for trend in series.trends:
        stretch = [spot for spot in spots[trend[0] : trend[-1] + 1] if spot is not None]
        yield stroke(stretch, class_="chart-trend", stroke_width="9", stroke_opacity="0.2")
    for part in unbroken(spots):
        yield stroke(part, class_="chart-line")


def _points(series: ChartSeries, frame: Frame, number: Write, period: Period) -> Iterator[Markup]:
    for index, (day, value) in enumerate(series.points):
        if value is None:
            continue
        kinds = {"chart-marked": series.marked, "chart-small": series.small}
        classes = [name for name, which in kinds.items() if index in which]
        yield tag(
            "circle",
            tag("title", escape(f"{period(day)}: {number(float(value))}")),
            cx=rounded(frame.x(day)),
            cy=rounded(frame.y(float(value))),
            r=SMALL_POINT if index in series.small else POINT,
            fill="currentColor",
            class_=" ".join(["chart-point", *classes]),
        )


def _few(series: ChartSeries, frame: Frame, period: Period, words: ChartWords) -> Iterator[Markup]:
    """Put a hollow sign on the axis for each number that is kept back: it has no height."""
    for index in series.few:
        day, value = series.points[index]
        if value is None:
            yield tag(
                "circle",
                tag("title", escape(f"{period(day)}: {words.fewer}")),
                cx=rounded(frame.x(day)),
                cy=rounded(frame.bottom),
                r=POINT,
                fill="none",
                stroke="currentColor",
                class_="chart-few",
            )
