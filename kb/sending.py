"""A story is sent in: a record is made of it, or brought up to date with what was answered.

What a curator has changed meanwhile stays, unless its team has changed the same.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb import consent, content, copies, findings, history, originals, records
from kb.consent import Agreed
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError
from kb.hidden import Hidden
from kb.models import Attachment, Record, StoryDraft
from kb.vocabulary import FaceRuling, IdentifierKind, SectionRole, Status
from kb.wording import marked

OPEN = frozenset({Status.DRAFT, Status.PRIVACY_CHECK, Status.IN_REVIEW, Status.RETURNED})
# What the library adds to a record; its team tells none of it.
OF_THE_LIBRARY = frozenset(
    {"tags", "facets", "keywords", "evidence_note", "review_due", "summary_languages", "doubts"}
)
PHOTO_NAME = "photo.jpg"  # its own name may name people


class Folders(NamedTuple):
    """Where files lie: as they came, and the copies for readers."""

    originals: Path
    copies: Path


def send(
    session: Session,
    draft: StoryDraft,
    said: content.Record,
    agreed: Agreed,
    *,
    before: content.Record | None,
    by: str,
    folders: Folders,
) -> Record:
    """Send a story in, and return its record; its peers see it from now on.

    `before` is what the story said when it was sent in the last time; None for the first time.

    Raises:
        ConflictError: readers see the record already, or it was taken back.
        InvalidError: nothing is told yet.
    """
    if not any(section.body.strip() for section in said.sections):
        raise InvalidError(
            marked("Nothing is told yet."), hint=marked("Answer at least one question.")
        )
    hidden: list[Hidden] = []
    if draft.record_id is None or before is None:
        record = records.create(
            session, said, by=by, note="told", original=draft.sha256, status=Status.IN_REVIEW
        )
        record.author_id = draft.user_id
        hidden = [Hidden(IdentifierKind(kind), where, text) for kind, where, text in draft.hidden]
    else:
        record = _again(session, draft, said, before, by=by)
    record.submitted = record.updated = utcnow()
    record.status = Status.IN_REVIEW
    _with_photos(session, record, draft.photos, folders)
    session.flush()
    findings.scan(session, record.id, hidden=hidden)
    consent.record(session, record.id, agreed, by=by)
    history.keep(session, record, records.read(record), by=by, verb="submitted")
    draft.record_id = record.id
    draft.sent = {"answers": draft.answers, "agreed": draft.agreed}
    session.flush()
    return record


def merged(before: content.Record, mine: content.Record, theirs: content.Record) -> content.Record:
    """Return `theirs` with everything that changed from `before` to `mine`."""
    names = set(content.Record.model_fields) - OF_THE_LIBRARY - {"sections"}
    changed = {
        name: getattr(mine, name) for name in names if getattr(mine, name) != getattr(before, name)
    }
    return theirs.model_copy(
        update={**changed, "sections": _sections(before.sections, mine.sections, theirs.sections)}
    )


def _sections(
    before: Sequence[content.Section],
    mine: Sequence[content.Section],
    theirs: Sequence[content.Section],
) -> tuple[content.Section, ...]:
    """Return their sections with ours that are new or say something else; ours that went, go."""
    old, new = _by_head(before), _by_head(mine)
    found = [
        new[head] if head in new and new[head] != old.get(head) else section
        for section in theirs
        if (head := _head(section)) not in old or head in new
    ]
    known = {_head(section) for section in theirs}
    return (*found, *(one for head, one in new.items() if head not in known and head not in old))


def _head(section: content.Section) -> tuple[SectionRole, str]:
    return section.role, section.heading


def _by_head(
    sections: Sequence[content.Section],
) -> dict[tuple[SectionRole, str], content.Section]:
    return {_head(section): section for section in sections}


def _again(
    session: Session, draft: StoryDraft, said: content.Record, before: content.Record, *, by: str
) -> Record:
    assert draft.record_id is not None
    record = records.get(session, draft.record_id)
    if record.status not in OPEN:
        raise ConflictError(
            marked("Readers see this story already, or it was taken back."),
            hint=marked("Write to the library what should be different."),
        )
    now = records.read(record)
    new = merged(before, said, now)
    if new != now:
        records.edit(session, record.id, new, version=record.version, by=by, note="told again")
    return record


def _with_photos(
    session: Session, record: Record, photos: Sequence[dict[str, Any]], folders: Folders
) -> None:
    """Hang the photos on the record; those that were taken away go."""
    wanted = {one["sha256"]: one for one in photos}
    for attachment in list(record.attachments):
        if not attachment.original and attachment.sha256 not in wanted:
            record.attachments.remove(attachment)
    known = {attachment.sha256: attachment for attachment in record.attachments}
    for sha256, one in wanted.items():
        if sha256 not in known:
            path = copies.find(folders.copies, sha256)
            file = originals.keep(
                session, path, folder=folders.originals, sha256=sha256, media_type="image/jpeg"
            )
            file.name = PHOTO_NAME if file.name == path.name else file.name
            session.flush()
            known[sha256] = Attachment(sha256=sha256, original=False, clean=sha256, clean_note="")
            record.attachments.append(known[sha256])
        attachment = known[sha256]
        if attachment.has_faces is not one["faces"]:  # what a curator said was said of less
            attachment.face_ruling = FaceRuling.OPEN
        attachment.has_faces = one["faces"]
        attachment.caption, attachment.alt_text = one["caption"], one["alt"]
