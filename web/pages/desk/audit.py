"""What happened in the library, who did it, whether that list holds; and the purge of old words."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from kb import audit, permissions, proofs, records, users, withdrawals
from kb.db import utcnow
from kb.errors import InvalidError
from kb.permissions import Act
from kb.vocabulary import Role
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import LARGEST, FormDep
from web.library import Library
from web.render import page, shown_next
from web.rules import may, needs

router = APIRouter(prefix="/desk", include_in_schema=False)
# First whether the record is there for whoever asks, as for all that is about one.
PURGE = [needs(Role.CURATOR), may(Act.CURATE), needs(Role.PUBLISHER), may(Act.PUBLISH)]

PER_PAGE = 50
SEALS = frozenset({"digest", "version"})  # of an event: for `kb audit verify`, not for people


def is_proved(library: Library) -> bool:
    """Tell whether a new backup came back not long ago; also where nobody looks after them here."""
    folder = library.settings.backups
    return folder is None or not proofs.trouble(folder, utcnow())


@router.get("/audit", dependencies=[needs(Role.ADMIN)])
def audit_page(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    *,
    library: LibraryDep,
    record: Annotated[str, Query(max_length=12, pattern="^ *[0-9]* *$")] = "",
    by: Annotated[str, Query(max_length=254)] = "",
    verb: Annotated[str, Query(max_length=60)] = "",
    since: Annotated[date | None, BeforeValidator(lambda said: said or None), Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    check: bool = False,
) -> Response:
    """List what happened, the newest first; say whether the chain holds where that is asked."""
    found = audit.found(
        session,
        record_id=min(int(record), LARGEST) if record.strip() else None,
        by=by.strip(),
        verb=verb,
        since=_midnight(since),
        before=before,
        within=None if person.has(Role.ADMIN, at=()) else permissions.allowed(person, Act.CURATE),
        limit=PER_PAGE + 1,
    )
    shown, asked = found[:PER_PAGE], {"record": record, "by": by, "verb": verb, "since": since}
    return page(
        request,
        "desk/audit.html",
        events=shown,
        proof=proofs.last(library.settings.backups) if library.settings.backups else None,
        proved=is_proved(library),
        details={one.id: _told(one.detail) for one in shown},
        called=users.called(session, (one.by for one in shown), person),
        verbs=audit.verbs(session),
        asked=asked,
        older=_address(asked, before=shown[-1].id) if len(found) > PER_PAGE else "",
        newest=_address(asked) if before is not None else "",
        checked=audit.verify(session) if check else None,
        unpurged=withdrawals.unpurged(session, person),
    )


@router.get("/records/{record_id}/purge", dependencies=PURGE)
def purge_page(request: Request, session: ReadingDep, record_id: RecordId) -> Response:
    """Say what would go for good, and ask why."""
    return _purging(request, session, record_id)


@router.post("/records/{record_id}/purge", dependencies=PURGE)
def purge(
    request: Request, session: WritingDep, person: PersonDep, form: FormDep, record_id: RecordId
) -> Response:
    """Empty what the history holds of a withdrawn record's words."""
    try:
        withdrawals.purge(session, record_id, by=person.by, reason=form.text("reason"))
    except InvalidError as error:
        session.rollback()
        return _purging(request, session, record_id, error=error)
    session.commit()
    return shown_next(request, f"/desk/records/{record_id}/history")


def _purging(
    request: Request, session: ReadingDep, record_id: int, *, error: InvalidError | None = None
) -> Response:
    return page(
        request,
        "desk/purge.html",
        status=422 if error else 200,
        record=records.get(session, record_id),
        found=audit.purgeable(session, record_id),
        error=error,
    )


def _told(detail: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(said)) for name, said in detail.items() if said and name not in SEALS]


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None


def _address(asked: dict[str, Any], **more: Any) -> str:
    said = {name: value for name, value in (asked | more).items() if value}
    return f"/desk/audit?{urlencode(said)}" if said else "/desk/audit"
