"""What happens because time passes: requests go on, digests are written, mails are sent.

Each job may run twice, or in two processes at once, and happens once.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from kb import ageing, follows, proofs, support
from kb.db import utcnow
from web import outbox, telling_people, working
from web.library import Library, explained

HOUR_S: Final = 3_600
OFTEN_S: Final = 300  # where somebody waits for an answer
MOST_TURNS: Final = 1_000  # of a job that does a part at a time; the rest in an hour
FIRST_S: Final = 30  # after the start; a library that is only looked into does no work

log = logging.getLogger(__name__)


def gather(session: Session, _library: Library, _now: datetime) -> int:
    """Open what stories ask for."""
    return support.gather(session)


def escalate(session: Session, _library: Library, now: datetime) -> int:
    """Hand unanswered requests on."""
    return support.escalate(session, now)


def overdue(session: Session, library: Library, now: datetime) -> int:
    """Tell those who publish what waits too long for the desk."""
    days = library.settings.overdue_days
    return len(ageing.escalate(session, overdue_days=days, by="clock", now=now))


def digests(session: Session, library: Library, now: datetime) -> int:
    """Write the digests that are due."""
    return follows.write_digests(session, now, below=telling_people.below(library))


class Job(NamedTuple):
    """What is done every hour; it commits by itself."""

    name: str  # for whoever asks what was done
    do: Callable[[Session, Library, datetime], int]
    turns: int = 1  # of which each does a part, so that others may write in between


JOBS: Final = (
    Job("requests opened from stories", gather, MOST_TURNS),
    Job("requests handed on", escalate),
    Job("stories overdue", overdue),
    Job("digests written", digests),
)


def tick(library: Library, *, now: datetime | None = None) -> dict[str, int]:
    """Do all jobs once; return what was done of each."""
    moment = now or utcnow()
    done = {}
    for job in JOBS:
        done[job.name] = 0
        for _ in range(job.turns):
            with library.writing() as session:
                some = job.do(session, library, moment)
                session.commit()
            done[job.name] += some
            if not some:
                break
    return done | often(library, now=now) | {"backups tried": try_backup(library, moment)}


def often(library: Library, *, now: datetime | None = None) -> dict[str, int]:
    """Do what somebody waits for: jobs that a killed server left, and mails."""
    read = working.work(library)
    return {"files of programs read": read, "mails sent": outbox.send_waiting(library, now=now)}


def try_backup(library: Library, now: datetime) -> int:
    """Restore the newest backup for a moment where that is due; return how many were tried."""
    folder = library.settings.backups
    if folder is None or not proofs.is_due(folder, now):
        return 0
    proof = proofs.prove(folder, now=now)
    if proof.failed:
        log.error("The backup %s does not come back: %s", proof.backup, proof.failed)
    return 1


class Clock:
    """Does the jobs every hour, and what somebody waits for every five minutes, beside a server."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._stop = Event()
        self._thread = Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the job in hand."""
        self._stop.set()
        self._thread.join(timeout=FIRST_S)

    def _run(self) -> None:
        wait, since_jobs = FIRST_S, HOUR_S
        while not self._stop.wait(wait):
            hourly = since_jobs >= HOUR_S
            since_jobs = 0 if hourly else since_jobs + OFTEN_S
            wait = OFTEN_S
            try:
                tick(self._library) if hourly else often(self._library)
            except Exception as error:  # a job that fails is seen in the log, and tried again
                told = explained(error)
                if told is None:
                    log.exception("A job of the clock failed.")
                else:
                    log.error("A job of the clock failed: %s %s", told, told.hint)  # noqa: TRY400  no bug
