"""Keep what curators rule, say and have open at the desk.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rulings()
    _messages()
    op.create_table(
        "record_lock",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        _of_record("record_lock"),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_lock")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_view_name_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("by", "name", name=op.f("uq_saved_view_by_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "second_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notations", sa.JSON(), nullable=False),
        sa.Column("first", sa.JSON(), nullable=False),
        _of_record("second_reading"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_reading")),
        sa.UniqueConstraint("record_id", "by", name=op.f("uq_second_reading_record_id_by")),
    )
    op.create_index(op.f("ix_second_reading_record_id"), "second_reading", ["record_id"])


def downgrade() -> None:
    for table in ("second_reading", "saved_view", "record_lock", "message", "ruling"):
        op.drop_table(table)


def _rulings() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("ruled", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
        _of_record("ruling"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    op.create_index("ix_ruling_record_id_field", "ruling", ["record_id", "field"])


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("circle", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_message_says_something")),
        sa.CheckConstraint(
            "(kind = 'answer') = (question_id is not null)",
            name=op.f("ck_message_answers_a_question"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["message.id"],
            name=op.f("fk_message_question_id_message"),
            ondelete="CASCADE",
        ),
        _of_record("message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_record_id"), "message", ["record_id"])


def _of_record(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["record_id"],
        ["record.id"],
        name=op.f(f"fk_{table}_record_id_record"),
        ondelete="CASCADE",
    )
