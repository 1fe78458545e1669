"""Let mails with a link wait until the mail server takes them.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mailed_sha256", sa.String(), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_ticket_mailed_sha256"), ["mailed_sha256"])
    op.create_table(
        "link_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failed", sa.String(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_link_mail_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_link_mail_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_mail")),
    )
    with op.batch_alter_table("link_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_mail_due"), ["due"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_mail_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    op.drop_table("link_mail")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_ticket_mailed_sha256"), type_="unique")
        batch_op.drop_column("mailed_sha256")
