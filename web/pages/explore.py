"""Explore: the whole library as a map of the world, an evidence map and a timeline."""

from fastapi import APIRouter, Request, Response

from search.counting import Selection
from search.filters import Scope
from web.deps import IndexDep, NamesDep, ReadingDep
from web.exploring import (
    Axis,
    Exploring,
    ExploringDep,
    evidence_map,
    most_first,
    spread_of,
    those_of,
    trails,
)
from web.i18n import direction
from web.names import Names
from web.pictures import evidence, world
from web.pictures.spread import Draw, Spread, SpreadWords, spread_chart
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

LISTED_BESIDE = 8  # countries named beside the map


@router.get("/explore")
def explore_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    asked: ExploringDep,
) -> Response:
    """Show where, about what and when there are stories, under the filters of a search."""
    selection = Selection.of(index, asked.filters, Scope.PUBLIC)
    counts = selection.counted("countries")
    found = evidence_map(asked, selection, names)
    spread = spread_of(session, selection)
    return page(
        request,
        "explore.html",
        asked=asked,
        total=len(selection),
        chips=[(names.of(g, value), asked.taken_away(g, value)) for g, value in asked.chosen],
        countries=most_first(counts, names),
        beside=LISTED_BESIDE,
        world=_world(counts, names) if counts else "",
        shades=[
            (world.swatch(shade), *numbers)
            for shade, numbers in enumerate(world.shades_of(max(counts.values(), default=0)), 1)
        ],
        axes=list(Axis),
        evidence=found,
        signs={name: evidence.sign(name) for name in ("few", "some", "most", "untold")},
        trails=trails(asked, names),
        spread=spread,
        timeline=_timeline(spread, asked, names) if spread.begun else "",
        undated=len(selection) - len(spread.begun),
    )


def _world(counts: dict[str, int], names: Names) -> str:
    def named(code: str) -> str:
        stories = names.ngettext("%(num)s story", "%(num)s stories", counts[code])
        return f"{names.country(code)}: {stories % {'num': names.number(counts[code])}}"

    said = names.gettext("The countries with stories are shaded: the darker, the more stories.")
    return world.world_map(
        counts,
        title=names.gettext("Stories by country"),
        description=said,
        named=named,
        linked=lambda code: f"/countries/{code}",
    )


def _timeline(spread: Spread, asked: Exploring, names: Names) -> str:
    draw = Draw(
        SpreadWords.told(names.gettext),
        country=names.country,
        several=lambda code, records: those_of(asked, code, records),
        rightwards=direction(names.language) == "ltr",
    )
    return spread_chart(spread, names.gettext("When and where the work began"), draw)
