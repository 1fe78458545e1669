"""The copies of original files that readers may have; the originals themselves are the team's.

A copy is derived from the original and from what was decided about its findings; it may be thrown
away and made again.
"""

from collections.abc import Sequence
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb import leftovers
from kb.errors import NotFoundError
from kb.models import Attachment, Finding, Record, StoryDraft
from kb.vocabulary import FindingState, IdentifierKind, Status
from kb.wording import marked

FILE = "file:"  # begins the field of a finding that stands in a file


class Wanted(NamedTuple):
    """A copy that is to be made: of which original, and what is to go from it."""

    attachment_id: int
    sha256: str  # of the original
    words: dict[str, str]  # what stands there → what shall; empty for a mark
    faces: frozenset[str]  # pictures that show one, by where they are in the file


def wanted(session: Session) -> list[Wanted]:
    """Return the copies that published records lack, and that were not refused before."""
    query = (
        select(Attachment)
        .join(Record, Record.id == Attachment.record_id)
        .where(
            Attachment.original,
            Attachment.clean.is_(None),
            Attachment.clean_note == "",
            Record.status == Status.PUBLISHED,
        )
        .order_by(Attachment.id)
    )
    return [
        Wanted(one.id, one.sha256, *_taken_out(_findings(session, one.record_id)))
        for one in session.scalars(query)
    ]


def keep(session: Session, attachment_id: int, data: bytes, *, folder: Path, note: str) -> str:
    """Keep a copy in `folder`, under the digest of its bytes, and return the digest."""
    attachment = _attachment(session, attachment_id)
    sha256 = digest_of(data).hexdigest()
    target = where(folder, sha256)
    if not target.exists():
        with leftovers.whole(target) as file:
            file.write(data)
    attachment.clean, attachment.clean_note = sha256, note
    return sha256


def refuse(session: Session, attachment_id: int, *, why: str) -> None:
    """Remember that there is no copy of this file, and why."""
    attachment = _attachment(session, attachment_id)
    attachment.clean, attachment.clean_note = None, why


def forget(session: Session, record_id: int) -> None:
    """Offer the record's copies no more: what is decided about its findings has changed.

    Photos stay: they are the copy themselves, and nothing would make them again.
    """
    query = select(Attachment).filter_by(record_id=record_id, original=True)
    for attachment in session.scalars(query):
        attachment.clean, attachment.clean_note = None, ""


def take_back(session: Session, record_id: int) -> None:
    """Offer none of the record's files and photos any more: its team took them back."""
    for attachment in session.scalars(select(Attachment).filter_by(record_id=record_id)):
        attachment.clean, attachment.clean_note = None, ""


def offered(session: Session, record_id: int) -> list[str]:
    """Return the digests of the record's copies."""
    query = select(Attachment.clean).where(
        Attachment.record_id == record_id, Attachment.clean.is_not(None)
    )
    return [sha256 for sha256 in session.scalars(query) if sha256]


def delete(session: Session, digests: Sequence[str], *, folder: Path) -> None:
    """Delete those of the copies that no record offers any more, and no story that is told."""
    still = set(session.scalars(select(Attachment.clean).where(Attachment.clean.in_(digests))))
    gone = select(Record.id).where(Record.status.in_((Status.WITHDRAWN, Status.RETIRED)))
    told = or_(StoryDraft.record_id.is_(None), StoryDraft.record_id.not_in(gone))
    if set(digests) - still:
        for photos in session.scalars(select(StoryDraft.photos).where(told)):
            still.update(one["sha256"] for one in photos)
    for sha256 in digests:
        if sha256 not in still:
            where(folder, sha256).unlink(missing_ok=True)


def where(folder: Path, sha256: str) -> Path:
    """Return where a copy lies."""
    return folder / sha256[:2] / sha256


def find(folder: Path, sha256: str) -> Path:
    """Return the path of a copy.

    Raises:
        NotFoundError: it is not there any more.
    """
    path = where(folder, sha256)
    if not path.is_file():
        raise NotFoundError(
            marked("This file is not here any more."), hint=marked("Ask the library for it.")
        )
    return path


def _attachment(session: Session, attachment_id: int) -> Attachment:
    attachment = session.get(Attachment, attachment_id)
    if attachment is None:
        raise NotFoundError(
            marked("There is no file %(number)s.", number=str(attachment_id)),
            hint=marked("Its record may be gone."),
        )
    return attachment


def _findings(session: Session, record_id: int) -> Sequence[Finding]:
    gone = {FindingState.REDACTED, FindingState.REPLACED}
    query = select(Finding).where(Finding.record_id == record_id, Finding.state.in_(gone))
    return session.scalars(query.order_by(Finding.id)).all()


_BESIDE = frozenset(
    {IdentifierKind.METADATA, IdentifierKind.COMMENT, IdentifierKind.TRACKED_CHANGE}
)  # always go, and their words may be ordinary ones


def _taken_out(findings: Sequence[Finding]) -> tuple[dict[str, str], frozenset[str]]:
    words: dict[str, str] = {}
    faces: set[str] = set()
    for finding in findings:
        place = finding.field.removeprefix(FILE)
        if finding.kind is IdentifierKind.FACE:
            faces.add(place)
        elif finding.kind not in _BESIDE and not (
            finding.kind is IdentifierKind.COORDINATES and place != finding.field
        ):
            words.setdefault(finding.text, finding.replacement)
    return words, frozenset(faces)
