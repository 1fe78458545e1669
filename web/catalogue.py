"""What a reader may see of records: a whole one, or its card in a list."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import Session

from kb import content, likenesses, permissions, records, scores, told
from kb.before_after import BeforeAfter, before_after, first_change, main_measure
from kb.errors import NotFoundError
from kb.models import Attachment, Record, SourceFile
from kb.people import Person
from kb.permissions import Act
from kb.privacy import public
from kb.remembered import Remembered
from kb.vocabulary import LikenessState, Naming, Status, StrengthBand, Visibility
from kb.wording import marked
from search.filters import Scope, in_scope

IDEAS_ON_A_CARD = 2
MOST_REMEMBERED = 1000  # records as their readers see them, about 75 kB each
_REMEMBERED = Remembered["PublicRecord"](MOST_REMEMBERED)
_PUBLIC = (Status.PUBLISHED, Visibility.PUBLIC)
GONE = frozenset({Status.WITHDRAWN, Status.RETIRED})
# A version grows with every change of a record and its parts; the copy for readers comes later.
# How much is shown is compared itself, so that no other program can change that unnoticed.
_STAMPS = (
    select(Record.id, Record.version, Record.updated, Record.naming, Record.strength)
    .add_columns(Record.library)
    .add_columns(Attachment.clean, SourceFile.name, SourceFile.size, SourceFile.media_type)
    .outerjoin(Attachment, and_(Attachment.record_id == Record.id, Attachment.original))
    .outerjoin(SourceFile, SourceFile.sha256 == Attachment.sha256)
    .where(Record.id.in_(bindparam("ids", expanding=True)), in_scope(Scope.PUBLIC))
    .order_by(Record.id, Attachment.id.desc())
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What may still be said of a record that was taken back: nothing of what it told."""

    record_id: int
    since: datetime
    replaced: bool  # another record tells what it told; else its team or the library took it back
    stand_in: int | None  # the public record that does, where a curator said so


class WithdrawnError(NotFoundError):
    """The record was once here for whoever asks to read, and is no longer."""

    def __init__(self, tombstone: Tombstone) -> None:
        self.tombstone = tombstone
        super().__init__(
            f"Record {tombstone.record_id} was taken back on {tombstone.since:%Y-%m-%d}.",
            hint="Its team or this library no longer shows it. Search for others like it.",
        )


@dataclass(frozen=True, slots=True)
class Original:
    """The file a record was made from: its kind and size; its name may name people."""

    kind: str  # what the end of its name says, such as DOCX
    size: int  # bytes
    media_type: str
    copy: str | None  # sha256 of the copy for readers, where there is one


@dataclass(frozen=True)
class PublicRecord:
    """A published record as its readers see it."""

    record_id: int
    version: int
    published: datetime
    updated: datetime
    said: content.Record  # masked by `public`
    strength: scores.Strength | None
    band: StrengthBand
    completeness: scores.Completeness
    team_only: bool  # "worked" rests on the team's word
    original: Original | None
    library: str = ""  # the name of its home, where that is another library

    @property
    def home(self) -> str:
        """Its address in the library that it comes from; empty where there is none to follow."""
        told = self.said.origin if self.library else ""
        return told if told.startswith(("https://", "http://")) else ""

    def copy_offered(self, share_originals: bool) -> bool:
        """Tell whether a copy may be taken home: a file names its facility, so that is asked."""
        named = self.said.naming is Naming.NAMED
        return share_originals and named and self.original is not None and bool(self.original.copy)

    @property
    def place(self) -> content.Place:
        """The first place that may be shown, an empty one where none may."""
        return next(iter(self.said.places), content.Place())

    @cached_property
    def measure(self) -> content.Measure | None:
        """The main measure, whose data are the strongest."""
        return main_measure(self.said)

    @cached_property
    def result(self) -> BeforeAfter | None:
        """The main measure in two numbers."""
        return before_after(self.measure, first_change(self.said)) if self.measure else None


