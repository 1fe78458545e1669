"""What the team of a record agreed to: seen, written down, taken back."""

from fastapi import APIRouter, Request, Response

from kb import addressees, consent, copies, history, records, tickets, users, withdrawals
from kb.consent import Agreed
from kb.errors import InvalidError
from kb.permissions import Act
from kb.privacy import SHOWING
from kb.vocabulary import Ground, Naming, Role, Visibility
from kb.wording import marked
from web import filling
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import Form, FormDep
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(
    prefix="/desk/records",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)


@router.get("/{record_id}/consent")
def consent_page(request: Request, session: ReadingDep, record_id: RecordId) -> Response:
    """Show what was agreed, what is still to be asked, and a form to write it down."""
    record = records.get(session, record_id)
    agreed = record.consent
    answers = [
        one
        for one in history.events(session, record_id)
        if one.verb in {tickets.APPROVED, tickets.REFUSED}
    ]
    people = [*(one.by for one in answers), agreed.recorded_by if agreed else ""]
    return page(
        request,
        "desk/consent.html",
        record=record,
        agreed=agreed,
        answers=[(one, one.verb == tickets.APPROVED) for one in answers],
        called=users.called(session, people),
        has_team=bool(addressees.team(session, record_id)),
        unagreed=consent.lacking(record),
        quoted=consent.quotes_patients(record),
        grounds=tuple(Ground),
        namings=tuple(reversed(SHOWING)),
        circles=tuple(reversed(Visibility)),
    )


@router.post("/{record_id}/consent")
def write_down(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Write down who agreed to what."""
    consent.record(session, record_id, _agreed(form), by=person.by)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}")


@router.post("/{record_id}/consent/withdraw")
def take_back(
    request: Request,
    session: WritingDep,
    *,
    library: LibraryDep,
    person: PersonDep,
    form: FormDep,
    record_id: RecordId,
) -> Response:
    """Take the record from everybody, because its team no longer agrees."""
    reason = form.text("reason")
    if not reason:
        raise InvalidError(
            marked("It is not said why."),
            hint=marked("Write in a line who asked for it, and when."),
        )
    had = copies.offered(session, record_id)
    withdrawals.take_back(session, record_id, by=person.by, reason=reason)
    session.commit()
    filling.index(library, step=filling.quietly)
    with library.reading() as after:
        copies.delete(after, had, folder=library.settings.copies)
    return shown_next(request, f"/desk/records/{record_id}/consent")


def _agreed(form: Form) -> Agreed:
    return Agreed(
        visibility=form.choice("visibility", Visibility),
        naming=form.choice("naming", Naming),
        ground=form.choice("ground", Ground),
        by_role=form.text("by_role"),
        photos=bool(form.text("photos")),
        translation=bool(form.text("translation")),
        ai_processing=bool(form.text("ai_processing")),
        patient_voice=bool(form.text("patient_voice")),
        note=form.text("note"),
    )
