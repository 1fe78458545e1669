"""Collections as JSON: what curators have put together, with their words."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from web.api.answers import RecordSummary, summary_of
from web.collected import PublicCollection, collected, public_collection, public_collections
from web.deps import ReadingDep, RecordId
from web.errors import documented
from web.render import address
from web.rules import OPEN

router = APIRouter(prefix="/api/v1/collections", tags=["collections"], dependencies=[OPEN])


class CollectionSummary(BaseModel):
    """A collection in a list."""

    id: int
    url: str
    title: str
    purpose: str = Field(description="Markdown, in the curator's words.")
    language: str = Field(description="BCP 47, of the curator's words.")
    published: datetime
    record_ids: list[int] = Field(description="In the curator's order; only public records.")


class Item(BaseModel):
    """A record of a collection, and the curator's words that stand before it."""

    note: str = Field(description="Markdown; may be empty.")
    record: RecordSummary


class Collection(CollectionSummary):
    """A whole collection."""

    items: list[Item]


@router.get("", responses=documented(503))
def list_collections(request: Request, session: ReadingDep) -> list[CollectionSummary]:
    """List the published collections, newest first."""
    return [_summary(request, collection) for collection in public_collections(session)]


@router.get("/{collection_id}", responses=documented(404, 410, 422, 503))
def get_collection(request: Request, session: ReadingDep, collection_id: RecordId) -> Collection:
    """Return one published collection."""
    collection = public_collection(session, collection_id)
    return Collection(
        **_summary(request, collection).model_dump(),
        items=[
            Item(
                note=item.note,
                record=summary_of(
                    item.record, address(request, f"/records/{item.record.record_id}")
                ),
            )
            for item in collected(session, collection)
        ],
    )


def _summary(request: Request, collection: PublicCollection) -> CollectionSummary:
    about = collection.about
    return CollectionSummary(
        id=about.collection_id,
        url=address(request, f"/collections/{about.collection_id}"),
        title=about.title,
        purpose=about.purpose,
        language=about.language,
        published=about.published,
        record_ids=collection.record_ids,
    )
