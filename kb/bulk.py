"""The same change to many records: chosen, looked at beforehand, done as one batch, undone as one.

`plan` says which records would change and how, and which cannot and why; `carry_out` does it to
those that nobody changed in between. `kb.batches.undo` takes it back. What can be done to them
stands in `kb.bulk_steps`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, selectinload

from kb import batches, consent, content, curating, findings, locks, records, reviewing, threads
from kb.bulk_steps import ACTS, NEED_A_REASON, Step, check, said_after, status_after
from kb.diff import Difference, diff
from kb.errors import ConflictError, InvalidError, KBError
from kb.folding import plain
from kb.models import Batch, BatchItem, Concept, Place, Record, Tag
from kb.people import Person
from kb.permissions import Act, allowed, require
from kb.vocabulary import BatchKind, Became, Level, RecordType, Scheme, Status, TagStatus
from kb.wording import marked

MOST = 100  # records on one page: as many as a person looks through
LOCKED = marked("Somebody works on it at this moment.")


@dataclass(frozen=True, slots=True)
class Where:
    """Which records: all conditions that are given hold."""

    ids: tuple[int, ...] = ()
    status: Status | None = None
    concept: str = ""  # confirmed or suggested
    country: str = ""
    language: str = ""
    record_type: RecordType | None = None
    level: Level | None = None
    words: str = ""  # in the title, in any case and without accents
    batch: int | None = None  # what this batch added or changed


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that would change, and how."""

    record_id: int
    title: str
    version: int
    differences: tuple[Difference, ...] = ()
    before: Status | None = None  # where it stands, if that would change
    after: Status | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do to the records that were chosen."""

    change: tuple[Planned, ...]
    same: tuple[batches.Left, ...]  # they are so already
    cannot: tuple[batches.Left, ...]

    @property
    def versions(self) -> dict[int, int]:
        """The records that would change, and the version that was looked at."""
        return {one.record_id: one.version for one in self.change}


def chosen(
    session: Session, where: Where, person: Person, *, limit: int | None = None
) -> list[int]:
    """Return the records that match and that `person` may change, by their number."""
    query = select(Record.id).where(allowed(person, Act.CURATE)).order_by(Record.id)
    conditions = {
        Record.status: where.status,
        Record.language: where.language,
        Record.record_type: where.record_type,
        Record.level: where.level,
    }
    for column, value in conditions.items():
        if value:
            query = query.where(column == value)
    if where.ids:
        query = query.where(Record.id.in_(where.ids))
    if where.country:
        there = select(Place.record_id).where(Place.country == where.country)
        query = query.where(Record.id.in_(there))
    if where.concept:
        tagged = select(Tag.record_id).join(Concept).where(Concept.notation == where.concept)
        query = query.where(Record.id.in_(tagged.where(Tag.status != TagStatus.REJECTED)))
    if where.batch is not None:
        did = select(BatchItem.record_id).where(BatchItem.batch_id == where.batch)
        query = query.where(Record.id.in_(did.where(BatchItem.after.is_not(None))))
    if not where.words:
        return list(session.scalars(query.limit(limit)))
    # Not by the database: SQLite knows É for no capital of é, and PostgreSQL as its locale says.
    wanted = plain(where.words)
    rows = session.execute(query.add_columns(Record.title))
    return list(islice((row.id for row in rows if wanted in plain(row.title)), limit))


def listed(session: Session, record_ids: Sequence[int]) -> Sequence[Row[int, str, str, Status]]:
    """Return number, title, language and status of these records, by their number."""
    columns = Record.id, Record.title, Record.language, Record.status
    return session.execute(
        select(*columns).where(Record.id.in_(record_ids)).order_by(Record.id)
    ).all()


def countries_and_languages(session: Session, person: Person) -> tuple[list[str], list[str]]:
    """Return the countries and languages that records have which `person` may change."""
    mine = allowed(person, Act.CURATE)
    there = select(Place.country).join(Record, Record.id == Place.record_id)
    countries = session.scalars(there.where(mine, Place.country != "").distinct())
    languages = session.scalars(select(Record.language).where(mine).distinct())
    return list(countries), list(languages)


def plan(
    session: Session,
    record_ids: Iterable[int],
    steps: Sequence[Step],
    person: Person,
    *,
    two_people: bool = False,
) -> Plan:
    """Return what the change would do, without doing it; a handful of queries for a hundred.

    Records that `person` may not curate are left out, as if they were not there. `two_people`
    says that the library asks for a second one before a record is published.

    Raises:
        InvalidError: the change itself cannot be: no such concept, level, language …
    """
    check(session, steps)
    busy, schemes = locks.of_others(session, by=person.by), _schemes(session)
    change, same, cannot = [], [], []
    for row, waiting in _whole(session, sorted(set(record_ids)), person):
        said = records.read(row)
        try:
            if row.id in busy:
                raise ConflictError(LOCKED)
            new = said_after(said, steps, by=person.by)
            after = status_after(row, steps)
            _refuse(new, after, schemes)
            if after is Status.PUBLISHED is not row.status:
                _refuse_unasked(row, waiting)
                _refuse_unseen(session, row, said, person, two_people=two_people)
        except KBError as error:
            cannot.append(batches.Left(row.id, row.title, error.args[0], error.hint))
            continue
        if new == said and after is row.status:
            same.append(batches.Left(row.id, row.title, ""))
            continue
        moved = (row.status, after) if after is not row.status else (None, None)
        change.append(Planned(row.id, row.title, row.version, tuple(diff(said, new)), *moved))
    return Plan(tuple(change), tuple(same), tuple(cannot))


def carry_out(
    session: Session,
    versions: Mapping[int, int],
    steps: Sequence[Step],
    person: Person,
    *,
    why: str = "",
    two_people: bool = False,
) -> Batch | None:
    """Make the change to these records, as one batch; None where none of them changed.

    `versions` is what was looked at: a record that somebody changed since is left as it is, and
    the batch says so, as it does of every record that turns out not to be changeable.

    Raises:
        InvalidError: the change itself cannot be, or it needs a reason.
    """
    check(session, steps)
    if not why and any(one.do in NEED_A_REASON for one in steps):
        raise InvalidError(
            marked("This change needs a reason."), hint=marked("Say why in a sentence.")
        )
    batch = batches.begin(
        session, BatchKind.EDIT, [str(one) for one in steps], by=person.by, why=why
    )
    doing = _Doing(person, steps, why, two_people=two_people)
    changed = []
    positions = count()
    for ids in records.in_parts(sorted(versions)):
        theirs = records.several(session, chosen(session, Where(ids=tuple(ids)), person))
        for record_id in ids:
            version = versions[record_id]
            became, reason = _tried(session, record_id, version, doing)
            changed += [record_id] if became is Became.CHANGED else []
            batches.note(
                session,
                batch.id,
                name=f"record {record_id}",
                position=next(positions),
                became=became,
                record=theirs.get(record_id),
                before=version if became is Became.CHANGED else None,
                reason=reason,
            )
    session.flush()
    session.refresh(batch)
    records.changed_now(session, changed)
    return batches.finish(session, batch.id)


def _whole(session: Session, ids: Sequence[int], person: Person) -> Iterator[tuple[Record, int]]:
    """Yield those of the records that `person` may curate, and how many findings wait in each."""
    whole = (*records.WITH_PARTS, selectinload(Record.consent))
    query = select(Record).where(allowed(person, Act.CURATE)).order_by(Record.id).options(*whole)
    for some in records.in_parts(ids):
        waiting = findings.open_counts(session, some)
        for row in session.scalars(query.where(Record.id.in_(some))).all():
            yield row, waiting[row.id]


@dataclass(frozen=True, slots=True)
class _Doing:
    """What is done to each record of a batch, by whom and why."""

    person: Person
    steps: Sequence[Step]
    why: str
    two_people: bool


def _tried(session: Session, record_id: int, version: int, doing: _Doing) -> tuple[Became, str]:
    """Make the change to one record, all of it or nothing; return what became of it, and why."""
    try:
        with session.begin_nested():
            changed = _make(session, record_id, version, doing)
    except KBError as error:
        return Became.FAILED, f"{error} {error.hint}".strip()
    return (Became.CHANGED if changed else Became.KNOWN), ""


def _make(session: Session, record_id: int, version: int, doing: _Doing) -> bool:
    """Make the change to one record, and tell whether that changed it."""
    person, steps, why = doing.person, doing.steps, doing.why
    require(session, person, Act.CURATE, record_id)
    record = records.get(session, record_id)
    if record.version != version:
        raise ConflictError(marked("It was changed by somebody else since you looked."))
    if record_id in locks.of_others(session, by=person.by):
        raise ConflictError(LOCKED)
    said = records.read(record)
    new = said_after(said, steps, by=person.by)
    after = status_after(record, steps)
    if new != said:
        note = "; ".join(str(one) for one in steps if one.do not in ACTS)
        records.edit(session, record_id, new, version=version, by=person.by, note=note, why=why)
    if after is record.status:
        return new != said
    if after is Status.RETIRED:
        records.retire(session, record_id, by=person.by, reason=why)
    elif after is Status.RETURNED:
        threads.send_back(session, record_id, [why], by=person.by)
    else:
        reviewing.publish(
            session,
            record_id,
            person,
            two_people=doing.two_people,
            unseen=person.at_this_computer,
        )
    return True


def _refuse(new: content.Record, after: Status, schemes: Mapping[str, Scheme]) -> None:
    """Refuse what readers would miss something in, as saving it would."""
    if after is not Status.PUBLISHED:
        return
    missing = records.lacking(new, schemes)
    if missing:
        raise InvalidError(
            marked("It would not be ready for readers."),
            hint=marked("Still missing: %(what)s.", what=tuple(missing)),
        )


def _refuse_unasked(record: Record, waiting: int) -> None:
    """Refuse to publish what may name somebody, or what nobody agreed to show."""
    if waiting:
        raise ConflictError(
            marked("It may name people."),
            hint=marked("Findings that are open: %(number)s.", number=waiting),
        )
    missing = consent.lacking(record)
    if missing:
        raise ConflictError(
            marked("Nobody has agreed yet to show it."),
            hint=marked("Still to be asked: %(who)s.", who=tuple(missing)),
        )


def _refuse_unseen(
    session: Session, record: Record, said: content.Record, person: Person, *, two_people: bool
) -> None:
    """Refuse to publish what nobody looked at, or what a second person has to publish."""
    step = reviewing.next_step(session, record, person, two_people=two_people)
    if step is not reviewing.Step.PUBLISH:
        raise ConflictError(marked("It needs two people before readers see it."))
    if person.at_this_computer:  # as `kb publish` does
        return
    unseen = curating.unseen(curating.fields(session, record, said))
    if unseen:
        raise InvalidError(
            marked("Nobody has looked at all of it yet."),
            hint=marked("Accept or change: %(fields)s.", fields=curating.called(unseen)),
        )


def _schemes(session: Session) -> dict[str, Scheme]:
    rows = session.execute(select(Concept.notation, Concept.scheme))
    return {row.notation: row.scheme for row in rows}
