"""Give no number of a record twice.

On SQLite the table was built anew by earlier migrations, and lost on the way that numbers of
records that were taken out are not given again.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# The highest number that any record had: what happened to one outlives its row.
HIGHEST = "select max(coalesce(max(id), 0), (select coalesce(max(record_id), 0) from event))"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    with op.batch_alter_table(
        "record", recreate="always", table_kwargs={"sqlite_autoincrement": True}
    ):
        pass
    highest = connection.scalar(sa.text(f"{HIGHEST} from record"))
    connection.execute(sa.text("delete from sqlite_sequence where name = 'record'"))
    connection.execute(
        sa.text("insert into sqlite_sequence (name, seq) values ('record', :highest)"),
        {"highest": highest},
    )


def downgrade() -> None:
    """Nothing is lost by leaving it so."""
