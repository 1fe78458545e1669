"""How experiences spread: what began where in which year, and how many there were by then.

One drawing for every width: places are shares of it, texts and dots keep their size. Time goes
from left to right whatever way the page is written. The stylesheet knows these classes: spread,
spread-so-far (the area of all stories so far), spread-countries (the line of countries so far),
spread-row (a line for each country), spread-year, spread-seldom (a year that a narrow screen
leaves out), spread-worked, spread-other, spread-untold (dots, by what became of it), spread-many
(a dot for several stories), spread-again, spread-branch (another team tried it too, later).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from markupsafe import Markup, escape

from kb.vocabulary import Verdict
from kb.wording import marked
from search.counting import JUDGED, Begun
from web.pictures.svg import PALE, tag
from web.pictures.words import Words

ROWS = 12  # countries with a row of their own
ALONE = 2  # stories of a country and a year that have a dot each; more share one
LABELS, SELDOM = 5, 14  # most years written below a narrow and a wide drawing
EDGE = 3.0  # per cent of the width that stay free at each side
TOP, SO_FAR, ROW, FOOT = 8, 64, 34, 26  # pixels
FONT = "13"
DOT, BUBBLE = 5, 9  # radius
ELSEWHERE, UNTOLD = "elsewhere", "untold"  # rows of other countries, and of no country


class Again(NamedTuple):
    """A report that another team tried what a record tells of."""

    record_id: int
    year: int


class SoFar(NamedTuple):
    """What began in a year, and how much there is at its end."""

    year: int
    began: int
    records: int
    countries: int
    facilities: int


@dataclass(frozen=True)
class SpreadWords(Words):
    """What the timeline says, in the reader's language; what stands in brackets is filled in."""

    span: str = marked("Stories that began from %(first)s to %(last)s: %(records)s.")
    reach: str = marked("Countries by then: %(countries)s.")
    story: str = marked("%(title)s (%(place)s, %(year)s)")
    several: str = marked("%(place)s, %(year)s. Stories: %(records)s")
    again: str = marked("Another team tried this too (%(year)s): %(title)s")
    elsewhere: str = marked("Other countries")
    untold: str = marked("Country not told")


@dataclass(frozen=True)
class Spread:
    """Records by when and where they began."""

    begun: tuple[Begun, ...]  # the earliest first
    again: tuple[Again, ...] = ()

    @property
    def years(self) -> range:
        """All years from the first to the last, those without anything too."""
        said = [one.year for one in self.begun]
        last = max([*said, *(one.year for one in self.again)], default=-1)
        return range(min(said, default=0), last + 1)

    @property
    def so_far(self) -> list[SoFar]:
        """What there was by the end of each year."""
        began = Counter(one.year for one in self.begun)
        facilities: Counter[int] = Counter()
        first: dict[str, int] = {}
        for one in self.begun:
            facilities[one.year] += one.facilities
            for country in one.countries:
                first.setdefault(country, one.year)
        new = Counter(first.values())
        records, countries, by_then = (
            accumulate([count[year] for year in self.years]) for count in (began, new, facilities)
        )
        sums = zip(self.years, records, countries, by_then, strict=True)
        return [SoFar(year, began[year], *numbers) for year, *numbers in sums]

    @property
    def rows(self) -> dict[str, list[Begun]]:
        """The records by country, in the order in which countries began; the rest below."""
        found: dict[str, list[Begun]] = {}
        for one in self.begun:
            for country in one.countries or (UNTOLD,):
                found.setdefault(country, []).append(one)
        untold = found.pop(UNTOLD, [])
        kept = sorted(found, key=lambda code: -len(found[code]))[:ROWS]
        rows = {code: records for code, records in found.items() if code in kept}
        others = {one for code, records in found.items() if code not in kept for one in records}
        rows |= {ELSEWHERE: sorted(others, key=lambda one: (one.year, one.record_id))}
        return {code: records for code, records in (rows | {UNTOLD: untold}).items() if records}


class Line(NamedTuple):
    """The row of a country: its code and name, how far down it lies, and all years."""

    code: str
    place: str
    y: int
    years: range


@dataclass(frozen=True)
class Draw:
    """What of the page a drawing needs: names, addresses, words."""

    words: SpreadWords
    country: Callable[[str], str]
    several: Callable[[str, Sequence[Begun]], str]  # of a row and a year → their address
    rightwards: bool = True  # the page is written from left to right


def spread_chart(spread: Spread, title: str, draw: Draw) -> Markup:
    """Return the timeline: how much there was by each year, and a row of dots for each country."""
    rows, years = spread.rows, spread.years
    top = TOP + SO_FAR + ROW
    height = top + ROW * len(rows) - ROW // 2 + FOOT
    last = spread.so_far[-1]
    span = {"first": years[0], "last": years[-1], "records": last.records}
    said = f"{draw.words.span % span} {draw.words.reach % {'countries': last.countries}}"
    own = {ELSEWHERE: draw.words.elsewhere, UNTOLD: draw.words.untold}
    lines = [
        Line(code, own.get(code) or draw.country(code), top + ROW * place, years)
        for place, code in enumerate(rows)
    ]
    drawn = [
        *_years(years, height),
        _so_far(spread),
        *(_row(line, rows[line.code], spread.again, draw) for line in lines),
    ]
    return tag(
        "svg",
        tag("title", escape(title), id="spread-title"),
        tag("desc", escape(said), id="spread-desc"),
        *drawn,
        class_="spread",
        width="100%",
        height=str(height),
        role="group",
        aria_labelledby="spread-title",
        aria_describedby="spread-desc",
        direction="ltr",
    )


