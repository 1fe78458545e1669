"""Bring the passages up to date with the records: what is stale, encoded, and written at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, func, insert, not_, or_, select
from sqlalchemy.orm import Session

from kb.markup import to_text
from kb.models import Record
from kb.privacy import public
from kb.records import WITH_PARTS, read
from kb.vocabulary import SectionRole
from search import full_text, pgvector, scratch, waiting
from search.encoder import Encoder, Progress, Vector
from search.filters import UNREADABLE, indexed
from search.passages import Passage, split
from search.store import VECTOR, PassageRow, Revision, Text, Write, texts

WRITES = 1_000  # of which the marks are kept: an index that is older is made anew
# Control characters mean nothing in a text, and something to the full-text tables.
CONTROLS = dict.fromkeys(c for c in range(32) if chr(c) not in "\t\n")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A passage on its way into the tables."""

    record: Record
    title: str  # as readers see it, like all that is found
    keywords: str
    source: Text
    passage: Passage
    plain: str  # the passage without Markdown

    @property
    def to_encode(self) -> str:
        return f"{self.title}\n{self.plain}".strip()

    @property
    def digest(self) -> bytes:
        return blake2b(self.to_encode.encode(), digest_size=16).digest()


class Stale(NamedTuple):
    """What is to be done, and which lines of `search.waiting` are done with it."""

    records: Sequence[Record]
    lines: Sequence[int]
    went: bool  # passages have gone with a deleted record, or vectors are missing
    all_asked: bool  # so those that are left over have no lines yet

    @property
    def changes(self) -> bool:
        """Whether the passages will be others than before."""
        return bool(self.records) or self.went


@dataclass(frozen=True, slots=True)
class Update:
    """Passages that are ready to be written, and of which versions of which records."""

    versions: Mapping[int, int]  # by record id
    drafts: Sequence[_Draft]
    vectors: Mapping[bytes, bytes]
    encoder: Encoder | None
    stale: Stale


def count_stale(session: Session, encoder: Encoder | None) -> int:
    """Return how many records `refresh` would bring up to date."""
    stale = select(func.count()).select_from(Record).where(_stale(encoder))
    if not _asks_all(session, encoder):
        stale = stale.where(Record.id.in_(select(waiting.LINE.c.record_id)))
    return session.scalar(stale) or 0


