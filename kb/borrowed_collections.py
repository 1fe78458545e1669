"""Collections of another library: taken in as drafts of ours, again and again, never doubled.

What its home says in its newest edition becomes the working copy here. Who works on that copy owns
it: then what its home says anew waits for a decision. What was decided here about licences stays.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import collections, editions, exchange, history
from kb.borrowing import UNNAMED, Here
from kb.db import utcnow
from kb.editions import Content, Part
from kb.errors import InvalidError, KBError
from kb.models import BorrowedCollection, Collection, CollectionPart, Record
from kb.parts import MOST_PARTS
from kb.vocabulary import Became, PartKind, Status

MOST: Final = 10_000  # collections of another library
Find = Callable[[str], int | None]  # origin of a record → its number here


@dataclass(frozen=True, slots=True)
class Told:
    """A collection as another library tells it, or the reason why it cannot be read."""

    name: str  # the line it stands in
    origin: str = ""
    library: str = ""
    via: str = ""
    edition: int = 1
    origins: Mapping[int, str] = field(default_factory=dict)  # number of a record there → origin
    content: Content | None = None
    withdrawn: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a collection that came from elsewhere."""

    name: str
    became: Became
    doubts: tuple[str, ...] = ()
    reason: str = ""


def incoming(lines: Iterable[str]) -> Iterator[Told]:
    """Yield the collection of each line of an export; a line that is broken says why."""
    for number, line in enumerate(lines, start=1):
        if number > MOST:
            raise InvalidError(f"The export has more than {MOST:,} collections.")
        if line.strip():
            yield _told(f"collection {number}", line)


def _told(name: str, line: str) -> Told:
    said = exchange.object_of(line)
    if isinstance(said, str):
        return Told(name, error=said)
    library, via = said.get("library") or said["origin"], said.get("via") or ""
    told = Told(name, said["origin"], library, via, withdrawn=bool(said.get("withdrawn")))
    if told.withdrawn:
        return told
    try:
        content = Content.model_validate(said.get("collection"))
        edition = int(said.get("edition", 1))
        collections.titled(content.title)
        collections.tongue(content.language)
        collections.at_least_nothing(content.least_places)
    except (ValidationError, TypeError, ValueError, InvalidError) as error:
        return replace(told, error=f"It is no collection: {str(error).splitlines()[0]}")
    records = said.get("records")
    origins = {
        int(number): origin
        for number, origin in (records.items() if isinstance(records, dict) else ())
        if re.fullmatch("[0-9]{1,9}", number) and isinstance(origin, str)
    }
    if len(content.parts) > MOST_PARTS or len(content.record_ids) > collections.MOST_RECORDS:
        return replace(told, error="It has more parts than a collection may have here.")
    return replace(told, edition=max(1, edition), origins=origins, content=content)


def from_library(one: Told, name: str) -> Told:
    """Return the collection as one that `name` gave us; see `kb.borrowing.from_library`."""
    if one.via or not name or name == one.library:
        return replace(one, via=name or one.via) if one.via else one

    def moved(origin: str) -> str:
        start = f"{one.library}#"
        return f"{name}#{origin.removeprefix(start)}" if origin.startswith(start) else origin

    origins = {number: moved(origin) for number, origin in one.origins.items()}
    return replace(one, library=name, origin=moved(one.origin), origins=origins)


def bring(session: Session, one: Told, *, here: Here, find: Find, batch_id: int, by: str) -> Taken:
    """Add the collection as a draft, bring an earlier one up to date, or let it wait.

    `find` knows the records that came in the same bag.
    """
    if one.error:
        return Taken(one.name, Became.FAILED, reason=one.error)
    row = _row(session, one)
    if why := _why_not(session, one, row, here):
        return Taken(one.name, Became.KNOWN, (why,))
    try:
        with session.begin_nested():
            if one.content is None:
                return _taken_back(session, one, row, by=by)
            ours = _ours(session, one, one.content, here, find)
            if row is None:
                return _added(session, one, ours, batch_id, by=by)
            return _again(session, one, row, ours, batch_id, by=by)
    except KBError as error:
        return Taken(one.name, Became.FAILED, reason=f"{error} {error.hint}".strip())


def _row(session: Session, one: Told) -> BorrowedCollection | None:
    """Return what is kept of it, also from before its home got an address."""
    origins = [one.origin]
    if number := re.fullmatch("https?://.+/collections/([0-9]{1,9})", one.origin):
        origins += [f"{one.library}#collection-{number[1]}"] if one.library != UNNAMED else []
    rows = select(BorrowedCollection).where(BorrowedCollection.origin.in_(origins))
    found = {row.origin: row for row in session.scalars(rows)}
    return next((found[origin] for origin in origins if origin in found), None)


