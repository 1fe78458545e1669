"""Give no number of a collection twice: of one that was thrown away the history still speaks.

PostgreSQL's sequences give none twice as it is.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    words = {"sqlite_autoincrement": True}
    with op.batch_alter_table("collection", recreate="always", table_kwargs=words):
        pass
    highest = connection.scalar(sa.text("select coalesce(max(id), 0) from collection"))
    connection.execute(sa.text("delete from sqlite_sequence where name = 'collection'"))
    connection.execute(
        sa.text("insert into sqlite_sequence (name, seq) values ('collection', :highest)"),
        {"highest": highest},
    )


def downgrade() -> None:
    """Nothing is lost by leaving it so."""
