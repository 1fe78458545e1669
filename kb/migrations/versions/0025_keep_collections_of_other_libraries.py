"""Keep collections of other libraries, and which batch decided a conflict with them.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conflict", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.create_table(
        "borrowed_collection",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("library", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("newer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("became", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("library <> ''", name=op.f("ck_borrowed_collection_library_not_empty")),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_borrowed_collection_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("collection_id", name=op.f("pk_borrowed_collection")),
        sa.UniqueConstraint("origin", name=op.f("uq_borrowed_collection_origin")),
    )
    op.create_index(op.f("ix_borrowed_collection_batch_id"), "borrowed_collection", ["batch_id"])


def downgrade() -> None:
    op.drop_table("borrowed_collection")
    op.drop_column("conflict", "batch_id")
