"""Make parts of what stood in a collection, and publish it in editions.

Revision ID: 0011
Revises: 0010
"""

from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BASED_ON = "fk_collection_based_on_id_collection"


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.String(length=32), nullable=False, server_default="reading-list"),
        sa.Column("audience", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("licence", sa.String(), nullable=False, server_default=""),
        sa.Column("thanks", sa.String(), nullable=False, server_default=""),
        sa.Column("least_places", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("choices", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("based_on_edition", sa.Integer(), nullable=True),
    ]


def upgrade() -> None:
    with op.batch_alter_table("collection", schema=None) as batch_op:
        for new in _columns():
            batch_op.add_column(new)
        batch_op.create_foreign_key(
            batch_op.f(BASED_ON), "collection", ["based_on_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_collection_based_on_id"), ["based_on_id"])
        batch_op.create_check_constraint(batch_op.f("ck_collection_title_not_empty"), "title <> ''")
        batch_op.create_check_constraint(
            batch_op.f("ck_collection_least_places_range"), "least_places >= 0"
        )
    _make_parts()
    _make_editions()
    op.execute(
        "insert into collection_part"
        " (version, collection_id, position, kind, heading, text, record_id, clearance,"
        " clearance_note)"
        " select 1, collection_id, position, 'record', '', note, record_id, 'by-licence', ''"
        " from collection_item order by collection_id, position"
    )
    _publish_what_readers_see()
    op.drop_table("collection_item")


def downgrade() -> None:
    op.create_table(
        "collection_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_collection_item_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_collection_item_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_item")),
        sa.UniqueConstraint(
            "collection_id", "record_id", name=op.f("uq_collection_item_collection_id_record_id")
        ),
    )
    for column in ("collection_id", "record_id"):
        op.create_index(op.f(f"ix_collection_item_{column}"), "collection_item", [column])
    op.execute(
        "insert into collection_item (collection_id, record_id, position, note)"
        " select collection_id, record_id, position, text from collection_part"
        " where record_id is not null order by collection_id, position"
    )
    op.drop_table("edition")
    op.drop_table("collection_part")
    with op.batch_alter_table("collection", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_collection_least_places_range"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_collection_title_not_empty"), type_="check")
        batch_op.drop_index(batch_op.f("ix_collection_based_on_id"))
        batch_op.drop_constraint(batch_op.f(BASED_ON), type_="foreignkey")
        for added in reversed(_columns()):
            batch_op.drop_column(added.name)


def _make_parts() -> None:
    op.create_table(
        "collection_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("clearance", sa.String(length=32), nullable=False),
        sa.Column("clearance_note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'record') = (record_id is not null)",
            name=op.f("ck_collection_part_record_where_named"),
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_collection_part_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_collection_part_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_part")),
        sa.UniqueConstraint(
            "collection_id", "record_id", name=op.f("uq_collection_part_collection_id_record_id")
        ),
        sqlite_autoincrement=True,
    )
    for column in ("collection_id", "record_id"):
        op.create_index(op.f(f"ix_collection_part_{column}"), "collection_part", [column])


def _make_editions() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_edition_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint(
            "collection_id", "number", name=op.f("uq_edition_collection_id_number")
        ),
    )
    op.create_index(op.f("ix_edition_collection_id"), "edition", ["collection_id"])


def _publish_what_readers_see() -> None:
    """Make a first edition of every collection that was published once, as it stands."""
    bind = op.get_bind()
    moment = sa.DateTime(timezone=True)
    edition = sa.table(
        "edition",
        sa.column("collection_id", sa.Integer),
        sa.column("number", sa.Integer),
        sa.column("at", moment),
        sa.column("by", sa.String),
        sa.column("note", sa.String),
        sa.column("content", sa.JSON),
    )
    once_published = sa.text(
        "select id, title, purpose, language, published from collection"
        " where published is not null order by id"
    ).columns(published=moment)
    parts_of = sa.text(
        "select part.id, part.text, part.record_id, max(version.version) as version"
        " from collection_part as part join record on record.id = part.record_id"
        " join record_version as version on version.record_id = record.id"
        " where part.collection_id = :collection_id"
        " and record.status = 'published' and record.visibility = 'public'"
        " group by part.id, part.text, part.record_id, part.position order by part.position"
    )
    for one in bind.execute(once_published).all():
        parts = [
            {
                "part_id": id_,
                "kind": "record",
                "text": text,
                "record_id": record,
                "version": version,
            }
            for id_, text, record, version in bind.execute(parts_of, {"collection_id": one.id})
        ]
        content = {
            "kind": "reading-list",
            "title": one.title,
            "purpose": one.purpose,
            "language": one.language,
            "parts": parts,
        }
        at = one.published.replace(tzinfo=one.published.tzinfo or UTC)
        bind.execute(
            edition.insert().values(
                collection_id=one.id, number=1, at=at, by="", note="", content=content
            )
        )
