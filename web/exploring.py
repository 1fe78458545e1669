"""The library seen whole: by country, by any two facets, and over time."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from kb import reuse
from kb.vocabulary import Scheme
from kb.wording import marked
from search.counting import Begun, Cell, Selection
from web.asking import GROUPS, Asked, Notation
from web.names import FACETS, Names
from web.pictures.evidence import Bubble, EvidenceMap, Head, bubble
from web.pictures.spread import ELSEWHERE, UNTOLD, Again, Spread
from web.render import listed

MOST_DOWN, MOST_ACROSS = 24, 16  # values shown; of more the most frequent ones
MANY_IDS = 100  # records that an address may name


class Axis(StrEnum):
    """The facets that an evidence map can have, as the address of a search calls them."""

    TOPIC = "topic"
    INTERVENTION = "intervention"
    COUNTRY = "country"
    LEVEL = "level"
    FACILITY_TYPE = "facility_type"
    VERDICT = "verdict"
    STRENGTH = "strength"
    YEAR = "year"
    RECORD_TYPE = "record_type"


SCHEMES = {Axis.TOPIC: Scheme.TOPICS, Axis.INTERVENTION: Scheme.INTERVENTIONS}
WHOLE = {
    Scheme.TOPICS: marked("All topics"),
    Scheme.INTERVENTIONS: marked("All interventions"),
}


class Exploring(Asked):
    """Filters, the two facets of the evidence map, and the concepts below which to look."""

    rows: Axis = Axis.TOPIC
    cols: Axis = Axis.INTERVENTION
    under: list[Notation] = Field(default=[], max_length=2, description="One of each scheme.")

    @property
    def across(self) -> Axis:
        """The facet of the columns: never that of the rows once more."""
        other = Axis.TOPIC if self.rows is Axis.INTERVENTION else Axis.INTERVENTION
        return self.cols if self.cols is not self.rows else other

    def explored(self, **changed: object) -> str:
        """Return the address of this page with something changed."""
        said = self.model_copy(update=changed)
        asked = [*said.chosen, *(("under", notation) for notation in said.under)]
        axes = [("rows", said.rows), ("cols", said.across)]
        asked += [(name, str(axis)) for name, axis in axes if axis != _DEFAULT[name]]
        return f"/explore?{urlencode(asked)}" if asked else "/explore"

    def taken_away(self, group: str, value: str) -> str:
        """Return the address of this page with a filter less."""
        kept = [one for one in getattr(self, group) if str(one) != value]
        return self.explored(**{group: kept})

    def found(self, **chosen: str) -> str:
        """Return the address of a search under the same filters and these."""
        added = {group: [value] for group, value in chosen.items()}
        return Asked(**{group: getattr(self, group) for group in GROUPS} | added).address()


_DEFAULT = {"rows": Axis.TOPIC, "cols": Axis.INTERVENTION}
ExploringDep = Annotated[Exploring, Query()]


def evidence_map(asked: Exploring, selection: Selection, names: Names) -> EvidenceMap:
    """Return how many of the records have which two values, in the reader's words."""
    axes = asked.rows, asked.across
    down, across = (
        values(axis, asked.under, selection, names, most=most)
        for axis, most in zip(axes, (MOST_DOWN, MOST_ACROSS), strict=True)
    )
    crossing = selection.crossed((GROUPS[axes[0]], down), (GROUPS[axes[1]], across))
    most = int(crossing.records.max(initial=1))
    shaded = Axis.VERDICT not in axes  # else each column would have one shade
    heads = (
        tuple(head(axis, value, asked, selection, names) for value in shown)
        for axis, shown in zip(axes, (down, across), strict=True)
    )
    rows, columns = heads

    def at(y: int, x: int) -> Bubble | None:
        cell = crossing[y, x]
        if not cell.records:
            return None
        url = asked.found(**{axes[0]: down[y], axes[1]: across[x]})
        said = in_words(cell, rows[y].label, columns[x].label, names, shaded=shaded)
        return Bubble(cell, url, said, bubble(cell, most, shaded=shaded))

    cells = tuple(tuple(at(y, x) for x in range(len(across))) for y in range(len(down)))
    return EvidenceMap(rows, columns, cells, shaded)


