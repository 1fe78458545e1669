"""The same change to many records: chosen, looked at beforehand, done as one batch, undone as one.

`plan` says which records would change and how, and which cannot and why; `carry_out` does it to
those that nobody changed in between. `kb.batches.undo` takes it back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy import Row, select
from sqlalchemy.orm import Session, selectinload

from kb import (
    batches,
    consent,
    content,
    countries,
    curating,
    findings,
    locks,
    records,
    reviewing,
    tagging,
    threads,
)
from kb.diff import Difference, diff
from kb.errors import ConflictError, InvalidError, KBError
from kb.folding import fold
from kb.models import Batch, BatchItem, Concept, Place, Record, Tag
from kb.people import Person
from kb.permissions import IN_WORK, Act, allowed, require
from kb.vocabulary import (
    BatchKind,
    Became,
    Level,
    RecordType,
    Scheme,
    Status,
    TagSource,
    TagStatus,
    Visibility,
)
from kb.wording import marked

MOST = 100  # records on one page: as many as a person looks through


class Do(StrEnum):
    """What can be done to many records at once."""

    ADD_TAG = "add-tag"  # a notation, confirmed
    CONFIRM_TAG = "confirm-tag"
    REMOVE_TAG = "remove-tag"  # as rejected, so that nothing suggests it again
    LEVEL = "level"
    RECORD_TYPE = "record-type"
    LANGUAGE = "language"  # BCP 47
    COUNTRY = "country"  # ISO 3166-1 alpha-3
    ADMIN1 = "admin1"
    ADMIN2 = "admin2"
    LICENCE = "licence"  # SPDX identifier
    ADD_KEYWORD = "add-keyword"
    REMOVE_KEYWORD = "remove-keyword"
    REVIEW_DUE = "review-due"  # an ISO date
    VISIBILITY = "visibility"  # narrower only
    RETURN = "return"  # to its author; the reason is the question
    RETIRE = "retire"
    PUBLISH = "publish"


ACTS = (Do.RETURN, Do.RETIRE, Do.PUBLISH)  # these change where a record stands, not what it says
NEED_A_REASON = (Do.RETURN, Do.RETIRE)


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and to what."""

    do: Do
    value: str = ""

    def __str__(self) -> str:
        """Return it as the command line has it."""
        return f"{self.do}={self.value}" if self.value else str(self.do)


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
    words: str = ""  # in the title
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


def step(text: str) -> Step:
    """Return the change that “what=value” names.

    Raises:
        InvalidError: there is no such change, or its value cannot be.
    """
    name, _, value = text.partition("=")
    try:
        made = Step(Do(name.strip()), value.strip())
    except ValueError as error:
        raise InvalidError(
            marked("“%(change)s” is no change that can be made to many records.", change=name),
            hint=marked("Name one of: %(changes)s.", changes=", ".join(Do)),
        ) from error
    return made


