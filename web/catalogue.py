"""What a reader may see of records: a whole one, or its card in a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content, records, scores
from kb.errors import NotFoundError
from kb.models import Attachment, Record, SourceFile
from kb.privacy import public
from kb.vocabulary import Naming, Status, StrengthBand, Visibility
from search.filters import Scope, in_scope
from web.before_after import BeforeAfter, before_after, first_change, main_measure

IDEAS_ON_A_CARD = 2
GONE = frozenset({Status.WITHDRAWN, Status.RETIRED})


class WithdrawnError(NotFoundError):
    """The record was once here for all to read, and is no longer."""


@dataclass(frozen=True, slots=True)
class Original:
    """The file a record was made from. Its name may name people: `original_offered` decides."""

    sha256: str
    name: str
    media_type: str
    size: int  # bytes

    @property
    def kind(self) -> str:
        """What the end of its name says it is, such as DOCX."""
        return PurePath(self.name).suffix.removeprefix(".").upper()


@dataclass(frozen=True, slots=True)
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

    def original_offered(self, share_originals: bool) -> bool:
        """Tell whether the file may be taken home: a file names its facility, so that is asked."""
        return share_originals and self.original is not None and self.said.naming is Naming.NAMED

    @property
    def place(self) -> content.Place:
        """The first place that may be shown, an empty one where none may."""
        return next(iter(self.said.places), content.Place())

    @property
    def result(self) -> BeforeAfter | None:
        """The main measure in two numbers."""
        measure = main_measure(self.said)
        return before_after(measure, first_change(self.said)) if measure else None


def published(session: Session, record_id: int) -> PublicRecord:
    """Return the record as its readers see it.

    Raises:
        WithdrawnError: it was published once and taken back.
        NotFoundError: there is none, or it is not published.
    """
    row = records.get(session, record_id)
    if row.status in GONE and row.published is not None:
        raise WithdrawnError(
            f"Record {record_id} was taken back on {row.updated:%Y-%m-%d}.",
            hint="Its team or this library no longer shows it. Search for others like it.",
        )
    if row.status is not Status.PUBLISHED or row.visibility is not Visibility.PUBLIC:
        # The same words as for a number never given: a draft's existence is nobody's business.
        raise NotFoundError(
            f"There is no record {record_id}.", hint="Search for it, or browse by topic."
        )
    return _public_record(row)


def public_records(session: Session, record_ids: Iterable[int]) -> dict[int, PublicRecord]:
    """Return these published records by their ids, in as many queries for ten as for one."""
    chosen = select(Record).where(Record.id.in_(list(record_ids)), in_scope(Scope.PUBLIC))
    query = chosen.options(*records.WITH_PARTS)
    return {row.id: _public_record(row) for row in session.scalars(query)}


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
    )


def _original(attachments: Iterable[Attachment]) -> Original | None:
    file: SourceFile | None = next((a.file for a in attachments if a.original), None)
    if file is None:
        return None
    return Original(file.sha256, file.name, file.media_type, file.size)
