"""Browse by topic, by intervention, by country, by kind of facility."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import FacilityType, Scheme
from kb.wording import marked
from search.filters import Filters, Scope
from search.index import Index
from search.query import Results, search
from web.asking import GROUPS, LAST_PAGE, Asked
from web.catalogue import public_records
from web.deps import IndexDep, NamesDep, ReadingDep
from web.names import Names
from web.pages.answer import summed_up
from web.pages.vocabulary import in_wanted_form, signed
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

PER_PAGE = 20
NEAR = 8  # values of a filter beside a shelf

Notation = Annotated[str, Path(max_length=80)]
CountryCode = Annotated[str, Path(pattern="^[A-Z]{3}$")]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)]


@dataclass(frozen=True, slots=True)
class Branch:
    """A concept, how many records it and everything narrower have, and what is one step down."""

    notation: str
    count: int
    narrower: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A value that one can browse by, and how many records are there."""

    label: str
    count: int
    url: str


@router.get("/topics")
def topics_page(
    request: Request, session: ReadingDep, names: NamesDep, index: IndexDep
) -> Response:
    """Show the tree of topics."""
    return _tree(request, session, names, index, Scheme.TOPICS)


@router.get("/interventions")
def interventions_page(
    request: Request, session: ReadingDep, names: NamesDep, index: IndexDep
) -> Response:
    """Show the tree of interventions."""
    return _tree(request, session, names, index, Scheme.INTERVENTIONS)


@router.get("/topics/{notation}")
def topic_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    *,
    notation: Notation,
    number: PageNumber = 1,
) -> Response:
    """Show a topic and its records."""
    return _concept(
        request, session, names, index, scheme=Scheme.TOPICS, notation=notation, number=number
    )


@router.get("/interventions/{notation}")
def intervention_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    *,
    notation: Notation,
    number: PageNumber = 1,
) -> Response:
    """Show a kind of intervention and its records."""
    return _concept(
        request,
        session,
        names,
        index,
        scheme=Scheme.INTERVENTIONS,
        notation=notation,
        number=number,
    )


@router.get("/countries")
def countries_page(
    request: Request, session: ReadingDep, names: NamesDep, index: IndexDep
) -> Response:
    """Show the countries that have records, by name."""
    counts = counted(_records(session, index, Filters(), limit=0), "countries")
    links = [Link(names.country(code), n, f"/countries/{code}") for code, n in counts.items()]
    links.sort(key=lambda link: link.label.casefold())
    return page(request, "countries.html", links=links)


@router.get("/facility-types")
def facility_types_page(
    request: Request, session: ReadingDep, names: NamesDep, index: IndexDep
) -> Response:
    """Show all kinds of facility, from the smallest on."""
    counts = counted(_records(session, index, Filters(), limit=0), "facility_types")
    links = [
        Link(names.facet("facility_type", kind), counts.get(kind, 0), f"/facility-types/{kind}")
        for kind in FacilityType
    ]
    return page(request, "facility_types.html", links=links)


@router.get("/countries/{code}")
def country_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    *,
    code: CountryCode,
    number: PageNumber = 1,
) -> Response:
    """Show the records of a country."""
    results = _records(session, index, Filters(countries=(code,)), number=number)
    if not results.total:
        raise NotFoundError(
            marked("There is no experience from %(place)s yet.", place=names.country(code)),
            hint=marked("See which countries have some."),
        )
    near = _near(results, Asked(country=[code]), names)
    return _shelf(request, session, "country.html", results, number, code=code, near=near)


@router.get("/facility-types/{kind}")
def facility_type_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    *,
    kind: FacilityType,
    number: PageNumber = 1,
) -> Response:
    """Show the records of one kind of facility."""
    results = _records(session, index, Filters(facility_types=(kind,)), number=number)
    near = _near(results, Asked(facility_type=[kind]), names)
    return _shelf(request, session, "facility_type.html", results, number, kind=kind, near=near)


def counted(results: Results, field: str) -> dict[str, int]:
    """Return how many records have each value of a filter."""
    return {facet.value: facet.count for facet in results.facets.get(field, ()) if facet.count}


def branches(
    terms: tuple[Term, ...], taxonomy: Taxonomy, counts: Mapping[str, int]
) -> tuple[Branch, ...]:
    """Return the tree below `terms`, retired concepts left out."""
    return tuple(
        Branch(
            term.notation,
            counts.get(term.notation, 0),
            branches(taxonomy.narrower(term.notation), taxonomy, counts),
        )
        for term in terms
        if not term.deprecated
    )


