"""Let files wait for a worker, and keep why one failed in a word for programs.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batch_item", sa.Column("code", sa.String(), server_default="", nullable=False))
    op.create_table(
        "waiting_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_waiting_file_tries_counted")),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
            name=op.f("fk_waiting_file_batch_id_batch"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_file")),
        sa.UniqueConstraint("batch_id", "path", name=op.f("uq_waiting_file_batch_id_path")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_waiting_file_batch_id_position", "waiting_file", ["batch_id", "position"])
    op.create_index(op.f("ix_waiting_file_owner"), "waiting_file", ["owner"])


def downgrade() -> None:
    op.drop_table("waiting_file")
    op.drop_column("batch_item", "code")
