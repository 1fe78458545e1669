"""The files that programs sent become drafts, one job after the other, beside the answers.

The bytes lie in the library's folder until the job is over. A worker that is killed leaves its
row and its files: the next one, after the lease, goes on with the same batch. One that fails gives
the job back, and it is tried again after a rest.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePath
from threading import Event, Lock
from typing import Final
from uuid import uuid4

from ingest.pipeline import Outcome
from kb import batches, jobs
from kb.models import Job
from kb.vocabulary import Became
from web import filling
from web.library import Library
from web.uploads import Upload

LONGEST_NAME: Final = 200  # bytes of a file's name; file systems take 255
# Who finds a worker at work leaves it at asking: threads that wait would be missing for readers.
_ASKED: Final = Event()
_ONE: Final = Lock()

log = logging.getLogger(__name__)


class _TakenOverError(Exception):
    """Another worker has the job: this one was thought dead."""


def named(upload: Upload) -> str:
    """Return the name of a file without folders, as it is kept and told.

    >>> named(Upload("../../stories/May.docx", b"")), named(Upload("..", b""))
    ('May.docx', 'file')
    """
    name = PurePath(upload.name.replace("\\", "/")).name
    plain = "".join(letter for letter in name if letter.isprintable())
    end = plain.encode()[-LONGEST_NAME:].decode(errors="ignore")  # with what kind of file it is
    return end.lstrip(".~") or "file"


def keep(library: Library, job_id: int, files: Sequence[Upload]) -> None:
    """Put the bytes of a job where its worker finds them, each file in a folder of its own."""
    for number, upload in enumerate(files):
        folder = _folder(library, job_id) / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / named(upload)).write_bytes(upload.data)


def work(library: Library) -> int:
    """Do all jobs that wait; return how many. In a process one does, for all that ask meanwhile."""
    done = 0
    _ASKED.set()
    while _ASKED.is_set() and _ONE.acquire(blocking=False):
        try:
            _ASKED.clear()
            done += _work(library)
        finally:
            _ONE.release()
    return done


def _work(library: Library) -> int:
    _tidy(library)
    owner, done = uuid4().hex, 0
    while True:
        with library.writing() as session:
            job = jobs.claim(session, owner)
            session.commit()
            taken = (job.id, job.by, jobs.files_of(job)) if job else None
        if taken is None:
            return done
        try:
            _do(library, owner, *taken)
            done += 1
        except _TakenOverError:
            log.warning("Job %d took so long that another worker has it.", taken[0])
        except Exception:  # whoever asked hears of it when it was tried too often
            log.exception("Job %d failed, and is tried again.", taken[0])
            with library.writing() as session:
                jobs.give_back(session, taken[0], owner)
                session.commit()


def _do(library: Library, owner: str, job_id: int, by: str, files: list[jobs.File]) -> None:
    folder = _folder(library, job_id)
    paths = [folder / str(number) / file.name for number, file in enumerate(files)]

    def step(done: int, _total: int, _line: str) -> None:
        with library.writing() as session:
            is_mine = jobs.step(session, job_id, owner, done)
            session.commit()
        if not is_mine:
            raise _TakenOverError

    report = filling.ingest(library, paths, step=step, by=by)
    told = _told(library, report, files, paths)
    with library.writing() as session:
        is_mine = jobs.finish(session, job_id, owner, files=told, batch_id=report.batch_id)
        session.commit()
    if not is_mine:  # the files are the other worker's
        raise _TakenOverError
    shutil.rmtree(folder, ignore_errors=True)
    filling.index(library, step=filling.quietly)


def _tidy(library: Library) -> None:
    """Remove the files of jobs that are over, as a worker that was killed may leave them.

    A folder without a job may be one whose request has not committed yet.
    """
    there = [int(path.name) for path in _sent(library).glob("[0-9]*") if path.name.isdecimal()]
    with library.reading() as session:
        for job_id in jobs.over(session, there):
            shutil.rmtree(_folder(library, job_id), ignore_errors=True)


def _told(
    library: Library, report: filling.Report, files: list[jobs.File], paths: list[Path]
) -> list[jobs.File]:
    """Return what became of each file; what an interrupted run did of this job counts as done."""
    by_path = {outcome.path: outcome for outcome in report.outcomes}
    before: set[str] = set()
    if report.batch_id is not None:
        with library.reading() as session:
            items = batches.get(session, report.batch_id).items
            before = {item.name for item in items if item.became is Became.ADDED}
    return [
        _file(file, by_path[path], added=str(path.resolve()) in before)
        for file, path in zip(files, paths, strict=True)
    ]


def _file(file: jobs.File, outcome: Outcome, *, added: bool) -> jobs.File:
    return jobs.File(
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        became=Became.ADDED if added else outcome.became,
        record_id=outcome.record_id,
        title=outcome.title,
        reason=outcome.code,
        message=outcome.reason,
        doubts=[str(doubt) for doubt in outcome.doubts],
    )


def waiting(job: Job) -> bool:
    """Tell whether the job is not over yet."""
    return job.finished is None


def _folder(library: Library, job_id: int) -> Path:
    return _sent(library) / str(job_id)


def _sent(library: Library) -> Path:
    return library.settings.data / "sent"
