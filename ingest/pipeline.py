"""Files in, drafts of records out: resumable, and one bad file stops none.

Two steps, because reading a file takes seconds and the database has one writer at a time:
`prepare` reads and judges without a database, `add` writes one prepared file. Whoever calls
commits after each `add`; interrupted, the next run knows the finished files by their bytes.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.document import Document
from ingest.draft import Draft
from ingest.duplicates import Shelf
from ingest.readers.refusal import UnreadableError
from kb import content, findings, gate, identifiers, likenesses, originals, records, texts
from kb.errors import InvalidError, KBError, NotFoundError
from kb.hidden import Hidden
from kb.models import Attachment, BatchItem, Record
from kb.vocabulary import Became, FindingState, LikenessKind

Read = Callable[[Path], Document]
Propose = Callable[[Document], Draft]

READERS_AT_ONCE = 2  # each is a process of its own
NOT_OPENED = "not-opened"  # a code beside the reasons of the readers


class Alike(NamedTuple):
    """Another record that tells the same, how, and how much of the text they share, in [0, 1]."""

    record_id: int
    kind: LikenessKind
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file, and why."""

    path: Path
    became: Became
    record_id: int | None = None  # of the new record, or of the one that has these bytes
    title: str = ""
    doubts: tuple[str, ...] = ()
    error: KBError | None = None
    code: str = ""  # what the error is, for programs
    sha256: str = ""
    draft: content.Record | None = None  # as it was proposed; only of a file that was read now
    findings: int = 0  # that may identify people, for the curator to decide
    alike: tuple[Alike, ...] = ()

    @property
    def reason(self) -> str:
        """Why it failed, and what to do about it; empty where it did not."""
        return f"{self.error} {self.error.hint}".strip() if self.error else ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was looked at: known already, or a draft, or the reason why not."""

    path: Path
    sha256: str = ""
    known: int | None = None
    document: Document | None = None
    draft: Draft | None = None
    error: KBError | None = None


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the files among `paths` and in the folders among them, sorted, each once.

    Hidden files and the lock files of office programs (`~$…`) are no documents; links are not
    followed, because they may lead out of the folder that was named.

    Raises:
        NotFoundError: one of `paths` does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise NotFoundError(
                f"There is no file or folder {path}.", hint="Check the name and the folder."
            )
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found |= dict.fromkeys(file for file in inside if _is_document(file, path))
    return list(found)


def known_files(session: Session) -> dict[str, int]:
    """Return the record made from each original file, by the file's sha256."""
    query = select(Attachment.sha256, Attachment.record_id).where(Attachment.original)
    return {row.sha256: row.record_id for row in session.execute(query)}


def prepare(
    files: Iterable[Path], *, known: Mapping[str, int], read: Read, propose: Propose
) -> Iterator[Prepared]:
    """Read and judge each file, a few at once, and yield them in their order.

    No more are asked for, and begun, than are waited for: a crash costs the files in hand and no
    others, and the drafts of a large folder do not pile up.
    """
    with ThreadPoolExecutor(READERS_AT_ONCE) as pool:
        begun: deque[Future[Prepared]] = deque()
        try:
            for path in files:
                begun.append(pool.submit(_prepare, path, known, read, propose))
                if len(begun) > READERS_AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:  # nobody waits for them any more
                future.cancel()


def proposed(prepared: Prepared) -> Outcome:
    """Return what would become of the file, without a database: for a look before the act."""
    if prepared.error is not None:
        return _failed(prepared, prepared.error)
    if prepared.known is not None:
        return _known(prepared, prepared.known)
    assert prepared.draft is not None
    assert prepared.document is not None
    new = prepared.draft.record
    told = [text for _, text in texts.texts(new)]
    people = [one for text in told for one in identifiers.find(text, language=new.language)]
    asked = [one for one in hidden_in(prepared.document) if one.kind not in gate.NEVER_COPIED]
    return replace(_added(prepared, None, new), findings=len(people) + len(asked))


