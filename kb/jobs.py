"""Work that somebody asked for and does not wait for: kept as rows, claimed by one worker.

A row is claimed with one compare-and-set and a lease, so that two workers never do the same, and
another one takes over what a killed one left. The same on SQLite and PostgreSQL; no broker.
Nothing here commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Update, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from kb.db import utcnow
from kb.errors import InvalidError, NotFoundError
from kb.models import Answered, Job
from kb.people import Person
from kb.vocabulary import JobState

LEASE: Final = timedelta(minutes=15)  # longer than one file may take; renewed after each
MOST_TRIES: Final = 3
REST: Final = timedelta(minutes=4)  # after a try that failed; less than between two ticks
KEPT: Final = timedelta(hours=24)  # how long an answer is repeated


@dataclass(frozen=True, slots=True)
class File:
    """One file of a job, and what became of it."""

    name: str
    sha256: str
    size: int  # bytes
    became: str = "waiting"  # or a word of `Became`
    record_id: int | None = None
    title: str = ""
    reason: str = ""  # a word of `Reason`, of a file that could not be read
    message: str = ""
    doubts: list[str] = field(default_factory=list)


class OtherBodyError(InvalidError):
    """An Idempotency-Key was used before, for something else."""


def ask(
    session: Session, person: Person, files: Sequence[File], *, key: str = ""
) -> tuple[Job, bool]:
    """Return a job for these files, and whether it is new: `key` may have been answered before.

    Raises:
        OtherBodyError: with this key other files were sent.
    """
    known = _answered(session, person, key) if key else None
    asked = _digest(files)
    if known is not None:
        if known.asked_sha256 != asked:
            raise OtherBodyError(
                "This Idempotency-Key was used for other files.",
                hint="Make a new key for each thing that you send.",
            )
        return session.get_one(Job, known.job_id), False
    job = Job(
        user_id=person.user_id,
        by=person.by,
        state=JobState.WAITING,
        owner="",
        tries=0,
        done=0,
        files=[asdict(file) for file in files],
        error="",
    )
    session.add(job)
    session.flush()
    if key:
        expires = utcnow() + KEPT
        session.add(
            Answered(by=person.by, key=key, asked_sha256=asked, job_id=job.id, expires=expires)
        )
        session.flush()
    return job, True


def get(session: Session, person: Person, job_id: int) -> Job:
    """Return a job of this person.

    Raises:
        NotFoundError: they have none of that number.
    """
    job = session.get(Job, job_id)
    if job is None or (job.user_id, job.by) != (person.user_id, person.by):
        raise NotFoundError(
            f"You have no job {job_id}.", hint="A job is seen by whoever asked for it."
        )
    return job


def files_of(job: Job) -> list[File]:
    """Return the files of a job in their order."""
    return [File(**said) for said in job.files]


def claim(session: Session, owner: str, *, now: datetime | None = None) -> Job | None:
    """Return the oldest job that waits, or whose worker is gone, now `owner`'s; None for none.

    One that its workers died of again and again is given up.
    """
    moment = now or utcnow()
    waits = and_(
        Job.state.in_((JobState.WAITING, JobState.RUNNING)),
        or_(Job.lease.is_(None), Job.lease < moment),
    )
    worn_out = update(Job).where(waits, Job.tries >= MOST_TRIES)
    session.execute(
        worn_out.values(
            state=JobState.FAILED, owner="", finished=moment, error="It was tried too often."
        )
    )
    oldest = select(Job.id).where(waits).order_by(Job.created, Job.id).limit(1)
    taken = (
        update(Job)
        .where(Job.id == oldest.scalar_subquery(), waits)
        .values(
            state=JobState.RUNNING, owner=owner, lease=moment + LEASE, tries=Job.tries + 1, done=0
        )
        .returning(Job.id)
    )
    job_id = session.scalar(taken)
    return None if job_id is None else session.get(Job, job_id, populate_existing=True)


def step(session: Session, job_id: int, owner: str, done: int) -> bool:
    """Say how many files were looked at, and keep the job; tell whether it was still `owner`'s."""
    said = _mine(job_id, owner).values(done=done, lease=utcnow() + LEASE)
    return session.scalar(said.returning(Job.id)) is not None


def give_back(session: Session, job_id: int, owner: str) -> None:
    """Let the job wait for another try, after a rest; nothing where it is not `owner`'s."""
    rests = {"state": JobState.WAITING, "owner": "", "lease": utcnow() + REST}
    session.execute(_mine(job_id, owner).values(**rests))


def over(session: Session, job_ids: Collection[int]) -> set[int]:
    """Return which of these jobs are done or given up: nobody reads their files any more."""
    query = select(Job.id).where(Job.id.in_(job_ids), Job.finished.is_not(None))
    return set(session.scalars(query))


def finish(
    session: Session,
    job_id: int,
    owner: str,
    *,
    files: Sequence[File] = (),
    batch_id: int | None = None,
    error: str = "",
) -> bool:
    """Say what became of the files; tell whether the job was still `owner`'s."""
    said: dict[str, Any] = {
        "state": JobState.FAILED if error else JobState.DONE,
        "owner": "",
        "lease": None,
        "finished": utcnow(),
        "batch_id": batch_id,
        "error": error,
    }
    if files:
        said |= {"files": [asdict(file) for file in files], "done": len(files)}
    said_of = _mine(job_id, owner).values(**said)
    return session.scalar(said_of.returning(Job.id)) is not None


def _mine(job_id: int, owner: str) -> Update:
    """Return a change of the job, while `owner` has it."""
    return update(Job).where(Job.id == job_id, Job.owner == owner, Job.state == JobState.RUNNING)


def _answered(session: Session, person: Person, key: str) -> Answered | None:
    session.execute(delete(Answered).where(Answered.expires < utcnow()))
    return session.scalar(select(Answered).filter_by(by=person.by, key=key))


def _digest(files: Sequence[File]) -> str:
    """Return what tells one request from another: the files, not how a form wraps them."""
    said = "\n".join(f"{file.sha256} {file.name}" for file in files)
    return sha256(said.encode()).hexdigest()
