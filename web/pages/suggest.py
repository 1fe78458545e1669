"""Suggest titles and concepts while a reader types."""

from fastapi import APIRouter, Request, Response

from search.suggest import suggest
from web.deps import IndexDep, ReadingDep, Typed
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])


@router.get("/suggest")
def suggest_page(
    request: Request, session: ReadingDep, index: IndexDep, typed: Typed = ""
) -> Response:
    """Show what begins with the typed words: for htmx, the list below the search field alone."""
    found = suggest(session, index, typed)
    return page(request, "suggest.html", part="_suggestions.html", typed=typed, suggestions=found)
