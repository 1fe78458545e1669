"""Fill a library: files in, records published, index brought up to date; commits as it goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.draft import Proposer
from ingest.pipeline import Became, Outcome, add, files_in, known_files, prepare
from ingest.sandbox import Limits, Reader
from kb import records
from kb.vocabulary import TagStatus
from search import store
from search.store import count_stale
from web.library import Library

Step = Callable[[int, int, str], None]  # done, of how many, a line about the last one

BATCH = 20  # records indexed between two commits


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file."""

    outcomes: tuple[Outcome, ...]

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


def ingest(library: Library, paths: Iterable[Path], *, step: Step, by: str = "ingest") -> Report:
    """Make a draft of each new file, one commit a file; interrupted, it can be run again."""
    files = files_in(paths)
    with library.reading() as session:
        known = known_files(session)
    encode = library.encoder.encode if library.encoder else None
    propose = Proposer(library.taxonomy, library.labels, encode)
    outcomes: list[Outcome] = []
    with Reader(limits=Limits(file_bytes=library.settings.max_file_mb * 2**20)) as reader:
        for prepared in prepare(files, known=known, read=reader.read, propose=propose):
            with library.writing() as session:
                outcome = add(session, prepared, folder=library.settings.originals, by=by)
                session.commit()
            outcomes.append(outcome)
            step(len(outcomes), len(files), line(outcome))
    return Report(tuple(outcomes))


def line(outcome: Outcome) -> str:
    """Return what became of a file, and why, in one line."""
    name = outcome.path.name
    if outcome.became is Became.FAILED:
        assert outcome.error is not None
        return f"✗ {name}: {outcome.error} {outcome.error.hint}".rstrip()
    if outcome.became is Became.KNOWN:
        return f"= {name}: known already, record {outcome.record_id}"
    doubts = f" ({'; '.join(outcome.doubts)})" if outcome.doubts else ""
    return f"+ {name}: draft {outcome.record_id}, “{outcome.title}”{doubts}"


def index(library: Library, *, step: Step) -> int:
    """Bring the index up to date, a commit every few records; return how many were stale.

    Encoding is done while reading, so that nobody waits for it who wants to write.
    """
    done = 0
    with library.reading() as session:
        stale = count_stale(session, library.encoder)
    while True:
        with library.reading() as session:
            update = store.prepare(session, library.encoder, limit=BATCH)
        if update is None:
            return done
        with library.writing() as session:
            done += store.write(session, update)
            session.commit()
        step(done, max(done, stale), "")


def publish(library: Library, record_id: int, *, accept: float | None, by: str = "cli") -> str:
    """Publish the record and return its title; `accept` first confirms tags that are this sure."""
    with library.writing() as session:
        record = records.get(session, record_id)
        if accept is not None:
            sure = [
                tag.concept.notation
                for tag in record.tags
                if tag.status is TagStatus.CONFIRMED
                or (tag.status is TagStatus.SUGGESTED and tag.confidence >= accept)
            ]
            records.confirm_tags(session, record_id, sure, version=record.version, by=by)
        title = records.publish(session, record_id, by=by).title
        session.commit()
    return title