def way_to(notation: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return what stands above a concept, broadest first; of several ways up, the first."""
    way: list[str] = []
    above = taxonomy[notation].broader
    while above and above[0] not in way:
        way.append(above[0])
        above = taxonomy[above[0]].broader
    return tuple(reversed(way))


def _tree(
    request: Request, session: Session, names: Names, index: Index, scheme: Scheme
) -> Response:
    if other := in_wanted_form(request, names.taxonomy, scheme):
        return other
    results = _records(session, index, Filters(), limit=0)
    tree = branches(names.taxonomy.roots(scheme), names.taxonomy, counted(results, scheme.value))
    shown = page(request, "concepts.html", scheme=scheme, tree=tree, total=results.total)
    return signed(request, shown)


def _concept(
    request: Request,
    session: Session,
    names: Names,
    index: Index,
    *,
    scheme: Scheme,
    notation: str,
    number: int,
) -> Response:
    taxonomy = names.taxonomy
    if notation not in taxonomy.terms:
        raise NotFoundError(
            marked("“%(word)s” is nothing that one could browse by here.", word=notation),
            hint=marked("Look through all topics and interventions, or search."),
        )
    term = taxonomy[notation]
    if term.scheme is scheme and (other := in_wanted_form(request, taxonomy, term)):
        return other  # of a merged concept, too: a program learns what replaces it
    right = taxonomy.current(notation) or notation
    if right != notation or term.scheme is not scheme:
        moved = f"/{taxonomy[right].scheme}/{right}"
        return RedirectResponse(moved, 301, headers={"Vary": "Accept"})
    chosen: dict[str, Any] = {scheme.value: (notation,)}
    results = _records(session, index, Filters(**chosen), number=number)
    topic = scheme is Scheme.TOPICS
    asked = Asked(topic=[notation]) if topic else Asked(intervention=[notation])
    shown = _shelf(
        request,
        session,
        "concept.html",
        results,
        number,
        term=term,
        trail=_trail(term, names),
        narrower=branches(taxonomy.narrower(notation), taxonomy, counted(results, scheme.value)),
        others=summed_up(session, index, names, asked) if number == 1 else None,
        near=_near(results, asked, names),
    )
    return signed(request, shown)


def _trail(term: Term, names: Names) -> list[tuple[str, str]]:
    """Return the addresses and labels of what stands above a concept."""
    _ = names.gettext
    top = _("Topics") if term.scheme is Scheme.TOPICS else _("Interventions")
    above = way_to(term.notation, names.taxonomy)
    return [
        (f"/{term.scheme}", top),
        *((f"/{term.scheme}/{notation}", names.concept(notation)) for notation in above),
    ]


def _near(results: Results, asked: Asked, names: Names) -> dict[str, list[Link]]:
    """Return by filter what the records of a shelf have, most first, each with its search."""
    chosen = {group for group, _ in asked.chosen}
    groups = [g for g in ("topic", "intervention", "country", "facility_type") if g not in chosen]
    near = {}
    for group in groups:
        counts = counted(results, GROUPS[group])
        if group in ("topic", "intervention"):
            counts = _narrowest(counts, names.taxonomy)
        most = sorted(counts.items(), key=lambda one: -one[1])[:NEAR]
        near[group] = [Link(names.of(group, v), n, asked.toggled(group, v)) for v, n in most]
    return near


def _narrowest(counts: Mapping[str, int], taxonomy: Taxonomy) -> dict[str, int]:
    """Return the counts without those of concepts of which a narrower one is counted."""
    known = [notation for notation in counts if notation in taxonomy.terms]
    above = {broader for notation in known for broader in taxonomy[notation].broader}
    return {notation: counts[notation] for notation in known if notation not in above}


def _shelf(
    request: Request,
    session: Session,
    template: str,
    results: Results,
    number: int,
    **context: Any,
) -> Response:
    """Show one page of the records that stand together somewhere."""
    records = public_records(session, (hit.record_id for hit in results.hits))
    return page(
        request,
        template,
        records=[records[hit.record_id] for hit in results.hits if hit.record_id in records],
        verdicts=counted(results, "verdicts"),
        total=results.total,
        number=number,
        pages=max(1, ceil(results.total / PER_PAGE)),
        **context,
    )


def _records(
    session: Session, index: Index, filters: Filters, *, number: int = 1, limit: int = PER_PAGE
) -> Results:
    """Return the public records that the filters allow, newest first, with all counts."""
    return search(
        session,
        index,
        "",
        filters=filters,
        scope=Scope.PUBLIC,
        limit=limit,
        offset=(number - 1) * PER_PAGE,
        facets=True,
    )
