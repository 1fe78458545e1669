"""What a reader may see of collections."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import collections
from kb.collections import Published
from kb.errors import NotFoundError
from kb.models import Place, Record
from kb.wording import marked
from search.filters import Scope, place_counts
from web.catalogue import PublicRecord, public_records


class TakenBackError(NotFoundError):
    """The collection was once here for all to read, and is no longer."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A record of a collection, and the curator's words before it."""

    note: str  # Markdown
    record: PublicRecord


@dataclass(frozen=True, slots=True)
class PublicCollection:
    """A published collection, and where its records come from as far as that may be shown."""

    about: Published
    countries: tuple[str, ...]  # ISO 3166-1 alpha-3, each once, in the order of the records

    @property
    def record_ids(self) -> list[int]:
        """The numbers of its records, in its order."""
        return [item.record_id for item in self.about.items]


def public_collection(session: Session, collection_id: int) -> PublicCollection:
    """Return the collection as its readers see it.

    Raises:
        TakenBackError: it was published once and taken back.
        NotFoundError: there is none, it is not published, or nothing in it may be read.
    """
    found = collections.published(session, [collection_id])
    if found:
        return _with_countries(session, found)[0]
    if collections.was_withdrawn(session, collection_id):
        raise TakenBackError(
            marked("Collection %(number)s was taken back.", number=collection_id),
            hint=marked("Its stories may still be here. Search for them."),
        )
    raise NotFoundError(
        marked("There is no collection %(number)s.", number=collection_id),
        hint=marked("See which collections there are."),
    )


def public_collections(session: Session, *, most: int | None = None) -> list[PublicCollection]:
    """Return the newest collections for readers, or all, in as many queries for ten as for one."""
    return _with_countries(session, collections.published(session)[:most])


def collected(session: Session, collection: PublicCollection) -> list[Collected]:
    """Return the records of a collection; one that was withdrawn this moment is left out."""
    records = public_records(session, collection.record_ids)
    return [
        Collected(item.note, records[item.record_id])
        for item in collection.about.items
        if item.record_id in records
    ]


def _with_countries(session: Session, found: Sequence[Published]) -> list[PublicCollection]:
    wanted = {item.record_id for one in found for item in one.items}
    rows = session.execute(
        select(Place.record_id, Place.country)
        .join(Record, Record.id == Place.record_id)
        .where(Place.record_id.in_(wanted), Place.country != "", place_counts(Scope.PUBLIC))
        .order_by(Place.position)
    )
    places: dict[int, list[str]] = {}
    for record_id, country in rows:
        places.setdefault(record_id, []).append(country)
    return [
        PublicCollection(
            one,
            tuple(dict.fromkeys(c for item in one.items for c in places.get(item.record_id, ()))),
        )
        for one in found
    ]
