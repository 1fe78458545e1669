"""What a link shows in a message (Open Graph): title, place, two numbers, a line; no faces.

What a picture says is one value, a `LinkPicture`, and the drawing is kept under it: a picture is
drawn anew when, and only when, something in it has changed.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from hashlib import sha256

from kb.before_after import first_change
from kb.site import Site
from kb.taxonomy import Taxonomy
from kb.vocabulary import Verdict
from kb.wording import marked
from web import brand, drawing
from web.catalogue import PublicRecord
from web.drawing import drawable, runs_left
from web.i18n import ENGLISH, LANGUAGES
from web.names import Names
from web.sharing import whereabouts

KEPT = 200  # pictures in memory, 15 to 40 kB each
NOT_SAID = frozenset({Verdict.NOT_REPORTED, Verdict.NOT_APPLICABLE})
IDEAS = 2
PROMISE = marked("What health workers tried to make care better, where, and what became of it.")


@dataclass(frozen=True, slots=True)
class LinkPicture:
    """What a picture says; a text with letters that no font here has is left empty."""

    library: str
    title: str
    mirrored: bool = False  # its language runs from right to left
    where: str = ""
    before: str = ""
    after: str = ""
    better: bool = False
    measure: str = ""
    series: tuple[tuple[date, float | None], ...] = ()
    change: date | None = None
    tried: tuple[str, ...] = ()  # shown where there are no numbers
    accent: str = drawing.ACCENT
    logo: bytes = b""  # PNG; empty for the mark that the library comes with

    @property
    def etag(self) -> str:
        """What differs whenever the picture does."""
        return f'"{sha256(f"{drawing.EDITION}{self!r}".encode()).hexdigest()[:16]}"'


def of_library(site: Site, names: Names) -> LinkPicture:
    """Return what the picture of the library itself says: its own first line, or ours."""
    own = site.text("home_title", names.language)
    title = drawable(own.text if own else names.gettext(PROMISE))
    return _in_the_face_of(site, names.language, title)


def of_record(record: PublicRecord, taxonomy: Taxonomy, site: Site) -> LinkPicture:
    """Return what the picture of a record says, in its own language where the pages have that."""
    said, result, measure = record.said, record.result, record.measure
    names = Names(taxonomy, said.language if said.language in LANGUAGES else ENGLISH)
    where = [whereabouts(said, names)]
    where += [] if said.verdict in NOT_SAID else [names.facet("outcome_verdict", said.verdict)]
    face = _in_the_face_of(site, names.language, drawable(said.title))
    words = replace(face, where=drawable(" · ".join(filter(None, where))))
    if result is None or measure is None:
        ideas = (drawable(idea.text) for idea in said.change_ideas)
        return replace(words, tried=tuple(filter(None, ideas))[:IDEAS])
    before, after = names.figures(result)
    exact = ((point.period, point.exact(measure.unit)) for point in measure.points)
    return replace(
        words,
        before=before,
        after=after,
        better=bool(result.better),
        measure=drawable(result.name),
        series=tuple((day, None if value is None else float(value)) for day, value in exact),
        change=first_change(said),
    )


def _in_the_face_of(site: Site, language: str, title: str) -> LinkPicture:
    own, kind = brand.logo(site)
    return LinkPicture(
        library=drawable(site.called(language)),
        title=title,
        mirrored=runs_left(title),
        accent=site.colours.accent,
        logo=own if kind == brand.PNG else b"",
    )


@lru_cache(maxsize=KEPT)
def png(picture: LinkPicture) -> bytes:
    """Return the picture as a file."""
    sheet = drawing.Sheet(picture.accent, mirrored=picture.mirrored)
    sheet.brand(picture.library, picture.logo)
    alone = not (picture.after or picture.tried)
    below = sheet.title(picture.title, alone=alone)
    sheet.line(picture.where, below)
    if not alone:
        sheet.box()
    if picture.after:
        sheet.pair(picture.before, picture.after, better=picture.better)
        sheet.measure(picture.measure)
        sheet.curve(picture.series, picture.change)
    sheet.list(picture.tried)
    return sheet.png()
