"""Photos that may show a face: a curator looks, and decides with a reason that the history keeps.

Until then no reader sees one, but where its team says that it shows none. Callers commit, and then
have `copies.delete` remove the pictures that a decision took away.
"""

from collections.abc import Sequence
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import copies, drafts, history, leftovers, originals, records
from kb.errors import InvalidError, NotFoundError
from kb.models import Attachment, SourceFile
from kb.vocabulary import FaceRuling
from kb.wording import marked

CLEARED: Final = (FaceRuling.NO_FACE, FaceRuling.COVERED, FaceRuling.AGREED)
SAID: Final = {
    FaceRuling.NO_FACE: "photo without a face",
    FaceRuling.AGREED: "photo agreed to",
    FaceRuling.OPEN: "photo hidden again",
}
COVERED_NAME = "covered.jpg"


class Covered(NamedTuple):
    """A copy of a photo on which faces are covered, drawn by ourselves."""

    data: bytes
    media_type: str
    width: int  # pixels
    height: int


def of(session: Session, record_id: int) -> Sequence[Attachment]:
    """Return the photos of the record, in their order."""
    query = (
        select(Attachment)
        .join(SourceFile, SourceFile.sha256 == Attachment.sha256)
        .where(
            Attachment.record_id == record_id,
            Attachment.original.is_(False),
            SourceFile.media_type.startswith("image/"),
        )
    )
    return session.scalars(query.order_by(Attachment.id)).all()


def is_hidden(photo: Attachment) -> bool:
    """Tell whether nobody has said yet that readers may see the faces on it, or that it has none.

    >>> is_hidden(Attachment(has_faces=None, face_ruling=FaceRuling.OPEN))
    True
    >>> is_hidden(Attachment(has_faces=True, face_ruling=FaceRuling.AGREED))
    False
    """
    return photo.has_faces is not False and photo.face_ruling not in CLEARED


def rule(
    session: Session, record_id: int, photo_id: int, ruling: FaceRuling, *, by: str, reason: str
) -> Attachment:
    """Write down what a curator saw: no face, whoever is shown agreed, or that it is open again.

    Raises:
        NotFoundError: the record has no such photo.
        InvalidError: it is not said why, or a covered copy is claimed without one.
    """
    if ruling is FaceRuling.COVERED:
        raise InvalidError(
            marked("No photo was chosen."), hint=marked("Choose the copy with the face covered.")
        )
    photo = _photo(session, record_id, photo_id)
    photo.face_ruling = ruling
    _happened(session, photo, SAID[ruling], by=by, reason=reason)
    return photo


def cover(
    session: Session,
    record_id: int,
    photo_id: int,
    copy: Covered,
    *,
    originals_in: Path,
    copies_in: Path,
    by: str,
    reason: str,
) -> str:
    """Put a copy with covered faces in the place of a photo; return the digest of the old copy.

    Its team sees the covered one from now on, too; the picture as it came stays with the originals.

    Raises:
        NotFoundError: the record has no such photo.
        InvalidError: it is not said why, or it is a photo that the record has.
    """
    old, why = _photo(session, record_id, photo_id), _why(reason)  # before anything is on the disk
    digest = digest_of(copy.data).hexdigest()
    if any(one.sha256 == digest for one in of(session, record_id)):
        raise InvalidError(
            marked("That is the same photo."), hint=marked("Choose the copy with the face covered.")
        )
    target = copies.where(copies_in, digest)
    if not target.exists():
        with leftovers.whole(target) as file:
            file.write(copy.data)
    source = originals.keep(
        session, target, folder=originals_in, sha256=digest, media_type=copy.media_type
    )
    source.name = COVERED_NAME if source.name == target.name else source.name
    session.flush()
    new = Attachment(
        record_id=record_id,
        sha256=digest,
        original=False,
        has_faces=old.has_faces,
        face_ruling=FaceRuling.COVERED,
        caption=old.caption,
        alt_text=old.alt_text,
        clean=digest,
        clean_note="",
    )
    session.add(new)
    _happened(session, old, "photo covered", by=by, reason=why, now=digest)
    gone = old.clean or old.sha256
    draft = drafts.of_record(session, record_id)
    if draft is not None:
        drafts.replace_photo(draft, old.sha256, digest, width=copy.width, height=copy.height)
    session.delete(old)
    session.flush()
    return gone


def remove(session: Session, record_id: int, photo_id: int, *, by: str, reason: str) -> str:
    """Take a photo off the record, for its team too; return the digest of its copy.

    Raises:
        NotFoundError: the record has no such photo.
        InvalidError: it is not said why.
    """
    photo = _photo(session, record_id, photo_id)
    _happened(session, photo, "photo removed", by=by, reason=reason)
    draft = drafts.of_record(session, record_id)
    if draft is not None:
        drafts.drop_photo(session, draft, photo.sha256)
    session.delete(photo)
    session.flush()
    return photo.clean or photo.sha256


def _photo(session: Session, record_id: int, photo_id: int) -> Attachment:
    found = next((one for one in of(session, record_id) if one.id == photo_id), None)
    if found is None:
        raise NotFoundError(
            marked("This story has no such photo."), hint=marked("Look at its photos.")
        )
    return found


def _happened(
    session: Session, photo: Attachment, verb: str, *, by: str, reason: str, now: str = ""
) -> None:
    told = {"photo": photo.sha256, "now": now, "reason": _why(reason)}
    record = records.get(session, photo.record_id)
    detail = {name: value for name, value in told.items() if value}
    history.happened(session, verb, by=by, record=record, **detail)


def _why(reason: str) -> str:
    if not reason.strip():
        raise InvalidError(
            marked("It is not said why."), hint=marked("Say why in a sentence: it is kept.")
        )
    return reason.strip()
