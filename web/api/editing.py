"""Change what a record says, its tags and where it stands, as the verbs and permissions allow.

The *content* of a record is what its team and its curators write, all of it; the record at
`/api/v1/records/7` is what every reader may see of it. What was decided about showing it (how far
it goes, how its facility is named, who is credited) is changed on the desk, not here.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from kb import content, records, reviewing, tagging
from kb.errors import InvalidError
from kb.models import Record as Row
from kb.permissions import Act
from kb.vocabulary import Role, Status, TagStatus
from web import filling
from web.deps import LARGEST, LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import documented
from web.preconditions import require_match, tagged
from web.rules import may, needs
from web.speaking import SPEAKS

router = APIRouter(
    prefix="/api/v1/records/{record_id}",
    tags=["editing"],
    dependencies=[needs(Role.CONTRIBUTOR), SPEAKS],
)

CHANGING: Final = documented(401, 403, 404, 409, 412, 415, 422, 428)
# What is not changed here: decided elsewhere, or told by the library itself.
NOT_HERE: Final = {*records.DECIDED, "tags", "evidence", "doubts", "origin", "source_kind"}
DEEPEST: Final = 20  # lists and objects inside each other; ours have five


def _storable(value: Any, depth: int = 0) -> Any:
    """Return the JSON, unless no database could keep it."""
    if depth > DEEPEST:
        raise ValueError("too deeply nested")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float) and not abs(value) <= LARGEST:  # nor what is no number
        raise ValueError("a number is too large")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a text holds a NUL character")
    for part in value.values() if isinstance(value, dict) else value if _is_list(value) else ():
        _storable(part, depth + 1)
    return value


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


class _Changes(BaseModel):
    """Fields of a record's content to set; what is left out stays, null empties a field."""

    model_config = ConfigDict(extra="forbid")


def _changeable(name: str) -> Any:
    """Return the type of a field of the content, in a change: the same, or null."""
    field = content.Record.model_fields[name]
    kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return Annotated[kind | None if field.default is not None else kind, BeforeValidator(_storable)]  # type: ignore[operator]


_FIELDS: Final[Any] = {
    name: (_changeable(name), None) for name in content.Record.model_fields if name not in NOT_HERE
}
Changes: Any = create_model("Changes", __base__=_Changes, __doc__=_Changes.__doc__, **_FIELDS)


class Content(BaseModel):
    """What a record says, and where it stands."""

    id: int
    version: int = Field(description="As in the ETag.")
    status: Status
    content: content.Record


class TagDecision(BaseModel):
    """What is decided about one concept; a confirmed one may be new on the record."""

    model_config = ConfigDict(extra="forbid")

    notation: Annotated[str, BeforeValidator(_storable)] = Field(max_length=80)
    status: TagStatus


class TagDecisions(BaseModel):
    """Concepts to decide; the others stay as they are."""

    model_config = ConfigDict(extra="forbid")

    tags: list[TagDecision] = Field(min_length=1, max_length=100)


class Withdrawal(BaseModel):
    """Why a record is taken back; its readers are told that it was."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, BeforeValidator(_storable)] = Field(max_length=1000, pattern=r"\S")


@router.get("/content", dependencies=[may(Act.EDIT)], responses=documented(401, 403, 404, 422))
def get_content(response: Response, session: ReadingDep, record_id: RecordId) -> Content:
    """Return all that the record says, with the ETag that a change has to name."""
    return _shown(response, records.get(session, record_id))


@router.patch(
    "/content",
    dependencies=[may(Act.EDIT)],
    responses=CHANGING,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"$ref": "#/components/schemas/Changes"}}
                for kind in ("application/json", "application/merge-patch+json")
            },
        }
    },
)
def change_content(
    request: Request,
    response: Response,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    *,
    record_id: RecordId,
    changes: Changes,
) -> Content:
    """Set these fields. A published record that now names somebody is shown to nobody until its
    findings are decided.
    """
    record = _asked_for(request, session, record_id)
    record = records.edit(
        session,
        record_id,
        _changed(records.read(record), changes),
        version=record.version,
        by=person.by,
        note="changed by a program",
    )
    return _kept(response, session, library, record)


@router.post("/tags", dependencies=[may(Act.CURATE)], responses=CHANGING)
def decide_tags(
    request: Request,
    response: Response,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    *,
    record_id: RecordId,
    decisions: TagDecisions,
) -> Content:
    """Confirm or turn down concepts of the record."""
    record = _asked_for(request, session, record_id)
    told = {one.notation: one.status for one in decisions.tags}
    record = tagging.decide(session, record_id, told, version=record.version, by=person.by)
    return _kept(response, session, library, record)


@router.post("/ready", dependencies=[may(Act.CURATE)], responses=CHANGING)
def say_ready(
    request: Request,
    response: Response,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    *,
    record_id: RecordId,
) -> Content:
    """Say that the record is ready, so that a second person publishes it."""
    version = _asked_for(request, session, record_id).version
    record = reviewing.ready(session, record_id, version=version, by=person.by)
    return _kept(response, session, library, record)


@router.post("/publish", dependencies=[needs(Role.PUBLISHER), may(Act.PUBLISH)], responses=CHANGING)
def publish(
    request: Request,
    response: Response,
    library: LibraryDep,
    person: PersonDep,
    session: WritingDep,
    *,
    record_id: RecordId,
) -> Content:
    """Show the record to every reader."""
    _asked_for(request, session, record_id)
    two_people = library.settings.two_people
    record = reviewing.publish(session, record_id, person, two_people=two_people)
    return _kept(response, session, library, record)


@router.post("/withdraw", dependencies=[may(Act.WITHDRAW)], responses=CHANGING)
def withdraw(
    request: Request,
    response: Response,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    *,
    record_id: RecordId,
    why: Withdrawal,
) -> Content:
    """Take the record back: readers find a page that says so."""
    _asked_for(request, session, record_id)
    record = records.withdraw(session, record_id, by=person.by, reason=why.reason)
    return _kept(response, session, library, record)


def _asked_for(request: Request, session: Any, record_id: int) -> Row:
    record = records.get(session, record_id)
    require_match(request, record.version)
    return record


def _changed(now: content.Record, changes: BaseModel) -> content.Record:
    """Return the content with these fields; null stands for what a new record has."""
    said = {}
    for name in changes.model_fields_set:
        value = getattr(changes, name)
        field = content.Record.model_fields[name]
        if value is None and field.is_required():
            raise InvalidError(
                f"A record needs its {name}.", hint="Leave the field out, or say it."
            )
        said[name] = field.get_default(call_default_factory=True) if value is None else value
    return now.model_copy(update=said)


def _kept(response: Response, session: Any, library: Any, record: Row) -> Content:
    shown = _shown(response, record)
    session.commit()
    filling.index(library, step=filling.quietly)
    return shown


def _shown(response: Response, record: Row) -> Content:
    tagged(response, record.version)
    return Content(
        id=record.id,
        version=record.version,
        status=record.status,
        content=records.read(record),
    )
