"""The queue: every record that no reader sees yet, the oldest first."""

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kb import queue
from kb.vocabulary import Awaits, Role
from web.asking import LAST_PAGE
from web.deps import ReadingDep
from web.render import page
from web.rules import needs

router = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[needs(Role.CURATOR)])

PER_PAGE = 25


@router.get("")
def queue_page(
    request: Request,
    session: ReadingDep,
    awaits: Awaits = Awaits.ANYTHING,
    number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """Show what waits for the curator."""
    totals = queue.totals(session)
    return page(
        request,
        "desk/queue.html",
        part="desk/_queue.html",
        entries=queue.entries(session, awaits, limit=PER_PAGE, offset=(number - 1) * PER_PAGE),
        totals=totals,
        open_findings=queue.open_findings(session),
        awaits=awaits,
        number=number,
        pages=max(1, ceil(totals[awaits] / PER_PAGE)),
    )
