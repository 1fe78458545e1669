"""Two records that may tell the same, side by side."""

from fastapi import APIRouter, Request, Response

from kb import likenesses, records, users
from kb.sidebyside import side_by_side
from kb.vocabulary import LikenessState, Role
from web.deps import PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import FormDep
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(
    prefix="/desk/alike", include_in_schema=False, dependencies=[needs(Role.CURATOR)]
)


@router.get("")
def pairs_page(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """List the pairs that wait, the likest first."""
    pairs = likenesses.open_ones(session, person)
    titles = records.titles(
        session, {side for pair in pairs for side in (pair.record_id, pair.other_id)}
    )
    return page(request, "desk/pairs.html", pairs=pairs, titles=titles)


@router.get("/{likeness_id}")
def pair_page(
    request: Request, session: ReadingDep, person: PersonDep, likeness_id: RecordId
) -> Response:
    """Show where the two records differ."""
    likeness = likenesses.get(session, likeness_id, person)
    older = records.get(session, likeness.other_id)
    newer = records.get(session, likeness.record_id)
    lesser, kept = likenesses.gives_way(session, likeness)
    waiting = [pair.id for pair in likenesses.open_ones(session, person)]
    return page(
        request,
        "desk/pair.html",
        likeness=likeness,
        called=users.called(session, [likeness.decided_by]),
        older=older,
        newer=newer,
        lesser=lesser,
        kept=kept,
        rows=side_by_side(records.read(older), records.read(newer)),
        waiting=len(waiting),
        following=next((one for one in waiting if one != likeness_id), None),
    )


@router.post("/{likeness_id}")
def decide(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    form: FormDep,
    likeness_id: RecordId,
) -> Response:
    """Write down whether they tell the same, and go to the next pair."""
    state = form.choice("state", LikenessState)
    likenesses.get(session, likeness_id, person)  # or there is none for them
    likenesses.decide(session, likeness_id, state, by=person.by)
    waiting = likenesses.open_ones(session, person)
    following = next((pair.id for pair in waiting if pair.id != likeness_id), None)
    session.commit()
    if state is LikenessState.OPEN:
        return shown_next(request, f"/desk/alike/{likeness_id}")
    return shown_next(request, f"/desk/alike/{following}" if following else "/desk/alike")
