"""Elements of SVG: written as markup, every text and every value escaped."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from markupsafe import Markup, escape

Spot: TypeAlias = tuple[float, float]  # to the right, downwards

CHARACTER, BOLD = 0.6, 0.68  # of the font size: the mean width of a letter
PALE, GREY = "#d0d6d5", "#7f8a8c"  # where no stylesheet says otherwise


def tag(name: str, *content: Markup, **attributes: str) -> Markup:
    """Return an element; `class_` and `text_anchor` become class and text-anchor.

    >>> tag("circle", r="2", class_="dot")
    Markup('<circle r="2" class="dot"/>')
    """
    spelt = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    # Written out: a page has thousands of them, and Markup.format reads its pattern each time.
    written = "".join(f' {escape(key)}="{escape(value)}"' for key, value in spelt.items())
    name = escape(name)
    if not content:
        return Markup(f"<{name}{written}/>")  # noqa: S704  # escaped, all of it
    inside = "".join(map(escape, content))
    return Markup(f"<{name}{written}>{inside}</{name}>")  # noqa: S704  # escaped, all of it


def text(label: str, x: float, y: float, font: float, **attributes: str) -> Markup:
    """Return a text whose baseline begins at this place."""
    place = {"x": rounded(x), "y": rounded(y), "font_size": rounded(font)}
    return tag("text", escape(label), **place, **attributes)


def rule(x1: float, y1: float, x2: float, y2: float, **attributes: str) -> Markup:
    """Return a straight line."""
    ends = {"x1": rounded(x1), "y1": rounded(y1), "x2": rounded(x2), "y2": rounded(y2)}
    return tag("line", **ends, **({"stroke": "currentColor"} | attributes))


def stroke(spots: Sequence[Spot], **attributes: str) -> Markup:
    """Return a line through all the spots."""
    path = " ".join(f"{rounded(x)},{rounded(y)}" for x, y in spots)
    return tag("polyline", points=path, fill="none", **({"stroke": "currentColor"} | attributes))


def unbroken(spots: Sequence[Spot | None]) -> Iterator[list[Spot]]:
    """Yield the stretches of two and more points without a gap."""
    for known, group in groupby(spots, key=lambda spot: spot is not None):
        stretch = [spot for spot in group if spot is not None]
        if known and len(stretch) > 1:
            yield stretch


def rounded(number: float) -> str:
    """Return a length with at most one decimal.

    >>> rounded(3.04), rounded(-0.25)
    ('3', '-0.2')
    """
    return f"{number:.1f}".removesuffix(".0")
