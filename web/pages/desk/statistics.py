"""How much the library is used: by month, by story, by collection."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kb import collections, usage
from kb.db import utcnow
from kb.vocabulary import Counted, Role, Use
from kb.wording import marked
from web.catalogue import public_records
from web.deps import LibraryDep, ReadingDep
from web.render import page
from web.rules import needs

router = APIRouter(
    prefix="/desk/statistics", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)

PERIODS = {30: marked("A month"), 90: marked("Three months"), 365: marked("A year")}
SHOWN = 20  # of each kind


@router.get("")
def statistics_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    days: Annotated[int, Query(ge=1, le=365)] = 90,
) -> Response:
    """Show how often things were looked at and taken home; the most used ones first."""
    today = utcnow().date()
    since = today - timedelta(days=days)
    stories, shelves = (
        usage.most_used(session, thing, since=since, limit=SHOWN)
        for thing in (Counted.RECORD, Counted.COLLECTION)
    )
    published = collections.published(session, [one.number for one in shelves])
    return page(
        request,
        "desk/statistics.html",
        months=usage.months(usage.by_day(session, since=since, until=today)),
        stories=stories,
        records=public_records(session, [one.number for one in stories]),
        shelves=shelves,
        titles={one.collection_id: one.content.title for one in published},
        days=days,
        periods=PERIODS,
        counting=library.settings.statistics,
        ways=tuple(Use),
    )
