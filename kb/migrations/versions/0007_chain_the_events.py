"""Chain the events, so that what happened cannot be changed; keep where a record stood.

Revision ID: 0007
Revises: 0006
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from kb import appendonly

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHUNK = 500


def upgrade() -> None:
    with op.batch_alter_table("record_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("standing", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("why", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_event_record_id_record"), type_="foreignkey")
        for name in ("detail_sha256", "previous", "hash"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_event_verb"), ["verb"], unique=False)
    last = _chain()
    _seal(last)
    with op.batch_alter_table("event", schema=None) as batch_op:
        for name in ("detail_sha256", "previous", "hash"):
            batch_op.alter_column(name, existing_type=sa.String(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_event_previous"), ["previous"])


def downgrade() -> None:
    appendonly.lift(op.get_bind())
    op.execute("delete from event where verb = 'sealed'")
    # What happened to a record that is gone cannot be told of it any more.
    op.execute("update event set record_id = null where record_id not in (select id from record)")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_event_previous"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_event_verb"))
        for name in ("hash", "previous", "detail_sha256"):
            batch_op.drop_column(name)
        batch_op.create_foreign_key(
            op.f("fk_event_record_id_record"), "record", ["record_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_column("why")
    with op.batch_alter_table("record_version", schema=None) as batch_op:
        batch_op.drop_column("standing")


EVENT = sa.table(
    "event",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("by", sa.String),
    sa.column("verb", sa.String),
    sa.column("record_id", sa.Integer),
    sa.column("detail", sa.JSON),
    sa.column("detail_sha256", sa.String),
    sa.column("previous", sa.String),
    sa.column("hash", sa.String),
)
VERSION = sa.table(
    "record_version",
    sa.column("id", sa.Integer),
    sa.column("record_id", sa.Integer),
    sa.column("version", sa.Integer),
    sa.column("content", sa.JSON),
)


def _chain() -> str:
    """Chain the events that are there; return the last hash."""
    connection, previous = op.get_bind(), ""
    for event in connection.execute(sa.select(EVENT).order_by(EVENT.c.id)).all():
        digest = _digest(event.detail)
        said = [previous, _moment(event.at), event.by, event.verb, event.record_id, digest]
        hashed = _digest(said)
        connection.execute(
            sa.update(EVENT)
            .where(EVENT.c.id == event.id)
            .values(detail_sha256=digest, previous=previous, hash=hashed)
        )
        previous = hashed
    return previous


def _seal(previous: str) -> None:
    """Speak for the versions that were written before there was a chain."""
    connection, now = op.get_bind(), datetime.now(UTC)
    last = 0
    while rows := connection.execute(
        sa.select(VERSION).where(VERSION.c.id > last).order_by(VERSION.c.id).limit(CHUNK)
    ).all():
        sealed = []
        for row in rows:
            detail = {"version": str(row.version), "digest": _digest([row.content, None])}
            digest = _digest(detail)
            hashed = _digest([previous, _moment(now), "kb", "sealed", row.record_id, digest])
            sealed.append(
                {
                    "at": now,
                    "by": "kb",
                    "verb": "sealed",
                    "record_id": row.record_id,
                    "detail": detail,
                    "detail_sha256": digest,
                    "previous": previous,
                    "hash": hashed,
                }
            )
            previous, last = hashed, row.id
        connection.execute(sa.insert(EVENT), sealed)


def _moment(at: datetime) -> str:
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
