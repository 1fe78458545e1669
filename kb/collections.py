"""Records put together for a purpose: a curator's choice, in an order, with words between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.exc import StaleDataError

from kb import history
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Collection, CollectionItem, Record
from kb.vocabulary import Status, Visibility

TITLE_LENGTH = 120  # characters
MOST_RECORDS = 100


@dataclass(frozen=True, slots=True)
class Item:
    """A record of a published collection, and the curator's words that stand before it."""

    record_id: int
    note: str  # Markdown


@dataclass(frozen=True, slots=True)
class Published:
    """A collection as its readers see it: only records that they may read are in it."""

    collection_id: int
    title: str
    purpose: str  # Markdown
    language: str  # BCP 47, of the curator's words
    published: datetime
    items: tuple[Item, ...]


def get(session: Session, collection_id: int) -> Collection:
    """Return the collection with its items, whatever its status.

    Raises:
        NotFoundError: there is none.
    """
    collection = session.get(Collection, collection_id, options=_WITH_ITEMS)
    if collection is None:
        raise NotFoundError(
            f"There is no collection {collection_id}.", hint="See which collections there are."
        )
    return collection


def listed(session: Session) -> Sequence[Collection]:
    """Return all collections, for the curator, newest first."""
    query = select(Collection).options(*_WITH_ITEMS).order_by(Collection.id.desc())
    return session.scalars(query).all()


def create(
    session: Session, title: str, *, purpose: str = "", language: str = "en", by: str
) -> Collection:
    """Begin a collection; readers see nothing of it until it is published.

    Raises:
        InvalidError: it has no title, or one that is too long.
    """
    collection = Collection(title=_title(title), purpose=purpose.strip(), language=language)
    session.add(collection)
    session.flush()
    history.happened(session, "collection begun", by=by, collection=str(collection.id))
    return collection


def describe(
    session: Session,
    collection_id: int,
    *,
    title: str | None = None,
    purpose: str | None = None,
    language: str | None = None,
) -> Collection:
    """Give the collection another title, purpose or language; what is None stays."""
    collection = get(session, collection_id)
    if title is not None:
        collection.title = _title(title)
    if purpose is not None:
        collection.purpose = purpose.strip()
    collection.language = language or collection.language
    return _changed(session, collection)


def add(session: Session, collection_id: int, record_id: int, *, note: str = "") -> Collection:
    """Put a record at the end of the collection, with the curator's words about it.

    A draft may be added: readers see it in the collection from the day it is published.

    Raises:
        ConflictError: it is in there already.
        InvalidError: the collection is full.
        NotFoundError: there is no such record.
    """
    collection = get(session, collection_id)
    record = session.get(Record, record_id)
    if record is None:
        raise NotFoundError(f"There is no record {record_id}.", hint="Find its number by search.")
    if any(item.record_id == record_id for item in collection.items):
        raise ConflictError(
            f"“{record.title}” is in “{collection.title}” already.",
            hint="Change the words about it instead.",
        )
    if len(collection.items) >= MOST_RECORDS:
        raise InvalidError(
            f"“{collection.title}” has {MOST_RECORDS} records, which is the most.",
            hint="Begin a second collection.",
        )
    place = len(collection.items)
    collection.items.append(CollectionItem(record=record, position=place, note=note.strip()))
    return _changed(session, collection)


def annotate(session: Session, collection_id: int, record_id: int, note: str) -> Collection:
    """Change the curator's words about a record of the collection.

    Raises:
        NotFoundError: the collection does not have it.
    """
    collection = get(session, collection_id)
    _item(collection, record_id).note = note.strip()
    return _changed(session, collection)


def remove(session: Session, collection_id: int, record_id: int) -> Collection:
    """Take a record out of the collection; the record itself stays as it is.

    Raises:
        NotFoundError: the collection does not have it.
    """
    collection = get(session, collection_id)
    collection.items.remove(_item(collection, record_id))
    _number(collection.items)
    return _changed(session, collection)


def order(session: Session, collection_id: int, record_ids: Sequence[int]) -> Collection:
    """Let these records come first, in this order; the others follow as they stood.

    Raises:
        NotFoundError: the collection does not have one of them.
    """
    collection = get(session, collection_id)
    first = [_item(collection, record_id) for record_id in dict.fromkeys(record_ids)]
    _number([*first, *(item for item in collection.items if item not in first)])
    session.flush()
    session.refresh(collection, ["items"])
    return _changed(session, collection)


