"""The nearest passages of two texts: problem beside problem, change beside change."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.vocabulary import SectionRole
from search.dense import Ids
from search.encoder import Vector, Vectors
from search.index import NOWHERE, Index
from search.store import PassageRow

# What is compared with what; a text without passages of an aspect is compared as a whole.
ASPECTS = (
    frozenset({SectionRole.PROBLEM, SectionRole.AIM, SectionRole.CAUSES}),
    frozenset({SectionRole.CHANGES}),
)
DEPTH = 30  # passages looked up for each aspect in each language
CANDIDATES = 60  # records of them whose passages are compared one by one
SAMPLE = 256  # passages that stand for their language
OWN = 24  # passages of an aspect that stand for a long text
TINY = 1e-6


class Pair(NamedTuple):
    """How like two texts are, and their nearest passages."""

    likeness: float  # in [0, 1]
    here: int | None  # number of the passage in one's own text; None where words alone are alike
    there: int  # position in the index; NOWHERE where only the title is alike


NO_PAIR = Pair(0.0, None, NOWHERE)


@dataclass(frozen=True, slots=True)
class Own:
    """A text that others are compared with, passage by passage."""

    vectors: Vectors  # (n, dim)
    roles: Sequence[SectionRole]  # (n,)
    language: str  # as the keys of `readable`


class Shifts:
    """What a text's language alone adds to its vector, to be taken away again.

    An encoder that knows one language best puts all texts of another near each other, whatever
    they tell of. So from each vector goes what the mean of its language has more than the mean
    of all: over the sample library, text alone then finds half as much again (docs/search.md).
    A language with few records is moved less far, for its mean is that of their subjects too.
    """

    def __init__(self, session: Session, index: Index, readable: Mapping[str, Ids]) -> None:
        """Take the records that may be read, by language: others leave no trace in the means."""
        assert index.dense is not None
        means, sizes, records = [], [], []
        for ids in readable.values():
            rows = _rows(index, ids)
            sample = rows[np.unique(np.linspace(0, len(rows) - 1, SAMPLE).astype(int))]
            means.append(index.dense.at(session).vectors(sample).mean(axis=0))
            sizes.append(len(rows))
            records.append(len(ids))
        everywhere = np.average(means, axis=0, weights=sizes)
        self._shifts = {
            language: (mean - everywhere) * n / (n + 1)
            for language, mean, n in zip(readable, means, records, strict=True)
        }

    def of(self, language: str) -> Vector:
        """Return the vector (dim,) to subtract; none of a language without records."""
        found: Vector = self._shifts.get(language, np.float32(0))
        return found

    def shifted(self, vectors: Vectors, language: str) -> Vectors:
        """Return the vectors without their language, of unit length again."""
        return _unit(vectors - self.of(language))


def nearest(
    session: Session,
    index: Index,
    own: Own,
    readable: Mapping[str, Ids],
    *,
    related: Collection[int],
) -> dict[int, Pair]:
    """Return, for the records that may be like the text, how like they are and where most.

    `readable` has the records that may answer, by language; those in `related` are compared
    in any case. Of each aspect, the likeness is the mean over the text's passages of the
    cosine of the other's nearest; of both aspects, their mean. The cost grows with the passages
    of the library as that of one question by meaning does, for each aspect.
    """
    readable = {language: ids for language, ids in readable.items() if len(_rows(index, ids))}
    if index.dense is None or not len(own.vectors) or not readable:
        return {}
    shifts = Shifts(session, index, readable)
    numbers = [_spread(rows) for rows in _aspects(own.roles)]
    mine = [shifts.shifted(own.vectors[rows], own.language) for rows in numbers]
    close = _candidates(session, index, mine, readable, shifts)
    chosen = {language: _among(ids, {*close, *related}) for language, ids in readable.items()}
    roles = _roles(session, [record for ids in chosen.values() for record in ids.tolist()])
    found = {}
    for language, ids in chosen.items():
        rows = _rows(index, ids)
        vectors = shifts.shifted(index.dense.at(session).vectors(rows), language)
        positions = index.rows[rows]
        for record, columns in _by_owner(index.records[positions]):
            told = [
                roles.get(p, SectionRole.OTHER) for p in index.passages[positions[columns]].tolist()
            ]
            pair = _compared(mine, numbers, vectors[columns], _aspects(told))
            found[record] = pair._replace(there=int(positions[columns[pair.there]]))
    return found


def _compared(
    mine: Sequence[Vectors], numbers: Sequence[Ids], vectors: Vectors, aspects: Sequence[Ids]
) -> Pair:
    """Return the likeness to one record, whose passages are `vectors`, and the nearest pair."""
    likenesses, best = [], (-1.0, 0, 0)
    for own, number, rows in zip(mine, numbers, aspects, strict=True):
        cosines = own @ vectors[rows].T
        likenesses.append(float(cosines.max(axis=1).clip(min=0).mean()))
        here, there = np.unravel_index(cosines.argmax(), cosines.shape)
        best = max(best, (float(cosines[here, there]), int(number[here]), int(rows[there])))
    return Pair(sum(likenesses) / len(likenesses), *best[1:])


def _candidates(
    session: Session,
    index: Index,
    mine: Sequence[Vectors],
    readable: Mapping[str, Ids],
    shifts: Shifts,
) -> Iterable[int]:
    """Return the records with the passages nearest to the middle of each aspect."""
    assert index.dense is not None
    best: defaultdict[int, float] = defaultdict(lambda: -1.0)
    for language, ids in readable.items():
        may = index.of_records(ids)[index.rows]
        for own in mine:
            middle = _unit(own.mean(axis=0))
            rows, cosines = index.dense.at(session).nearest(middle, k=DEPTH, allowed=may)
            near = cosines - float(np.dot(middle, shifts.of(language)))
            for record, cosine in zip(
                index.records[index.rows[rows]].tolist(), near.tolist(), strict=True
            ):
                best[record] = max(best[record], cosine)
    return sorted(best, key=lambda record: (-best[record], record))[:CANDIDATES]


def _aspects(roles: Sequence[SectionRole]) -> list[Ids]:
    """Return the numbers of the passages of each aspect, all where it has none.

    >>> [rows.tolist() for rows in _aspects([SectionRole.CONTEXT, SectionRole.PROBLEM])]
    [[1], [0, 1]]
    """
    each = ([n for n, role in enumerate(roles) if role in aspect] for aspect in ASPECTS)
    return [np.array(rows or range(len(roles)), np.int64) for rows in each]


def standing(roles: Sequence[SectionRole]) -> list[int]:
    """Return the numbers of the passages that stand for a text, in its order."""
    return sorted({int(n) for rows in _aspects(roles) for n in _spread(rows)})


def of_record(session: Session, index: Index, record_id: int, language: str) -> tuple[Own, Ids]:
    """Return the record's text as it is indexed, and the position of each of its passages."""
    rows = _rows(index, np.array([record_id], np.int64))
    if index.dense is None:
        return Own(np.empty((0, 0), np.float32), (), language), rows
    positions: Ids = index.rows[rows]
    roles = _roles(session, [record_id])
    told = [roles.get(int(p), SectionRole.OTHER) for p in index.passages[positions]]
    return Own(index.dense.at(session).vectors(rows), told, language), positions


