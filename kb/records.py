"""What may be done with a record. Callers open and close the transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.exc import StaleDataError

from kb import as_rows, consent, content, death_reviews, gate, history
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import (
    Attachment,
    ChangeIdea,
    Concept,
    Finding,
    IdeaConcept,
    Measure,
    Record,
    SourceFile,
    Tag,
)
from kb.vocabulary import Ground, RecordType, Scheme, Status, TagStatus, Visibility
from kb.wording import marked

MAX_TOPICS = 5
MAX_INTERVENTIONS = 6
REVIEW_AFTER_YEARS = 3  # guidance ages: a published record is looked at again
AT_ONCE = 100  # records in one query: databases have a limit, and whole ones take memory


class OvertakenError(ConflictError):
    """Somebody else saved another version meanwhile; `mine` is what was not saved."""

    def __init__(self, record: Record, mine: content.Record, *, began: int) -> None:
        super().__init__(
            marked(
                "“%(title)s” was changed by somebody else: you began with version %(began)s, "
                "it is now version %(now)s.",
                title=record.title,
                began=began,
                now=record.version,
            ),
            hint=marked("Look at both versions, then save yours on top of the newest."),
        )
        self.record_id, self.mine, self.began = record.id, mine, began


V = TypeVar("V", bound=content.Value)

# What people decided about showing it; bringing an old text back does not bring back that.
DECIDED = ("naming", "visibility", "review_due", "credit_wanted", "credit_line", "contact")
# Loads a record whole, in one statement for each kind of part.
WITH_PARTS = (
    selectinload(Record.sections),
    selectinload(Record.change_ideas)
    .selectinload(ChangeIdea.interventions)
    .joinedload(IdeaConcept.concept),
    selectinload(Record.measures).selectinload(Measure.points),
    selectinload(Record.support_activities),
    selectinload(Record.support_received),
    selectinload(Record.support_requests),
    selectinload(Record.places),
    selectinload(Record.tags).selectinload(Tag.concept),
    selectinload(Record.facets),
    selectinload(Record.attachments).selectinload(Attachment.file),
)


def get(session: Session, record_id: int) -> Record:
    """Return the record with all its parts.

    Raises:
        NotFoundError: there is none.
    """
    record = session.get(Record, record_id, options=WITH_PARTS)
    if record is None:
        raise NotFoundError(
            marked("There is no record %(number)s.", number=str(record_id)),
            hint=marked("Search for it, or browse by topic."),
        )
    return record


def several(session: Session, record_ids: Collection[int]) -> dict[int, Record]:
    """Return these records with all their parts, in as many queries for a hundred as for one.

    Whoever keeps what is returned makes each `get` of them cost nothing.
    """
    query = select(Record).where(Record.id.in_(record_ids)).options(*WITH_PARTS)
    return {row.id: row for row in session.scalars(query)}


def in_parts(record_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ids in their order, as many at a time as one query is to name."""
    for start in range(0, len(record_ids), AT_ONCE):
        yield record_ids[start : start + AT_ONCE]


def each(session: Session, record_ids: Sequence[int]) -> Iterator[Record]:
    """Yield these records in their order with all their parts, loaded a hundred at a time."""
    for ids in in_parts(record_ids):
        whole = several(session, ids)
        yield from (whole[record_id] for record_id in ids)


def titles(session: Session, record_ids: Collection[int], *, shown: bool = False) -> dict[int, str]:
    """Return the titles of these records, or as readers see them; one that is gone has none."""
    title = Record.shown_title if shown else Record.title
    rows = session.execute(select(Record.id, title).where(Record.id.in_(record_ids)))
    return {id_: text for id_, text in rows}  # noqa: C416  rows are no pairs


def rows(session: Session, record_ids: Collection[int]) -> dict[int, Record]:
    """Return the rows of these records, without their parts; one that is gone has none."""
    found = session.scalars(select(Record).where(Record.id.in_(record_ids)))
    return {row.id: row for row in found}


def create(
    session: Session,
    new: content.Record,
    *,
    by: str,
    note: str = "",
    original: str | None = None,
    status: Status = Status.DRAFT,
    library: str = "",
) -> Record:
    """Add `new` and return its row; `original` is the sha256 of the file it was made from.

    `library` is the name of its home, where that is another library.

    Raises:
        InvalidError: a tag or change idea names a concept that the taxonomy does not have.
        NotFoundError: `original` is not among the source files.
    """
    record = Record(status=status, library=library)
    as_rows.carry(session, new, record)
    session.add(record)
    if original is not None:
        attach(session, record, original, original=True)
    session.flush()
    gate.look(session, record, new)
    history.keep(session, record, new, by=by, verb="created", note=note)
    return record


