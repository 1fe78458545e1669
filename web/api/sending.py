"""Send files and ask later what became of them: 202, a job, and its answer."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, BackgroundTasks, Depends, Header, Request, Response
from pydantic import BaseModel, Field

from kb import jobs
from kb.errors import InvalidError
from kb.models import Job as Row
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
    record_id: int | None = Field(description="Of the draft, or of the record that has the file.")
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
    job = jobs.ask(session, person, files, key=key)
    if job.state is JobState.WAITING:
        working.keep(library, job.id, sent)
    told = _job(request, response, job)
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
    return _job(request, response, jobs.get(session, person, job_id))


def _refuse(files: list[jobs.File], most_mb: int) -> None:
    if not 1 <= len(files) <= MOST_FILES:
        raise InvalidError(
            f"{len(files)} files were sent.", hint=f"Send 1 to {MOST_FILES} fields called files."
        )
    large = [file.name for file in files if file.size > most_mb << 20]
    if large:
        raise TooLargeError(f"{large[0]} is too large.", hint=f"A file has at most {most_mb} MB.")


def _job(request: Request, response: Response, job: Row) -> Job:
    if job.finished is None:
        response.headers["Retry-After"] = str(AGAIN_S)
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
        files=[FileOf.model_validate(file, from_attributes=True) for file in jobs.files_of(job)],
    )
