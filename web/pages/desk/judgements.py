"""What readers say should have come up, confirmed with a grade or rejected."""

from fastapi import APIRouter, Request, Response

from kb import judgements, records, users
from kb.vocabulary import JudgementState, Role
from kb.wording import marked
from web.deps import PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(
    prefix="/desk/judgements", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)

GRADES = {3: marked("answers it"), 2: marked("is useful"), 1: marked("touches it")}


@router.get("")
def judgements_page(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List what waits, then what was decided."""
    done = (JudgementState.CONFIRMED, JudgementState.REJECTED)
    waiting = judgements.in_state(session, JudgementState.OPEN, person=person)
    decided = judgements.in_state(session, *done, person=person)
    return page(
        request,
        "desk/judgements.html",
        waiting=waiting,
        decided=decided,
        called=users.called(session, (one.decided_by for one in decided)),
        titles=records.titles(session, {one.record_id for one in (*waiting, *decided)}),
        grades=GRADES,
    )


@router.post("/{judgement_id}")
def decide(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    form: FormDep,
    judgement_id: RecordId,
) -> Response:
    """Write down what the curator says of it."""
    judgements.get(session, judgement_id, person)  # or there is none for them
    state = form.choice("state", JudgementState)
    confirmed = state is JudgementState.CONFIRMED
    judgements.decide(
        session,
        judgement_id,
        state,
        grade=form.number("grade") if confirmed else None,
        by=person.by,
    )
    session.commit()
    return shown_next(request, "/desk/judgements")
