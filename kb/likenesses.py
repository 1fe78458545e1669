"""Two records that tell the same: what was found, and what a curator decides about it."""

from collections.abc import Collection, Sequence

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from kb import history, permissions, records
from kb.db import utcnow
from kb.errors import ConflictError, NotFoundError
from kb.models import Likeness, Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import LikenessKind, LikenessState, Status
from kb.wording import marked


def get(session: Session, likeness_id: int, person: Person | None = None) -> Likeness:
    """Return the pair; where `person` is given, only one whose two records they may curate.

    Raises:
        NotFoundError: there is none.
    """
    query = select(Likeness).where(Likeness.id == likeness_id, _theirs(person))
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(
            marked("There is no pair %(number)s.", number=str(likeness_id)),
            hint=marked("Load the page to see those there are."),
        )
    return found


def of(session: Session, record_id: int, person: Person | None = None) -> Sequence[Likeness]:
    """Return the pairs of the record, decided ones too, the likest first."""
    query = select(Likeness).where(
        or_(Likeness.record_id == record_id, Likeness.other_id == record_id), _theirs(person)
    )
    return session.scalars(query.order_by(Likeness.score.desc(), Likeness.id)).all()


def open_ones(session: Session, person: Person | None = None) -> Sequence[Likeness]:
    """Return the pairs that wait for a curator, the likest first.

    Where `person` is given, those whose two records they may curate.

    A pair with a retired record does not wait: another record stands for that one already.
    """
    query = select(Likeness).where(Likeness.id.in_(_open()), _theirs(person))
    return session.scalars(query.order_by(Likeness.score.desc(), Likeness.id)).all()


def open_counts(
    session: Session, record_ids: Collection[int], person: Person | None = None
) -> dict[int, int]:
    """Return in how many pairs that wait each of the records stands; none is left out.

    Where `person` is given, in how many of those that `open_ones` lists for them.
    """
    waits = and_(Likeness.id.in_(_open()), _theirs(person))
    sides = union_all(
        *(
            select(side.label("record_id")).where(waits, side.in_(record_ids))
            for side in (Likeness.record_id, Likeness.other_id)
        )
    ).subquery()
    counted = dict.fromkeys(record_ids, 0)
    rows = select(sides.c.record_id, func.count()).group_by(sides.c.record_id)
    counted.update((record_id, count) for record_id, count in session.execute(rows))
    return counted


def open_records(person: Person | None = None) -> CompoundSelect[tuple[int]]:
    """Return the query for the records that stand in a pair that waits: any, or for `person`."""
    waits = and_(Likeness.id.in_(_open()), _theirs(person))
    sides = (Likeness.record_id, Likeness.other_id)
    return union(*(select(side).where(waits) for side in sides))


def _open() -> Select[int]:
    newer, older = aliased(Record), aliased(Record)
    return (
        select(Likeness.id)
        .join(newer, newer.id == Likeness.record_id)
        .join(older, older.id == Likeness.other_id)
        .where(
            Likeness.state == LikenessState.OPEN,
            newer.status != Status.RETIRED,
            older.status != Status.RETIRED,
        )
    )


def _theirs(person: Person | None) -> ColumnElement[bool]:
    """Return the condition on a pair that `person` may curate both of its records."""
    if person is None:
        return true()
    held = select(Record.id).where(permissions.allowed(person, Act.CURATE))
    return and_(Likeness.record_id.in_(held), Likeness.other_id.in_(held))


def gives_way(session: Session, likeness: Likeness) -> tuple[Record, Record]:
    """Return the record that is taken out of the queue when both tell the same, and the other.

    Of two versions it is the earlier one; else the one that came later, unless readers see that
    one and not the other.
    """
    newer = records.get(session, likeness.record_id)
    older = records.get(session, likeness.other_id)
    if likeness.kind is LikenessKind.EARLIER_VERSION:
        return (newer, older) if likeness.earlier_id == newer.id else (older, newer)
    shown_alone = newer.status is Status.PUBLISHED and older.status is not Status.PUBLISHED
    return (older, newer) if shown_alone else (newer, older)


def decide(session: Session, likeness_id: int, state: LikenessState, *, by: str) -> Likeness:
    """Write down what `by` decided about the pair; another decision takes it back.

    `SAME` retires the record that gives way; `DIFFERENT` and `OPEN` bring back a record that
    was retired for this pair, as a draft.

    Raises:
        NotFoundError: there is no such pair.
        ConflictError: the record that would give way is published, or the other one is retired.
    """
    likeness = get(session, likeness_id)
    if state is LikenessState.SAME:
        _retire(session, likeness, by=by)
    elif likeness.state is LikenessState.SAME:
        _bring_back(session, likeness, by=by)
    likeness.state = state
    decided = state is not LikenessState.OPEN
    likeness.decided_by = by if decided else ""
    likeness.decided = utcnow() if decided else None
    session.flush()
    return likeness


def _retire(session: Session, likeness: Likeness, *, by: str) -> None:
    lesser, kept = gives_way(session, likeness)
    if lesser.status in {Status.RETIRED, Status.WITHDRAWN}:  # no reader and no queue has it
        return
    if kept.status is Status.RETIRED:
        raise ConflictError(
            marked(
                "Record %(kept)s is retired: record %(number)s would be left without one that "
                "stands for it.",
                kept=str(kept.id),
                number=str(lesser.id),
            ),
            hint=marked(
                "Decide about record %(number)s and the record that stands for %(kept)s.",
                number=str(lesser.id),
                kept=str(kept.id),
            ),
        )
    if lesser.status is Status.PUBLISHED:
        raise ConflictError(
            marked(
                "Record %(number)s, “%(title)s”, is published; it would give way to "
                "record %(kept)s.",
                number=str(lesser.id),
                title=lesser.title,
                kept=str(kept.id),
            ),
            hint=marked("Withdraw it first if readers are to find the other one only."),
        )
    records.retire(session, lesser.id, by=by, reason=_reason(likeness, kept.id))


def _bring_back(session: Session, likeness: Likeness, *, by: str) -> None:
    """Reopen the record that was retired for this pair, unless another pair retires it too."""
    for record_id in (likeness.record_id, likeness.other_id):
        record = records.get(session, record_id)
        if record.status is Status.RETIRED and _retired_for(session, record_id):
            others = [pair for pair in of(session, record_id) if pair.id != likeness.id]
            if not any(_takes_out(session, pair, record_id) for pair in others):
                records.reopen(session, record_id, by=by, reason="another decision on its pair")


def _takes_out(session: Session, likeness: Likeness, record_id: int) -> bool:
    if likeness.state is not LikenessState.SAME:
        return False
    return gives_way(session, likeness)[0].id == record_id


def _retired_for(session: Session, record_id: int) -> bool:
    """Whether the record was retired because of a pair, and not by a decision of its own."""
    retired = [event for event in history.events(session, record_id) if event.verb == "retired"]
    return bool(retired) and retired[-1].detail.get("reason", "").startswith(_REASONS)


_REASONS = ("same as record ", "earlier version of record ")


def _reason(likeness: Likeness, kept: int) -> str:
    same, earlier = _REASONS
    return f"{earlier if likeness.kind is LikenessKind.EARLIER_VERSION else same}{kept}"
