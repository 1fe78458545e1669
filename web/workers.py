"""Workers read the files that wait: in this process, in others beside it, on other computers.

A worker claims a file, reads and judges it without the database, and keeps the draft, its line in
the batch and the end of the claim in one commit. So a file is read by one, kept once, and taken
over when its worker is gone.
"""

import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from ingest.draft import Proposer
from ingest.duplicates import Shelf
from ingest.neighbours import Confirmed
from ingest.pipeline import Outcome, Prepared, add, known_files, prepare, recalled
from ingest.sandbox import Limits, Reader
from kb import batches, originals, processes, waiting
from kb.errors import InvalidError, KBError, NotReadyError
from kb.models import Batch, Record
from kb.waiting import Claimed
from web.library import Library

PRELOAD: Final = 3  # files from which on it pays to load the libraries of all formats first
RENEW_S: Final = waiting.LEASE.total_seconds() / 4
POLL_S: Final = 0.5  # between two looks at what others have done
FORGET_S: Final = 300.0  # then a worker looks again for files that it did not see
COMMAND: Final = "from web.cli import run; run()"

log = logging.getLogger(__name__)


class Judge:
    """Reads files and proposes drafts, with what the library knew when it began; to be closed."""

    def __init__(self, library: Library, *, files: int) -> None:
        """Get ready to read about so many files."""
        with library.reading() as session:
            self._known = known_files(session)
            confirmed = Confirmed.load(session, library.taxonomy)
        encode = library.encoder.encode if library.encoder else None
        settings = library.settings
        limits = Limits(file_bytes=settings.max_file_mb * 2**20, ocr=settings.ocr)
        self._propose = Proposer(library.taxonomy, library.labels, encode, confirmed)
        self._reader = Reader(limits=limits, preload=files >= PRELOAD)
        self._reader.get_ready()

    def prepare(self, files: Iterable[Path]) -> Iterator[Prepared]:
        """Read and judge each file, as `ingest.pipeline.prepare` does."""
        return prepare(files, known=self._known, read=self._reader.read, propose=self._propose)

    def close(self) -> None:
        """End the processes that read."""
        self._reader.close()


