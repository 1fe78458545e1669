"""Collections: what curators have put together, and one of them to read, keep and print."""

from collections import Counter

from fastapi import APIRouter, Request, Response

from web.collected import collected, public_collection, public_collections
from web.deps import ReadingDep, RecordId
from web.render import page
from web.rules import OPEN

router = APIRouter(prefix="/collections", dependencies=[OPEN])


@router.get("")
def collections_page(request: Request, session: ReadingDep) -> Response:
    """Show the published collections, newest first."""
    return page(request, "collections.html", collections=public_collections(session))


@router.get("/{collection_id}")
def collection_page(request: Request, session: ReadingDep, collection_id: RecordId) -> Response:
    """Show one collection with its records, in the curator's order."""
    collection = public_collection(session, collection_id)
    items = collected(session, collection)
    verdicts = Counter(item.record.said.verdict for item in items)
    return page(
        request,
        "collection.html",
        collection=collection,
        items=items,
        verdicts=verdicts,
        keep_with=[f"/records/{record_id}" for record_id in collection.record_ids],
    )
