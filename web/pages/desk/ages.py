"""How long records wait and for whom, what is overdue, and what is due for review."""

from fastapi import APIRouter, Request, Response

from kb import ageing, records
from kb.db import utcnow
from kb.vocabulary import Role, Turn
from web.deps import LibraryDep, PersonDep, ReadingDep, WritingDep
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(prefix="/desk/ages", include_in_schema=False, dependencies=[needs(Role.CURATOR)])


@router.get("")
def report_page(
    request: Request, session: ReadingDep, library: LibraryDep, person: PersonDep
) -> Response:
    """Show the ages of what this person may curate, and what is due for review."""
    overdue_days, today = library.settings.overdue_days, utcnow().date()
    found = ageing.report(session, person, overdue_days=overdue_days)
    return page(
        request,
        "desk/ages.html",
        report=found,
        bands=range(len(ageing.BANDS) + 1),
        turns=tuple(Turn),
        titles=records.titles(session, [one.record_id for one in found.overdue]),
        due=ageing.due(session, person, today=today),
        today=today,
        overdue_days=overdue_days,
    )


@router.post("/escalate", dependencies=[needs(Role.PUBLISHER)])
def escalate(
    request: Request, session: WritingDep, library: LibraryDep, person: PersonDep
) -> Response:
    """Write down of each overdue record that it is."""
    overdue_days = library.settings.overdue_days
    ageing.escalate(session, person, overdue_days=overdue_days, by=person.by)
    session.commit()
    return shown_next(request, "/desk/ages")