def _roles(session: Session, record_ids: Collection[int]) -> Mapping[int, SectionRole]:
    rows = session.execute(
        select(PassageRow.id, PassageRow.section).where(PassageRow.record_id.in_(record_ids))
    )
    return {row.id: row.section for row in rows}


def _rows(index: Index, record_ids: Ids) -> Ids:
    rows: Ids = np.flatnonzero(index.of_records(record_ids)[index.rows])
    return rows


def _among(ids: Ids, wanted: Collection[int]) -> Ids:
    among: Ids = ids[np.isin(ids, list(wanted))]
    return among


def _by_owner(owners: Ids) -> Iterator[tuple[int, Ids]]:
    """Yield each record, and the numbers of its passages.

    >>> [(record, numbers.tolist()) for record, numbers in _by_owner(np.array([7, 5, 7]))]
    [(5, [1]), (7, [0, 2])]
    >>> list(_by_owner(np.empty(0, np.int64)))
    []
    """
    order = np.argsort(owners, kind="stable")
    records, starts = np.unique(owners[order], return_index=True)
    bounds = pairwise([*starts.tolist(), len(owners)])
    for record, (start, end) in zip(records.tolist(), bounds, strict=True):
        yield record, order[start:end]


def _spread(rows: Ids) -> Ids:
    """Return at most `OWN` of the rows, from all over the text."""
    spread: Ids = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), OWN)).astype(int))]
    return spread


def _unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Scale to unit length; a vector that is nothing but its language stays next to nothing."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = np.asarray(vectors / np.maximum(lengths, TINY), np.float32)
    return unit