def chosen(
    session: Session, where: Where, person: Person, *, limit: int | None = None
) -> list[int]:
    """Return the records that match and that `person` may change, by their number."""
    query = select(Record.id).where(allowed(person, Act.CURATE)).order_by(Record.id).limit(limit)
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
    if where.words:
        query = query.where(Record.title.icontains(where.words, autoescape=True))
    if where.country:
        there = select(Place.record_id).where(Place.country == where.country)
        query = query.where(Record.id.in_(there))
    if where.concept:
        tagged = select(Tag.record_id).join(Concept).where(Concept.notation == where.concept)
        query = query.where(Record.id.in_(tagged.where(Tag.status != TagStatus.REJECTED)))
    if where.batch is not None:
        did = select(BatchItem.record_id).where(BatchItem.batch_id == where.batch)
        query = query.where(Record.id.in_(did.where(BatchItem.after.is_not(None))))
    return list(session.scalars(query))


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
    """Return what the change would do, without doing it; a handful of queries for any number.

    Records that `person` may not curate are left out, as if they were not there. `two_people`
    says that the library asks for a second one before a record is published.

    Raises:
        InvalidError: the change itself cannot be: no such concept, level, language …
    """
    _check(session, steps)
    ids = sorted(set(record_ids))
    whole = (*records.WITH_PARTS, selectinload(Record.consent))
    rows = session.scalars(
        select(Record)
        .where(Record.id.in_(ids), allowed(person, Act.CURATE))
        .order_by(Record.id)
        .options(*whole)
    ).all()
    busy = locks.of_others(session, by=person.by)
    schemes, waiting = _schemes(session), findings.open_counts(session, ids)
    change, same, cannot = [], [], []
    for row in rows:
        said = records.read(row)
        try:
            if row.id in busy:
                raise ConflictError(LOCKED)
            new = _changed(said, steps, by=person.by)
            after = _stands(row, steps)
            _refuse(new, after, schemes)
            if after is Status.PUBLISHED is not row.status:
                _refuse_unasked(row, waiting[row.id])
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
    _check(session, steps)
    if not why and any(one.do in NEED_A_REASON for one in steps):
        raise InvalidError(
            marked("This change needs a reason."), hint=marked("Say why in a sentence.")
        )
    batch = batches.begin(
        session, BatchKind.EDIT, [str(one) for one in steps], by=person.by, why=why
    )
    doing = _Doing(person, steps, why, two_people=two_people)
    theirs = records.several(session, chosen(session, Where(ids=tuple(versions)), person))
    changed = []
    for position, (record_id, version) in enumerate(sorted(versions.items())):
        became, reason = _tried(session, record_id, version, doing)
        changed += [record_id] if became is Became.CHANGED else []
        batches.note(
            session,
            batch.id,
            name=f"record {record_id}",
            position=position,
            became=became,
            record=theirs.get(record_id),
            before=version if became is Became.CHANGED else None,
            reason=reason,
        )
    session.flush()
    session.refresh(batch)
    records.changed_now(session, changed)
    return batches.finish(session, batch.id)


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
    new = _changed(said, steps, by=person.by)
    after = _stands(record, steps)
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


LOCKED = marked("Somebody works on it at this moment.")
SAID_AS = marked(
    "A tag by its notation, a country by three letters (TZA), a language as in “sw”, a licence as "
    "in CC-BY-4.0, a day as in 2027-03-01. Sending back, retiring and publishing need nothing here."
)


def _check(session: Session, steps: Sequence[Step]) -> None:
    """Refuse a change that no record could take."""
    if not steps:
        raise InvalidError(
            marked("No change is named."),
            hint=marked("Name one of: %(changes)s.", changes=", ".join(Do)),
        )
    for one in steps:
        if one.do in _TAGS:
            known = session.scalar(select(Concept.id).where(Concept.notation == one.value))
            if known is None:
                raise InvalidError(
                    marked("The taxonomy has no concept “%(concept)s”.", concept=one.value),
                    hint=marked("Choose one from the list, by its label or its notation."),
                )
        elif one.do not in ACTS:
            _changed(_ANY, [one], by="")


def _changed(said: content.Record, steps: Sequence[Step], *, by: str) -> content.Record:
    """Return what the record says after the change.

    Raises:
        InvalidError: the value cannot be.
        ConflictError: this record cannot take it.
    """
    for one in steps:
        if one.do not in ACTS:
            update = _HOW[one.do](said, one, by)
            try:
                said = content.Record.model_validate(said.model_dump() | update)
            except ValidationError as error:
                raise InvalidError(
                    marked(
                        "“%(value)s” cannot be the %(field)s.", value=one.value, field=str(one.do)
                    ),
                    hint=SAID_AS,
                ) from error
    return said


