"""All that is needed to answer: one snapshot, never changed, only replaced."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from kb.labels import Labels
from kb.taxonomy import Taxonomy
from search.columns import Columns, LiveColumns, read
from search.dense import DenseIndex, Ids, Mask
from search.encoder import Encoder, Vectors
from search.spelling import Vocabulary
from search.store import VECTOR, PassageRow, revision

NOWHERE = -1


@dataclass(frozen=True)
class Index:
    """The passages as they stood at `revision`, ready to be asked.

    A passage is known by its position from 0; `rows` has the positions that have a vector,
    `slots` the row in `dense` of each position or -1.
    """

    revision: int
    passages: Ids  # (n,), ascending
    records: Ids  # (n,), to which each passage belongs
    dense: DenseIndex | None
    rows: Ids  # (m,)
    slots: Ids  # (n,)
    encoder: Encoder | None
    taxonomy: Taxonomy | None
    labels: Labels | None
    columns: Columns  # of a moment of their own: newer than the passages, never older
    vocabulary: Vocabulary  # what misspelt words are corrected to

    @classmethod
    def load(
        cls,
        session: Session,
        encoder: Encoder | None,
        *,
        taxonomy: Taxonomy | None = None,
        labels: Labels | None = None,
        columns: Columns | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> "Index":
        """Read all passages; only vectors of this encoder's weights are taken."""
        now = revision(session)
        ids = session.execute(
            select(PassageRow.id, PassageRow.record_id).order_by(PassageRow.id)
        ).all()
        passages, records = _columns(ids)
        rows, vectors = _vectors(session, encoder, passages)
        slots = np.full(len(passages), NOWHERE, np.int64)
        slots[rows] = np.arange(len(rows))
        return cls(
            revision=now,
            passages=passages,
            records=records,
            dense=DenseIndex(vectors) if len(rows) else None,
            rows=rows,
            slots=slots,
            encoder=encoder,
            taxonomy=taxonomy,
            labels=labels,
            columns=read(session.connection()) if columns is None else columns,
            vocabulary=vocabulary or Vocabulary(labels),
        )

    def positions(self, passage_ids: Ids) -> Ids:
        """Return the positions of the passages, without those that came later than the index."""
        found = np.searchsorted(self.passages, passage_ids)
        found = found.clip(max=max(len(self.passages) - 1, 0))
        return found[self.known(passage_ids)]

    def known(self, passage_ids: Ids) -> Mask:
        """Return for each of the ids whether the index has that passage."""
        known: Mask = np.isin(passage_ids, self.passages, assume_unique=True)
        return known

    def of_records(self, record_ids: Ids) -> Mask:
        """Return for each position whether its record is one of these."""
        size = int(max(self.records.max(initial=0), record_ids.max(initial=0))) + 1
        wanted = np.zeros(size, bool)
        wanted[record_ids] = True
        mask: Mask = wanted[self.records]
        return mask

    def rows_of(self, record_ids: Collection[int]) -> Ids:
        """Return the rows in `dense` of all passages of these records."""
        mine = self.of_records(np.array(list(record_ids), np.int64))
        rows: Ids = np.flatnonzero(mine[self.rows])
        return rows

    def narrower(self, notation: str) -> tuple[str, ...]:
        """Return the concept and all below it; of an unknown one only itself."""
        if self.taxonomy is None or notation not in self.taxonomy.terms:
            return (notation,)
        return self.taxonomy.narrower_transitive(notation)

    def broader(self, notation: str) -> tuple[str, ...]:
        """Return the concept and all above it; of an unknown one only itself."""
        if self.taxonomy is None or notation not in self.taxonomy.terms:
            return (notation,)
        found = {notation: None}
        for above in self.taxonomy.broader(notation):
            found |= dict.fromkeys(self.broader(above.notation))
        return tuple(found)


class LiveIndex:
    """Holds the newest index, and reads it again when the passages have changed."""

    def __init__(self, encoder: Encoder | None, taxonomy: Taxonomy | None = None) -> None:
        self._encoder = encoder
        self._taxonomy = taxonomy
        self._labels = Labels.of(taxonomy) if taxonomy else None
        self._columns = LiveColumns()
        self._vocabulary = Vocabulary(self._labels)
        self._index: Index | None = None
        self._lock = Lock()

    def current(self, session: Session) -> Index:
        """Return the index as the database stands; one thread reads, the others wait for it."""
        index = self._as_of(session)
        columns = self._columns.current(session)  # last: what was withdrawn meanwhile is out
        if index.columns is columns:
            return index
        joined = replace(index, columns=columns)
        with self._lock:
            if self._index is index:
                self._index = joined
        return joined

    def _as_of(self, session: Session) -> Index:
        index = self._index
        if index is not None and index.revision == revision(session):
            return index
        with self._lock:
            if self._index is None or self._index.revision != revision(session):
                self._index = Index.load(
                    session,
                    self._encoder,
                    taxonomy=self._taxonomy,
                    labels=self._labels,
                    columns=self._columns.current(session),
                    vocabulary=self._vocabulary,
                )
            return self._index


def _columns(rows: object) -> tuple[Ids, Ids]:
    table: NDArray[np.int64] = np.array(rows, np.int64).reshape(-1, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def _vectors(session: Session, encoder: Encoder | None, passages: Ids) -> tuple[Ids, Vectors]:
    """Return the positions that have a vector, and the vectors in the same order."""
    found: Sequence[Row[int, bytes | None]] = []
    if encoder is not None:
        with_vector = PassageRow.encoder == encoder.digest, PassageRow.vector.is_not(None)
        columns = select(PassageRow.id, PassageRow.vector).where(*with_vector)
        found = session.execute(columns.order_by(PassageRow.id)).all()
    if not found:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    ids = np.fromiter((row[0] for row in found), np.int64, len(found))
    vectors = np.frombuffer(b"".join(row[1] or b"" for row in found), VECTOR).astype(np.float32)
    return np.searchsorted(passages, ids), vectors.reshape(len(found), -1)
