"""Two people make a record public: one says that it is ready, another one publishes it.

Whoever wrote a record, sent it in or changed it last cannot make it public alone. The operator,
who sits at the computer and could change the database itself, may; that is written down. What a
death review found always needs two names. Nothing here commits.
"""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import addressees, curating, history, notices, permissions, records
from kb.errors import ConflictError, InvalidError
from kb.models import Record, Review
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import Ground, NoticeKind, RecordType, Status
from kb.wording import marked


class Step(StrEnum):
    """What one person can do next so that readers see a record."""

    PUBLISH = "publish"
    READY = "ready"  # say that it is ready, so that somebody else publishes it
    WAIT = "wait"  # this person said so already


def next_step(session: Session, record: Record, person: Person, *, two_people: bool) -> Step:
    """Return what `person` can do; `two_people` says that the library asks for a second one."""
    said = ready_by(session, record)
    if not permissions.may(session, person, Act.PUBLISH, record.id):
        return Step.READY if said is None else Step.WAIT
    if always_two(record) or (two_people and not person.at_this_computer):
        if said is None:
            return Step.READY
        return Step.WAIT if said == person.by else Step.PUBLISH
    return Step.PUBLISH


def always_two(record: Record) -> bool:
    """Tell whether no setting and no operator makes this public alone."""
    return record.record_type is RecordType.REVIEW_FINDING


def ready_by(session: Session, record: Record) -> str | None:
    """Return who said last that the record is ready; None once anything changed since.

    To say that it is ready is a version of its own; so is every edit after it.
    """
    query = select(Review).where(Review.record_id == record.id).order_by(Review.id.desc()).limit(1)
    last = session.scalar(query)
    if last is None or (last.outcome, last.version) != (Status.IN_REVIEW, record.version):
        return None
    return last.reviewer


def ready(session: Session, record_id: int, *, version: int, by: str) -> Record:
    """Say that the record is ready for readers, so that a second person can publish it.

    Raises:
        ConflictError: somebody else has saved another version since, or something may name people.
        InvalidError: it lacks what finding it needs.
        NotFoundError: no such record.
    """
    record = records.get(session, record_id)
    records.refuse_older(record, version)
    records.refuse_unpublishable(session, record, by=by)
    _refuse_unseen(session, record)
    records.move(session, record, Status.IN_REVIEW, "ready", by=by)
    _review(session, record, Status.IN_REVIEW, by=by)
    return record


def publish(
    session: Session,
    record_id: int,
    person: Person,
    *,
    two_people: bool,
    unseen: bool = False,
    ground: Ground | None = None,
    note: str = "",
) -> Record:
    """Show the record to readers; `unseen` says that nobody had to look at each field.

    `ground` and `note` are for `records.publish`.

    Raises:
        ConflictError: a second person has to say that it is ready, it was withdrawn, its team
            did not agree to it, or it may name people.
        ForbiddenError: `person` may not publish it.
        InvalidError: it lacks what a reader needs, or nobody has looked at it.
        NotFoundError: no such record.
    """
    permissions.require(session, person, Act.PUBLISH, record_id)
    record = records.get(session, record_id)
    step = next_step(session, record, person, two_people=two_people)
    if step is not Step.PUBLISH:
        raise ConflictError(
            marked("“%(title)s” needs two people before readers see it.", title=record.title),
            hint=marked("Somebody else has to publish what you call ready.")
            if step is Step.WAIT
            else marked("Say that it is ready; then somebody else publishes it."),
        )
    if not unseen:
        records.refuse_unpublishable(session, record, by=person.by, ground=ground, note=note)
        _refuse_unseen(session, record)
    said = ready_by(session, record)
    published = records.publish(session, record_id, by=person.by, ground=ground, note=note)
    if said in {None, person.by}:
        history.happened(session, "published alone", by=person.by, record=record)
    _review(session, record, Status.PUBLISHED, by=person.by)
    notices.write(
        session,
        addressees.team(session, record_id),
        NoticeKind.PUBLISHED,
        link=f"/records/{record_id}",
        record_id=record_id,
        without=person.user_id,
    )
    return published


def _refuse_unseen(session: Session, record: Record) -> None:
    unseen = curating.unseen(curating.fields(session, record, records.read(record)))
    if unseen:
        raise InvalidError(
            marked("Nobody has looked at all of “%(title)s” yet.", title=record.title),
            hint=marked("Accept or change: %(fields)s.", fields=curating.called(unseen)),
        )


def _review(session: Session, record: Record, outcome: Status, *, by: str) -> None:
    session.add(
        Review(
            record_id=record.id, version=record.version, reviewer=by, outcome=outcome, questions=[]
        )
    )
    session.flush()
