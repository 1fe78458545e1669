"""What a reader may see of collections."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kb import collections
from kb.collections import Published
from kb.errors import NotFoundError
from web.catalogue import PublicRecord, public_records
from web.i18n import marked


class TakenBackError(NotFoundError):
    """The collection was once here for all to read, and is no longer."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A record of a collection, and the curator's words before it."""

    note: str  # Markdown
    record: PublicRecord


@dataclass(frozen=True, slots=True)
class PublicCollection:
    """A published collection with what its records say."""

    about: Published
    items: tuple[Collected, ...]

    @property
    def record_ids(self) -> list[int]:
        """The numbers of its records, in its order."""
        return [item.record.record_id for item in self.items]

    @property
    def countries(self) -> list[str]:
        """The countries of its records, as far as they may be shown, each once."""
        places = (item.record.place.country for item in self.items)
        return list(dict.fromkeys(filter(None, places)))


def public_collection(session: Session, collection_id: int) -> PublicCollection:
    """Return the collection as its readers see it.

    Raises:
        TakenBackError: it was published once and taken back.
        NotFoundError: there is none, it is not published, or nothing in it may be read.
    """
    found = collections.published(session, [collection_id])
    if found:
        return _with_records(session, found)[0]
    if collections.was_withdrawn(session, collection_id):
        raise TakenBackError(
            marked("Collection %(number)s was taken back.", number=collection_id),
            hint=marked("Its stories may still be here. Search for them."),
        )
    raise NotFoundError(
        marked("There is no collection %(number)s.", number=collection_id),
        hint=marked("See which collections there are."),
    )


def public_collections(session: Session) -> list[PublicCollection]:
    """Return all collections for readers, newest first, in as many queries for ten as for one."""
    return _with_records(session, collections.published(session))


def _with_records(session: Session, found: Sequence[Published]) -> list[PublicCollection]:
    wanted = {item.record_id for collection in found for item in collection.items}
    records = public_records(session, wanted)
    return [
        PublicCollection(
            collection,
            tuple(
                Collected(item.note, records[item.record_id])
                for item in collection.items
                if item.record_id in records
            ),
        )
        for collection in found
    ]