def edit(
    session: Session,
    record_id: int,
    new: content.Record,
    *,
    version: int,
    by: str,
    note: str = "",
    why: str = "",
) -> Record:
    """Make the record say `new`; the old version stays in the history, `why` beside it.

    `version` is the one the editor began with. A published record that now names somebody is
    saved, but shown to nobody until its findings are decided and it is published again.

    Raises:
        OvertakenError: somebody else has saved another version since; it carries both.
        InvalidError: a published record would lack what a reader needs.
    """
    record = get(session, record_id)
    if record.version != version:
        raise OvertakenError(record, new, began=version)
    before = read(record)
    as_rows.carry(session, new, record)
    if record.status is Status.PUBLISHED:
        _refuse_unready(record)
    _hold(session, record, gate.look_again(session, record, before, new), by=by)
    record.updated = utcnow()
    _flush(session, record)
    history.keep(session, record, new, by=by, verb="edited", note=note, why=why)
    return record


def refuse_older(record: Record, version: int) -> None:
    """Refuse what somebody began with another version than the newest.

    Raises:
        ConflictError: that is so.
    """
    if record.version != version:
        raise ConflictError(
            marked(
                "“%(title)s” was changed by somebody else: you began with version %(began)s, "
                "it is now version %(now)s.",
                title=record.title,
                began=version,
                now=record.version,
            ),
            hint=marked("Look at both versions, then save yours on top of the newest."),
        )


def attach(session: Session, record: Record, sha256: str, *, original: bool = False) -> None:
    """Hang the source file on the record."""
    if session.get(SourceFile, sha256) is None:
        raise NotFoundError(
            marked("There is no source file %(file)s.", file=f"{sha256[:12]}…"),
            hint=marked("Ingest it first."),
        )
    record.attachments.append(
        Attachment(sha256=sha256, original=original, caption="", alt_text="", clean_note="")
    )


def read(record: Record) -> content.Record:
    """Return what the record says, as one value."""
    return content.Record(
        **{name: getattr(record, name) for name in as_rows.COLUMNS},
        aim=content.Aim(**record.aim) if record.aim else None,
        baseline=content.Baseline(**record.baseline) if record.baseline else None,
        cost=content.Cost(**record.cost) if record.cost else None,
        evidence=tuple(content.Evidence(**said) for said in record.evidence),
        sections=tuple(read_part(content.Section, row) for row in record.sections),
        change_ideas=tuple(read_idea(row) for row in record.change_ideas),
        measures=tuple(read_measure(row) for row in record.measures),
        support_activities=tuple(
            read_part(content.SupportActivity, row) for row in record.support_activities
        ),
        support_received=tuple(
            read_part(content.SupportReceived, row) for row in record.support_received
        ),
        support_requests=tuple(
            read_part(content.SupportRequest, row) for row in record.support_requests
        ),
        places=tuple(read_part(content.Place, row) for row in record.places),
        facets=tuple(read_part(content.Facet, row) for row in record.facets),
        tags=tuple(
            read_part(content.Tag, row, notation=row.concept.notation) for row in record.tags
        ),
    )


def read_part(kind: type[V], row: object, **given: Any) -> V:
    """Return a part of a record as a value; `given` are the fields that are no columns."""
    fields = {name: getattr(row, name) for name in kind.model_fields if name not in given}
    return kind(**fields, **given)


def read_idea(row: ChangeIdea) -> content.ChangeIdea:
    """Return one change idea as a value."""
    notations = tuple(link.concept.notation for link in row.interventions)
    return read_part(content.ChangeIdea, row, interventions=notations)


def read_measure(row: Measure) -> content.Measure:
    """Return one measure with its points as a value."""
    points = tuple(read_part(content.Point, point) for point in row.points)
    return read_part(content.Measure, row, points=points)


def publish(
    session: Session, record_id: int, *, by: str, ground: Ground | None = None, note: str = ""
) -> Record:
    """Show the record to every reader.

    `ground` says why it may be shown where its team was not asked here, `note` where that is
    written down; both become its consent.

    Raises:
        NotFoundError: no such record.
        ConflictError: it was withdrawn, its team did not agree to it, or it may name people.
        InvalidError: it lacks what a reader needs; the hint lists all of it.
    """
    record = get(session, record_id)
    refuse_unpublishable(session, record, by=by, ground=ground, note=note)
    record.status = Status.PUBLISHED
    record.visibility = Visibility.PUBLIC
    record.published = record.published or utcnow()
    record.review_due = record.review_due or _review_due(record.published.date())
    _enact(session, record, "published", by=by)
    return record


