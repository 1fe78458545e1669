"""The vectors of a library: in memory beside SQLite, in a pgvector column on PostgreSQL."""

import numpy as np
from sqlalchemy.orm import Session

from search import pgvector
from search.dense import NO_HALVES, Dense, DenseIndex, Halves, Ids, Mask
from search.encoder import Encoder
from search.store import vectors

NONE = np.empty(0, np.int64)


def load(
    session: Session,
    encoder: Encoder | None,
    passages: Ids,
    before: Dense | None,
    known: Ids,
) -> tuple[Dense | None, Ids]:
    """Return the vectors of the passages, and the ids of those that have one, ascending.

    `before` are vectors that were loaded earlier, of the passages `known`: they are not read
    again. Only vectors of this encoder's weights are taken.
    """
    if session.get_bind().dialect.name == "postgresql":
        asked = pgvector.load(session, encoder, passages) if encoder is not None else None
        return asked, asked.ids if asked is not None else NONE
    added, halves = NONE, NO_HALVES
    if encoder is not None:
        added, halves = vectors(session, encoder, after=int(known[-1]) if len(known) else 0)
    keep, there = np.isin(known, passages), np.isin(added, passages)
    assert before is None or isinstance(before, DenseIndex)
    return _changed(before, keep, halves[there]), np.concatenate([known[keep], added[there]])


def _changed(dense: DenseIndex | None, keep: Mask, added: Halves) -> DenseIndex | None:
    if not len(added) and not keep.any():
        return None
    return DenseIndex(added) if dense is None else dense.changed(keep, added)
