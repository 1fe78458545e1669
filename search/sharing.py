"""The concepts that a record, or a text, has in common with others, and how much they say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from kb.models import Concept, Tag
from kb.vocabulary import Scheme
from search.dense import Ids
from search.filters import Scope, tag_counts
from search.index import Index

TINY = 1e-6
MOST = 6  # concepts of a text, in each scheme: those it names most often


class Share(NamedTuple):
    """What a record has of the concepts asked for."""

    topics: float  # share of the topics, in [0, 1]; a rare one counts more
    interventions: float  # and of the interventions
    concepts: tuple[str, ...]  # notations, in the order asked for


@dataclass(frozen=True, slots=True)
class Shares:
    """What all records have of the concepts asked for; those that have none are not in it."""

    asked: tuple[str, ...]  # k notations
    records: Ids  # (n,), ascending
    has: NDArray[np.bool_]  # (n, k)
    topics: NDArray[np.float64]  # (n,), in [0, 1]
    interventions: NDArray[np.float64]  # (n,), in [0, 1]

    def of(self, record: int) -> Share:
        """Return what one record has of them."""
        row = int(np.searchsorted(self.records, record))
        if row == len(self.records) or self.records[row] != record:
            return Share(0.0, 0.0, ())
        concepts = tuple(n for n, has in zip(self.asked, self.has[row], strict=True) if has)
        return Share(float(self.topics[row]), float(self.interventions[row]), concepts)

    def most(self, k: int, *, topics: float, interventions: float) -> list[int]:
        """Return the `k` records that have most of them, by the weights given."""
        scores = topics * self.topics + interventions * self.interventions
        best: list[int] = self.records[np.argsort(-scores, kind="stable")[:k]].tolist()
        return best


def of_record(session: Session, record_id: int, scope: Scope) -> Mapping[str, Scheme]:
    """Return the concepts of a record that count for this reader, topics first."""
    rows = session.execute(
        select(Concept.notation, Concept.scheme)
        .join(Tag, Tag.concept_id == Concept.id)
        .where(Tag.record_id == record_id, tag_counts(scope))
        .order_by(Concept.scheme.desc(), Tag.id)
    )
    return {row.notation: row.scheme for row in rows}


def of_text(index: Index, text: str, language: str) -> Mapping[str, Scheme]:
    """Return the concepts that a text names, topics first, most often named first."""
    if index.labels is None or index.taxonomy is None:
        return {}
    named = Counter(match.notation for match in index.labels.find(text, language=language or None))
    schemes = {notation: index.taxonomy[notation].scheme for notation in named}
    found: dict[str, Scheme] = {}
    for scheme in Scheme:
        of_scheme = [notation for notation, _ in named.most_common() if schemes[notation] == scheme]
        found |= dict.fromkeys(of_scheme[:MOST], scheme)
    return found


def shares(
    session: Session, index: Index, asked: Mapping[str, Scheme], readable: Ids, scope: Scope
) -> Shares:
    """Return what the `readable` records have of the concepts.

    A narrower concept counts as the broader one asked for. How rare a concept is, is counted
    among the readable records only.
    """
    having = _having(session, index, asked, readable, scope)
    records = np.unique(np.concatenate([np.empty(0, np.int64), *having]))
    has = np.zeros((len(records), len(asked)), bool)
    for column, ids in enumerate(having):
        has[np.searchsorted(records, ids), column] = True
    tells = np.array([log(1 + len(readable) / max(len(ids), 1)) for ids in having])
    of_scheme = {scheme: np.array([s is scheme for s in asked.values()], bool) for scheme in Scheme}
    parts = {
        scheme: has @ (tells * mine) / max(float(tells @ mine), TINY)
        for scheme, mine in of_scheme.items()
    }
    return Shares(tuple(asked), records, has, parts[Scheme.TOPICS], parts[Scheme.INTERVENTIONS])


def _having(
    session: Session, index: Index, asked: Mapping[str, Scheme], readable: Ids, scope: Scope
) -> list[Ids]:
    """Return, for each of the concepts, the readable records that have it, each once."""
    if not asked:
        return []
    below = {notation: {notation, *index.narrower(notation)} for notation in asked}
    # In one row a concept: a common one stands on thousands of records.
    ids = func.aggregate_strings(cast(Tag.record_id, String), ",")
    rows = session.execute(
        select(Concept.notation, ids)
        .join(Tag, Tag.concept_id == Concept.id)
        .where(Concept.notation.in_(sorted(set().union(*below.values()))), tag_counts(scope))
        .group_by(Concept.notation)
    )
    has = {notation: np.fromstring(listed, np.int64, sep=",") for notation, listed in rows}
    nobody = np.empty(0, np.int64)
    all_of = [
        np.unique(np.concatenate([nobody, *(has.get(n, nobody) for n in narrower)]))
        for narrower in below.values()
    ]
    largest = max(int(ids.max(initial=0)) for ids in (readable, *all_of))
    may = np.zeros(largest + 1, bool)
    may[readable] = True
    return [ids[may[ids]] for ids in all_of]