def _tagged(said: content.Record, one: Step, by: str) -> dict[str, object]:
    tags = {tag.notation: tag for tag in said.tags}
    if one.do is Do.ADD_TAG and one.value not in tags:
        tags[one.value] = content.Tag(notation=one.value, source=TagSource.CURATOR)
    if one.value in tags:
        status = TagStatus.REJECTED if one.do is Do.REMOVE_TAG else TagStatus.CONFIRMED
        tags[one.value] = tagging.decided(tags[one.value], status, by=by)
    return {"tags": tuple(tags.values())}


def _keyworded(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    if not one.value:
        raise InvalidError(marked("No keyword is named."), hint=marked("Write it behind the “=”."))
    kept = [word for word in said.keywords if word != one.value]
    if one.do is Do.REMOVE_KEYWORD:
        return {"keywords": tuple(kept)}
    there = one.value in said.keywords
    return {"keywords": said.keywords if there else (*kept, one.value)}


def _placed(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    """Return the place with this part; a country by its three letters, or by a name that it has."""
    if len(said.places) > 1:
        raise ConflictError(
            marked("It names several places."), hint=marked("Change them in the record itself.")
        )
    place = said.places[0] if said.places else content.Place()
    return {"places": (place.model_dump() | {str(one.do): _known(one)},)}


def _known(one: Step) -> str:
    if one.do is not Do.COUNTRY:
        return one.value
    by_name = {fold(name): code for name, code in countries.names().items()}
    return by_name.get(fold(one.value), one.value)


def _narrowed(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    order = list(Visibility)
    if one.value not in order:
        raise InvalidError(
            marked("“%(value)s” is no visibility.", value=one.value),
            hint=marked("It may be: %(known)s.", known=", ".join(order)),
        )
    if order.index(Visibility(one.value)) > order.index(said.visibility):
        raise ConflictError(
            marked("It would be shown to more people."),
            hint=marked("Its team decides that: ask them."),
        )
    return {"visibility": one.value}


def _dated(_said: content.Record, one: Step, _by: str) -> dict[str, object]:
    try:
        return {"review_due": date.fromisoformat(one.value) if one.value else None}
    except ValueError as error:
        raise InvalidError(
            marked("“%(value)s” is no date.", value=one.value),
            hint=marked("Write it as 2027-03-01."),
        ) from error


def _set(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    del said
    return {one.do.replace("-", "_"): one.value}


_TAGS = (Do.ADD_TAG, Do.CONFIRM_TAG, Do.REMOVE_TAG)
_HOW: Mapping[Do, Callable[[content.Record, Step, str], dict[str, object]]] = {
    **dict.fromkeys(_TAGS, _tagged),
    **dict.fromkeys((Do.LEVEL, Do.RECORD_TYPE, Do.LANGUAGE, Do.LICENCE), _set),
    **dict.fromkeys((Do.COUNTRY, Do.ADMIN1, Do.ADMIN2), _placed),
    **dict.fromkeys((Do.ADD_KEYWORD, Do.REMOVE_KEYWORD), _keyworded),
    Do.REVIEW_DUE: _dated,
    Do.VISIBILITY: _narrowed,
}
_ANY = content.Record(title="any", visibility=Visibility.PUBLIC)


def _stands(record: Record, steps: Sequence[Step]) -> Status:
    """Return where the record would stand.

    Raises:
        ConflictError: it cannot go there from where it stands.
    """
    status = record.status
    for one in steps:
        if one.do is Do.RETIRE:
            if status in {Status.PUBLISHED, Status.WITHDRAWN}:
                raise ConflictError(
                    marked("Readers know it: it is or was published."),
                    hint=marked("Only what waits can be retired."),
                )
            status = Status.RETIRED
        if one.do is Do.RETURN:
            if status not in IN_WORK:
                raise ConflictError(
                    marked("It does not wait for the desk."),
                    hint=marked("Only what waits can be sent back."),
                )
            status = Status.RETURNED
        if one.do is Do.PUBLISH:
            if status in {Status.WITHDRAWN, Status.RETIRED}:
                raise ConflictError(
                    marked("It was withdrawn or retired."), hint=marked("Reopen it first.")
                )
            status = Status.PUBLISHED
    return status


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
