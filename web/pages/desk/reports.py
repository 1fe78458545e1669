"""What other teams report of trying it too: kept for readers, or hidden with a reason."""

from fastapi import APIRouter, Request, Response

from kb import records, reuse, users
from kb.errors import InvalidError
from kb.vocabulary import Role
from web.deps import PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(
    prefix="/desk/reports", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)


@router.get("")
def reports_page(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List the reports that wait, those first that may name somebody, then those decided."""
    return _page(request, session, person)


@router.post("/{report_id}")
def decide(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    form: FormDep,
    report_id: RecordId,
) -> Response:
    """Keep a report or hide it."""
    reason = form.text("reason")
    try:
        reuse.decide(session, person, report_id, keep=form.text("act") == "keep", reason=reason)
    except InvalidError as error:
        session.rollback()
        return _page(request, session, person, error=error, at=report_id)
    session.commit()
    return shown_next(request, "/desk/reports")


def _page(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    *,
    error: InvalidError | None = None,
    at: int = 0,
) -> Response:
    waiting = reuse.waiting(session, person)
    decided = reuse.waiting(session, person, decided=True)
    return page(
        request,
        "desk/reports.html",
        status=422 if error else 200,
        waiting=[(one, {name.text for name in reuse.names_in(one)}) for one in waiting],
        decided=decided,
        called=users.called(session, (one.decided_by for one in decided)),
        titles=records.titles(session, {one.record_id for one in (*waiting, *decided)}),
        share=reuse.share,
        error=error,
        at=at,
    )
