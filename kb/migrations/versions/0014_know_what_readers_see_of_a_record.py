"""Know what readers see of a record: its title and summary without names that are kept back.

Revision ID: 0014
Revises: 0013
"""

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from kb import content, privacy
from kb.vocabulary import Naming

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RECORD = ("id", "title", "summary", "naming", "language", "context_numbers", "record_type")
PLACE = ("record_id", "country", "admin1", "admin2", "facility", "facility_code", "facility_type")
MEASURE = ("id", "record_id", "name", "type", "unit", "numerator_text", "denominator_text")
POINT = ("measure_id", "period", "label", "numerator", "denominator", "value")


def upgrade() -> None:
    with op.batch_alter_table("point", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("suppressed", sa.String(32), nullable=False, server_default="")
        )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("shown_title", sa.String(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("shown_summary", sa.String(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("shown_naming", sa.String(32), nullable=False, server_default="anonymous")
        )
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Say of each record that is there what readers see.

    Passages of what they do not see go, with their words and vectors, and are made anew.
    """
    places, measures = _places(connection), _measures(connection)
    for row in _rows(connection, "record", RECORD):
        numbers = row["context_numbers"]
        seen = privacy.View(
            naming=Naming(row["naming"]),
            language=row["language"],
            places=places[row["id"]],
            measures=measures[row["id"]],
            context_numbers=json.loads(numbers) if isinstance(numbers, str) else numbers,
            of_deaths=row["record_type"] == "review-finding",
        )
        connection.execute(
            sa.text(
                "update record set shown_title = :title, shown_summary = :summary, "
                "shown_naming = :naming where id = :id"
            ),
            {
                "id": row["id"],
                "title": seen.text(row["title"]),
                "summary": seen.text(row["summary"]),
                "naming": seen.shown_naming.value,
            },
        )
        if seen.keeps_back:
            connection.execute(
                sa.text("delete from passage where record_id = :id"), {"id": row["id"]}
            )


def _places(connection: sa.Connection) -> dict[int, list[content.Place]]:
    found: dict[int, list[content.Place]] = defaultdict(list)
    for said in _rows(connection, "place", PLACE, in_order=True):
        found[said.pop("record_id")].append(content.Place.model_validate(said))
    return found


def _measures(connection: sa.Connection) -> dict[int, list[content.Measure]]:
    points: dict[int, list[content.Point]] = defaultdict(list)
    for said in _rows(connection, "point", POINT, in_order=True):
        points[said.pop("measure_id")].append(content.Point.model_validate(said))
    found: dict[int, list[content.Measure]] = defaultdict(list)
    for said in _rows(connection, "measure", MEASURE, in_order=True):
        counted = points[said.pop("id")]
        record_id = said.pop("record_id")
        found[record_id].append(content.Measure.model_validate({**said, "points": counted}))
    return found


def _rows(
    connection: sa.Connection, table: str, names: tuple[str, ...], *, in_order: bool = False
) -> list[dict[str, Any]]:
    query: Any = sa.select(*map(sa.column, names)).select_from(sa.table(table))
    if in_order:
        query = query.order_by(sa.column("position"))
    return [dict(row) for row in connection.execute(query).mappings()]


def downgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        for name in ("shown_naming", "shown_summary", "shown_title"):
            batch_op.drop_column(name)
    with op.batch_alter_table("point", schema=None) as batch_op:
        batch_op.drop_column("suppressed")