def refresh(
    session: Session,
    encoder: Encoder | None,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Make the passages those of the records, for up to `limit` records; return for how many.

    0 means that all are up to date. Asks the database what is stale, so any process may run
    it after any change, or none; commit after each call, and little is lost when it is
    killed. What was encoded before with the same weights is not encoded again. Without an
    encoder, vectors that are there stay, and new passages have none. `progress` counts texts.
    """
    update = prepare(session, encoder, limit=limit, progress=progress)
    return write(session, update) if update else 0


def prepare(
    session: Session,
    encoder: Encoder | None,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Update | None:
    """Return the passages of up to `limit` stale records, encoded; None when none is stale.

    Only reads: encoding takes long, and who writes keeps every other writer waiting. Where
    passages went with a deleted record, there is an update of no record, which notes it.
    """
    whole = _asks_all(session, encoder)
    stale = _of_all(session, encoder, limit) if whole else _of_waiting(session, encoder, limit)
    if not stale.changes and _on_postgresql(session) and encoder is not None:
        pgvector.settle(session, encoder)
    if not stale.changes and not stale.lines and not whole:
        return None
    drafts = [draft for record in stale.records for draft in _drafts(record)]
    vectors = _vectors(session, drafts, encoder, progress)
    versions = {record.id: record.version for record in stale.records}
    return Update(versions, drafts, vectors, encoder, stale)


def write(session: Session, update: Update) -> int:
    """Write what was prepared; return for how many records.

    A record that was changed since is left for the next time, as is one that is gone.
    """
    counter = session.get(Revision, 1, with_for_update=True) or Revision(id=1, value=0)
    if update.stale.changes or update.stale.all_asked:
        counter.encoder = update.encoder.digest if update.encoder else ""
    if update.stale.changes:
        session.add(counter)
        _write_all(session, update, counter)
    waiting.take_out(session, update.stale.lines)
    if update.stale.all_asked:
        waiting.note(session, select(Record.id).where(_stale(update.encoder)))
    session.flush()
    return len(update.versions)


def ask_all(session: Session) -> None:
    """Have the next `refresh` ask all records, as if nothing were known of them."""
    waiting.ask_all(session)


def _write_all(session: Session, update: Update, counter: Revision) -> None:
    """Write what changes, as one more state of the passages."""
    now = session.execute(
        select(Record.id, Record.version).where(Record.id.in_(update.versions))
    ).all()
    still = {row.id for row in now if row.version == update.versions[row.id]}
    before = session.scalar(select(Write.passages).where(Write.id == counter.value))
    counter.value += 1
    removed = _remove(session, sorted(still))
    drafts = [draft for draft in update.drafts if draft.record.id in still]
    _write(session, drafts, update.vectors, update.encoder)
    if update.encoder is not None and update.stale.went and _on_postgresql(session):
        pgvector.fill(session, update.encoder)
    counted = before is None or update.stale.went or update.stale.all_asked
    passages = _count(session) if counted else (before or 0) + len(drafts) - removed
    session.add(Write(id=counter.value, mark=uuid4().hex, passages=passages))
    session.execute(delete(Write).where(Write.id <= counter.value - WRITES))


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PassageRow)) or 0


def _lost(session: Session) -> bool:
    """Return whether passages have gone without a write: a deleted record takes its own along."""
    noted = session.scalar(select(Write.passages).join(Revision, Revision.value == Write.id))
    return noted is not None and noted != _count(session)


def _lacks_vectors(session: Session, encoder: Encoder | None) -> bool:
    """Return whether pgvector has not all vectors that the passages have."""
    return encoder is not None and _on_postgresql(session) and pgvector.lacks(session, encoder)


def _on_postgresql(session: Session) -> bool:
    return session.connection().dialect.name == "postgresql"


def _stale(encoder: Encoder | None) -> ColumnElement[bool]:
    mine = PassageRow.record_id == Record.id
    current = and_(mine, PassageRow.record_version == Record.version)
    if encoder is not None:
        current = and_(current, PassageRow.encoder == encoder.digest)
    # With the id, an index answers; with `*`, SQLite opens the row.
    passage = select(PassageRow.id)
    return or_(
        and_(indexed(), not_(passage.where(current).exists())),
        and_(not_(indexed()), passage.where(mine).exists()),
    )


def _asks_all(session: Session, encoder: Encoder | None) -> bool:
    """Return whether all records are to be asked: what waits knows of no other weights."""
    wrote = session.scalar(select(Revision.encoder).where(Revision.id == 1))
    if encoder is not None and wrote is not None:
        if wrote != encoder.digest:
            return True
        if _on_postgresql(session) and not pgvector.has_any(session, encoder):
            return True
    return waiting.asks_all(session)


def _of_all(session: Session, encoder: Encoder | None, limit: int | None) -> Stale:
    """Ask all records; what is left after `limit` of them waits from then on."""
    lines = waiting.every_line(session)  # first: the records are no older than what it says
    query = select(Record).where(_stale(encoder)).order_by(Record.id).limit(limit)
    records = session.scalars(query.options(*WITH_PARTS)).all()
    went = not records and (_lost(session) or _lacks_vectors(session, encoder))
    return Stale(records, lines, went, all_asked=True)


def _of_waiting(session: Session, encoder: Encoder | None, limit: int | None) -> Stale:
    """Ask the records that have changed, those first that have waited longest."""
    chosen: set[int] = set()
    done: list[int] = []
    went, after = False, 0
    while (limit is None or len(chosen) < limit) and (lines := waiting.lines(session, after=after)):
        after = lines[-1].id
        ids = {line.record_id for line in lines}
        rows = session.execute(
            select(Record.id, _stale(encoder).label("is_stale")).where(Record.id.in_(ids))
        ).all()
        stale = {row.id for row in rows if row.is_stale}
        went |= len(rows) < len(ids)
        for line in lines:
            if line.record_id in stale and (limit is None or len(chosen) < limit):
                chosen.add(line.record_id)
            if line.record_id not in stale or line.record_id in chosen:
                done.append(line.id)
    query = select(Record).where(Record.id.in_(chosen)).order_by(Record.id).options(*WITH_PARTS)
    return Stale(session.scalars(query).all() if chosen else [], done, went, all_asked=False)


def _drafts(record: Record) -> Iterator[_Draft]:
    """Yield the passages of a record; one without any text has one without words."""
    if record.status in UNREADABLE:
        return
    said = public(read(record))
    found = [
        (source, passage) for source in texts(said) for passage in split(source.body, source.role)
    ]
    nothing = Passage(SectionRole.SUMMARY, 0, 0, "")
    found = found or [(Text(SectionRole.SUMMARY, None, "", ""), nothing)]
    for number, (source, passage) in enumerate(found):
        plain = to_text(passage.text).translate(CONTROLS)
        keywords = "" if number else " · ".join(said.keywords)
        yield _Draft(record, said.title, keywords, source, passage, plain)


def _vectors(
    session: Session, drafts: Iterable[_Draft], encoder: Encoder | None, progress: Progress | None
) -> dict[bytes, bytes]:
    """Return vectors by the digest of what was encoded: those in the table, and new ones."""
    if encoder is None:
        return {}
    wanted = {draft.digest: draft.to_encode for draft in drafts}
    ids = {draft.record.id for draft in drafts}
    kept = session.execute(
        select(PassageRow.encoded, PassageRow.vector).where(
            PassageRow.record_id.in_(ids), PassageRow.encoder == encoder.digest
        )
    )
    known = {row.encoded: row.vector for row in kept if row.vector is not None}
    new = {digest: said for digest, said in wanted.items() if digest not in known}
    vectors = encoder.encode(list(new.values()), progress=progress)
    return known | {digest: _packed(v) for digest, v in zip(new, vectors, strict=True)}


def _packed(vector: Vector) -> bytes:
    return vector.astype(VECTOR).tobytes()


def _remove(session: Session, record_ids: Sequence[int]) -> int:
    """Remove the passages of records; return how many there were."""
    if not record_ids:
        return 0
    gone = delete(PassageRow).where(PassageRow.record_id.in_(record_ids))
    removed = session.connection().execute(gone).rowcount
    full_text.of(session).remove(session, record_ids)
    return removed


def _write(
    session: Session,
    drafts: Sequence[_Draft],
    vectors: Mapping[bytes, bytes],
    encoder: Encoder | None,
) -> None:
    if not drafts:
        return
    rows = [_row(draft, vectors, encoder) for draft in drafts]
    session.execute(
        insert(PassageRow),
        rows,
        execution_options={"render_nulls": True},  # else a statement for each change of columns
    )
    # Returned in the order of the rows they would cost a statement each; ids only ever grow.
    written = select(PassageRow.id).where(PassageRow.record_id.in_({r["record_id"] for r in rows}))
    ids = session.scalars(written.order_by(PassageRow.id)).all()
    if encoder is not None and _on_postgresql(session):
        mine = ((id_, vectors[draft.digest]) for id_, draft in zip(ids, drafts, strict=True))
        pgvector.add(session, encoder, mine)
    words = [_words(id_, draft) for id_, draft in zip(ids, drafts, strict=True)]
    full_text.of(session).write(session, words, {d.record.id: d.title for d in drafts})


def _row(draft: _Draft, vectors: Mapping[bytes, bytes], encoder: Encoder | None) -> dict[str, Any]:
    digest = draft.digest
    return {
        "record_id": draft.record.id,
        "record_version": draft.record.version,
        "section": draft.source.role,
        "section_position": draft.source.position,
        "heading": draft.source.heading,
        "start": draft.passage.start,
        "end": draft.passage.end,
        "text": draft.passage.text,
        "encoded": digest,
        "encoder": encoder.digest if encoder else "",
        "vector": vectors.get(digest),
    }


def _words(passage_id: int, draft: _Draft) -> scratch.Row:
    """Return the full-text row of a passage.

    The title stands on every passage, for a question asks for both at once. Keywords stand
    on the first only, or all passages of a record would be equally good answers.
    """
    return passage_id, draft.title, draft.keywords, draft.plain