def refuse_unpublishable(
    session: Session, record: Record, *, by: str, ground: Ground | None = None, note: str = ""
) -> None:
    """Refuse a record that readers may not see as it stands; a ground that is given is recorded.

    Raises:
        ConflictError: it was withdrawn, its team did not agree to it, or it may name people.
        InvalidError: it lacks what a reader needs; the hint lists all of it.
    """
    if record.status is Status.WITHDRAWN:
        raise ConflictError(
            marked("“%(title)s” was withdrawn.", title=record.title),
            hint=marked("Ask its team for consent, then reopen it."),
        )
    if record.status is Status.RETIRED:
        raise ConflictError(
            marked(
                "“%(title)s” was retired: another record says what it says.", title=record.title
            ),
            hint=marked("Reopen it first, if that is not so."),
        )
    _refuse_unready(record)
    consent.refuse_without(session, record, ground, by=by, note=note)
    _refuse_undecided(record, gate.look(session, record, read(record)))
    _refuse_alone(session, record, by=by)


def move(
    session: Session, record: Record, status: Status, verb: str, *, by: str, **detail: str
) -> None:
    """Let the record stand at `status`, and write down that `by` did `verb`."""
    record.status = status
    _enact(session, record, verb, by=by, **detail)


def hold_where_open(session: Session, record: Record, *, by: str) -> None:
    """Take a published record from its readers while something in it may name people."""
    with session.no_autoflush:
        _hold(session, record, gate.of(session, record.id), by=by)


def missing_to_publish(record: Record) -> list[str]:
    """Return, in plain words, what a reader would miss; empty when nothing is."""
    return lacking(read(record), {tag.concept.notation: tag.concept.scheme for tag in record.tags})


def lacking(said: content.Record, schemes: Mapping[str, Scheme]) -> list[str]:
    """Return what a reader would miss in a record that says this; `schemes` is by notation."""
    confirmed = [
        schemes.get(tag.notation) for tag in said.tags if tag.status is TagStatus.CONFIRMED
    ]
    topics, interventions = (confirmed.count(one) for one in (Scheme.TOPICS, Scheme.INTERVENTIONS))
    checks = (
        (not said.summary.strip(), marked("a summary")),
        (not topics, marked("a confirmed topic, so that it can be found by browsing")),
        (
            topics > MAX_TOPICS,
            marked(
                "a choice among its %(number)s topics (%(most)s at most)",
                number=topics,
                most=MAX_TOPICS,
            ),
        ),
        (
            interventions > MAX_INTERVENTIONS,
            marked(
                "a choice among its %(number)s interventions (%(most)s at most)",
                number=interventions,
                most=MAX_INTERVENTIONS,
            ),
        ),
        (not any(section.body.strip() for section in said.sections), marked("a text")),
    )
    return [*(words for wanting, words in checks if wanting), *death_reviews.refused(said)]


def withdraw(session: Session, record_id: int, *, by: str, reason: str) -> Record:
    """Take the record away from readers; its history stays."""
    record = get(session, record_id)
    record.status = Status.WITHDRAWN
    _enact(session, record, "withdrawn", by=by, reason=reason)
    return record


def retire(session: Session, record_id: int, *, by: str, reason: str) -> Record:
    """Take the record out of the queue, because another one says what it says.

    Raises:
        ConflictError: readers see it; that they lose it is a decision of its own.
    """
    record = get(session, record_id)
    if record.status is Status.PUBLISHED:
        raise ConflictError(
            marked("“%(title)s” is published.", title=record.title),
            hint=marked("Withdraw it first if readers are to find the other one only."),
        )
    record.status = Status.RETIRED
    _enact(session, record, "retired", by=by, reason=reason)
    return record


def reopen(session: Session, record_id: int, *, by: str, reason: str) -> Record:
    """Make a withdrawn or retired record a draft again."""
    record = get(session, record_id)
    if record.status not in {Status.WITHDRAWN, Status.RETIRED}:
        raise ConflictError(marked("“%(title)s” is open already.", title=record.title))
    record.status = Status.DRAFT
    _enact(session, record, "reopened", by=by, reason=reason)
    return record


def restore(session: Session, record_id: int, version: int, *, by: str, why: str = "") -> Record:
    """Make the record say again what it said at `version`, as a new version.

    What its team decided about naming, visibility and contact stays as it is now.

    Raises:
        NotFoundError: it never had that version, or what it said was purged.
        InvalidError: the taxonomy no longer has a concept of that version.
    """
    record = get(session, record_id)
    return edit(
        session,
        record_id,
        restorable(session, record, version),
        version=record.version,
        by=by,
        note=f"restored from version {version}",
        why=why,
    )


