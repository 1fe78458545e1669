"""Browse by topic, by intervention, by country."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import Scheme
from search.filters import Filters, Scope
from search.index import Index
from search.query import Results, search
from web.asking import LAST_PAGE, Asked
from web.catalogue import public_records
from web.deps import IndexDep, NamesDep, ReadingDep
from web.names import Names
from web.pages.answer import summed_up
from web.render import page

router = APIRouter()

PER_PAGE = 20

Notation = Annotated[str, Path(max_length=80)]
CountryCode = Annotated[str, Path(pattern="^[A-Z]{3}$")]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)]


@dataclass(frozen=True, slots=True)
class Branch:
    """A concept, how many records it and everything narrower have, and what is one step down."""

    notation: str
    count: int
    narrower: tuple["Branch", ...]


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
    """Show the countries that have records."""
    counts = counted(_records(session, index, Filters(), limit=0), "countries")
    countries = sorted((names.country(code), code, n) for code, n in counts.items())
    return page(request, "countries.html", countries=countries)


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
            f"There is no record from {names.country(code)} yet.",
            hint="See which countries have some.",
        )
    counts = counted(results, "topics")
    topics = [
        Branch(term.notation, counts[term.notation], ())
        for term in names.taxonomy.roots(Scheme.TOPICS)
        if counts.get(term.notation)
    ]
    return _shelf(request, session, "country.html", results, number, code=code, topics=topics)


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


def _tree(
    request: Request, session: Session, names: Names, index: Index, scheme: Scheme
) -> Response:
    counts = counted(_records(session, index, Filters(), limit=0), scheme.value)
    tree = branches(names.taxonomy.roots(scheme), names.taxonomy, counts)
    return page(request, "concepts.html", scheme=scheme, tree=tree)


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
            f"“{notation}” is nothing that one could browse by here.",
            hint="Look through all topics and interventions, or search.",
        )
    term = taxonomy[notation]
    right = term.replaced_by if term.deprecated and term.replaced_by else notation
    if right != notation or term.scheme is not scheme:
        return RedirectResponse(f"/{taxonomy[right].scheme}/{right}", 301)
    chosen: dict[str, Any] = {scheme.value: (notation,)}
    results = _records(session, index, Filters(**chosen), number=number)
    narrower = branches(taxonomy.narrower(notation), taxonomy, counted(results, scheme.value))
    topic = scheme is Scheme.TOPICS
    asked = Asked(topic=[notation]) if topic else Asked(intervention=[notation])
    others = summed_up(session, index, names, asked) if number == 1 else None
    return _shelf(
        request,
        session,
        "concept.html",
        results,
        number,
        term=term,
        narrower=narrower,
        others=others,
    )


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
