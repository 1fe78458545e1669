"""What every library says of itself: what it is, its licences, privacy, accessibility."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, literal_column, select

from kb.licences import KNOWN
from kb.models import Record
from search.filters import Scope, in_scope
from web.deps import LibraryDep, ReadingDep
from web.i18n import KEPT_FOR_S
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

DAY_S = 24 * 3600


@router.get("/about")
def about_page(request: Request) -> Response:
    """Say what the library is, and how to read it."""
    return page(request, "about.html")


@router.get("/licence")
def licence_page(request: Request, session: ReadingDep, library: LibraryDep) -> Response:
    """Say what may be done with what is read here, for each licence that a story is under."""
    # As a literal: PostgreSQL takes two parameters for two expressions, and would not group by it.
    elsewhere = Record.origin != literal_column("''")
    counted = session.execute(
        select(Record.licence, elsewhere, func.count())
        .where(in_scope(Scope.PUBLIC))
        .group_by(Record.licence, elsewhere)
    )
    stories: dict[str, int] = {}
    for own, came_from_elsewhere, count in counted:
        licence = library.site.licence_of(own, "elsewhere" if came_from_elsewhere else "")
        stories[licence] = stories.get(licence, 0) + count
    most_first = sorted(stories.items(), key=lambda one: (-one[1], one[0]))
    return page(
        request,
        "licence.html",
        licences=[(spdx, KNOWN.get(spdx), count) for spdx, count in most_first if spdx],
        without=stories.get("", 0),
        by_default=KNOWN.get(library.site.licence),
    )


@router.get("/privacy")
def privacy_page(request: Request, library: LibraryDep) -> Response:
    """Say what is kept of a reader, which is next to nothing, and how a story is taken back."""
    return page(
        request,
        "privacy.html",
        learning_needs=library.settings.learning_needs,
        statistics=library.settings.statistics,
        cookie_days=KEPT_FOR_S // DAY_S,
    )


@router.get("/accessibility")
def accessibility_page(request: Request) -> Response:
    """Say who can use the pages, how that was tested, and what is not good yet."""
    return page(request, "accessibility.html")
