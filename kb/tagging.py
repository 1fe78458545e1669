"""What may be decided about the tags of a record. Callers open and close the transaction."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from kb import content, records
from kb.db import utcnow
from kb.models import Record, Tag
from kb.vocabulary import Status, TagSource, TagStatus


def confirm(
    session: Session, record_id: int, notations: Iterable[str], *, version: int, by: str
) -> Record:
    """Confirm these tags of the record, reject its other suggestions, add what is missing."""
    record = records.get(session, record_id)
    now = records.read(record)
    wanted = dict.fromkeys(notations)
    judged = [_judged(tag, tag.notation in wanted, by=by) for tag in now.tags]
    known = {tag.notation for tag in now.tags}
    added = [
        _judged(content.Tag(notation=notation, source=TagSource.CURATOR), True, by=by)
        for notation in wanted
        if notation not in known
    ]
    new = now.model_copy(update={"tags": (*judged, *added)})
    return records.edit(session, record_id, new, version=version, by=by, note="tags decided")


def with_open(session: Session) -> Sequence[int]:
    """Return the drafts of which some suggested tag was not decided, oldest first."""
    open_ = exists().where(Tag.record_id == Record.id, Tag.status == TagStatus.SUGGESTED)
    query = select(Record.id).where(Record.status == Status.DRAFT, open_).order_by(Record.id)
    return session.scalars(query).all()


def suggest(session: Session, record_id: int, suggested: Iterable[content.Tag], *, by: str) -> bool:
    """Put these suggestions in the place of the record's open ones; tell whether that changed it.

    What was decided stays, and what its author or another library named.
    """
    record = records.get(session, record_id)
    now = records.read(record)
    stays = tuple(
        tag
        for tag in now.tags
        if tag.status is not TagStatus.SUGGESTED or tag.source is TagSource.AUTHOR
    )
    known = {tag.notation for tag in stays}
    tags = (*stays, *(tag for tag in suggested if tag.notation not in known))
    if set(tags) == set(now.tags):
        return False
    new = now.model_copy(update={"tags": tags})
    records.edit(
        session, record_id, new, version=record.version, by=by, note="tags suggested again"
    )
    return True


def decide(
    session: Session,
    record_id: int,
    decisions: Mapping[str, TagStatus],
    *,
    version: int,
    by: str,
) -> Record:
    """Decide these tags and leave the others as they are; a confirmed one may be new.

    Raises:
        ConflictError: somebody else has saved another version since.
        InvalidError: the taxonomy has no such concept.
    """
    record = records.get(session, record_id)
    now = records.read(record)
    known = {tag.notation for tag in now.tags}
    tags = [
        decided(tag, decisions.get(tag.notation, tag.status), by=by)
        for tag in (
            *now.tags,
            *(
                content.Tag(notation=notation, source=TagSource.CURATOR)
                for notation, status in decisions.items()
                if notation not in known and status is TagStatus.CONFIRMED
            ),
        )
    ]
    new = now.model_copy(update={"tags": tuple(tags)})
    return records.edit(session, record_id, new, version=version, by=by, note="tags decided")


def _judged(tag: content.Tag, accepted: bool, *, by: str) -> content.Tag:
    return decided(tag, TagStatus.CONFIRMED if accepted else TagStatus.REJECTED, by=by)


def decided(tag: content.Tag, status: TagStatus, *, by: str) -> content.Tag:
    """Return the tag as `by` decided it; whoever decided so first stays named."""
    if tag.status is status:
        return tag
    if status is TagStatus.SUGGESTED:
        return tag.model_copy(update={"status": status, "confirmed_by": "", "at": None})
    return tag.model_copy(update={"status": status, "confirmed_by": by, "at": utcnow()})
