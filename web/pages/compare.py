"""Compare up to four records side by side."""

from fastapi import APIRouter, Request, Response

from search.context import contexts
from search.filters import Scope
from web import comparing
from web.catalogue import public_records
from web.deps import ChosenDep, NamesDep, ReadingDep
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])


@router.get("/compare")
def compare_page(
    request: Request, session: ReadingDep, names: NamesDep, chosen: ChosenDep
) -> Response:
    """Show records side by side, and say which of the chosen ones are not shown."""
    found = public_records(session, chosen)
    there = [found[record_id] for record_id in chosen if record_id in found]
    shown = there[: comparing.MOST]
    places = contexts(session, [record.record_id for record in shown], Scope.PUBLIC)
    return page(
        request,
        "compare.html",
        sides=comparing.sides(shown, names),
        rows=comparing.rows(shown, places, names),
        most=comparing.MOST,
        left_out=there[comparing.MOST :],
        not_here=[record_id for record_id in chosen if record_id not in found],
    )