def values(
    axis: Axis, under: Collection[str], selection: Selection, names: Names, *, most: int
) -> list[str]:
    """Return the values of a facet to show, also those that no record has: they are the gaps."""
    counts = selection.counted(GROUPS[axis])
    frequent = sorted(counts, key=lambda value: (-counts[value], value))
    if axis is Axis.COUNTRY:
        return frequent[:most]
    if axis is Axis.YEAR:
        years = [int(year) for year in counts]
        return [str(year) for year in range(min(years), max(years) + 1)][-most:] if years else []
    every = concepts(SCHEMES[axis], under, names) if axis in SCHEMES else closed(axis, names)
    kept = {*sorted(every, key=lambda value: -counts.get(value, 0))[:most]}
    return [value for value in every if value in kept]


def concepts(scheme: Scheme, under: Collection[str], names: Names) -> list[str]:
    """Return the concepts next below the one that is looked into, or the top ones."""
    taxonomy = names.taxonomy
    opened = next((n for n in under if _is_of(scheme, n, names)), "")
    terms = taxonomy.narrower(opened) if opened else taxonomy.roots(scheme)
    return [term.notation for term in terms if not term.deprecated]


def closed(axis: Axis, names: Names) -> list[str]:
    """Return the values of a closed list, in its order."""
    return [value.id for value in names.taxonomy.facets[FACETS[axis]]]


def head(axis: Axis, value: str, asked: Exploring, selection: Selection, names: Names) -> Head:
    """Return what a row or a column is called; a concept leads to what is narrower, if anything."""
    counts = selection.counted(GROUPS[axis])
    n_records = counts.get(value, 0)
    url = asked.found(**{axis: value}) if n_records else ""
    if axis in SCHEMES and any(t.notation in counts for t in names.taxonomy.narrower(value)):
        others = [n for n in asked.under if not _is_of(SCHEMES[axis], n, names)]
        url = f"{asked.explored(under=[*others, value])}#evidence"
    return Head(names.of(axis, value), url, n_records)


def trails(asked: Exploring, names: Names) -> list[list[tuple[str, str]]]:
    """Return for each concept that is looked into the way up from it: labels and addresses."""
    found = []
    for notation in asked.under:
        term = names.taxonomy.terms.get(notation)
        if term is None or term.scheme not in {SCHEMES.get(asked.rows), SCHEMES.get(asked.across)}:
            continue
        others = [other for other in asked.under if other != notation]
        trail: list[tuple[str, str]] = [(names.concept(notation), "")]
        while term.broader:
            term = names.taxonomy[term.broader[0]]
            trail.insert(
                0, (names.concept(term.notation), asked.explored(under=[*others, term.notation]))
            )
        trail.insert(0, (names.gettext(WHOLE[term.scheme]), asked.explored(under=others)))
        found.append(trail)
    return found


def in_words(cell: Cell, down: str, across: str, names: Names, *, shaded: bool) -> str:
    """Return the numbers of a cell as a sentence or two."""
    stories = names.ngettext("%(num)s story", "%(num)s stories", cell.records)
    said = names.gettext("%(down)s, %(across)s: %(stories)s.") % {
        "down": down,
        "across": across,
        "stories": stories % {"num": names.number(cell.records)},
    }
    if not (shaded and cell.judged):
        return said
    told = names.gettext("It worked in %(worked)s of the %(judged)s that say how it went.")
    numbers = {"worked": names.number(cell.worked), "judged": names.number(cell.judged)}
    return f"{said} {told % numbers}"


def spread_of(session: Session, selection: Selection) -> Spread:
    """Return when and where the records began, and when other teams tried the same."""
    begun = tuple(selection.begun())
    years = {one.record_id: one.year for one in begun}
    again = (
        Again(record_id, year)
        for record_id, year in reuse.years(session)
        if record_id in years and year >= years[record_id]
    )
    return Spread(begun, tuple(again))


def those_of(asked: Exploring, code: str, records: Sequence[Begun]) -> str:
    """Return the address of the records of a country that began in the same year."""
    if code in (ELSEWHERE, UNTOLD) and len(records) <= MANY_IDS:
        return listed([one.record_id for one in records])
    country = {} if code in (ELSEWHERE, UNTOLD) else {"country": code}
    return asked.found(year=str(records[0].year), **country)


def most_first(counts: Mapping[str, int], names: Names) -> list[tuple[str, str, int]]:
    """Return code, name and number of the countries, most stories first."""
    named = ((code, names.country(code), n) for code, n in counts.items())
    return sorted(named, key=lambda one: (-one[2], one[1]))


def _is_of(scheme: Scheme, notation: str, names: Names) -> bool:
    term = names.taxonomy.terms.get(notation)
    return term is not None and term.scheme is scheme
