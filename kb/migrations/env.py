"""Run migrations on the connection that `kb.schema` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from kb.db import Base, UTCDateTime


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our types as what the database sees, so that migrations do not import our code."""
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by building it anew
    include_name=lambda name, kind, _parents: (
        not (
            kind == "table"
            and name is not None
            and (
                "_fts" in name or name in {"passage_vector", "record_change", "record_waiting"}
            )  # search makes those
        )
    ),
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
