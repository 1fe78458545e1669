"""Fill a library: files in, records published, index brought up to date; commits as it goes."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from time import sleep

from ingest.classify import Tagger
from ingest.neighbours import Confirmed
from ingest.order import Order
from ingest.pipeline import Alike, Outcome, files_in, proposed
from ingest.sandbox import Reader
from kb import (
    batches,
    copies,
    leftovers,
    originals,
    processes,
    records,
    reviewing,
    tagging,
    waiting,
)
from kb.errors import KBError
from kb.people import operator
from kb.vocabulary import BatchKind, Became, Ground, TagStatus
from search import refreshing
from web.library import Library
from web.workers import PRELOAD, Judge, Worker, read_batch

Step = Callable[[int, int, str], None]  # done, of how many, a line about the last one

IDLE_S = 2.0  # between two looks for files that wait
BATCH = 20  # records indexed between two commits
# Two who bring the index up to date at once would encode the same records twice.
_ONE_AT_A_TIME = Lock()

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file, or would become, and the batch that can take it back."""

    outcomes: tuple[Outcome, ...]
    batch_id: int | None = None  # none where nothing was new, or nothing kept
    looked_only: bool = False

    def of(self, became: Became) -> list[Outcome]:
        """Return the outcomes of one kind."""
        return [outcome for outcome in self.outcomes if outcome.became is became]

    @property
    def added(self) -> list[Outcome]:
        """The files that became drafts."""
        return self.of(Became.ADDED)

    @property
    def failed(self) -> list[Outcome]:
        """The files that could not be read."""
        return self.of(Became.FAILED)


def ingest(
    library: Library,
    paths: Iterable[Path],
    *,
    step: Step,
    by: str = "ingest",
    workers: int = 1,
) -> Report:
    """Make a draft of each new file, one commit a file, all in one batch.

    Interrupted, even by a power cut, the same call goes on with the same batch. `workers` processes
    read, and so do those that run elsewhere on this library (`work`).
    """
    asked = list(paths)
    files = files_in(asked)
    leftovers.sweep(library.settings.originals)
    with library.writing() as session:
        named = [str(path.resolve()) for path in asked]
        batch_id = batches.begin(session, BatchKind.INGEST, named, by=by).id
        waiting.put(session, batch_id, files)
        session.commit()
    outcomes: dict[int, Outcome] = {}

    def told(position: int, outcome: Outcome) -> None:
        outcomes[position] = outcome
        step(len(outcomes), len(files), line(outcome))

    read_batch(library, batch_id, files, workers=workers, told=told)
    leftovers.sweep(library.settings.originals)  # of workers that were killed meanwhile
    with library.writing() as session:
        finished = batches.finish(session, batch_id)
        session.commit()
        in_order = (outcomes[position] for position in sorted(outcomes))
        return Report(tuple(in_order), finished.id if finished else None)


def work(
    library: Library,
    *,
    batch_id: int | None = None,
    once: bool = False,
    stopping: Callable[[], bool],
    told: Callable[[Outcome], None],
) -> None:
    """Read the files that wait and index what they became, until `stopping` says so.

    `once` ends when nothing waits that this worker may have. Where it reads one batch only, that
    is indexed by whoever asked for it.
    """
    with Worker(library, batch_id=batch_id, stopping=stopping) as worker:
        while not stopping():
            done = 0
            for done, (_, outcome) in enumerate(worker.read(), start=1):  # noqa: B007
                told(outcome)
            if done and batch_id is None:
                index(library, step=quietly)
            elif once:
                return
            else:
                sleep(IDLE_S)


def preview(library: Library, paths: Iterable[Path], *, step: Step) -> Report:
    """Return what `ingest` would make of the files, and keep nothing."""
    files = files_in(paths)
    outcomes: list[Outcome] = []
    first: dict[str, Path] = {}
    with closing(Judge(library, files=len(files))) as judge:
        for prepared in judge.prepare(files):
            outcome = proposed(prepared)
            same = first.setdefault(outcome.sha256 or str(outcome.path), outcome.path)
            if outcome.became is Became.ADDED and same != outcome.path:
                outcome = replace(outcome, became=Became.KNOWN, title=same.name)
            outcomes.append(outcome)
            step(len(outcomes), len(files), line(outcome))
    return Report(tuple(outcomes), looked_only=True)


def suggest_again(library: Library, record_ids: Sequence[int] = (), *, step: Step) -> int:
    """Suggest tags for drafts with what curators have decided until now; return how many changed.

    All drafts with open suggestions where none is named. Nothing that was decided changes.
    """
    encode = library.encoder.encode if library.encoder else None
    with library.reading() as session:
        confirmed = Confirmed.load(session, library.taxonomy)
        chosen = list(record_ids) or tagging.with_open(session)
    tagger = Tagger(library.taxonomy, library.labels, encode, confirmed)
    changed = 0
    for done, record_id in enumerate(chosen, start=1):
        with library.reading() as session:
            said = records.read(records.get(session, record_id))
        tags = tagger.suggest(
            said.title, said.sections, language=said.language, record_id=record_id
        )
        with library.writing() as session:
            record = records.get(session, record_id)
            before = record.version
            if tagging.suggest(session, record_id, tags, by="ingest"):
                batches.follow(session, record, before=before)
                changed += 1
            session.commit()
        step(done, len(chosen), "")
    return changed


