"""Records of another library, taken in again and again; where both have changed, a person decides.

What a record says is ours to change only until its home changes it, too. Tags, naming, circle and
credit are decided here, whatever its home decides.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb import content, history, privacy, records, withdrawals
from kb.db import utcnow
from kb.errors import ConflictError, KBError, NotFoundError
from kb.exchange import Brought, Incoming
from kb.matching import Matching
from kb.models import Borrowed, Conflict, Record
from kb.settings import Settings
from kb.vocabulary import Became, SourceKind, Status

UNNAMED: Final = Settings.model_fields["name"].default
Decision = Literal["ours", "theirs"]
GONE: Final = frozenset({Status.WITHDRAWN, Status.RETIRED})
# What is decided here, or says how the record came here.
_HERE: Final = frozenset({*records.DECIDED, "tags", "origin", "source_kind", "doubts", "evidence"})


@dataclass(frozen=True, slots=True)
class Here:
    """The library we are, as origins name it."""

    library: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A conflict with both texts."""

    conflict: Conflict
    record: Record
    ours: content.Record
    theirs: content.Record


def from_library(one: Incoming, name: str) -> Incoming:
    """Return the record as one that `name` gave us, however the library called itself.

    Without an address a library's name stands in its origins: they follow.
    """
    if one.via or not name or name == one.library:  # passed on: its home keeps its own name
        return replace(one, via=name or one.via) if one.via else one
    origin, record = one.origin, one.record
    if one.library and origin.startswith(f"{one.library}#"):
        origin = f"{name}{origin.removeprefix(one.library)}"
    if record is not None:
        cited = record.source_citation
        told = name if cited == one.library else cited
        record = record.model_copy(update={"origin": origin, "source_citation": told})
    return replace(one, library=name, origin=origin, record=record)


def fingerprint(said: content.Record) -> str:
    """Return the sha256 of what a record tells: equal wherever it was copied to."""
    told = said.model_dump(mode="json", exclude={*_HERE, "source_citation"})
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def bring(session: Session, one: Incoming, *, here: Here, matching: Matching, by: str) -> Brought:
    """Add the record as a draft, bring an earlier one up to date, or list a conflict.

    Only its home, or whoever brought it first, changes it or takes it back.
    """
    if one.record is None and not one.withdrawn:
        return Brought(one.name, Became.FAILED, reason=one.error)
    known = _known(session, one)
    if own := _own(session, one, here, known):
        return Brought(one.name, Became.KNOWN, own, doubts=("It is a record of this library.",))
    if known is not None and (doubt := _stranger(session, one, known)):
        return Brought(one.name, Became.KNOWN, known, doubts=(doubt,))
    try:
        with session.begin_nested():
            if one.record is None:
                return _taken_back(session, one, known, by=by)
            return _told_anew(session, one, known, one.record, matching, by=by)
    except KBError as error:
        return Brought(one.name, Became.FAILED, known, reason=f"{error} {error.hint}".strip())


def _known(session: Session, one: Incoming) -> Record | None:
    """Return the record of that origin, or of the one from before its home got an address."""
    query = select(Record).order_by(Record.id).options(*records.WITH_PARTS).limit(1)
    found = session.scalar(query.where(Record.origin == one.origin))
    number = re.fullmatch("https?://.+/records/([0-9]{1,9})", one.origin)
    if found is not None or number is None:
        return found
    older = session.scalar(
        query.where(Record.library == one.library, Record.origin == f"{one.library}#{number[1]}")
    )
    kept = session.get(Borrowed, older.id) if older is not None else None
    if kept is None:
        return None
    # Libraries that never chose a name have the same one: then the title has to be the same, too.
    said = one.record
    same = said is not None and said.title == kept.said.get("title")
    return older if same or one.library != UNNAMED else None


def _told_anew(
    session: Session,
    one: Incoming,
    known: Record | None,
    said: content.Record,
    matching: Matching,
    *,
    by: str,
) -> Brought:
    new, strange = matching.translated(said)
    doubts = list(one.doubts)
    if strange:
        doubts.append(f"Not in this taxonomy, kept as keywords: {', '.join(strange)}.")
    if known is None:
        return _added(session, one, new, doubts, by=by)
    return _again(session, one, known, new, doubts, by=by)


