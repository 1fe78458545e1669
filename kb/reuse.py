"""“We tried this too”: what teams report who did elsewhere what a record tells of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import Reuse
from kb.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Report:
    """What one team reports. Who sent it is not part of it: that may be a person's name."""

    at: datetime
    where: str
    adapted_how: str
    verdict: Verdict
    numbers: str


def reports(session: Session, record_id: int) -> tuple[Report, ...]:
    """Return the reports that are kept with the record, the newest first."""
    query = select(Reuse).filter_by(record_id=record_id).order_by(Reuse.at.desc(), Reuse.id.desc())
    return tuple(
        Report(row.at, row.where, row.adapted_how, row.verdict, row.numbers)
        for row in session.scalars(query)
    )


def years(session: Session) -> list[tuple[int, int]]:
    """Return the record and the year of every report, the earliest first."""
    rows = session.execute(select(Reuse.record_id, Reuse.at).order_by(Reuse.at, Reuse.id))
    return [(record_id, at.year) for record_id, at in rows]