def _x(year: int, years: range) -> str:
    """Return where the middle of a year lies, in per cent of the width."""
    return f"{EDGE + (100 - 2 * EDGE) * (year - years[0] + 0.5) / len(years):.1f}%"


def _years(years: range, height: int) -> Iterator[Markup]:
    """Write some of the years below, with a line upwards from each."""
    wide, narrow = (-(-len(years) // most) for most in (SELDOM, LABELS))
    narrow = -(-narrow // wide) * wide  # what is written on a narrow screen is on a wide one too
    for place, year in enumerate(years):
        if place % wide:
            continue
        name = "spread-year" if place % narrow == 0 else "spread-year spread-seldom"
        at = _x(year, years)
        line = tag("line", x1=at, x2=at, y1=str(TOP), y2=str(height - FOOT), stroke=PALE)
        place_below = {"x": at, "y": str(height - 6), "text_anchor": "middle", "font_size": FONT}
        yield tag("g", line, tag("text", escape(str(year)), **place_below), class_=name)


def _so_far(spread: Spread) -> Markup:
    """Return the area of stories so far with the line of countries so far, in steps."""
    sums = spread.so_far
    most, width = sums[-1].records, 100 / len(sums)

    def steps(numbers: Sequence[int]) -> list[tuple[float, float]]:
        corners: list[tuple[float, float]] = []
        for place, number in enumerate(numbers):
            y = 100 - 100 * number / most
            corners += [(place * width, y), ((place + 1) * width, y)]
        return corners

    def written(spots: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)

    area = [(0.0, 100.0), *steps([one.records for one in sums]), (100.0, 100.0)]
    line = steps([one.countries for one in sums])
    plain = {"fill": "none", "stroke": "currentColor", "vector_effect": "non-scaling-stroke"}
    return tag(
        "svg",
        tag("polygon", class_="spread-so-far", points=written(area), fill_opacity="0.15"),
        tag("polyline", class_="spread-countries", points=written(line), **plain),
        x=f"{EDGE:g}%",
        y=str(TOP),
        width=f"{100 - 2 * EDGE:g}%",
        height=str(SO_FAR),
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
        aria_hidden="true",  # the table below says it
    )


def _row(line: Line, records: Sequence[Begun], again: Sequence[Again], draw: Draw) -> Markup:
    """Return the line of a country: its name above, its dots and branches on it."""
    began = {one.record_id: one for one in records}
    by_year: dict[int, list[Begun]] = {}
    for one in records:
        by_year.setdefault(one.year, []).append(one)
    x, anchor = ("0", "start") if draw.rightwards else ("100%", "end")
    y = str(line.y)
    return tag(
        "g",
        tag("line", x1="0", x2="100%", y1=y, y2=y, stroke=PALE, class_="spread-row"),
        tag(
            "text", escape(line.place), x=x, y=str(line.y - 12), font_size=FONT, text_anchor=anchor
        ),
        *(
            _branch(one, began[one.record_id], line, draw)
            for one in again
            if one.record_id in began
        ),
        *(_dots(year, some, line, draw) for year, some in by_year.items()),
    )


def _dots(year: int, records: Sequence[Begun], line: Line, draw: Draw) -> Markup:
    """Return the dots of a country and a year, one above the other, or one for them all."""
    if len(records) <= ALONE:
        dots = (_dot(one, line, draw, above=place) for place, one in enumerate(records))
        return Markup("").join(dots)
    x, many = _x(year, line.years), str(len(records))
    said = draw.words.several % {"place": line.place, "year": year, "records": many}
    place = {"x": x, "y": str(line.y + 4), "text_anchor": "middle", "font_size": "11"}
    return tag(
        "a",
        tag("title", escape(said)),
        tag("circle", cx=x, cy=str(line.y), r=str(BUBBLE)),
        tag("text", escape(many), **place),
        href=draw.several(line.code, records),
        class_="spread-many",
    )


def _dot(one: Begun, line: Line, draw: Draw, *, above: int) -> Markup:
    told = "other" if one.verdict in JUDGED else "untold"
    kind = "worked" if one.verdict is Verdict.WORKED else told
    said = draw.words.story % {"title": _short(one.title), "place": line.place, "year": one.year}
    y = str(line.y - above * (2 * DOT + 1))
    dot = tag("circle", cx=_x(one.year, line.years), cy=y, r=str(DOT), class_=f"spread-{kind}")
    return tag("a", tag("title", escape(said)), dot, href=f"/records/{one.record_id}")


def _branch(one: Again, first: Begun, line: Line, draw: Draw) -> Markup:
    """Return the line from where a record began to where another team tried it too."""
    start, end = _x(first.year, line.years), _x(one.year, line.years)
    said = draw.words.again % {"year": one.year, "title": _short(first.title)}
    y, square = str(line.y), {"width": "8", "height": "8", "transform": "translate(-4 -4)"}
    return tag(
        "a",
        tag("title", escape(said)),
        tag("line", x1=start, x2=end, y1=y, y2=y, class_="spread-branch"),
        tag("rect", x=end, y=y, class_="spread-again", **square),
        href=f"/records/{one.record_id}",
    )


def _short(title: str, letters: int = 70) -> str:
    return title if len(title) <= letters else f"{title[: letters - 1].rstrip()}…"
