"""What each run did, file by file, and taking it back."""

from collections import Counter

from fastapi import APIRouter, Request, Response

from kb import batches, conflicts, records, users, waiting
from kb.vocabulary import Became, Role
from web.deps import PersonDep, ReadingDep, RecordId, WritingDep
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(
    prefix="/desk/batches", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)


@router.get("")
def batches_page(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List the batches, the newest first."""
    found = batches.all_of(session, person)
    return page(
        request,
        "desk/batches.html",
        batches=found,
        called=users.called(session, (one.batch.by for one in found), person),
        kinds=list(Became),
        waiting=conflicts.waiting(session, person).count,
    )


@router.get("/{batch_id}")
def batch_page(
    request: Request, session: ReadingDep, person: PersonDep, batch_id: RecordId
) -> Response:
    """Show what became of each file, and what undoing did where it was undone."""
    batch = batches.get(session, batch_id, person)
    return page(
        request,
        "desk/batch.html",
        batch=batch,
        is_being_read=batch.id in waiting.in_hand(session),
        called=users.called(session, (batch.by, batch.undone_by), person),
        counts=Counter(item.became for item in batch.items),
        report=batches.report(session, batch_id),
    )


@router.get("/{batch_id}/undo")
def undo_page(
    request: Request, session: ReadingDep, person: PersonDep, batch_id: RecordId
) -> Response:
    """Show what undoing the batch would do."""
    batch = batches.get(session, batch_id, person)
    plan = batches.preview(session, batch_id)
    return page(
        request,
        "desk/undo.html",
        batch=batch,
        plan=plan,
        titles=records.titles(session, (*plan.removed, *plan.restored)),
    )


@router.post("/{batch_id}/undo")
def undo(request: Request, session: WritingDep, person: PersonDep, batch_id: RecordId) -> Response:
    """Take the batch back."""
    batches.get(session, batch_id, person)  # or there is none for them
    batches.undo(session, batch_id, by=person.by)
    session.commit()
    return shown_next(request, f"/desk/batches/{batch_id}")