def add(
    session: Session,
    prepared: Prepared,
    *,
    folder: Path,
    by: str,
    shelf: Shelf | None = None,
) -> Outcome:
    """Keep the original in `folder`, make the draft record, and return what became of the file.

    What may identify people is noted with it, and, where there is a `shelf`, which records tell
    the same.
    """
    path = prepared.path
    if prepared.error is not None:
        return _failed(prepared, prepared.error)
    known = prepared.known or _record_of(session, prepared.sha256)
    if known is not None:
        return _known(prepared, known)
    assert prepared.document is not None
    assert prepared.draft is not None
    try:
        originals.keep(
            session,
            path,
            folder=folder,
            sha256=prepared.sha256,
            media_type=prepared.document.media_type,
        )
    except (KBError, OSError) as error:  # it was changed or taken away since it was read
        return _failed(prepared, _as_ours(path, error))
    new = prepared.draft.record
    note = f"ingested from {path.name}"
    record = records.create(session, new, by=by, note=note, original=prepared.sha256)
    found = findings.scan(session, record.id, hidden=hidden_in(prepared.document))
    alike = _alike(session, shelf, record.id, prepared.document)
    return replace(
        _added(prepared, record.id, new),
        findings=sum(finding.state is FindingState.OPEN for finding in found),
        alike=tuple(alike),
    )


def recalled(session: Session, item: BatchItem) -> Outcome:
    """Return what became of a file that another worker has read."""
    outcome = Outcome(
        Path(item.name),
        item.became,
        item.record_id,
        error=InvalidError(item.reason) if item.reason else None,
        code=item.code,
        sha256=item.sha256,
    )
    record = session.get(Record, item.record_id) if item.record_id else None
    if record is None or item.became is not Became.ADDED:
        return outcome
    rows = (row for row in likenesses.of(session, record.id) if row.record_id == record.id)
    return replace(
        outcome,
        title=item.title,
        doubts=tuple(item.doubts),
        draft=records.read(record),
        findings=findings.open_counts(session, [record.id]).get(record.id, 0),
        alike=tuple(Alike(row.other_id, row.kind, row.score) for row in rows),
    )


def hidden_in(document: Document) -> list[Hidden]:
    """Return what the file holds beside its text, and what identifies people in its headers."""
    beside = [
        Hidden(one.kind, text.where, one.text)
        for text in document.beside
        for one in identifiers.find(text.text)
    ]
    return [*document.hidden, *dict.fromkeys(beside)]


def _alike(
    session: Session, shelf: Shelf | None, record_id: int, document: Document
) -> Iterator[Alike]:
    if shelf is None:
        return
    modified = document.metadata.modified
    rows = shelf.note(session, record_id, document.markdown, name=document.name, modified=modified)
    for row in rows:
        other = row.other_id if row.record_id == record_id else row.record_id
        yield Alike(other, row.kind, row.score)


def _failed(prepared: Prepared, error: KBError) -> Outcome:
    code = error.reason.value if isinstance(error, UnreadableError) else NOT_OPENED
    return Outcome(prepared.path, Became.FAILED, error=error, code=code, sha256=prepared.sha256)


def _known(prepared: Prepared, record_id: int) -> Outcome:
    return Outcome(prepared.path, Became.KNOWN, record_id=record_id, sha256=prepared.sha256)


def _added(prepared: Prepared, record_id: int | None, new: content.Record) -> Outcome:
    return Outcome(
        prepared.path,
        Became.ADDED,
        record_id,
        new.title,
        new.doubts,
        sha256=prepared.sha256,
        draft=new,
    )


def _prepare(path: Path, known: Mapping[str, int], read: Read, propose: Propose) -> Prepared:
    try:
        sha256 = originals.sha256_of(path)
        if sha256 in known:
            return Prepared(path, sha256, known=known[sha256])
        document = read(path)
        if document.sha256 != sha256:
            raise InvalidError(
                f"{path.name} changed while it was read.", hint="Wait until it is saved; try again."
            )
        return Prepared(path, sha256, document=document, draft=propose(document))
    except (KBError, OSError) as error:
        return Prepared(path, error=_as_ours(path, error))


def _as_ours(path: Path, error: KBError | OSError) -> KBError:
    if isinstance(error, KBError):
        return error
    return InvalidError(
        f"{path.name} cannot be opened: {error.strerror}.", hint="Check who may read it."
    )


def _record_of(session: Session, sha256: str) -> int | None:
    query = select(Attachment.record_id).filter_by(sha256=sha256, original=True)
    return session.scalar(query.limit(1))


def _is_document(file: Path, named: Path) -> bool:
    if file == named:
        return file.is_file()
    hidden = any(part.startswith((".", "~$")) for part in file.relative_to(named).parts)
    return file.is_file() and not file.is_symlink() and not hidden
