"""What stands below a run chart: what its lines and points mean, and which change is which."""

from markupsafe import Markup, escape

from web.pictures.runchart import (
    GOAL,
    HELD,
    OWN,
    POINT,
    SMALL_POINT,
    START,
    ChartSeries,
    ChartWords,
    Period,
    plain_month,
)
from web.pictures.svg import rule, stroke, tag

WIDTH, HEIGHT = 30, 14


def legend(series: ChartSeries, words: ChartWords | None = None) -> Markup:
    """Return a list of the lines and points that this chart has, each with its sign."""
    words = words or ChartWords()
    held = any(segment.held for segment in series.medians)
    shown = [
        (True, words.line, (_line("chart-line"), _point())),
        (bool(series.medians), words.own, (_line("chart-median", OWN),)),
        (held, words.held, (_line("chart-median chart-held", HELD),)),
        (series.target is not None, words.goal, (_line("chart-target", GOAL),)),
        (bool(series.changes), words.change, (_upright(),)),
        (bool(series.marked), words.long_run, (_line("chart-line"), _point("chart-marked"))),
        (bool(series.trends), words.trend, (_trend(),)),
        (bool(series.few), words.few, (_hollow(),)),
        (bool(series.small), words.small, (_line("chart-line"), _point("chart-small"))),
    ]
    items = [tag("li", _sign(*drawn), escape(f" {said}")) for there, said, drawn in shown if there]
    return tag("ul", *items, class_="chart-legend")


def change_key(series: ChartSeries, *, period: Period = plain_month) -> Markup:
    """Return the list that names the changes where the chart only numbers them, else nothing."""
    if not series.numbered:
        return Markup("")
    items = [tag("li", escape(f"{period(day)}: {label}")) for day, label in series.dated]
    return tag("ol", *items, class_="chart-key")


def _sign(*drawn: Markup) -> Markup:
    box = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "width": str(WIDTH), "height": str(HEIGHT)}
    return tag("svg", *drawn, class_="chart-swatch", aria_hidden="true", **box)


def _line(name: str, dashes: str = "") -> Markup:
    dashed = {"stroke_dasharray": dashes} if dashes else {}
    return rule(1, HEIGHT / 2, WIDTH - 1, HEIGHT / 2, class_=name, **dashed)


def _upright() -> Markup:
    x = WIDTH / 2
    return rule(x, 0, x, HEIGHT, class_="chart-change", stroke_dasharray=START)


def _trend() -> Markup:
    spots = [(2, HEIGHT - 3), (WIDTH - 2, 3)]
    wide = stroke(spots, class_="chart-trend", stroke_width="9", stroke_opacity="0.2")
    return wide + stroke(spots, class_="chart-line")


def _point(name: str = "") -> Markup:
    return tag(
        "circle",
        cx=str(WIDTH // 2),
        cy=str(HEIGHT // 2),
        r=SMALL_POINT if name == "chart-small" else POINT,
        fill="currentColor",
        class_=f"chart-point {name}".rstrip(),
    )


def _hollow() -> Markup:
    spot = {"cx": str(WIDTH // 2), "cy": str(HEIGHT // 2), "r": POINT}
    return tag("circle", fill="none", stroke="currentColor", class_="chart-few", **spot)
