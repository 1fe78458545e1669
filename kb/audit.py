"""The audit: events that are only ever added, each chained to the one before, and checked.

An event's hash covers the hash of the event before it, so that whoever changes, takes out or
slips in one event breaks every link after it. `kb.appendonly` has the database refuse it in the
first place; the chain shows it where somebody could reach past the database. Who notes the last
hash elsewhere also sees when events at the end are missing.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TextIO

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.orm import Session

from kb.db import utcnow
from kb.errors import InvalidError
from kb.models import Event, Record, RecordVersion
from kb.spreadsheets import harmless

# What of an event's detail people wrote, and a purge therefore empties.
WORDS = ("why", "reason", "comment", "words")
COLUMNS = ("id", "at", "by", "verb", "record", "detail", "hash")
CHUNK = 500  # rows that are fetched at once


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the audit does not hold."""

    event_id: int
    what: str  # in a sentence


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the chain found."""

    events: int  # that were checked
    versions: int  # whose text is the one that its event was written for
    unsealed: int  # versions that no event speaks for
    head: str  # hash of the last event; note it elsewhere
    broken: Break | None = None


def append(
    session: Session, verb: str, *, by: str, record_id: int | None, detail: Mapping[str, str]
) -> None:
    """Write down that `by` did `verb`, as the next link of the chain.

    Written at once, not when the session flushes: the next event needs the hash of this one.
    That nobody else appends meanwhile is the affair of `kb.db`: one writer at a time.
    """
    at = utcnow()
    with session.no_autoflush:
        previous = head(session)
        digest = digest_of(detail)
        row = {
            "at": at,
            "by": by,
            "verb": verb,
            "record_id": record_id,
            "detail": dict(detail),
            "detail_sha256": digest,
            "previous": previous,
            "hash": link(previous, at, (by, verb, record_id, digest)),
        }
        session.execute(insert(Event).values(row))


def head(session: Session) -> str:
    """Return the hash of the last event; empty before the first."""
    return session.scalar(select(Event.hash).order_by(Event.id.desc()).limit(1)) or ""


def link(previous: str, at: datetime, said: tuple[str, str, int | None, str]) -> str:
    """Return the hash of an event that follows the one with the hash `previous`.

    `said` is who, what, about which record, and the digest of its detail.
    """
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest_of([previous, moment, *said])


def digest_of(value: Any) -> str:
    """Return the sha256 of what a JSON column holds, hex; the order of keys does not count."""
    return sha256(_canonical(value).encode()).hexdigest()


def version_digest(content: Mapping[str, Any], standing: Mapping[str, Any] | None) -> str:
    """Return what the event of a version keeps of its text."""
    return digest_of([content, standing])


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def found(
    session: Session,
    *,
    record_id: int | None = None,
    by: str = "",
    verb: str = "",
    since: datetime | None = None,
    before: int | None = None,
    within: ColumnElement[bool] | None = None,
    limit: int | None = None,
) -> Sequence[Event]:
    """Return the events that match, newest first.

    `before` is the number of an event that they came before; `within` a condition on the record
    that they are about, such as `permissions.allowed` gives for whom a part is entrusted.
    """
    query = select(Event).order_by(Event.id.desc()).limit(limit)
    if record_id is not None:
        query = query.where(Event.record_id == record_id)
    if by:
        query = query.where(Event.by == by)
    if verb:
        query = query.where(Event.verb == verb)
    if since is not None:
        query = query.where(Event.at >= since)
    if before is not None:
        query = query.where(Event.id < before)
    if within is not None:
        query = query.where(Event.record_id.in_(select(Record.id).where(within)))
    return session.scalars(query).all()


def verbs(session: Session) -> Sequence[str]:
    """Return all that ever was done, each once."""
    return session.scalars(select(Event.verb).distinct().order_by(Event.verb)).all()


def verify(session: Session, *, noted: str = "") -> Verified:
    """Follow the chain from the first event to the last, and compare the versions with it.

    `noted` is a hash that was written down earlier: it has to be one of the chain.

    Raises:
        InvalidError: `noted` is no hash.
    """
    if noted and (len(noted) != len(sha256().hexdigest()) or not noted.isalnum()):
        raise InvalidError(f"“{noted}” is no hash.", hint="`kb audit verify` prints one.")
    purged = _purged(session)
    previous, count, seen = "", 0, False
    sealed: dict[tuple[int, int], tuple[int, str]] = {}
    for event in _all_of(session, Event):
        what = _wrong(event, previous, purged)
        if what:
            return Verified(count, 0, 0, previous, Break(event.id, what))
        if event.record_id is not None and "digest" in event.detail:
            number = int(event.detail["version"])
            sealed[event.record_id, number] = event.id, event.detail["digest"]
        previous, count, seen = event.hash, count + 1, seen or event.hash == noted
    if noted and not seen:
        missing = "The noted hash is not in the chain: events at its end were taken out."
        return Verified(count, 0, 0, previous, Break(0, missing))
    return _verify_versions(session, count, previous, sealed, purged)


def _verify_versions(
    session: Session,
    count: int,
    last: str,
    sealed: Mapping[tuple[int, int], tuple[int, str]],
    purged: Mapping[int, int],
) -> Verified:
    held = unsealed = 0
    for row in _all_of(session, RecordVersion):
        record_id, number = row.record_id, row.version
        content, standing = row.content, row.standing
        event_id, digest = sealed.get((record_id, number), (0, ""))
        if content == {} and record_id in purged:
            held += 1
        elif not digest:
            unsealed += 1
        elif version_digest(content, standing) != digest:
            what = f"Version {number} of record {record_id} is not what was written."
            return Verified(count, held, unsealed, last, Break(event_id, what))
        else:
            held += 1
    return Verified(count, held, unsealed, last)


def _all_of(session: Session, kind: type[Event] | type[RecordVersion]) -> Iterator[Row[Any]]:
    """Yield all rows in their order, some at a time: of a million, a few are in memory."""
    query, last = select(*kind.__table__.columns).order_by(kind.id).limit(CHUNK), 0
    while rows := session.execute(query.where(kind.id > last)).all():
        yield from rows
        last = rows[-1].id


def _purged(session: Session) -> dict[int, int]:
    """Return the last event that purged each record."""
    rows = session.execute(
        select(Event.record_id, Event.id).where(Event.verb == PURGED).order_by(Event.id)
    )
    return {record_id: event_id for record_id, event_id in rows if record_id is not None}


def _wrong(event: Row[Any], previous: str, purged: Mapping[int, int]) -> str:
    if event.previous != previous:
        return "It does not follow the event before it: one was taken out, slipped in or moved."
    said = event.by, event.verb, event.record_id, event.detail_sha256
    if event.hash != link(previous, event.at, said):
        return "Who, what, when or about which record was changed."
    if digest_of(event.detail) != event.detail_sha256:
        emptied = event.detail == {} and purged.get(event.record_id or 0, 0) > event.id
        return "" if emptied else "Its details were changed."
    return ""


PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Purgeable:
    """What a purge of a record would empty."""

    versions: tuple[int, ...]  # whose text is still kept
    events: tuple[int, ...]  # in which somebody's words still stand

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return bool(self.versions or self.events)


def purgeable(session: Session, record_id: int) -> Purgeable:
    """Return what of a record's history a purge would empty."""
    versions = session.execute(
        select(RecordVersion.version, RecordVersion.content)
        .filter_by(record_id=record_id)
        .order_by(RecordVersion.version)
    )
    events = session.scalars(select(Event).filter_by(record_id=record_id).order_by(Event.id))
    return Purgeable(
        versions=tuple(number for number, content in versions if content),
        events=tuple(one.id for one in events if any(one.detail.get(name) for name in WORDS)),
    )


