"""Keep what was asked and not found, and what readers say should have come up.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("concepts", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("times > 0", name=op.f("ck_need_times_positive")),
        sa.CheckConstraint("question <> '' or concepts <> ''", name=op.f("ck_need_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint(
            "day",
            "question",
            "language",
            "concepts",
            name=op.f("uq_need_day_question_language_concepts"),
        ),
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("grade between 1 and 3", name=op.f("ck_judgement_grade_range")),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_judgement_record_id_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sa.UniqueConstraint("folded", "record_id", name=op.f("uq_judgement_folded_record_id")),
    )
    op.create_index(op.f("ix_judgement_record_id"), "judgement", ["record_id"], unique=False)
    op.create_index(op.f("ix_judgement_proposed"), "judgement", ["proposed"], unique=False)


def downgrade() -> None:
    op.drop_table("judgement")
    op.drop_table("need")
