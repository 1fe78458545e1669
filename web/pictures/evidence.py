"""The evidence map: a bubble for each pair of values, a dot where there is nothing yet.

It is a table, so that its labels stay while one scrolls and its cells can be heard one by one; the
bubbles in it are drawn. The stylesheet knows these classes: bubble, bubble-few, bubble-some,
bubble-most (the share that worked), bubble-untold (nobody tells yet whether it worked).
"""

from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup, escape

from search.counting import Cell
from web.pictures.svg import rounded, tag

SIDE = 40  # pixels of the square that a bubble stands in
SMALLEST, LARGEST = 11, 19  # radius: two digits fit the smallest
BRIEF = 6  # letters of a label that need little room
THIRD, TWO_THIRDS = 1 / 3, 2 / 3


@dataclass(frozen=True, slots=True)
class Head:
    """What a row or a column is called, and where it leads."""

    label: str
    url: str
    records: int


@dataclass(frozen=True, slots=True)
class Bubble:
    """A pair of values that some records have both."""

    cell: Cell
    url: str
    said: str  # the numbers in words
    drawn: Markup


@dataclass(frozen=True, slots=True)
class EvidenceMap:
    """Rows and columns with the bubbles where they meet; None is a gap."""

    down: tuple[Head, ...]
    across: tuple[Head, ...]
    rows: tuple[tuple[Bubble | None, ...], ...]
    shaded: bool  # by the share that worked

    @property
    def brief(self) -> bool:
        """Tell whether all columns have short labels, such as years, which need little room."""
        return all(len(head.label) <= BRIEF for head in self.across)

    @property
    def listed(self) -> list[tuple[Head, Head, Bubble]]:
        """Return the bubbles one by one, the largest first."""
        found = [
            (down, across, bubble)
            for down, row in zip(self.down, self.rows, strict=True)
            for across, bubble in zip(self.across, row, strict=True)
            if bubble
        ]
        return sorted(found, key=lambda one: -one[2].cell.records)


def shade(cell: Cell) -> str:
    """Return the name of the share that worked, of those that tell.

    >>> shade(Cell(9, 3, 1)), shade(Cell(9, 9, 2)), shade(Cell(9, 3, 2)), shade(Cell(9, 0, 0))
    ('some', 'few', 'most', 'untold')
    """
    if not cell.judged:
        return "untold"
    share = cell.worked / cell.judged
    return "most" if share >= TWO_THIRDS else "some" if share >= THIRD else "few"


def bubble(cell: Cell, most: int, *, shaded: bool = True) -> Markup:
    """Return the bubble of a cell; its area grows with the records, up to the `most` of any."""
    radius = SMALLEST + (LARGEST - SMALLEST) * sqrt((cell.records - 1) / max(most - 1, 1))
    return _drawn(str(cell.records), radius, shade(cell) if shaded else "some")


def sign(name: str) -> Markup:
    """Return the bubble that stands for a share in the legend."""
    return _drawn("", SMALLEST, name)


def _drawn(number: str, radius: float, name: str) -> Markup:
    middle = str(SIDE // 2)
    dashes = {"stroke_dasharray": "3 3"} if name == "untold" else {}
    circle = tag("circle", cx=middle, cy=middle, r=rounded(radius), **dashes)
    written = tag("text", escape(number), x=middle, y="24.5", text_anchor="middle")
    return tag(
        "svg",
        circle,
        *([written] if number else []),
        class_=f"bubble bubble-{name}",
        viewBox=f"0 0 {SIDE} {SIDE}",
        aria_hidden="true",
    )
