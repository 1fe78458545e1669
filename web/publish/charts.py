"""A chart as a copy has it: the same drawing in fewer words.

The one for phones can be read on every screen. What the stylesheet says of a class stands in no
chart; lines of the grid are one path; a point on the line is a marker of the line. What each point
says stands in the table below.
"""

from collections.abc import Iterable
from typing import Final

from lxml.html import HtmlElement

CHARTS: Final = ".//svg[@class='chart chart-narrow']"
# In a chart the stylesheets say these of elements of these classes; other ones say it themselves.
OF_THE_STYLESHEET: Final = {
    "fill": {"chart-after", "chart-line", "chart-point", "chart-trend"},
    "fill-opacity": {"chart-after"},
    "stroke": {
        "chart-change",
        "chart-grid",
        "chart-line",
        "chart-median",
        "chart-point",
        "chart-target",
        "chart-trend",
    },
    "stroke-dasharray": {"chart-change", "chart-median", "chart-target"},
    "stroke-width": {"chart-trend"},
    "stroke-opacity": {"chart-trend"},
}
POINT_LINE, SMALL_LINE = 2, 1.25  # units, around a point; as .chart-point and .chart-small say
PLAIN_HEADS: Final = "//figure//tbody/tr/th[@scope='row'] | //thead/tr[not(td)]/th[@scope='col']"
MARKER: Final = "point"


def leaner(document: HtmlElement) -> None:
    """Draw the charts of a page in fewer words."""
    marked = False
    _heads(document)
    for chart in document.iterfind(CHARTS):
        for part in chart.iterfind(".//*[@class]"):
            for name, classes in OF_THE_STYLESHEET.items():
                if not classes.isdisjoint(part.get("class").split()):
                    part.attrib.pop(name, None)
        for change in chart.iterfind("./g"):  # named in the list below, and in the description
            for title in change.findall("title"):
                change.remove(title)
            change.drop_tag()
        _grid(chart)
        _scale(chart)
        marked = _points(chart, known=marked)
        _dot(chart)


def _heads(document: HtmlElement) -> None:
    """Leave out what a head is the head of, where it is plain (HTML, 4.9.12.2)."""
    for cell in document.xpath(PLAIN_HEADS):
        del cell.attrib["scope"]


def _grid(chart: HtmlElement) -> None:
    """Draw the lines of the grid in one stroke."""
    lines = chart.findall("line[@class='chart-grid']")
    if lines:
        drawn = "".join(f"M{one.get('x1')} {one.get('y1')}H{one.get('x2')}" for one in lines)
        lines[0].addprevious(chart.makeelement("path", {"class": "chart-grid", "d": drawn}))
    for line in lines:
        chart.remove(line)


def _scale(chart: HtmlElement) -> None:
    """Say once where the texts of the scale begin; their size is that of the stylesheet."""
    around: HtmlElement | None = None
    for text in chart.findall("text"):
        text.attrib.pop("font-size", None)
        for name in ("x", "y"):
            text.set(name, f"{float(text.get(name)):.0f}")
        if text.get("text-anchor") == "start":  # as everywhere
            del text.attrib["text-anchor"]
        if text.get("class") != "chart-axis":
            continue
        anchor = text.get("text-anchor")
        if around is None or around.get("text-anchor") != anchor:
            around = chart.makeelement("g", {"text-anchor": anchor})
            text.addprevious(around)
        del text.attrib["class"], text.attrib["text-anchor"]
        around.append(text)


def _points(chart: HtmlElement, *, known: bool) -> bool:
    """Let the line draw the points on it; tell whether the page has the marker now.

    A point of a long run is drawn over it. Small points would not cover a larger one: in a chart
    that has some, all are drawn by themselves.
    """
    lines = chart.findall("polyline[@class='chart-line']")
    points = [one for one in chart.findall("circle") if _kinds(one)[:1] == ["chart-point"]]
    if not lines or any("chart-small" in _kinds(point) for point in points):
        return known
    if not known:
        chart.insert(0, _marker(chart, points[0].get("r")))
    on_them = {spot for line in lines for spot in line.get("points").split()}
    for line in lines:
        line.set("style", f"marker:url(#{MARKER})")
    for point in points:
        if _kinds(point) == ["chart-point"] and f"{point.get('cx')},{point.get('cy')}" in on_them:
            chart.remove(point)
    return True


def _marker(chart: HtmlElement, radius: str) -> HtmlElement:
    room = f"{2 * (float(radius) + POINT_LINE):g}"
    marker = chart.makeelement(
        "marker",
        {
            "id": MARKER,
            "markerUnits": "userSpaceOnUse",
            "markerWidth": room,
            "markerHeight": room,
            "overflow": "visible",
        },
    )
    marker.append(chart.makeelement("circle", {"r": radius, "class": "chart-point"}))
    return marker


def _kinds(point: HtmlElement) -> list[str]:
    names: str = point.get("class", "")
    return names.split()


def _dot(chart: HtmlElement) -> None:
    """Draw all points of a kind in one stroke."""
    alike: dict[tuple[str, float], list[HtmlElement]] = {}
    for point in chart.findall("circle"):
        kind = point.get("class", "")
        if kind.startswith("chart-point"):
            alike.setdefault((kind, float(point.get("r"))), []).append(point)
    for (kind, radius), points in alike.items():
        line = SMALL_LINE if "chart-small" in kind else POINT_LINE
        widths = {"chart-dots": 2 * radius + line}
        if "chart-marked" not in kind:  # hollow
            widths["chart-dots chart-inside"] = 2 * radius - line
        around, at = points[-1].getparent(), points[-1].getparent().index(points[-1])
        for name, width in reversed(widths.items()):
            path = {"class": name, "d": _spots(points), "stroke-width": f"{width:g}"}
            around.insert(at + 1, chart.makeelement("path", path))
        for point in points:
            around.remove(point)


def _spots(points: Iterable[HtmlElement]) -> str:
    return "".join(f"M{point.get('cx')} {point.get('cy')}h0" for point in points)
