"""Keep stories while they are told.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "story_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved", sa.JSON(), nullable=False),
        sa.Column("beside", sa.JSON(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("sent", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_story_draft_kind_not_empty")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_story_draft_user_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["source_file.sha256"],
            name=op.f("fk_story_draft_sha256_source_file"),
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_story_draft_record_id_record"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_draft")),
        sa.UniqueConstraint("record_id", name=op.f("uq_story_draft_record_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_story_draft_user_id"), "story_draft", ["user_id"])
    op.create_index(op.f("ix_story_draft_by"), "story_draft", ["by"])


def downgrade() -> None:
    op.drop_table("story_draft")
