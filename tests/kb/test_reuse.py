"""What teams report that tried it too."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from kb import reuse
from kb.models import Reuse
from kb.vocabulary import Verdict


def report(record_id: int, day: int, where: str) -> Reuse:
    return Reuse(
        record_id=record_id,
        at=datetime(2026, 3, day, tzinfo=UTC),
        by="Mrs Neema",
        where=where,
        adapted_how="On Mondays",
        verdict=Verdict.PARTLY,
        numbers="12 of 30",
    )


def test_reports_are_those_of_the_record_newest_first(session: Session, make_record) -> None:
    one, other = make_record(), make_record()
    session.add_all([report(one, 1, "Malawi"), report(one, 9, "Kenya"), report(other, 5, "Nepal")])
    session.flush()
    found = reuse.reports(session, one)
    assert [each.where for each in found] == ["Kenya", "Malawi"]
    assert found[0].verdict is Verdict.PARTLY
    assert "Neema" not in str(found)
    assert reuse.reports(session, 99) == ()
