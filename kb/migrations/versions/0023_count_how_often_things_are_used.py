"""Count how often things are used.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("thing", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "times >= visitors and visitors >= 0", name=op.f("ck_usage_times_enough")
        ),
        sa.PrimaryKeyConstraint("day", "thing", "number", "way", name=op.f("pk_usage")),
    )


def downgrade() -> None:
    op.drop_table("usage")
