"""What a team agreed to be shown: recorded with its record, asked for before anybody sees it.

A record is published only as far as its consent goes: `records` asks here. How it is taken back is
said in `withdrawals`. Callers open and close the transaction.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kb import history
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Consent, Record
from kb.privacy import SHOWING
from kb.vocabulary import Ground, Naming, SectionRole, SourceKind, Visibility
from kb.wording import marked

TERMS = "1"  # version of what people are told that they agree to (docs/privacy.md)
CIRCLES = tuple(Visibility)  # narrowest first
QUOTED = re.compile(r"[“«„]\s?\w|\"\w[^\"\n]+\"")
PHOTO = "image/"  # begins the media type of a picture


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed to, and on what ground."""

    visibility: Visibility = Visibility.PUBLIC
    naming: Naming = Naming.TYPE_AND_DISTRICT
    ground: Ground = Ground.TEAM_AGREED
    by_role: str = ""  # of the team, such as “in-charge”; no name
    on: date | None = None  # today, where nobody says
    terms: str = TERMS
    photos: bool = False
    translation: bool = False
    ai_processing: bool = False
    patient_voice: bool = False  # whoever is quoted as a patient or relative agreed too
    note: str = ""  # where it is written down


def record(session: Session, record_id: int, agreed: Agreed, *, by: str) -> Consent:
    """Write down what was agreed to; what was agreed before stays in the record's events.

    Raises:
        InvalidError: it is not said who agreed, or where that is written down.
        NotFoundError: no such record.
    """
    if agreed.ground is Ground.TEAM_AGREED and not agreed.by_role.strip():
        raise InvalidError(
            marked("It is not said who agreed."),
            hint=marked("Give a role, such as “in-charge”; no name is needed."),
        )
    if agreed.ground is Ground.AGREED_ELSEWHERE and not agreed.note.strip():
        raise InvalidError(
            marked("It is not said where the team's agreement is kept."),
            hint=marked(
                "Say so in a line, such as “letter of 3 May, in the file of the district”."
            ),
        )
    row = session.get(Record, record_id)
    if row is None:
        raise NotFoundError(
            marked("There is no record %(number)s.", number=str(record_id)),
            hint=marked("Search for it, or browse by topic."),
        )
    row.consent = kept = _carry(agreed, row.consent or Consent(), by=by)
    session.flush()
    history.happened(session, "consent recorded", by=by, record=row, **_detail(agreed))
    return kept


def refuse_without(
    session: Session, row: Record, ground: Ground | None, *, by: str, note: str
) -> None:
    """Record the ground that is stated or that the record gives, and refuse what nobody agreed to.

    Raises:
        ConflictError: it would be shown further than anybody agreed to.
    """
    if ground is not None:
        record(session, row.id, stated(row, ground, note=note), by=by)
    elif row.consent is None and (given := ground_of(row)):
        row.consent = _carry(stated(row, given), Consent(), by=by)
    missing = lacking(row)
    if missing:
        raise ConflictError(
            marked("Nobody has agreed yet to show “%(title)s” to everybody.", title=row.title),
            hint=marked(
                "Still to be asked: %(who)s. "
                "Record what was agreed, or on what ground it may be shown.",
                who=tuple(missing),
            ),
        )


def lacking(row: Record, *, visibility: Visibility = Visibility.PUBLIC) -> list[str]:
    """Return, in plain words, who has not agreed yet to what would be shown; empty when all have.

    A record that was taken in from elsewhere under an open licence needs no asking.
    """
    agreed = row.consent
    if agreed is None:
        return (
            [] if ground_of(row) else [marked("its team, or the ground on which it may be shown")]
        )
    if agreed.withdrawn is not None:
        return [marked("its team: it took its consent back")]
    return list(_beyond(row, agreed, visibility))


def ground_of(row: Record) -> Ground | None:
    """Return the ground that the record itself gives: it was published under an open licence."""
    taken_in = row.source_kind is not SourceKind.AUTHORED
    return Ground.OPEN_LICENCE if taken_in and row.licence else None


def stated(row: Record, ground: Ground, *, note: str = "") -> Agreed:
    """Return the agreement that a curator states for a record whose team is not asked here."""
    return Agreed(
        naming=row.naming,
        ground=ground,
        by_role="library",
        photos=True,
        translation=ground is not Ground.AGREED_ELSEWHERE,
        ai_processing=False,
        patient_voice=True,
        note=note or row.licence or row.source_citation,
    )


def quotes_patients(row: Record) -> bool:
    """Tell whether what patients or families said is quoted word for word."""
    told = (section for section in row.sections if section.role is SectionRole.COMMUNITY)
    return any(QUOTED.search(section.body) for section in told)


def _beyond(row: Record, agreed: Consent, visibility: Visibility) -> Iterator[str]:
    if CIRCLES.index(visibility) > CIRCLES.index(agreed.visibility):
        yield marked("its team, to show it so widely")
    if SHOWING.index(row.naming) > SHOWING.index(agreed.naming):
        yield marked("its team, to name the place so closely")
    photos = any(one.file.media_type.startswith(PHOTO) for one in row.attachments)
    if photos and not agreed.photos:
        yield marked("its team, to show its photos")
    if quotes_patients(row) and not agreed.patient_voice:
        yield marked("whoever is quoted: patients and families agree for themselves")


def _carry(agreed: Agreed, kept: Consent, *, by: str) -> Consent:
    kept.ground, kept.note = agreed.ground, agreed.note.strip()
    kept.agreed_by_role = agreed.by_role.strip()
    kept.agreed_on = agreed.on or utcnow().date()
    kept.terms_version = agreed.terms
    kept.visibility, kept.naming = agreed.visibility, agreed.naming
    kept.photos, kept.translation = agreed.photos, agreed.translation
    kept.ai_processing, kept.patient_voice = agreed.ai_processing, agreed.patient_voice
    kept.recorded, kept.recorded_by, kept.withdrawn = utcnow(), by, None
    return kept


def _detail(agreed: Agreed) -> dict[str, str]:
    return {
        "ground": agreed.ground,
        "by_role": agreed.by_role,
        "visibility": agreed.visibility,
        "naming": agreed.naming,
        "terms": agreed.terms,
        "comment": agreed.note,
    }