def _why_not(session: Session, one: Told, row: BorrowedCollection | None, here: Here) -> str:
    """Return why it changes nothing here, in words; empty where it may."""
    if _is_own(session, one, here):
        return "It is a collection of this library."
    if row is not None and (one.via != row.via if one.via else one.library != row.library):
        return f"It comes from {row.via or row.library}, and only from there: left as it is."
    return ""


def _is_own(session: Session, one: Told, here: Here) -> bool:
    address = f"{here.address.rstrip('/')}/collections/"
    if here.address and one.origin.startswith(address):
        return True
    number = one.origin.removeprefix(f"{here.library}#collection-")
    if one.library != here.library or not re.fullmatch("[0-9]{1,9}", number):
        return False
    known = session.get(Collection, int(number))
    return known is not None and one.content is not None and known.title == one.content.title


class _Ours(NamedTuple):
    """What they say with our numbers, and the parts of which the record did not come."""

    content: Content
    missing: list[dict[str, Any]]


def _ours(session: Session, one: Told, theirs: Content, here: Here, find: Find) -> _Ours:
    numbers = {
        number: find(origin) or _known(session, origin, here)
        for number, origin in one.origins.items()
    }
    parts: list[Part] = []
    missing: list[dict[str, Any]] = []
    for at, part in enumerate(theirs.parts, start=1):
        record_id = numbers.get(part.record_id or 0) if part.kind is PartKind.RECORD else None
        mine = Part(
            part_id=0, kind=part.kind, heading=part.heading, text=part.text, record_id=record_id
        )
        if part.kind is PartKind.RECORD and record_id is None:
            origin = one.origins.get(part.record_id or 0, "")
            missing.append({"at": at, "origin": origin, "heading": part.heading, "text": part.text})
        elif not any(_is_the_same(mine, other) for other in parts):
            parts.append(mine)
    held = {part.record_id for part in parts} - {None}
    choices = (
        choice.model_copy(update={"record_id": numbers[choice.record_id]})
        for choice in theirs.choices
        if numbers.get(choice.record_id) in held
    )
    update = {"parts": tuple(parts), "choices": tuple(choices), "based_on": None}
    return _Ours(theirs.model_copy(update={**update, "based_on_edition": None}), missing)


def _is_the_same(part: Part, other: Part) -> bool:
    """Tell whether a collection may not have both: a record, or what is made, stands there once."""
    once = part.kind is not PartKind.WORDS
    return once and (part.kind, part.record_id) == (other.kind, other.record_id)


def _known(session: Session, origin: str, here: Here) -> int | None:
    """Return the number of a record that was here before; of ours by its address."""
    address = f"{here.address.rstrip('/')}/records/"
    number = origin.removeprefix(address)
    if here.address and origin != number and re.fullmatch("[0-9]{1,9}", number):
        return session.scalar(select(Record.id).where(Record.id == int(number)))
    query = select(Record.id).where(Record.origin == origin, Record.origin != "")
    return session.scalar(query.order_by(Record.id).limit(1))


def _added(session: Session, one: Told, ours: _Ours, batch_id: int, *, by: str) -> Taken:
    new = ours.content
    collection = Collection(kind=new.kind, title=new.title, purpose="", language=new.language)
    session.add(collection)
    session.flush()
    write(session, collection, new)
    session.add(
        BorrowedCollection(
            collection_id=collection.id,
            library=one.library,
            via=one.via,
            origin=one.origin,
            edition=one.edition,
            said=new.model_dump(mode="json"),
            missing=ours.missing,
            batch_id=batch_id,
            became=Became.ADDED,
        )
    )
    history.happened(
        session, "collection imported", by=by, collection=str(collection.id), origin=one.origin
    )
    return Taken(one.name, Became.ADDED, _doubts(collection, ours))


def _again(
    session: Session,
    one: Told,
    row: BorrowedCollection,
    ours: _Ours,
    batch_id: int,
    *,
    by: str,
) -> Taken:
    collection, new = collections.get(session, row.collection_id), ours.content
    row.edition, row.missing, row.at = one.edition, ours.missing, utcnow()
    row.via = one.via
    mine, base = editions.written(collection), Content.model_validate(row.said)
    if new == base:
        return Taken(one.name, Became.KNOWN, _waits(row))
    if mine not in (base, new):
        row.newer = new.model_dump(mode="json")
        return Taken(one.name, Became.KNOWN, _waits(row))
    take(session, row, new, batch_id=batch_id, by=by)
    return Taken(one.name, Became.CHANGED, _doubts(collection, ours))


def _waits(row: BorrowedCollection) -> tuple[str, ...]:
    told = f"Collection {row.collection_id} has changed at its home and here: decide at the desk."
    return (told,) if row.newer else ()


def _doubts(collection: Collection, ours: _Ours) -> tuple[str, ...]:
    told = [f"It is collection {collection.id} here: {collection.title}."]
    if ours.missing:
        places = ", ".join(str(one["at"]) for one in ours.missing)
        told.append(f"The records of its parts {places} did not come.")
    if not ours.content.licence:
        told.append("It does not say under which licence it is: ask its library.")
    return tuple(told)


