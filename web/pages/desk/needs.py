"""What readers asked for and did not find."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kb import needs
from kb.db import utcnow
from kb.taxonomy import Taxonomy
from kb.vocabulary import Role
from kb.wording import marked
from search.filters import Scope
from search.query import Results, search
from web import rules
from web.deps import IndexDep, LibraryDep, ReadingDep, RecordId, WritingDep
from web.render import page, shown_next

router = APIRouter(
    prefix="/desk/needs", include_in_schema=False, dependencies=[rules.needs(Role.CURATOR)]
)

PERIODS = {
    30: marked("A month"),
    90: marked("Three months"),
    needs.KEPT.days: marked("All that is kept"),
}
SHOWN = 20  # questions of a concept


@router.get("")
def needs_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    index: IndexDep,
    days: Annotated[int, Query(ge=1, le=needs.KEPT.days)] = 30,
) -> Response:
    """Show what was asked in vain, by concept, beside what the library has on each."""
    everything = search(session, index, "", scope=Scope.PUBLIC, limit=1, facets=True)
    groups = needs.report(session, since=utcnow().date() - timedelta(days=days))
    return page(
        request,
        "desk/needs.html",
        groups=groups,
        has=on_shelf(everything),
        schemes=schemes(library.taxonomy),
        days=days,
        periods=PERIODS,
        shown=SHOWN,
        listening=library.settings.learning_needs,
    )


@router.post("/{need_id}/forget")
def forget(request: Request, session: WritingDep, need_id: RecordId) -> Response:
    """Remove a question, of all days."""
    needs.forget(session, need_id)
    session.commit()
    return shown_next(request, "/desk/needs")


def on_shelf(everything: Results) -> dict[str, int]:
    """Return how many records readers find on each concept; one that is left out has none."""
    counted = (*everything.facets.get("topics", ()), *everything.facets.get("interventions", ()))
    return {facet.value: facet.count for facet in counted}


def schemes(taxonomy: Taxonomy) -> dict[str, str]:
    """Return the scheme of each concept, which begins the address of its page."""
    return {notation: str(term.scheme) for notation, term in taxonomy.terms.items()}
