"""Passages and their vectors, derived from records and kept in the database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    String,
    and_,
    cast,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb import content
from kb.db import Base
from kb.markup import to_text
from kb.models import Record
from kb.privacy import public
from kb.records import WITH_PARTS, read
from kb.vocabulary import SectionRole
from search import changes, full_text, pgvector, scratch, waiting
from search.dense import NO_HALVES, Halves, Ids
from search.encoder import Encoder, Progress, Vector
from search.filters import UNREADABLE, indexed
from search.passages import Passage, split

# Names of people and of papers would be found for every question about their subject.
UNSEARCHED = frozenset({SectionRole.ACKNOWLEDGEMENT, SectionRole.REFERENCES})
VECTOR = np.dtype("<f2")  # nDCG@10 is the same as with 32 bits, and the index keeps 16 too

AT_ONCE = 5_000  # rows fetched at once while vectors are read
WRITES = 1_000  # of which the marks are kept: an index that is older is made anew


class PassageRow(Base):
    """One passage of one version of a record, as the encoder saw it."""

    __tablename__ = "passage"
    # Ids are never used again: a search that began before an edit may miss a passage, but
    # cannot show another one in its place.
    __table_args__ = (
        # All that staleness, and the list of all passages, ask for.
        Index(
            "ix_passage_record_id_record_version_encoder", "record_id", "record_version", "encoder"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    record_version: Mapped[int]
    section: Mapped[SectionRole]
    section_position: Mapped[int | None]  # none for the summary, a change idea, a support activity
    heading: Mapped[str]
    start: Mapped[int]  # characters into the body it was cut from
    end: Mapped[int]
    text: Mapped[str]  # Markdown
    encoded: Mapped[bytes]  # digest of the text that was encoded
    encoder: Mapped[str]  # digest of the weights, empty without a vector
    vector: Mapped[bytes | None]  # 16-bit floats, little-endian, unit length


class Revision(Base):
    """One row: how often the passages have changed, and whose vectors they carry."""

    __tablename__ = "passage_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    encoder: Mapped[str]  # digest of the weights, empty without


class Write(Base):
    """One write of passages. Its mark tells it from the write of the same number elsewhere.

    A copy of the library, or one that was restored, goes on counting where it stood: by its
    number alone, its next state would pass for the one that was lost.
    """

    __tablename__ = "passage_write"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # value of `Revision`
    mark: Mapped[str] = mapped_column(String(32))
    passages: Mapped[int]  # how many there were after it


class State(NamedTuple):
    """What the passages were after one write, in one library; equal is the same passages."""

    value: int
    mark: str


class Text(NamedTuple):
    """A body that passages are cut from, and where it stands in its record."""

    role: SectionRole
    position: int | None  # of the section
    heading: str
    body: str


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


@dataclass(frozen=True, slots=True)
class Update:
    """Passages that are ready to be written, and of which versions of which records."""

    versions: Mapping[int, int]  # by record id
    drafts: Sequence[_Draft]
    vectors: Mapping[bytes, bytes]
    encoder: Encoder | None
    stale: "Stale"


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


def revision(session: Session) -> int:
    """Return a number that grows whenever the passages change; cheap to ask."""
    return state(session).value


def state(session: Session | Connection) -> State:
    """Return what state the passages are in; cheap to ask."""
    last = select(Write.id, Write.mark).join(Revision, Revision.value == Write.id)
    row = session.execute(last).one_or_none()
    return State(row.id, row.mark) if row else State(0, "")


def was(session: Session, earlier: State) -> bool:
    """Return whether the passages of this library have been in that state, not too long ago."""
    found = select(Write.id).where(Write.id == earlier.value, Write.mark == earlier.mark)
    return session.scalar(found) is not None


def standing(session: Session) -> tuple[Ids, Ids]:
    """Return the ids of all passages, ascending, and the record that each belongs to."""
    # In one value, out of an index: a row for each passage would take ten times as long.
    pair = cast(PassageRow.record_id, String) + "," + cast(PassageRow.id, String)
    listed = session.scalar(select(func.aggregate_strings(pair, ",")))
    pairs = np.fromstring(listed or "", np.int64, sep=",").reshape(-1, 2)
    pairs = pairs[pairs[:, 1].argsort()]
    return np.ascontiguousarray(pairs[:, 1]), np.ascontiguousarray(pairs[:, 0])


def vectors(session: Session, encoder: Encoder, *, after: int = 0) -> tuple[Ids, Halves]:
    """Return the passages with an id above `after` that have a vector of these weights.

    Their ids (n,), ascending, and their vectors (n, dim) in 16 bits; (0, 0) without any.
    """
    rows = session.execute(
        select(PassageRow.id, PassageRow.vector)
        .where(
            PassageRow.id > after,
            PassageRow.encoder == encoder.digest,
            PassageRow.vector.is_not(None),
        )
        .order_by(PassageRow.id)
        .execution_options(yield_per=AT_ONCE)
    )
    ids: list[int] = []
    packed = bytearray()
    for id_, vector in rows:
        ids.append(id_)
        packed += vector or b""
    halves = np.frombuffer(packed, VECTOR)
    return np.array(ids, np.int64), halves.reshape(len(ids), -1) if ids else NO_HALVES


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


def texts(said: content.Record) -> Iterator[Text]:
    """Yield what of a record can be found: summary, sections, change ideas, support.

    `said` is what readers see of it (`kb.privacy.public`): nobody finds a name that is kept back.
    """
    yield Text(SectionRole.SUMMARY, None, "", said.summary)
    for position, section in enumerate(said.sections):
        if section.role not in UNSEARCHED:
            yield Text(section.role, position, section.heading, section.body)
    for idea in said.change_ideas:
        yield Text(SectionRole.CHANGES, None, "", _joined(idea.text, idea.steps))
    for support in said.support_activities:
        yield Text(SectionRole.SUPPORT, None, "", _joined(support.activity, support.dose))


def unsaid(session: Session, passage_ids: Iterable[int]) -> set[int]:
    """Return those of the passages that their records do not say any more.

    Until the next `refresh`, a passage may hold a name that was redacted since.
    """
    wanted = list(passage_ids)
    if not wanted:
        return set()
    rows = session.execute(
        select(PassageRow.id, PassageRow.record_id, PassageRow.text)
        .join(Record, Record.id == PassageRow.record_id)
        .where(PassageRow.id.in_(wanted), PassageRow.record_version != Record.version)
    ).all()
    changed = select(Record).where(Record.id.in_({row.record_id for row in rows}))
    records = session.scalars(changed.options(*WITH_PARTS)).all()
    bodies = {record.id: [said.body for said in texts(public(read(record)))] for record in records}
    return {row.id for row in rows if not any(row.text in body for body in bodies[row.record_id])}


def ensure_fts(connection: Connection) -> None:
    """Make the full-text tables and their triggers where they are missing; call after migrating.

    A table that had to be made is filled by the next `refresh`.
    """
    if _on_postgresql(connection):
        changes.make(connection)
        pgvector.make(connection)
    if full_text.of(connection).make(connection):
        connection.execute(text("update passage set record_version = 0"))
    waiting.make(connection)


def has_fts(connection: Connection) -> bool:
    """Return whether `ensure_fts` would change nothing; only reads."""
    if not waiting.is_made(connection):
        return False
    if _on_postgresql(connection):
        made = changes.is_made(connection) and pgvector.is_made(connection)
        return made and full_text.of(connection).is_made(connection)
    return full_text.of(connection).is_made(connection)


# Control characters mean nothing in a text, and something to the full-text tables.
CONTROLS = dict.fromkeys(c for c in range(32) if chr(c) not in "\t\n")


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PassageRow)) or 0


def _lost(session: Session) -> bool:
    """Return whether passages have gone without a write: a deleted record takes its own along."""
    noted = session.scalar(select(Write.passages).join(Revision, Revision.value == Write.id))
    return noted is not None and noted != _count(session)


def _lacks_vectors(session: Session, encoder: Encoder | None) -> bool:
    """Return whether pgvector has not all vectors that the passages have."""
    return encoder is not None and _on_postgresql(session) and pgvector.lacks(session, encoder)


def _on_postgresql(session: Session | Connection) -> bool:
    connection = session.connection() if isinstance(session, Session) else session
    return connection.dialect.name == "postgresql"


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


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


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
