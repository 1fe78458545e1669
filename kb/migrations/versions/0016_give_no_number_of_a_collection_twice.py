"""Give no number of a collection twice: one that was thrown away stands in the history.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rebuild(autoincrement=True)


def downgrade() -> None:
    _rebuild(autoincrement=False)


def _rebuild(*, autoincrement: bool) -> None:
    # PostgreSQL's sequences give no number twice as it is; SQLite's table is copied.
    if op.get_bind().dialect.name != "sqlite":
        return
    words = {"sqlite_autoincrement": autoincrement}
    with op.batch_alter_table("collection", recreate="always", table_kwargs=words):
        pass
    if autoincrement:  # numbers that only the history still knows
        last = (
            "select coalesce(max(cast(json_extract(detail, '$.collection') as integer)), 0)"
            " from event where json_extract(detail, '$.collection') is not null"
        )
        op.execute(
            sa.text(
                "update sqlite_sequence set seq = max(seq, (" + last + "))"
                " where name = 'collection'"
            )
        )
