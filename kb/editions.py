"""Editions: a collection as it was published once, and what changed from one to another.

An edition holds the curator's words and choices, and of each record its number and version:
never its words. Those are shown as the record says them today, so that what a team takes back,
or a curator redacts, goes from every edition at once.
"""

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from kb.content import Record as Said
from kb.content import Value
from kb.db import utcnow
from kb.models import Collection, Edition, Record, RecordVersion
from kb.vocabulary import Audience, Clearance, CollectionKind, PartKind, Status, Visibility


class Place(StrEnum):
    """Whether an idea stands in the table of change ideas."""

    BY_RULE = "by-rule"
    TAKEN_IN = "taken-in"
    LEFT_OUT = "left-out"


class Choice(Value):
    """What a curator decided about one change idea of a record, and why."""

    record_id: int
    text: str  # of the idea: who words it anew has another idea
    place: Place = Place.BY_RULE
    why: str = ""


class Part(Value):
    """A part as it stands in an edition."""

    part_id: int
    kind: PartKind
    heading: str = ""
    text: str = ""  # Markdown
    record_id: int | None = None
    version: int | None = None  # of the record, the newest that it had
    clearance: Clearance = Clearance.BY_LICENCE


class Content(Value):
    """All that an edition holds: what its curator wrote and chose."""

    kind: CollectionKind
    title: str
    purpose: str  # Markdown
    language: str
    audience: tuple[Audience, ...] = ()
    licence: str = ""  # SPDX
    thanks: str = ""  # Markdown
    least_places: int = 1
    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()
    based_on: int | None = None
    based_on_edition: int | None = None

    @property
    def record_ids(self) -> tuple[int, ...]:
        """The records in it, in its order."""
        return tuple(part.record_id for part in self.parts if part.record_id is not None)

    @property
    def versions(self) -> dict[int, int]:
        """The version that each record had."""
        return {part.record_id: part.version or 0 for part in self.parts if part.record_id}


@dataclass(frozen=True, slots=True)
class Published:
    """An edition as its readers see it: only records that they may read are in it."""

    collection_id: int
    number: int
    newest: int  # the number of the newest edition
    at: datetime
    note: str
    content: Content
    taken_back: int  # records that stood in it, until their team or the library took them back


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one edition to a later one, as far as its reader may know it."""

    named_anew: bool  # another title, purpose, audience, licence or thanks
    added: tuple[Part, ...]  # as they stand in the later one
    removed: tuple[Part, ...]  # as they stood in the earlier one
    reworded: tuple[Part, ...]
    moved: bool  # what is in both stands in another order
    newer: tuple[int, ...]  # records that were changed in between
    other_rules: bool  # what of the ideas stands in the table

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        parts = (self.added, self.removed, self.reworded, self.newer)
        return any(parts) or self.named_anew or self.moved or self.other_rules


def content_of(session: Session, collection: Collection) -> Content:
    """Return what an edition would hold that is published now: records that readers may see."""
    wanted = [part.record_id for part in collection.parts if part.record_id is not None]
    seen, _ = visible(session, wanted)
    versions = _versions(session, seen)
    said = written(collection)
    parts = [
        part.model_copy(
            update={
                "part_id": row.id,
                "version": versions.get(row.record_id) if row.record_id else None,
                "clearance": row.clearance,
            }
        )
        for row, part in zip(collection.parts, said.parts, strict=True)
    ]
    based = {"based_on": collection.based_on_id, "based_on_edition": collection.based_on_edition}
    return limited(said.model_copy(update={"parts": tuple(parts), **based}), seen)


def written(collection: Collection) -> Content:
    """Return what its curator wrote and chose, without anything that is of this library only."""
    return Content(
        kind=collection.kind,
        title=collection.title,
        purpose=collection.purpose,
        language=collection.language,
        audience=tuple(Audience(one) for one in collection.audience),
        licence=collection.licence,
        thanks=collection.thanks,
        least_places=collection.least_places,
        choices=tuple(Choice.model_validate(one) for one in collection.choices),
        parts=tuple(
            Part(
                part_id=0,
                kind=part.kind,
                heading=part.heading,
                text=part.text,
                record_id=part.record_id,
            )
            for part in collection.parts
        ),
    )


def freeze(session: Session, collection: Collection, *, by: str, note: str = "") -> Edition:
    """Keep the collection as it stands as its next edition."""
    count = select(func.count()).where(Edition.collection_id == collection.id)
    edition = Edition(
        number=(session.scalar(count) or 0) + 1,
        at=utcnow(),
        by=by,
        note=note.strip(),
        content=content_of(session, collection).model_dump(mode="json"),
    )
    collection.editions.append(edition)
    return edition


def newest(session: Session, collection_ids: Some[int] | None = None) -> list[Published]:
    """Return the newest editions of the published collections, of all or of these.

    The newest collection comes first; one of which nothing may be read is none.
    """
    last = (
        select(Edition.collection_id, func.max(Edition.number).label("number"))
        .group_by(Edition.collection_id)
        .subquery()
    )
    query = (
        select(Edition)
        .join(
            last,
            and_(last.c.collection_id == Edition.collection_id, last.c.number == Edition.number),
        )
        .join(Collection, Collection.id == Edition.collection_id)
        .where(Collection.status == Status.PUBLISHED)
        .order_by(Collection.published.desc(), Collection.id.desc())
    )
    if collection_ids is not None:
        query = query.where(Collection.id.in_(collection_ids))
    rows = [(row, row.number) for row in session.scalars(query)]
    return _as_read(session, rows)


def find(session: Session, collection_id: int, number: int) -> Published | None:
    """Return one edition of a published collection as its readers see it.

    None where there is none, or nothing in it may be read.
    """
    rows = all_of(session, collection_id)
    found = [(row, rows[-1].number) for row in rows if row.number == number]
    return next(iter(_as_read(session, found)), None)


def all_of(session: Session, collection_id: int) -> Sequence[Edition]:
    """Return the editions of a published collection, oldest first."""
    query = (
        select(Edition)
        .join(Collection, Collection.id == Edition.collection_id)
        .where(Edition.collection_id == collection_id, Collection.status == Status.PUBLISHED)
        .order_by(Edition.number)
    )
    return session.scalars(query).all()


def of(session: Session, collection_id: int) -> Sequence[Edition]:
    """Return all editions of a collection, oldest first, whether readers see them or not."""
    query = select(Edition).filter_by(collection_id=collection_id).order_by(Edition.number)
    return session.scalars(query).all()


def visible(session: Session, record_ids: Iterable[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return which of the records readers may see, and which of them were taken back."""
    rows = session.execute(
        select(Record.id, Record.status, Record.visibility).where(Record.id.in_(set(record_ids)))
    ).all()
    seen = (
        id_
        for id_, status, visibility in rows
        if status is Status.PUBLISHED and visibility is Visibility.PUBLIC
    )
    gone = (id_ for id_, status, _ in rows if status in {Status.WITHDRAWN, Status.RETIRED})
    return frozenset(seen), frozenset(gone)


