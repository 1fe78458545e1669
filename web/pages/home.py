"""The front door: a question box, ways to browse, what is new; and the page about the library."""

from fastapi import APIRouter, Request, Response

from kb.vocabulary import Verdict
from search.filters import FacetCount, Filters, Scope
from search.query import Results, search
from web.catalogue import public_records
from web.deps import IndexDep, NamesDep, ReadingDep
from web.names import Names
from web.render import page

router = APIRouter()

NEWEST = 5
MOST_USED = 8  # of topics, interventions and countries
WITHOUT_SUCCESS = frozenset({Verdict.DID_NOT_WORK, Verdict.WORKED_THEN_LOST, Verdict.HARMED})


@router.get("/")
def home_page(request: Request, session: ReadingDep, names: NamesDep, index: IndexDep) -> Response:
    """Show the question box and what there is to find."""
    newest = search(
        session, index, "", filters=Filters(), scope=Scope.PUBLIC, limit=NEWEST, facets=True
    )
    records = public_records(session, (hit.record_id for hit in newest.hits))
    return page(
        request,
        "home.html",
        newest=[records[hit.record_id] for hit in newest.hits if hit.record_id in records],
        total=newest.total,
        n_countries=len(_counts(newest, "countries")),
        n_without_success=sum(
            counted.count
            for counted in _counts(newest, "verdicts")
            if counted.value in WITHOUT_SUCCESS
        ),
        topics=most_used(newest, "topics", names),
        interventions=most_used(newest, "interventions", names),
        countries=most_used(newest, "countries", names),
    )


@router.get("/about")
def about_page(request: Request) -> Response:
    """Say what the library is, and how to read it."""
    return page(request, "about.html")


def most_used(results: Results, field: str, names: Names) -> list[tuple[str, str, int]]:
    """Return value, label and count of the most frequent values, top concepts only."""
    terms = names.taxonomy.terms
    counted = [
        c
        for c in _counts(results, field)
        if field == "countries" or (c.value in terms and not terms[c.value].broader)
    ]
    counted.sort(key=lambda c: -c.count)
    group = "country" if field == "countries" else "topic"
    return [(c.value, names.of(group, c.value), c.count) for c in counted[:MOST_USED]]


def _counts(results: Results, field: str) -> list[FacetCount]:
    return [counted for counted in results.facets.get(field, ()) if counted.count]