class Worker:
    """Takes files that wait, of one batch or of all, and reads them; a context manager.

    What it has is renewed while it lives and given back at its end. `asks` is whoever asked for
    the batch: a file that it does not see is not there. Other workers leave such a file to those
    who do see it. Once `stopping` says so, no more files are taken.
    """

    def __init__(
        self,
        library: Library,
        *,
        batch_id: int | None = None,
        asks: bool = False,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.owner = processes.name()
        self._library = library
        self._batch_id = batch_id
        self._asks = asks
        self._stopping = stopping
        self._unseen: set[int] = set()  # files
        self._elsewhere: set[int] = set()  # batches whose folder is not on this computer
        self._looked = monotonic()
        self._left = 0
        self._ended = Event()
        self._renewing = Thread(target=self._renew, name="claims", daemon=True)

    def __enter__(self) -> Self:
        self._renewing.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._renewing.join()
        with suppress(SQLAlchemyError), self._library.aside() as session:
            waiting.give_back(session, self.owner)
            session.commit()

    def read(self) -> Iterator[tuple[Claimed, Outcome]]:
        """Read what waits and nobody has, and yield what became of each file.

        Raises:
            NotReadyError: the library's originals are not in the folder of this computer.
        """
        if not self._any_wait():
            return
        self._library.look()
        with self._library.writing() as session:
            shelf = Shelf.load(session)
            session.commit()
        with closing(Judge(self._library, files=self._left)) as judge:
            first = self._claim()  # now: whoever ends before has not ended by a file
            while first is not None:
                if first.tries > waiting.MOST_TRIES:
                    yield from self._refused(shelf, first)
                else:  # others in hand would suffer with a file that its worker died of
                    taken = [first] if first.is_suspect else chain([first], self._unsuspected())
                    yield from self._kept(judge, shelf, taken)
                first = self._claim()

    def _any_wait(self) -> bool:
        """Return whether there may be a file to read; look at the library only where some wait."""
        if monotonic() - self._looked > FORGET_S:
            self._unseen.clear()
            self._elsewhere.clear()
            self._looked = monotonic()
        with self._library.reading() as session:
            self._left = waiting.left(session, self._batch_id)
            if self._left == 0:
                return False
            if not originals.are_here(session, self._library.settings.originals):
                raise NotReadyError(
                    f"The originals of this library are not in {self._library.settings.originals}.",
                    hint="Computers that share a library share its data folder: mount it here and "
                    "name it with KB_DATA, or restore it from your backup.",
                )
        with self._library.aside() as session:
            waiting.take_from_the_dead(session)
            session.commit()
            return waiting.any_free(
                session,
                batch_id=self._batch_id,
                without=self._unseen,
                elsewhere=self._elsewhere,
            )

    def _claim(self) -> Claimed | None:
        while not self._stopping():
            with self._library.aside() as session:
                claimed = waiting.claim(
                    session,
                    self.owner,
                    batch_id=self._batch_id,
                    without=self._unseen,
                    elsewhere=self._elsewhere,
                )
                session.commit()
            if claimed is None or self._asks or os.access(claimed.path, os.R_OK):
                return claimed
            self._leave(claimed)
        return None

    def _leave(self, claimed: Claimed) -> None:
        """Leave a file that is not seen here to others."""
        if os.access(claimed.path.parent, os.R_OK):
            self._unseen.add(claimed.id)
            log.warning("%s is not there any more, or may not be read here.", claimed.path)
        else:
            self._elsewhere.add(claimed.batch_id)
            log.warning(
                "The folder %s of batch %d is not on this computer, or may not be read here: its "
                "files are left to other workers. Mount it under the same name to help.",
                claimed.path.parent,
                claimed.batch_id,
            )
        self._give_back(claimed)

    def _unsuspected(self) -> Iterator[Claimed]:
        """Claim one after another, until the next one has to be read alone."""
        while claimed := self._claim():
            if claimed.is_suspect:
                return self._give_back(claimed)
            yield claimed

    def _give_back(self, claimed: Claimed) -> None:
        with self._library.aside() as session:
            waiting.give_back(session, self.owner, claimed)
            session.commit()

    def _kept(
        self, judge: Judge, shelf: Shelf, taken: Iterable[Claimed]
    ) -> Iterator[tuple[Claimed, Outcome]]:
        in_hand: deque[Claimed] = deque()

        def paths() -> Iterator[Path]:
            for claimed in taken:
                in_hand.append(claimed)
                yield claimed.path

        try:
            for prepared in judge.prepare(paths()):
                outcome = self._keep(in_hand[0], prepared, shelf)
                claimed = in_hand.popleft()
                if outcome is not None:
                    yield claimed, outcome
        except (SQLAlchemyError, OSError, KBError):  # the library's trouble, not the file's
            raise
        except Exception:
            self._blame(in_hand)
            raise

    def _refused(self, shelf: Shelf, claimed: Claimed) -> Iterator[tuple[Claimed, Outcome]]:
        error = InvalidError(
            f"{claimed.path.name} was given up: {waiting.MOST_TRIES} workers ended while they "
            "read it.",
            hint="Look at the file, and at the memory of the computers; then ingest it again.",
        )
        outcome = self._keep(claimed, Prepared(claimed.path, error=error), shelf)
        if outcome is not None:
            yield claimed, outcome

    def _keep(self, claimed: Claimed, prepared: Prepared, shelf: Shelf) -> Outcome | None:
        """Keep what became of the file; None where it is another worker's, or was undone."""
        with self._library.writing() as session:
            if not waiting.end(session, claimed, self.owner):
                return None
            batch = session.get_one(Batch, claimed.batch_id)
            folder = self._library.settings.originals
            outcome = add(session, prepared, folder=folder, by=batch.by, shelf=shelf)
            batches.note(
                session,
                batch.id,
                name=str(outcome.path.resolve()),
                position=claimed.position,
                became=outcome.became,
                record=session.get(Record, outcome.record_id) if outcome.record_id else None,
                sha256=outcome.sha256,
                reason=outcome.reason,
                code=outcome.code,
                doubts=outcome.doubts,
            )
            batches.end(session, batch)
            session.commit()
        return outcome

    def _blame(self, in_hand: Sequence[Claimed]) -> None:
        """Let the first file count this try: something in it broke us, and may do so again."""
        if in_hand:
            with suppress(SQLAlchemyError), self._library.aside() as session:
                waiting.let_go(session, self.owner, in_hand[0])
                session.commit()

    def _renew(self) -> None:
        while not self._ended.wait(RENEW_S):
            try:
                with self._library.aside() as session:
                    waiting.renew(session, self.owner)
                    session.commit()
            except SQLAlchemyError:  # the next time, or another worker takes over
                log.warning("What this worker reads could not be kept for it longer.")


def read_batch(
    library: Library,
    batch_id: int,
    files: Sequence[Path],
    *,
    workers: int = 1,
    told: Callable[[int, Outcome], None],
) -> None:
    """Read the files of a batch together with whoever else does, until none of them waits.

    `told` hears of each file, by its place in the batch, what became of it; of those that an
    undo overtook it hears nothing. `workers` are processes of this computer, this one counted.
    """
    heard: set[int] = set()

    def hear(position: int, outcome: Outcome) -> None:
        heard.add(position)
        told(position, replace(outcome, path=files[position]))

    with (
        _beside(library, batch_id, workers) as others,
        Worker(library, batch_id=batch_id, asks=True) as worker,
    ):
        while True:
            looked = monotonic()
            for claimed, outcome in worker.read():
                hear(claimed.position, outcome)
                if monotonic() - looked > POLL_S:
                    _hear_of_others(library, batch_id, files, heard, hear)
                    looked = monotonic()
            _hear_of_others(library, batch_id, files, heard, hear)
            with library.reading() as session:
                if not waiting.left(session, batch_id):
                    return
            for process in others:
                process.poll()  # else a dead one would seem to live
            sleep(POLL_S)


def _hear_of_others(
    library: Library,
    batch_id: int,
    files: Sequence[Path],
    heard: Collection[int],
    hear: Callable[[int, Outcome], None],
) -> None:
    """Hear of the files that other workers have done since."""
    with library.reading() as session:
        waits = waiting.positions(session, batch_id)
        done = [p for p in range(len(files)) if p not in waits and p not in heard]
        places = {str(files[position].resolve()): position for position in done}
        for item in batches.items_of(session, batch_id, list(places)):
            hear(places[item.name], recalled(session, item))


@contextmanager
def _beside(
    library: Library, batch_id: int, workers: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Have other processes read the batch, too; they end when it is done, or with this one."""
    settings = library.settings
    said = ["--data", str(settings.data), "work", "--batch", str(batch_id), "--once"]
    share = max(1, (os.cpu_count() or 1) // workers)
    environment = {
        **os.environ,
        "KB_DATABASE": settings.database,
        "OMP_NUM_THREADS": str(share),  # each would take all cores for its encoder
    }
    running = [
        subprocess.Popen(  # noqa: S603  # our own interpreter and our own code
            [sys.executable, "-c", COMMAND, *said],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment,
        )
        for _ in range(workers - 1)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.terminate()  # it gives back what it has
        for process in running:
            process.wait()
