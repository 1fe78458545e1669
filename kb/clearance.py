"""Whether the licences of its records allow what a package does with their words."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kb import editions
from kb.editions import Content
from kb.licences import Obstacle, obstacle
from kb.models import Collection, CollectionPart
from kb.vocabulary import Clearance, CollectionKind


@dataclass(frozen=True, slots=True)
class Doubt:
    """A record, or the package another is based on, whose licence does not allow it by itself."""

    part_id: int | None  # None: the package it is based on
    record_id: int | None
    title: str
    licence: str  # SPDX; empty where nobody named one
    obstacle: Obstacle
    clearance: Clearance
    note: str

    @property
    def open(self) -> bool:
        """Whether a curator has yet to decide."""
        return self.clearance is Clearance.BY_LICENCE


def doubts(session: Session, collection: Collection, *, own_licence: str = "") -> list[Doubt]:
    """Return the records whose licence does not allow what the collection does, as decided so far.

    `own_licence` is the library's own: of records without one that were made here, and of a
    collection that names none. A reading list only names its records, and asks for nothing. As
    long as the whole is under none, only those are returned that no licence of it would help.
    """
    if collection.kind is CollectionKind.READING_LIST:
        return []
    whole = collection.licence or own_licence
    found = [_of_part(part, whole, own_licence) for part in collection.parts]
    return [*filter(None, found), *_of_origin(session, collection, whole, own_licence)]


def _of_part(part: CollectionPart, whole: str, own: str) -> Doubt | None:
    record = part.record
    if record is None:
        return None
    licence = record.licence or ("" if record.origin else own)
    why = obstacle(licence, whole or licence)
    if why is None:
        return None
    return Doubt(
        part.id, record.id, record.title, licence, why, part.clearance, part.clearance_note
    )


def _of_origin(session: Session, collection: Collection, whole: str, own: str) -> Iterator[Doubt]:
    """Yield the package that this one was made from, where its licence does not allow that."""
    if collection.based_on_id is None or collection.based_on_edition is None:
        return
    rows = editions.all_of(session, collection.based_on_id)
    row = next((one for one in rows if one.number == collection.based_on_edition), None)
    if row is None:
        return
    origin = Content.model_validate(row.content)
    licence = origin.licence or own
    if why := obstacle(licence, whole or licence):
        yield Doubt(None, None, origin.title, licence, why, Clearance.BY_LICENCE, "")
