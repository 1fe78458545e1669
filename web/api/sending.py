"""Send files and ask later what became of them: 202, a job, and its answer."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, BackgroundTasks, Depends, Header, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import jobs, permissions
from kb.errors import InvalidError
from kb.models import Job as Row
from kb.models import Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import JobState, Role
from web import working
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import documented
from web.render import address
from web.rules import SIGNED_IN, needs
from web.speaking import SPEAKS
from web.uploads import TooLargeError, Upload, files_in

router = APIRouter(prefix="/api/v1", tags=["ingest"])

MULTIPART: Final = "multipart/form-data"
MOST_FILES: Final = 20
AGAIN_S: Final = 2  # a file takes about a second
BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MOST_FILES,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        pattern=r"^[\x21-\x7e]*$",
        description="Sent again within 24 hours, with the same files, it gets the same job.",
    ),
]


class FileOf(BaseModel):
    """One file, and what became of it."""

    name: str
    sha256: str
    size: int = Field(description="In bytes.")
    became: str = Field(description="`waiting`, `added`, `known` or `failed`.")
    record_id: int | None = Field(
        description="Of the draft, or of the record that has the file; null of one that is not "
        "yours to read."
    )
    title: str
    reason: str = Field(description="A code, of a file that failed; docs/api.md lists them.")
    message: str = Field(description="The same in words, with what to do.")
    doubts: list[str] = Field(description="What a curator should look at.")


class Job(BaseModel):
    """Work that was asked for."""

    id: int
    url: str
    state: JobState
    created: datetime
    finished: datetime | None
    done: int = Field(description="Files looked at.")
    total: int
    batch_id: int | None = Field(description="What the desk and `kb undo` take back as one.")
    error: str = Field(description="Why the whole was given up; empty else.")
    files: list[FileOf]


async def _files(request: Request) -> list[Upload]:
    body = bytearray()
    async for piece in request.stream():
        body += piece  # `RefuseLarge` has seen how long it is
    return files_in(request.headers.get("content-type", ""), bytes(body))


# In this order: whoever may not send anything is refused before it is read.
@router.post(
    "/ingest",
    status_code=202,
    dependencies=[needs(Role.CURATOR), SPEAKS],
    responses=documented(401, 403, 413, 415, 422),
    openapi_extra=BODY,
)
def ingest(
    request: Request,
    response: Response,
    tasks: BackgroundTasks,
    *,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    sent: Annotated[list[Upload], Depends(_files)],
    key: Key = "",
) -> Job:
    """Make a draft record of each file; the answer says where to ask what became of them."""
    files = [
        jobs.File(working.named(one), sha256(one.data).hexdigest(), len(one.data)) for one in sent
    ]
    _refuse(files, library.settings.max_file_mb)
    job, is_new = jobs.ask(session, person, files, key=key)
    if is_new:
        working.keep(library, job.id, sent)
    told = _job(request, response, job, session, person)
    response.headers["Location"] = told.url
    tasks.add_task(working.work, library)
    session.commit()  # and nothing after it: the worker waits for whoever holds the database
    return told


@router.get(
    "/jobs/{job_id}",
    dependencies=[SIGNED_IN, SPEAKS],
    responses=documented(401, 403, 404, 422),
)
def get_job(
    request: Request,
    response: Response,
    session: ReadingDep,
    person: PersonDep,
    *,
    job_id: RecordId,
) -> Job:
    """Return how far a job is, and what became of each file."""
    return _job(request, response, jobs.get(session, person, job_id), session, person)


def _refuse(files: list[jobs.File], most_mb: int) -> None:
    if not 1 <= len(files) <= MOST_FILES:
        raise InvalidError(
            f"{len(files)} files were sent.", hint=f"Send 1 to {MOST_FILES} fields called files."
        )
    large = [file.name for file in files if file.size > most_mb << 20]
    if large:
        raise TooLargeError(f"{large[0]} is too large.", hint=f"A file has at most {most_mb} MB.")


def _job(request: Request, response: Response, job: Row, session: Session, person: Person) -> Job:
    if job.finished is None:
        response.headers["Retry-After"] = str(AGAIN_S)
    files = _seen(session, person, jobs.files_of(job))
    return Job(
        id=job.id,
        url=address(request, f"/api/v1/jobs/{job.id}"),
        state=job.state,
        created=job.created,
        finished=job.finished,
        done=job.done,
        total=len(job.files),
        batch_id=job.batch_id,
        error=job.error,
        files=[FileOf.model_validate(file, from_attributes=True) for file in files],
    )


def _seen(session: Session, person: Person, files: list[jobs.File]) -> list[jobs.File]:
    """Return the files without numbers and titles of records that `person` may not read."""
    told = [file.record_id for file in files if file.record_id is not None]
    query = select(Record.id).where(Record.id.in_(told), permissions.allowed(person, Act.READ))
    seen = set(session.scalars(query)) if told else set()
    return [
        file if file.record_id in seen else replace(file, record_id=None, title="", doubts=[])
        for file in files
    ]
