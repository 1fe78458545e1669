"""Know since when everybody could read a record: of others nobody outside hears that they were.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Until now whoever published a record showed it to everybody. Where a batch that published was
# undone, only the event still says so.
FIRST_SHOWN = """
    update record set public_since = coalesce(
        published,
        (select min(event.at) from event
         where event.record_id = record.id and event.verb = 'published')
    )
"""


def upgrade() -> None:
    # In place: a table that is built anew forgets which numbers were given already.
    op.add_column("record", sa.Column("public_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(FIRST_SHOWN)


def downgrade() -> None:
    op.drop_column("record", "public_since")