def purge(session: Session, record_id: int, *, by: str, why: str) -> int:
    """Empty what the history holds of a record's text; return how many versions it was.

    For a record that its team took back, or a name that an old version still shows: who did what
    and when stays, what was written goes. The database allows it because the event comes first.
    The record itself says what it says: change or withdraw it before.
    """
    found = purgeable(session, record_id)
    versions, written = found.versions, found.events
    detail = {"versions": _numbers(versions), "events": _numbers(written), "because": why}
    append(session, PURGED, by=by, record_id=record_id, detail=detail)
    session.execute(
        update(RecordVersion)
        .where(RecordVersion.record_id == record_id, RecordVersion.version.in_(versions))
        .values(content={})
    )
    session.execute(update(Event).where(Event.id.in_(written)).values(detail={}))
    return len(versions)


def _numbers(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def row(event: Event) -> dict[str, Any]:
    """Return an event as exports have it."""
    values = (
        event.id,
        event.at.isoformat(timespec="microseconds"),
        event.by,
        event.verb,
        event.record_id,
        event.detail,
        event.hash,
    )
    return dict(zip(COLUMNS, values, strict=True))


def lines(events: Iterable[Event]) -> Iterator[str]:
    """Yield each event as a line of JSON."""
    for event in events:
        yield json.dumps(row(event), ensure_ascii=False)


def write_csv(events: Iterable[Event], file: TextIO) -> None:
    """Write the events as a table; no cell begins a formula."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for event in events:
        cells = row(event) | {"detail": json.dumps(event.detail, ensure_ascii=False)}
        writer.writerow([harmless(cell) for cell in cells.values()])
