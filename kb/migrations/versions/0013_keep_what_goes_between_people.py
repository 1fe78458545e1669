"""Keep what goes between people: reports, requests, questions, notices, what somebody follows.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value <> ''", name=op.f("ck_follow_value_not_empty")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_follow_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("user_id", "kind", "value", name=op.f("uq_follow_user_id_kind_value")),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_user_id"), ["user_id"], unique=False)

    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("digest_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop_token", sa.String(), nullable=False),
        sa.Column("feed_sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notice_choice_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint("feed_sha256", name=op.f("uq_notice_choice_feed_sha256")),
        sa.UniqueConstraint("stop_token", name=op.f("uq_notice_choice_stop_token")),
    )
    op.create_table(
        "enquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("from_story", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=True),
        sa.Column("first_level", sa.String(length=32), nullable=True),
        sa.Column("overdue", sa.DateTime(timezone=True), nullable=True),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("admin1", sa.String(), nullable=False),
        sa.Column("admin2", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'support' or level is not null", name=op.f("ck_enquiry_support_of_a_level")
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_enquiry_text_not_empty")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_enquiry_asked_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_enquiry_record_id_record"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_country"), ["country"], unique=False)
        batch_op.create_index(
            "ix_enquiry_kind_state_since", ["kind", "state", "since"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_enquiry_record_id"), ["record_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("mail_failed", sa.String(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_notice_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["record.id"],
            name=op.f("fk_notice_record_id_record"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notice_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_mail_due"), ["mail_due"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_record_id"), ["record_id"], unique=False)
        batch_op.create_index("ix_notice_user_id_seen", ["user_id", "seen"], unique=False)

    op.create_table(
        "enquiry_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("speaker", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("records", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["enquiry_id"],
            ["enquiry.id"],
            name=op.f("fk_enquiry_message_enquiry_id_enquiry"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_enquiry_message_user_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_message")),
    )
    with op.batch_alter_table("enquiry_message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enquiry_message_enquiry_id"), ["enquiry_id"], unique=False
        )

    with op.batch_alter_table("reuse", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("before_n", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("before_of", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("after_n", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("after_of", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("story_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("state", sa.String(length=32), nullable=False, server_default="kept")
        )
        batch_op.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("decided_by", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("decided", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_reuse_story_id"), ["story_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_reuse_by_id_user"), "user", ["by_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_reuse_story_id_record"),
            "record",
            ["story_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_check_constraint(
            "before_share", "before_n is null or before_n between 0 and before_of"
        )
        batch_op.create_check_constraint(
            "after_share", "after_n is null or after_n between 0 and after_of"
        )


def downgrade() -> None:
    with op.batch_alter_table("reuse", schema=None) as batch_op:
        batch_op.drop_constraint("after_share", type_="check")
        batch_op.drop_constraint("before_share", type_="check")
        batch_op.drop_constraint(batch_op.f("fk_reuse_story_id_record"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_reuse_by_id_user"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_reuse_story_id"))
        batch_op.drop_column("decided")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("reason")
        batch_op.drop_column("state")
        batch_op.drop_column("by_id")
        batch_op.drop_column("story_id")
        batch_op.drop_column("after_of")
        batch_op.drop_column("after_n")
        batch_op.drop_column("before_of")
        batch_op.drop_column("before_n")
        batch_op.drop_column("country")

    with op.batch_alter_table("enquiry_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_message_enquiry_id"))

    op.drop_table("enquiry_message")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_user_id_seen")
        batch_op.drop_index(batch_op.f("ix_notice_record_id"))
        batch_op.drop_index(batch_op.f("ix_notice_mail_due"))

    op.drop_table("notice")
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_record_id"))
        batch_op.drop_index("ix_enquiry_kind_state_since")
        batch_op.drop_index(batch_op.f("ix_enquiry_country"))
        batch_op.drop_index(batch_op.f("ix_enquiry_asked_by"))

    op.drop_table("enquiry")
    op.drop_table("notice_choice")
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_user_id"))

    op.drop_table("follow")
