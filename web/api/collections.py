"""Collections as JSON: what curators have put together, with their words and what is counted."""

from datetime import datetime
from operator import attrgetter
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from kb import adapting, editions
from kb.adapting import Kin
from kb.vocabulary import Audience, CollectionKind, PartKind
from search.packages import UNSAID, Table
from web import collected
from web.api.answers import RecordSummary, summary_of
from web.api.synthesis import GroupOf, group_of
from web.api.tables import table
from web.collected import PublicCollection, public_collection, public_collections
from web.deps import LibraryDep, NamesDep, ReadingDep, RecordId
from web.errors import documented
from web.names import Names
from web.render import address
from web.rules import OPEN
from web.speaking import ALSO_CSV, SPEAKS, CsvDep

router = APIRouter(prefix="/api/v1/collections", tags=["collections"], dependencies=[OPEN, SPEAKS])


COLUMNS = {
    name: attrgetter(name)
    for name in ("id", "url", "kind", "edition", "title", "language", "licence", "record_ids")
} | {"published": lambda one: one.published.isoformat()}


class CollectionSummary(BaseModel):
    """A collection in a list: its newest edition."""

    id: int
    url: str
    kind: CollectionKind
    edition: int
    title: str
    purpose: str = Field(description="Markdown, in the curator's words.")
    language: str = Field(description="BCP 47, of the curator's words.")
    audience: list[Audience]
    licence: str = Field(description="SPDX, of the whole; empty where none is named.")
    published: datetime = Field(description="When this edition was published.")
    record_ids: list[int] = Field(description="In the curator's order; only public records.")


class Item(BaseModel):
    """A record of a collection, and the curator's words that stand before it."""

    note: str = Field(description="Markdown; may be empty.")
    record: RecordSummary = Field(description="As it is today.")
    version: int = Field(description="The version of the record that this edition is of.")
    newer: bool = Field(description="Whether the record was changed since the edition.")


class PartOf(BaseModel):
    """A part of a collection, in its order."""

    kind: PartKind
    heading: str = Field(description="The curator's; empty where the kind says it.")
    text: str = Field(description="Markdown, in the curator's words.")
    record: int | None = Field(description="Number of the record, of a part that is one.")


class LeftOutIdea(BaseModel):
    """A change idea that a curator left out of the table."""

    record: int
    text: str
    why: str


class NotedIdea(LeftOutIdea):
    """A change idea with a curator's note."""

    against_the_rule: bool = Field(description="Whether it stands in the table only by hand.")


class TableOf(BaseModel):
    """The change ideas by intervention, and which rule says so."""

    least_places: int = Field(
        description="A kind of change stands here if it was kept in so many places."
    )
    groups: list[GroupOf]
    notes: list[NotedIdea]
    left_out: list[LeftOutIdea]
    kept_in_too_few_places: list[GroupOf]
    only_linked: list[int] = Field(description="Records whose licence allows a link only.")


class EditionOf(BaseModel):
    """One edition."""

    number: int
    published: datetime
    note: str = Field(description="What was new, in the curator's words.")


class KinOf(BaseModel):
    """A collection that another was made from."""

    id: int
    title: str
    edition: int = Field(description="Of the one that the other was made from.")


class Collection(CollectionSummary):
    """A whole collection, as one edition has it."""

    thanks: str = Field(description="Markdown.")
    taken_back: int = Field(description="Records that stood in it, and were taken back since.")
    parts: list[PartOf]
    items: list[Item]
    ideas: TableOf | None = Field(description="Null where it shows nothing made from records.")
    editions: list[EditionOf]
    based_on: KinOf | None
    adapted_as: list[KinOf]


@router.get(
    "",
    response_model=list[CollectionSummary],
    responses=ALSO_CSV | documented(422, 503),
)
def list_collections(request: Request, session: ReadingDep, as_csv: CsvDep) -> Any:
    """List the published collections, newest first."""
    found = [_summary(request, collection) for collection in public_collections(session)]
    return table(found, COLUMNS) if as_csv else found


@router.get("/{collection_id}", responses=documented(404, 410, 422, 503))
def get_collection(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    collection_id: RecordId,
) -> Collection:
    """Return the newest edition of a published collection."""
    found = public_collection(session, collection_id)
    made = collected.told(session, found.said, library.taxonomy)
    return _whole(request, session, found, _table(made.table, names) if made else None)


@router.get("/{collection_id}/editions/{number}", responses=documented(404, 410, 422, 503))
def get_edition(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    collection_id: RecordId,
    number: RecordId,
) -> Collection:
    """Return one edition of a published collection."""
    found = public_collection(session, collection_id, number)
    made = collected.told(session, found.said, library.taxonomy)
    return _whole(request, session, found, _table(made.table, names) if made else None)


def _summary(request: Request, collection: PublicCollection) -> CollectionSummary:
    about, said = collection.about, collection.said
    return CollectionSummary(
        id=about.collection_id,
        url=address(request, f"/collections/{about.collection_id}"),
        kind=said.kind,
        edition=about.number,
        title=said.title,
        purpose=said.purpose,
        language=said.language,
        audience=list(said.audience),
        licence=said.licence,
        published=about.at,
        record_ids=collection.record_ids,
    )


def _whole(
    request: Request, session: Session, found: PublicCollection, ideas: TableOf | None
) -> Collection:
    number = found.about.collection_id
    origin = adapting.origin_of(session, found.said)
    return Collection(
        **_summary(request, found).model_dump(),
        thanks=found.said.thanks,
        taken_back=found.about.taken_back,
        parts=[
            PartOf(kind=part.kind, heading=part.heading, text=part.text, record=part.record_id)
            for part in found.said.parts
        ],
        items=[
            Item(
                note=item.note,
                record=summary_of(
                    item.record, address(request, f"/records/{item.record.record_id}")
                ),
                version=item.part.version or item.record.version,
                newer=item.newer,
            )
            for item in collected.collected(session, found.said)
        ],
        ideas=ideas,
        editions=[
            EditionOf(number=row.number, published=row.at, note=row.note)
            for row in editions.all_of(session, number)
        ],
        based_on=_kin(origin) if origin else None,
        adapted_as=[_kin(one) for one in adapting.adapted(session, number)],
    )


def _kin(one: Kin) -> KinOf:
    return KinOf(id=one.collection_id, title=one.title, edition=one.edition)


def _table(table: Table, names: Names) -> TableOf:
    return TableOf(
        least_places=table.least_places,
        groups=[group_of(group, names) for group in table.groups],
        notes=[
            NotedIdea(
                record=record_id,
                text=text,
                why=why,
                against_the_rule=(record_id, text) in table.taken_in,
            )
            for (record_id, text), why in table.notes.items()
            if text != UNSAID
        ],
        left_out=[
            LeftOutIdea(record=one.record_id, text=one.text, why=one.why) for one in table.left_out
        ],
        kept_in_too_few_places=[group_of(group, names) for group in table.below],
        only_linked=list(table.linked),
    )