def published(session: Session, record_id: int) -> PublicRecord:
    """Return the record as its readers see it.

    Raises:
        WithdrawnError: everybody could read it once, and it was taken back.
        NotFoundError: there is none, or it is not published.
    """
    if found := public_records(session, [record_id]):
        return found[record_id]
    row = session.get(Record, record_id)
    if row is not None and row.status in GONE and row.public_since is not None:
        raise WithdrawnError(_tombstone(session, row))
    # The same words for a draft as for a number never given: nobody else's business.
    raise NotFoundError(
        marked("There is no record %(number)s.", number=str(record_id)),
        hint=marked("Search for it, or browse by topic."),
    )


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom a record that not everybody reads is for, and whether somebody reviewed it."""

    visibility: Visibility
    reviewed: bool


class Early(NamedTuple):
    """A record that not everybody reads, in a list."""

    record: PublicRecord
    circle: Circle
    since: datetime  # sent in, or published within its circle


def shown_to(
    session: Session, person: Person, record_id: int
) -> tuple[PublicRecord, Circle | None]:
    """Return the record as `person` reads it, and the circle it is for; None for everybody.

    Peers see it as every reader would: naming and suppression hold within the circle too.

    Raises:
        WithdrawnError: they could read it once, and it was taken back.
        NotFoundError: there is none, or it is not for them.
    """
    inside = person.known and permissions.may(session, person, Act.READ, record_id)
    row = session.get(Record, record_id, options=records.WITH_PARTS) if inside else None
    public_one = row is None or (row.status, row.visibility) == _PUBLIC
    if row is None or public_one or row.status in GONE:
        _refuse_what_they_had(session, person, record_id)
        return published(session, record_id), None
    reviewed = row.status is Status.PUBLISHED
    return _public_record(row), Circle(row.visibility, reviewed)


def _refuse_what_they_had(session: Session, person: Person, record_id: int) -> None:
    """Refuse what was taken back from the circle that `person` is of, with its tombstone."""
    if person.known:
        theirs = select(Record).where(Record.id == record_id, permissions.had(person))
        if row := session.scalar(theirs):
            raise WithdrawnError(_tombstone(session, row))


def new_among_peers(session: Session, person: Person, *, limit: int) -> list[Early]:
    """Return what others let go as far as `person` and not to everybody, the newest first."""
    public_one = and_(Record.status == Status.PUBLISHED, Record.visibility == Visibility.PUBLIC)
    told = or_(Record.status == Status.PUBLISHED, Record.submitted.is_not(None))
    query = (
        select(Record)
        .where(permissions.readable(person), not_(public_one), told)
        .where(Record.status.not_in(tuple(GONE)))
        .where(or_(Record.author_id.is_(None), Record.author_id != person.user_id))
        .order_by(func.coalesce(Record.submitted, Record.published).desc(), Record.id.desc())
        .limit(limit)
    )
    return [
        Early(
            _public_record(row),
            Circle(row.visibility, row.status is Status.PUBLISHED),
            row.submitted or row.published or row.updated,
        )
        for row in session.scalars(query.options(*records.WITH_PARTS))
    ]


def as_readers_see(row: Record) -> PublicRecord:
    """Return a record as its readers would see it, published or not; who may, the caller asks."""
    return _public_record(row)


def public_records(session: Session, record_ids: Iterable[int]) -> dict[int, PublicRecord]:
    """Return these published records by their ids, in as many queries for ten as for one."""
    stamps = _stamps(session, record_ids)
    found = {id_: _REMEMBERED.get(session, id_, stamp) for id_, stamp in stamps.items()}
    missing = [id_ for id_, record in found.items() if record is None]
    if missing:
        query = select(Record).where(Record.id.in_(missing), in_scope(Scope.PUBLIC))
        for row in session.scalars(query.options(*records.WITH_PARTS)):
            found[row.id] = _REMEMBERED.keep(session, row.id, stamps[row.id], _public_record(row))
    return {id_: record for id_, record in found.items() if record is not None}


def named(session: Session, record_ids: Iterable[int]) -> None:
    """Say that the answer that is being made names these records, without reading them."""
    if ids := list(record_ids):
        _stamps(session, ids)


def _stamps(session: Session, record_ids: Iterable[int]) -> dict[int, Hashable]:
    """Return of each of these published records what differs from before when its page would."""
    stamps: dict[int, Hashable] = {}
    for row in session.execute(_STAMPS, {"ids": list(record_ids)}):
        stamps[row.id] = tuple(row)
        told.tell(row.id, (row.version, row.updated))
    return stamps


def _tombstone(session: Session, row: Record) -> Tombstone:
    """Say what may be said; a record that is not public stands for nobody."""
    same = {
        other
        for pair in likenesses.of(session, row.id)
        if pair.state is LikenessState.SAME
        for other in (pair.record_id, pair.other_id)
        if other != row.id
    }
    public_ones = select(Record.id).where(Record.id.in_(same), in_scope(Scope.PUBLIC))
    stand_in = session.scalar(public_ones.order_by(Record.id.desc()).limit(1)) if same else None
    replaced = row.status is Status.RETIRED or stand_in is not None
    return Tombstone(row.id, row.updated, replaced, stand_in)


def _public_record(row: Record) -> PublicRecord:
    said = records.read(row)
    return PublicRecord(
        record_id=row.id,
        version=row.version,
        published=row.published or row.updated,
        updated=row.updated,
        said=public(said),
        strength=scores.record_strength(said),
        band=row.strength_band,
        completeness=scores.completeness(said),
        team_only=scores.judged_by_team_only(said),
        original=_original(row.attachments),
        library=row.library,
    )


def _original(attachments: Iterable[Attachment]) -> Original | None:
    found = next((one for one in attachments if one.original), None)
    if found is None:
        return None
    file = found.file
    kind = PurePath(file.name).suffix.removeprefix(".").upper()
    return Original(kind, file.size, file.media_type, found.clean)
