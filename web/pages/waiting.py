"""How long stories wait for the desk: numbers for everybody, and nothing of any story."""

from fastapi import APIRouter, Request, Response

from kb import ageing
from web.deps import LibraryDep, ReadingDep
from web.render import page
from web.rules import OPEN

router = APIRouter(include_in_schema=False, dependencies=[OPEN])


@router.get("/queue")
def waiting_page(request: Request, session: ReadingDep, library: LibraryDep) -> Response:
    """Show how many stories wait, and for how long."""
    overdue_days = library.settings.overdue_days
    return page(
        request,
        "waiting.html",
        ages=ageing.ages(session, overdue_days=overdue_days),
        overdue_days=overdue_days,
    )
