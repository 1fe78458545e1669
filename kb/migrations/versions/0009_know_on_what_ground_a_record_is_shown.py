"""Know on what ground a record is shown, and who wrote that down.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LONG_AGO = "2000-01-01 00:00:00"


def upgrade() -> None:
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("ground", sa.String(32), nullable=False, server_default="team-agreed")
        )
        batch_op.add_column(sa.Column("note", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("patient_voice", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column(
                "recorded", sa.DateTime(timezone=True), nullable=False, server_default=LONG_AGO
            )
        )
        batch_op.add_column(
            sa.Column("recorded_by", sa.String(), nullable=False, server_default="")
        )


def downgrade() -> None:
    with op.batch_alter_table("consent", schema=None) as batch_op:
        for name in ("recorded_by", "recorded", "patient_voice", "note", "ground"):
            batch_op.drop_column(name)
