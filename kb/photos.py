"""The photos of a record that readers see: agreed to, without faces, with their words masked."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import not_, or_, select
from sqlalchemy.orm import Session

from kb import privacy, records
from kb.faces import CLEARED
from kb.models import Attachment, Consent
from kb.vocabulary import FaceRuling


class Photo(NamedTuple):
    """A photo, and what is said of it where names are kept back."""

    sha256: str  # of the copy for readers
    caption: str
    alt: str  # for who does not see it
    face: bool  # of somebody who agreed to be shown here: no copy takes it along


def shown(session: Session, record_id: int) -> list[Photo]:
    """Return the record's photos for its readers, in their order; who may read, the caller asks.

    None without the team's word for photos, and none of which neither its team says that it shows
    no face nor a curator, who looked at it, that it may be shown (`kb.faces`).
    """
    found = _agreed(session, record_id)
    if not found:
        return []
    text = privacy.view(records.read(records.get(session, record_id))).text
    return [
        Photo(
            sha256=str(one.clean),
            caption=text(one.caption),
            alt=text(one.alt_text),
            face=one.face_ruling is FaceRuling.AGREED,
        )
        for one in found
    ]


def _agreed(session: Session, record_id: int) -> Sequence[Attachment]:
    query = (
        select(Attachment)
        .join(Consent, Consent.record_id == Attachment.record_id)
        .where(
            Attachment.record_id == record_id,
            not_(Attachment.original),
            Attachment.clean.is_not(None),
            or_(Attachment.has_faces.is_(False), Attachment.face_ruling.in_(CLEARED)),
            Consent.photos,
            Consent.withdrawn.is_(None),
        )
    )
    return session.scalars(query.order_by(Attachment.id)).all()