def publish(session: Session, collection_id: int, *, by: str) -> Collection:
    """Show the collection to every reader, with those of its records that they may see.

    Raises:
        InvalidError: it says nothing of its purpose, or readers may see none of its records.
    """
    collection = get(session, collection_id)
    missing = []
    if not collection.purpose:
        missing.append("what it is for")
    if not any(is_shown(item.record) for item in collection.items):
        missing.append("a published record")
    if missing:
        raise InvalidError(
            f"“{collection.title}” is not ready for readers.",
            hint=f"Still missing: {'; '.join(missing)}.",
        )
    collection.status = Status.PUBLISHED
    collection.published = collection.published or utcnow()
    history.happened(session, "collection published", by=by, collection=str(collection.id))
    return _changed(session, collection)


def withdraw(session: Session, collection_id: int, *, by: str, reason: str) -> Collection:
    """Take the collection away from readers; its records stay where they are.

    Raises:
        ConflictError: readers do not see it.
    """
    collection = get(session, collection_id)
    if collection.status is not Status.PUBLISHED:
        raise ConflictError(f"“{collection.title}” is not published: it is {collection.status}.")
    collection.status = Status.WITHDRAWN
    history.happened(
        session, "collection withdrawn", by=by, collection=str(collection.id), reason=reason
    )
    return _changed(session, collection)


def is_shown(record: Record) -> bool:
    """Tell whether readers may see the record, in a collection or anywhere."""
    return record.status is Status.PUBLISHED and record.visibility is Visibility.PUBLIC


def not_shown(collection: Collection) -> list[Record]:
    """Return the records that a reader does not find in the collection, for its curator to know."""
    return [item.record for item in collection.items if not is_shown(item.record)]


def published(session: Session, collection_ids: Sequence[int] | None = None) -> list[Published]:
    """Return the published collections, newest first, of all or of these; an empty one is none."""
    query = (
        select(Collection, CollectionItem)
        .join(CollectionItem, CollectionItem.collection_id == Collection.id)
        .join(Record, Record.id == CollectionItem.record_id)
        .where(
            Collection.status == Status.PUBLISHED,
            Record.status == Status.PUBLISHED,
            Record.visibility == Visibility.PUBLIC,
        )
        .order_by(Collection.published.desc(), Collection.id.desc(), CollectionItem.position)
    )
    if collection_ids is not None:
        query = query.where(Collection.id.in_(collection_ids))
    found: dict[int, Collection] = {}
    items: dict[int, list[Item]] = {}
    for collection, item in session.execute(query):
        found[collection.id] = collection
        items.setdefault(collection.id, []).append(Item(item.record_id, item.note))
    return [_as_read(collection, tuple(items[number])) for number, collection in found.items()]


def was_withdrawn(session: Session, collection_id: int) -> bool:
    """Tell whether readers once saw the collection, and it was taken back."""
    withdrawn = exists().where(
        Collection.id == collection_id, Collection.status == Status.WITHDRAWN
    )
    return bool(session.scalar(select(withdrawn)))


_WITH_ITEMS = (selectinload(Collection.items).joinedload(CollectionItem.record),)


def _title(said: str) -> str:
    title = said.strip()
    if not title or len(title) > TITLE_LENGTH:
        raise InvalidError(
            "A collection needs a title." if not title else f"“{title[:40]}…” is too long a title.",
            hint=f"Say in at most {TITLE_LENGTH} characters what somebody would look for.",
        )
    return title


def _item(collection: Collection, record_id: int) -> CollectionItem:
    for item in collection.items:
        if item.record_id == record_id:
            return item
    raise NotFoundError(
        f"Record {record_id} is not in “{collection.title}”.",
        hint="Add it to the collection first.",
    )


def _number(items: Sequence[CollectionItem]) -> None:
    for position, item in enumerate(items):
        item.position = position


def _as_read(collection: Collection, items: tuple[Item, ...]) -> Published:
    assert collection.published is not None  # `publish` says when
    return Published(
        collection.id,
        collection.title,
        collection.purpose,
        collection.language,
        collection.published,
        items,
    )


def _changed(session: Session, collection: Collection) -> Collection:
    title = collection.title
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(
            f"“{title}” was changed by somebody else at the same moment.",
            hint="Look at it again, then make your change.",
        ) from error
    return collection
