"""Know what has its home in another library, and where the two no longer say the same.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: that would build the table of records anew.
    op.add_column("record", sa.Column("library", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "borrowed",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("library", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.CheckConstraint("library <> ''", name=op.f("ck_borrowed_library_not_empty")),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_borrowed_record_id_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_borrowed")),
    )
    op.create_index(op.f("ix_borrowed_fingerprint"), "borrowed", ["fingerprint"])
    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision in ('', 'ours', 'theirs')", name=op.f("ck_conflict_decision_known")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_conflict_record_id_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint(
            "record_id", "fingerprint", name=op.f("uq_conflict_record_id_fingerprint")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("conflict")
    op.drop_table("borrowed")
    op.drop_column("record", "library")