def _own(session: Session, one: Incoming, here: Here, known: Record | None) -> Record | None:
    """Return the record of ours that has come home.

    What came from a list has an origin, and its home is here: it goes out with that origin, and
    nobody else changes it.
    """
    if known is not None and not known.library and known.source_kind is not SourceKind.HARVESTED:
        return known
    address = f"{here.address.rstrip('/')}/records/"
    by_address = bool(here.address) and one.origin.startswith(address)
    number = one.origin.removeprefix(address if by_address else f"{here.library}#")
    if not re.fullmatch("[0-9]{1,9}", number):
        return None
    row = session.get(Record, int(number))
    if row is None or row.library or row.origin:
        return None
    if by_address:
        return row
    # Two libraries may have one name; then a title that it ever had says which of them it is.
    said = one.record
    return row if said is not None and said.title in _titles(session, row) else None


def _titles(session: Session, row: Record) -> Iterator[str]:
    """Yield what readers saw as the title of a record, the newest first."""
    yield privacy.public(records.read(row)).title
    for kept in reversed(history.versions(session, row.id)):
        if kept.content:  # not purged
            yield privacy.public(content.Record.model_validate(kept.content)).title


def _stranger(session: Session, one: Incoming, known: Record) -> str:
    """Return why this library may not change the record, in words; empty where it may."""
    kept = session.get(Borrowed, known.id)
    if kept is None or not known.library:
        return ""
    if one.via and one.via != kept.via:
        return f"It comes from {kept.via or kept.library}, and only from there: left as it is."
    if not one.via and kept.library != one.library:
        return f"It has its home in {kept.library}, not in {one.library}: left as it is."
    return ""


def _added(
    session: Session, one: Incoming, new: content.Record, doubts: list[str], *, by: str
) -> Brought:
    print_ = fingerprint(new)
    same = select(Borrowed).filter_by(fingerprint=print_).order_by(Borrowed.record_id)
    if twin := session.scalar(same.limit(1)):
        told = f"The same is here as record {twin.record_id}, from {twin.library}."
        return Brought(one.name, Became.KNOWN, session.get(Record, twin.record_id), doubts=(told,))
    note = f"imported from {one.origin}"
    record = records.create(session, new, by=by, note=note, library=one.library)
    session.add(
        Borrowed(
            record_id=record.id,
            library=one.library,
            via=one.via,
            fingerprint=print_,
            said=new.model_dump(mode="json"),
        )
    )
    return Brought(one.name, Became.ADDED, record, doubts=tuple(doubts))


def _again(
    session: Session,
    one: Incoming,
    known: Record,
    new: content.Record,
    doubts: Sequence[str],
    *,
    by: str,
) -> Brought:
    kept = session.get(Borrowed, known.id) or _kept_before(session, one, known)
    if not one.via:
        kept.via = ""  # its home itself speaks now
    base, mine = content.Record.model_validate(kept.said), records.read(known)
    if _told(base) == _told(new):
        return Brought(one.name, Became.KNOWN, known, doubts=tuple(doubts))
    if known.status in GONE:
        gone = "It is withdrawn here; its library still shows it."
        return Brought(one.name, Became.KNOWN, known, doubts=(*doubts, gone))
    if _told(mine) not in (_told(base), _told(new)):
        return _conflict(session, one, known, new, doubts)
    before = known.version
    note = f"imported again from {one.origin}"
    record = _take(session, kept, known, new, by=by, note=note)
    return Brought(one.name, Became.CHANGED, record, before=before, doubts=tuple(doubts))


def _kept_before(session: Session, one: Incoming, known: Record) -> Borrowed:
    """Return what was taken in before it was kept beside the record: its first version."""
    said = history.version(session, known.id, 1)
    kept = Borrowed(
        record_id=known.id,
        library=one.library,
        via=one.via,
        fingerprint=fingerprint(said),
        said=said.model_dump(mode="json"),
    )
    session.add(kept)
    known.library = one.library
    session.flush()
    return kept


