"""Versions of a record, and what happened to it: only ever added to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import audit, content
from kb.errors import NotFoundError
from kb.models import Event, Record, RecordVersion
from kb.vocabulary import Status

# Columns of a record that are no content: where it stands on its way to the reader.
STANDING = ("status", "published")


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
        known = ", ".join(str(v.version) for v in versions(session, record_id)) or "none"
        raise NotFoundError(
            f"Record {record_id} has no version {number}.", hint=f"It has these: {known}."
        )
    if not row.content:
        raise NotFoundError(
            f"What version {number} of record {record_id} said was purged.",
            hint="The history names who asked for it, and why.",
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


_MOMENTS = frozenset({"published", "submitted"})


def _standing(record: Record) -> dict[str, Any]:
    kept = {name: getattr(record, name) for name in STANDING}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in kept.items()
    }