def limited(content: Content, seen: Some[int]) -> Content:
    """Return the content without records that may not be seen, and without what is about them."""
    parts = tuple(p for p in content.parts if p.record_id is None or p.record_id in seen)
    held = {part.record_id for part in parts}
    choices = tuple(choice for choice in content.choices if choice.record_id in held)
    return content.model_copy(update={"parts": parts, "choices": choices})


def said_then(session: Session, content: Content) -> dict[int, Said]:
    """Return what the records said in the edition, of those that say something else since.

    For facts only: its words may be such as were taken out since. What was purged is not there.
    """
    wanted = content.versions
    now = _newest_versions(session, wanted)
    moved = {id_: version for id_, version in wanted.items() if now.get(id_, version) > version}
    then = _texts(session, moved)
    today = _texts(session, {id_: now[id_] for id_ in moved})
    return {
        id_: Said.model_validate(text)
        for id_, text in then.items()
        if text and text != today.get(id_)
    }


def since(old: Content, new: Content) -> Changes:
    """Return what changed from `old` to `new`; both hold only what its reader may see."""
    before = {part.part_id: part for part in old.parts}
    after = {part.part_id: part for part in new.parts}
    both = [id_ for id_ in after if id_ in before]
    about = ("title", "purpose", "language", "audience", "licence", "thanks")
    shared = set(old.record_ids) & set(new.record_ids)
    return Changes(
        named_anew=any(getattr(old, name) != getattr(new, name) for name in about),
        added=tuple(part for id_, part in after.items() if id_ not in before),
        removed=tuple(part for id_, part in before.items() if id_ not in after),
        reworded=tuple(after[id_] for id_ in both if _said(before[id_]) != _said(after[id_])),
        moved=both != [id_ for id_ in before if id_ in after],
        newer=tuple(
            record_id
            for record_id, version in new.versions.items()
            if old.versions.get(record_id, version) < version
        ),
        other_rules=old.least_places != new.least_places
        or _choices(old, shared) != _choices(new, shared),
    )


def _choices(content: Content, record_ids: Some[int]) -> set[Choice]:
    return {choice for choice in content.choices if choice.record_id in record_ids}


def _said(part: Part) -> tuple[str, str]:
    return part.heading, part.text


def _as_read(session: Session, rows: Sequence[tuple[Edition, int]]) -> list[Published]:
    contents = [Content.model_validate(row.content) for row, _ in rows]
    seen, gone = visible(session, {id_ for content in contents for id_ in content.record_ids})
    return [
        Published(
            collection_id=row.collection_id,
            number=row.number,
            newest=last,
            at=row.at,
            note=row.note,
            content=limited(content, seen),
            taken_back=len(gone.intersection(content.record_ids)),
        )
        for (row, last), content in zip(rows, contents, strict=True)
        if not seen.isdisjoint(content.record_ids)
    ]


def _versions(session: Session, record_ids: Some[int]) -> dict[int, int]:
    """Return the version of each record in which it began to say what it says now.

    Publishing a record keeps a version too, and changes none of its words.
    """
    rows = session.execute(
        select(RecordVersion.record_id, RecordVersion.version, RecordVersion.content)
        .where(RecordVersion.record_id.in_(record_ids))
        .order_by(RecordVersion.record_id, RecordVersion.version.desc())
    )
    said: dict[int, Any] = {}
    found: dict[int, int] = {}
    before: set[int] = set()  # records of which older versions say something else
    for record_id, version, text in rows:
        if record_id not in before and said.setdefault(record_id, text) == text:
            found[record_id] = version
        else:
            before.add(record_id)
    return found


def _newest_versions(session: Session, record_ids: Iterable[int]) -> dict[int, int]:
    rows = session.execute(
        select(RecordVersion.record_id, func.max(RecordVersion.version))
        .where(RecordVersion.record_id.in_(set(record_ids)))
        .group_by(RecordVersion.record_id)
    )
    return {record_id: version for record_id, version in rows}  # noqa: C416  rows are no pairs


def _texts(session: Session, versions: Mapping[int, int]) -> dict[int, dict[str, Any]]:
    """Return what these records said at these versions, as JSON; of a purged one nothing."""
    if not versions:
        return {}
    at = (
        and_(RecordVersion.record_id == id_, RecordVersion.version == version)
        for id_, version in versions.items()
    )
    rows = session.execute(select(RecordVersion.record_id, RecordVersion.content).where(or_(*at)))
    return {record_id: dict(text or {}) for record_id, text in rows}
