"""The front door: a question box, ways to browse, what did not work, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import collections
from kb.models import Place, Record
from kb.site import Site, Words
from kb.vocabulary import Naming, Verdict
from kb.wording import marked
from search.filters import FacetCount, Filters, Scope, in_scope
from search.query import Hit, Results, search
from web.catalogue import public_records
from web.deps import IndexDep, LibraryDep, NamesDep, ReadingDep
from web.names import Names
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

NEWEST = 4
COLLECTIONS = 3  # newest ones
LEARNT = 3  # newest ones that tell of something that did not work
MOST_USED = 8  # of topics, interventions and countries
WITHOUT_SUCCESS = (Verdict.DID_NOT_WORK, Verdict.WORKED_THEN_LOST, Verdict.HARMED)
NAMES_DISTRICT = (Naming.NAMED, Naming.TYPE_AND_DISTRICT)
EXAMPLES = (
    marked("How did others improve early breastfeeding?"),
    marked("Babies cold in nursery, what to do"),
    marked("Bleeding after birth in a small health centre"),
)
# One in another language than the page's, because any will do.
ELSEWHERE = Words("Comment réduire l’attente en consultation prénatale ?", "fr")
ELSEWHERE_FOR_FRENCH = Words("How to shorten the wait for antenatal care?", "en")


@dataclass(frozen=True, slots=True)
class Row:
    """A value that leads to its records, and how many they are."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Values that stand together, most frequent first, and where all of them are."""

    base: str  # address that the values stand under
    every: str  # address of them all
    rows: Sequence[Row]
    title: str = ""  # of a shelf of this library; the others are named by the page


@router.get("/")
def home_page(
    request: Request, session: ReadingDep, names: NamesDep, index: IndexDep, library: LibraryDep
) -> Response:
    """Show the question box and what there is to find."""
    newest = search(
        session, index, "", filters=Filters(), scope=Scope.PUBLIC, limit=NEWEST, facets=True
    )
    failed = search(
        session,
        index,
        "",
        filters=Filters(verdicts=WITHOUT_SUCCESS),
        scope=Scope.PUBLIC,
        limit=NEWEST + LEARNT,  # some of them may be among the newest, too
    )
    is_new = {hit.record_id for hit in newest.hits}
    learnt = [hit for hit in failed.hits if hit.record_id not in is_new] or failed.hits
    learnt = learnt[:LEARNT]
    records = public_records(session, (hit.record_id for hit in (*newest.hits, *learnt)))

    def shown(hits: Sequence[Hit]) -> list[object]:
        return [records[hit.record_id] for hit in hits if hit.record_id in records]

    return page(
        request,
        "home.html",
        newest=shown(newest.hits),
        learnt=shown(learnt),
        n_failed=failed.total,
        failed_address="/search?" + "&".join(f"verdict={value}" for value in WITHOUT_SUCCESS),
        total=newest.total,
        n_countries=len(_counts(newest, "countries")),
        n_districts=n_districts(session),
        topics=Shelf("/topics", "/topics", most_used(newest, "topics", names)),
        interventions=Shelf(
            "/interventions", "/interventions", most_used(newest, "interventions", names)
        ),
        countries=Shelf("/countries", "/countries", most_used(newest, "countries", names)),
        collections=collections.published(session)[:COLLECTIONS],
        own_shelves=own_shelves(library.site, newest, names),
        examples=examples(library.site, names),
    )


def examples(site: Site, names: Names) -> list[Words]:
    """Return the questions to try: the library's own, else some in two languages."""
    if own := site.examples(names.language):
        return list(own)
    usual = [Words(names.gettext(example), names.language) for example in EXAMPLES]
    return [*usual, ELSEWHERE_FOR_FRENCH if names.language == "fr" else ELSEWHERE]


def own_shelves(site: Site, results: Results, names: Names) -> list[Shelf]:
    """Return a shelf for each facet of the site file that has records."""
    shelves = []
    for notation in site.facets:
        scheme = names.taxonomy[notation].scheme
        below = {term.notation for term in names.taxonomy.narrower(notation)}
        rows = _rows([c for c in _counts(results, scheme) if c.value in below], "topic", names)
        every = f"/{scheme}/{notation}"
        shelves.append(Shelf(f"/{scheme}", every, rows, names.concept(notation)))
    return [shelf for shelf in shelves if shelf.rows]


def most_used(results: Results, field: str, names: Names) -> list[Row]:
    """Return the most frequent values, top concepts only."""
    terms = names.taxonomy.terms
    counted = [
        c
        for c in _counts(results, field)
        if field == "countries" or (c.value in terms and not terms[c.value].broader)
    ]
    return _rows(counted, "country" if field == "countries" else "topic", names)


def n_districts(session: Session) -> int:
    """Return how many districts the published stories name, where their facilities let them."""
    named = (
        select(Place.country, func.lower(Place.admin2))
        .join(Record, Record.id == Place.record_id)
        .where(in_scope(Scope.PUBLIC), Record.shown_naming.in_(NAMES_DISTRICT), Place.admin2 != "")
        .distinct()
    )
    return session.scalar(select(func.count()).select_from(named.subquery())) or 0


def _rows(counted: Sequence[FacetCount], group: str, names: Names) -> list[Row]:
    most_first = sorted(counted, key=lambda c: -c.count)[:MOST_USED]
    return [Row(c.value, names.of(group, c.value), c.count) for c in most_first]


def _counts(results: Results, field: str) -> list[FacetCount]:
    return [counted for counted in results.facets.get(field, ()) if counted.count]