def restorable(session: Session, record: Record, version: int) -> content.Record:
    """Return what restoring `version` would make the record say.

    Raises:
        NotFoundError: it never had that version, or what it said was purged.
    """
    old = history.version(session, record.id, version)
    return old.model_copy(update={name: getattr(record, name) for name in DECIDED})


def put_back(session: Session, record_id: int, version: int, *, by: str, note: str) -> Record:
    """Make the record all that it was at `version`, as a new version: for taking a batch back.

    Nothing a person decided is lost, as long as the batch was the last that touched it.

    Raises:
        NotFoundError: it never had that version, or what it said was purged.
        InvalidError: the taxonomy no longer has a concept of that version.
    """
    record = get(session, record_id)
    old = history.version(session, record_id, version)
    standing = history.standing(session, record_id, version)
    with session.no_autoflush:  # one new version, not one for each part of it
        for name, value in standing.items():
            setattr(record, name, value)
        return edit(session, record_id, old, version=record.version, by=by, note=note)


def changed_now(session: Session, record_ids: Sequence[int]) -> None:
    """Let these records have changed at this moment: the last act of a change of many.

    Nobody sees a change before it is committed. Who has asked meanwhile, and asks next for what
    changed since then, has to find the first of many records as well as the last.
    """
    session.flush()
    now = utcnow()
    for ids in in_parts(record_ids):
        session.execute(update(Record).where(Record.id.in_(ids)).values(updated=now))


def unknown_concepts(session: Session, said: content.Record) -> list[str]:
    """Return the notations in it that the taxonomy no longer has."""
    wanted = set(as_rows.notations(said))
    known = session.scalars(select(Concept.notation).where(Concept.notation.in_(wanted)))
    return sorted(wanted.difference(known))


def remove(session: Session, record_id: int, *, by: str, why: str) -> None:
    """Take a record out with its versions; that it was there, and who took it out, stays.

    Raises:
        ConflictError: readers have seen it; such a record is withdrawn.
    """
    record = get(session, record_id)
    if record.published is not None or record.public_since is not None:
        raise ConflictError(
            marked("“%(title)s” was published.", title=record.title),
            hint=marked("Withdraw it: its address says so then."),
        )
    history.happened(session, "removed", by=by, record=record, why=why)
    session.delete(record)
    session.flush()


def count(session: Session, *, status: Status | None = None) -> int:
    """Return how many records there are, of one status or of all."""
    query = select(func.count()).select_from(Record)
    return session.scalar(query.where(Record.status == status) if status else query) or 0


def _refuse_unready(record: Record) -> None:
    missing = missing_to_publish(record)
    if missing:
        raise InvalidError(
            marked("“%(title)s” is not ready for readers.", title=record.title),
            hint=marked("Still missing: %(what)s.", what=tuple(missing)),
        )


def _refuse_alone(session: Session, record: Record, *, by: str) -> None:
    writers = {version.by for version in history.versions(session, record.id)}
    if record.record_type is RecordType.REVIEW_FINDING and writers <= {by}:
        raise ConflictError(
            marked(
                "“%(title)s” comes from a death review, and only you have seen it.",
                title=record.title,
            ),
            hint=marked("A second person has to read it and publish it."),
        )


def _refuse_undecided(record: Record, findings: Iterable[Finding]) -> None:
    waiting = gate.open_kinds(findings)
    if waiting:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(waiting.items()))
        raise ConflictError(
            marked(
                "“%(title)s” may name people: findings are open (%(kinds)s).",
                title=record.title,
                kinds=kinds,
            ),
            hint=marked("Decide them first: kb privacy %(number)s", number=str(record.id)),
        )


def _hold(session: Session, record: Record, findings: Iterable[Finding], *, by: str) -> None:
    waiting = gate.open_kinds(findings)
    if waiting and record.status is Status.PUBLISHED:
        record.status = Status.PRIVACY_CHECK
        history.happened(session, "held", by=by, record=record, findings=str(waiting.total()))


def _flush(session: Session, record: Record) -> None:
    title = record.title
    if (record.status, record.visibility) == (Status.PUBLISHED, Visibility.PUBLIC):
        record.public_since = record.public_since or utcnow()
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(
            marked("“%(title)s” was changed by somebody else at the same moment.", title=title),
            hint=marked("Open it again and make your change on the newest version."),
        ) from error


def _enact(session: Session, record: Record, verb: str, *, by: str, **detail: str) -> None:
    record.updated = utcnow()
    _flush(session, record)
    history.keep(session, record, read(record), by=by, verb=verb, **detail)


def _review_due(published: date) -> date:
    # 29 February has no anniversary in most years; the first of the month always has.
    return published.replace(year=published.year + REVIEW_AFTER_YEARS, day=1)