def _taken_back(session: Session, one: Told, row: BorrowedCollection | None, *, by: str) -> Taken:
    """Take a collection from our readers that its home takes from its own."""
    collection = collections.get(session, row.collection_id) if row else None
    if collection is None or collection.status is Status.WITHDRAWN:
        return Taken(one.name, Became.KNOWN)
    if collection.status is Status.PUBLISHED:
        reason = f"withdrawn by its library, {one.library}"
        collections.withdraw(session, collection.id, by=by, reason=reason)
        return Taken(one.name, Became.KNOWN, ("Its library has withdrawn it, and so have we.",))
    return Taken(one.name, Became.KNOWN, ("Its library has withdrawn it; it is a draft here.",))


def take(
    session: Session, row: BorrowedCollection, new: Content, *, batch_id: int, by: str
) -> None:
    """Let the collection say what its home says; what it said before is kept for undoing."""
    collection = collections.get(session, row.collection_id)
    row.before = editions.written(collection).model_dump(mode="json")
    write(session, collection, new)
    row.said, row.newer = new.model_dump(mode="json"), None
    row.batch_id, row.became = batch_id, Became.CHANGED
    history.happened(
        session, "collection imported", by=by, collection=str(collection.id), origin=row.origin
    )


def keep(row: BorrowedCollection, *, batch_id: int) -> None:
    """Let the collection say what it says here; the same is not asked again."""
    row.said, row.newer, row.before = row.newer or row.said, None, None
    row.batch_id, row.became = batch_id, Became.KNOWN


def write(session: Session, collection: Collection, new: Content) -> None:
    """Make the working copy say `new`; parts that stay keep their numbers and clearances."""
    collection.kind, collection.title = new.kind, collections.titled(new.title)
    collection.purpose, collection.language = new.purpose, new.language
    collection.audience = [one.value for one in new.audience]
    collection.licence, collection.thanks = new.licence, new.thanks
    collection.least_places = new.least_places
    collection.choices = [one.model_dump(mode="json") for one in new.choices]
    left = list(collection.parts)
    parts = []
    for position, said in enumerate(new.parts):
        part = _kept(left, said) or CollectionPart(kind=said.kind, record_id=said.record_id)
        part.heading, part.text, part.position = said.heading, said.text, position
        parts.append(part)
    collection.parts = parts
    collections.changed(session, collection)


def _kept(left: list[CollectionPart], said: Part) -> CollectionPart | None:
    """Return the part that says it already, or the first of its kind; it is taken from `left`."""
    alike = [p for p in left if (p.kind, p.record_id) == (said.kind, said.record_id)]
    same = [p for p in alike if (p.heading, p.text) == (said.heading, said.text)]
    found = next(iter(same or alike), None)
    if found is not None:
        left.remove(found)
    return found


class Home(NamedTuple):
    """Where a collection has its home."""

    library: str
    address: str  # empty where there is none to follow
    edition: int  # there


def home(session: Session, collection_id: int) -> Home | None:
    """Return the home of a collection that came from another library."""
    row = of(session, collection_id)
    if row is None:
        return None
    address = row.origin if row.origin.startswith(("https://", "http://")) else ""
    return Home(row.library, address, row.edition)


def own_licence(session: Session, collection_id: int, licence: str) -> str:
    """Return the library's own `licence` where the collection is its own, too.

    What came from elsewhere is under what its home says, or under none.
    """
    return "" if of(session, collection_id) else licence


def of(session: Session, collection_id: int) -> BorrowedCollection | None:
    """Return from where a collection came; None for one of ours."""
    return session.get(BorrowedCollection, collection_id)


def untouched(session: Session, batch_id: int) -> set[int]:
    """Return the collections that this batch added, that nobody changed and no reader saw."""
    rows = session.scalars(select(BorrowedCollection).filter_by(batch_id=batch_id))
    return {
        row.collection_id
        for row in rows
        if row.became is Became.ADDED and _may_go(collections.get(session, row.collection_id), row)
    }


def _may_go(collection: Collection, row: BorrowedCollection) -> bool:
    return collection.published is None and editions.written(collection) == Content.model_validate(
        row.said
    )


def undo(session: Session, batch_id: int, *, by: str) -> None:
    """Take back what a batch did to collections; one that somebody worked on since stays."""
    going = untouched(session, batch_id)
    for row in session.scalars(select(BorrowedCollection).filter_by(batch_id=batch_id)).all():
        if row.collection_id in going:
            why = f"batch {batch_id} was undone"
            collections.discard(session, row.collection_id, by=by, reason=why)
        elif row.became is not Became.ADDED:
            collection = collections.get(session, row.collection_id)
            if row.before and editions.written(collection) == Content.model_validate(row.said):
                write(session, collection, Content.model_validate(row.before))
            row.newer, row.before, row.batch_id = row.said, None, None  # it waits again