def undo(library: Library, batch_id: int, *, by: str, dry_run: bool = False) -> batches.Undone:
    """Take a batch back, or only say what that would do."""
    if dry_run:
        with library.reading() as session:
            return batches.preview(session, batch_id)
    with library.writing() as session:
        undone = batches.undo(session, batch_id, by=by)
        session.commit()
    return undone


def line(outcome: Outcome) -> str:
    """Return what became of a file, and why, in one line."""
    name = outcome.path.name
    if outcome.became is Became.FAILED:
        return f"✗ {name}: {outcome.reason}"
    if outcome.became is Became.KNOWN:
        where = f"record {outcome.record_id}" if outcome.record_id else f"as {outcome.title}"
        return f"= {name}: known already, {where}"
    said = [*outcome.doubts, *map(_likeness, outcome.alike)]
    if outcome.findings:
        said.append(f"{outcome.findings} to decide before it is shown")
    doubts = f" ({'; '.join(said)})" if said else ""
    number = f" {outcome.record_id}" if outcome.record_id else ""
    return f"+ {name}: draft{number}, “{outcome.title}”{doubts}"


def _likeness(alike: Alike) -> str:
    how = alike.kind.replace("-", " ")
    return f"{how} as record {alike.record_id}, {alike.score:.0%} in common"


def index(library: Library, *, step: Step, all_asked: bool = False) -> int:
    """Bring what is derived from the records up to date; return how many were stale.

    What has changed waits in a list; with `all_asked` every record is looked at, whatever it says.

    The index with a commit every few records, and the copies of files for readers.
    Encoding is done while reading, so that nobody waits for it who wants to write. Who comes while
    another thread or process does it takes turns with it, and none encodes what another one has.
    """
    copy_for_readers(library)
    if all_asked:
        with library.writing() as session:
            refreshing.ask_all(session)
            session.commit()
    done = 0
    with library.reading() as session:
        stale = refreshing.count_stale(session, library.encoder)
    while True:
        some, were_all = _index_some(library)
        done += some
        if some:
            step(done, max(done, stale), "")
        if were_all:  # who changes another one meanwhile comes here, too
            return done


def _index_some(library: Library) -> tuple[int, bool]:
    """Return how many records were brought up to date, and whether no other was stale."""
    with _alone(library):
        with library.reading() as session:
            update = refreshing.prepare(session, library.encoder, limit=BATCH)
        if update is None:
            return 0, True
        with library.writing() as session:
            done = refreshing.write(session, update)
            session.commit()
        return done, len(update.versions) < BATCH


@contextmanager
def _alone(library: Library) -> Iterator[None]:
    """Wait until no other thread of this process, and no other process, is at it."""
    with _ONE_AT_A_TIME, processes.alone(library.settings.index / "writing.lock"):
        yield


def publish(
    library: Library,
    record_id: int,
    *,
    accept: float | None,
    by: str = "cli",
    ground: Ground | None = None,
    note: str = "",
) -> str:
    """Publish the record and return its title; `accept` first confirms tags that are this sure.

    `ground` and `note` say why it may be shown, where its team was not asked here.
    Whoever has the command line is the operator, who may do so alone (`kb.reviewing`).
    The index is brought up to date before, too: it must not show readers what was redacted since.
    """
    index(library, step=quietly)
    with library.writing() as session:
        record = records.get(session, record_id)
        if accept is not None:
            sure = [
                tag.concept.notation
                for tag in record.tags
                if tag.status is TagStatus.CONFIRMED
                or (tag.status is TagStatus.SUGGESTED and tag.confidence >= accept)
            ]
            tagging.confirm(session, record_id, sure, version=record.version, by=by)
        published = reviewing.publish(
            session,
            record_id,
            operator(by),
            two_people=False,
            unseen=True,
            ground=ground,
            note=note,
        )
        title = published.title
        session.commit()
    index(library, step=quietly)
    return title


def quietly(_done: int, _total: int, _line: str) -> None:
    """Say nothing of how far it is: few records are stale."""


def copy_for_readers(library: Library) -> int:
    """Make the copies of original files that published records lack; return how many.

    The file is opened in the sandbox, like everything that comes from outside; where no copy can
    be made that is clean for certain, readers get none, and the desk says why.
    """
    settings = library.settings
    if not settings.share_originals:
        return 0
    leftovers.sweep(settings.copies)
    with library.reading() as session:
        wanted = copies.wanted(session)
    made = 0
    with Reader(preload=len(wanted) >= PRELOAD, at_once=1) as reader:
        for one in wanted:
            order = Order(one.words, one.faces)
            try:
                copy, why = _copied(reader, settings.originals, one.sha256, order)
            except OSError as error:  # by no fault of the file: it is tried again the next time
                log.warning("No copy of the original %s is made yet: %s", one.sha256[:12], error)
                continue
            with library.writing() as session:
                if copy is None:
                    copies.refuse(session, one.attachment_id, why=why)
                else:
                    copies.keep(session, one.attachment_id, copy, folder=settings.copies, note=why)
                    made += 1
                session.commit()
    return made


def _copied(reader: Reader, folder: Path, sha256: str, order: Order) -> tuple[bytes | None, str]:
    """Return the copy and what is to be said of it, or None and why there is none."""
    try:
        done = reader.copy(originals.find(folder, sha256), order)
    except KBError as error:
        return None, f"Readers get no copy of the file. {error}"
    return done.data, done.note
