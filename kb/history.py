"""Versions of a record, and what happened to it: only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import audit, content
from kb.errors import InvalidError, NotFoundError
from kb.models import Event, Record, RecordVersion
from kb.vocabulary import Status
from kb.wording import marked

# Columns of a record that are no content: where it stands on its way to the reader.
STANDING = ("status", "published", "submitted")


def keep(
    session: Session,
    record: Record,
    said: content.Record,
    *,
    by: str,
    verb: str,
    note: str = "",
    **detail: str,
) -> None:
    """Keep what the record says now as its version `record.version`, and that `by` did `verb`.

    `detail` goes into the event, such as `why`; what is empty is left out.
    """
    text, standing = said.model_dump(mode="json"), _standing(record)
    session.add(
        RecordVersion(
            record_id=record.id,
            version=record.version,
            by=by,
            note=note or verb,
            content=text,
            standing=standing,
        )
    )
    sealed = {"version": str(record.version), "digest": audit.version_digest(text, standing)}
    told = {name: value for name, value in detail.items() if value}
    happened(session, verb, by=by, record=record, **sealed, **told)


def versions(session: Session, record_id: int) -> Sequence[RecordVersion]:
    """Return all versions of the record, oldest first."""
    query = select(RecordVersion).filter_by(record_id=record_id).order_by(RecordVersion.version)
    return session.scalars(query).all()


def version(session: Session, record_id: int, number: int) -> content.Record:
    """Return what the record said at version `number`.

    Raises:
        NotFoundError: it never had that version.
    """
    query = select(RecordVersion).filter_by(record_id=record_id, version=number)
    row = session.scalar(query)
    if row is None:
        known = ", ".join(str(v.version) for v in versions(session, record_id)) or "–"
        raise NotFoundError(
            marked(
                "Record %(number)s has no version %(version)s.",
                number=str(record_id),
                version=str(number),
            ),
            hint=marked("It has: %(known)s.", known=known),
        )
    if not row.content:
        raise NotFoundError(
            marked(
                "What version %(version)s of record %(number)s said was purged.",
                version=str(number),
                number=str(record_id),
            ),
            hint=marked("The history names who asked for it, and why."),
        )
    return content.Record.model_validate(row.content)


def standing(session: Session, record_id: int, number: int) -> dict[str, Any]:
    """Return where the record stood at that version, by column; empty where nobody wrote it."""
    query = select(RecordVersion.standing).filter_by(record_id=record_id, version=number)
    kept = dict(session.scalar(query) or {})
    if "status" in kept:
        kept["status"] = Status(kept["status"])
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value else value
        for name, value in kept.items()
    }


def happened(
    session: Session, verb: str, *, by: str, record: Record | None = None, **detail: str
) -> None:
    """Write down that `by` did `verb`."""
    audit.append(session, verb, by=by, record_id=record.id if record else None, detail=detail)


def events(session: Session, record_id: int) -> Sequence[Event]:
    """Return what happened to the record, oldest first."""
    return session.scalars(select(Event).filter_by(record_id=record_id).order_by(Event.id)).all()


SEALED = "sealed"  # a version of old was made a link of the chain: nobody did anything
OBJECTED = "objected"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a record's history."""

    at: datetime
    by: str
    verb: str
    why: str = ""
    comment: str = ""
    version: int | None = None  # that it left
    note: str = ""  # what an edit was, such as “tags decided”
    purged: bool = False  # what the version said is no longer kept


def timeline(session: Session, record_id: int) -> list[Entry]:
    """Return what happened to the record and each of its versions, newest first, each once."""
    rows = {row.version: row for row in versions(session, record_id)}
    told: list[Entry] = []
    spoken: set[int] = set()
    for event in events(session, record_id):
        if event.verb == SEALED:
            continue
        said = event.detail
        number = int(said["version"]) if "digest" in said else None
        row = rows.get(number) if number is not None else None
        spoken |= {number} if number is not None else set()
        told.append(
            Entry(
                at=event.at,
                by=event.by,
                verb=event.verb,
                why=said.get("why") or said.get("reason") or said.get("because") or "",
                comment=said.get("comment", ""),
                version=number if row else None,
                note=row.note if row and row.note != event.verb else "",
                purged=row is not None and not row.content,
            )
        )
    for number in sorted(rows.keys() - spoken):
        _tell_of_old(told, rows[number])
    return sorted(told, key=lambda entry: (entry.at, entry.version or 0), reverse=True)


def _tell_of_old(told: list[Entry], row: RecordVersion) -> None:
    """Add a version of a time when versions had no event of their own, or one that was purged.

    What was an act, such as publishing, had an event beside its version: both are one line.
    """
    own = Entry(row.at, row.by, row.note, version=row.version, purged=not row.content)
    for at, entry in enumerate(told):
        near = abs(entry.at - row.at) < BESIDE
        if entry.version is None and (entry.verb, entry.by) == (row.note, row.by) and near:
            told[at] = replace(entry, version=own.version, purged=own.purged)
            return
    told.append(own)


BESIDE = timedelta(seconds=5)


def object_to(session: Session, record: Record, comment: str, *, by: str) -> None:
    """Write down that somebody, mostly its author, does not agree with what became of a record.

    Raises:
        InvalidError: nothing is said.
    """
    words = comment.strip()
    if not words:
        raise InvalidError(
            marked("Nothing was written."), hint=marked("Say in a sentence what is not right.")
        )
    happened(session, OBJECTED, by=by, record=record, comment=words[:COMMENT_LENGTH])


COMMENT_LENGTH = 2_000  # characters


_MOMENTS = frozenset({"published", "submitted"})


def _standing(record: Record) -> dict[str, Any]:
    kept = {name: getattr(record, name) for name in STANDING}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in kept.items()
    }