def _conflict(
    session: Session, one: Incoming, known: Record, new: content.Record, doubts: Sequence[str]
) -> Brought:
    print_ = fingerprint(new)
    found = session.scalar(select(Conflict).filter_by(record_id=known.id, fingerprint=print_))
    if found is not None and found.decision:
        return Brought(one.name, Became.KNOWN, known, doubts=tuple(doubts))
    if found is None:
        older = delete(Conflict).where(Conflict.record_id == known.id, Conflict.decision == "")
        session.execute(older)
        found = Conflict(record_id=known.id, fingerprint=print_, said=new.model_dump(mode="json"))
        session.add(found)
        session.flush()
    told = f"It has changed at its home and here: `kb conflicts {found.id}` shows both."
    return Brought(one.name, Became.KNOWN, known, doubts=(*doubts, told))


def _taken_back(session: Session, one: Incoming, known: Record | None, *, by: str) -> Brought:
    """Withdraw here what was withdrawn at its home, published or not; it leaves a tombstone."""
    if known is None or known.status in GONE:
        return Brought(one.name, Became.KNOWN, known)
    reason = f"withdrawn by its library, {one.library}"
    withdrawals.take_back(session, known.id, by=by, reason=reason)
    told = "Its library has withdrawn it; it is withdrawn here, too."
    return Brought(one.name, Became.KNOWN, known, doubts=(told,))


def _take(
    session: Session, kept: Borrowed, known: Record, new: content.Record, *, by: str, note: str
) -> Record:
    """Let the record say what its home says, beside what was decided here."""
    mine = records.read(known)
    decided = {name: getattr(mine, name) for name in _HERE - {"origin"}}
    named = {tag.notation for tag in mine.tags}
    tags = (*mine.tags, *(tag for tag in new.tags if tag.notation not in named))
    naming = privacy.narrower(mine.naming, new.naming)
    merged = new.model_copy(update={**decided, "tags": tags, "naming": naming})
    kept.said, kept.fingerprint, kept.at = new.model_dump(mode="json"), fingerprint(new), utcnow()
    return records.edit(session, known.id, merged, version=known.version, by=by, note=note)


def _told(said: content.Record) -> dict[str, object]:
    return said.model_dump(mode="json", exclude=set(_HERE))


def conflicts(session: Session, *, all_of_them: bool = False) -> list[tuple[Conflict, Record]]:
    """Return the conflicts that wait for a decision, or all, oldest first, with their records."""
    query = select(Conflict, Record).join(Record, Record.id == Conflict.record_id)
    if not all_of_them:
        query = query.where(Conflict.decision == "", Record.status.not_in(GONE))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Conflict.id))]


def conflict(session: Session, conflict_id: int) -> Open:
    """Return one conflict with both texts.

    Raises:
        NotFoundError: there is none of that number.
    """
    found = session.get(Conflict, conflict_id)
    if found is None:
        raise NotFoundError(
            f"There is no conflict {conflict_id}.", hint="`kb conflicts` lists them."
        )
    record = records.get(session, found.record_id)
    theirs = content.Record.model_validate(found.said)
    return Open(found, record, records.read(record), theirs)


def decide(session: Session, conflict_id: int, decision: Decision, *, by: str) -> Record:
    """Keep what is said here, or take what its home says; the same is not asked again.

    Raises:
        NotFoundError: there is none of that number.
        ConflictError: it was decided already.
        InvalidError: a published record would lack what a reader needs.
    """
    found = conflict(session, conflict_id)
    if found.conflict.decision:
        raise ConflictError(
            f"Conflict {conflict_id} was decided by {found.conflict.decided_by}: "
            f"{found.conflict.decision}.",
            hint="Edit the record to change what it says.",
        )
    kept = session.get(Borrowed, found.record.id)
    assert kept is not None  # it goes with its record, as the conflict does
    record = found.record
    if decision == "theirs":
        note = f"conflict {conflict_id}: as its home says"
        record = _take(session, kept, record, found.theirs, by=by, note=note)
    kept.said, kept.fingerprint = found.conflict.said, found.conflict.fingerprint
    found.conflict.decision, found.conflict.decided_by = decision, by
    found.conflict.decided = utcnow()
    history.happened(
        session, "conflict decided", by=by, record=record, kept=decision, number=str(conflict_id)
    )
    return record
