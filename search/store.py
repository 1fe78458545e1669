"""Passages and their vectors, derived from records and kept in the database.

`search.refreshing` writes them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, ForeignKey, Index, String, cast, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb import content
from kb.db import Base
from kb.models import Record
from kb.privacy import public
from kb.records import WITH_PARTS, read
from kb.vocabulary import SectionRole
from search import changes, full_text, pgvector, waiting
from search.dense import NO_HALVES, Halves, Ids
from search.encoder import Encoder

# Names of people and of papers would be found for every question about their subject.
UNSEARCHED = frozenset({SectionRole.ACKNOWLEDGEMENT, SectionRole.REFERENCES})
VECTOR = np.dtype("<f2")  # nDCG@10 is the same as with 32 bits, and the index keeps 16 too

AT_ONCE = 5_000  # rows fetched at once while vectors are read


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


UNWRITTEN = State(0, "")  # of each library, before its first passages


class Text(NamedTuple):
    """A body that passages are cut from, and where it stands in its record."""

    role: SectionRole
    position: int | None  # of the section
    heading: str
    body: str


def revision(session: Session) -> int:
    """Return a number that grows whenever the passages change; cheap to ask."""
    return state(session).value


def state(session: Session | Connection) -> State:
    """Return what state the passages are in; cheap to ask."""
    last = select(Write.id, Write.mark).join(Revision, Revision.value == Write.id)
    row = session.execute(last).one_or_none()
    return State(row.id, row.mark) if row else UNWRITTEN


def was(session: Session, earlier: State) -> bool:
    """Return whether the passages of this library have been in that state, not too long ago."""
    found = select(Write.id).where(Write.id == earlier.value, Write.mark == earlier.mark)
    return earlier == UNWRITTEN or session.scalar(found) is not None


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
    if connection.dialect.name == "postgresql":
        changes.make(connection)
        pgvector.make(connection)
    if full_text.of(connection).make(connection):
        connection.execute(text("update passage set record_version = 0"))
    waiting.make(connection)


def has_fts(connection: Connection) -> bool:
    """Return whether `ensure_fts` would change nothing; only reads."""
    if not waiting.is_made(connection):
        return False
    if connection.dialect.name == "postgresql":
        made = changes.is_made(connection) and pgvector.is_made(connection)
        return made and full_text.of(connection).is_made(connection)
    return full_text.of(connection).is_made(connection)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
