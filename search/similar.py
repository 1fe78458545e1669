"""Records like this one, elsewhere first, and why."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.models import Concept, Place, Record, Tag
from kb.vocabulary import Naming
from search import lexical, store
from search.filters import EVERYTHING, Scope, allowed, tag_counts
from search.index import Index

DEPTH = 50  # nearest passages looked up for each passage of the record
MEANING = 0.7  # weight of the texts' likeness
CONCEPTS = 0.3  # weight of the share of the record's concepts that the other has
ABROAD = 0.05  # what another country adds in the order: there one would not have heard of it
LEAST = 0.3  # score of a record that is called similar


@dataclass(frozen=True, slots=True)
class Similar:
    """A record like another one, and why."""

    record_id: int
    title: str
    score: float  # in [0, 1]
    concepts: tuple[str, ...]  # notations that both have
    passage: str  # of this record, plain text, nearest to
    other_passage: str  # this one of the other record
    elsewhere: bool  # in another country


class _Where(NamedTuple):
    """The places of a record, as far as the reader may know them."""

    countries: set[str]
    facilities: set[tuple[str, str]]  # country and name


class _Pair(NamedTuple):
    """How like two records' texts are, and the positions of their nearest passages."""

    likeness: float  # in [0, 1]
    here: int
    there: int


class _Found(NamedTuple):
    """A record on its way into the answer, in the order of the answer."""

    same_facility: bool
    cost: float  # less is better
    record_id: int
    score: float
    elsewhere: bool


def similar(
    session: Session,
    index: Index,
    record_id: int,
    *,
    scope: Scope = Scope.PUBLIC,
    limit: int = 5,
) -> tuple[Similar, ...]:
    """Return up to `limit` records like this one, most alike first.

    Alike are texts and concepts. The likeness of two texts is the mean, over the passages of
    the first, of the cosine of the nearest passage of the second. Records of the same
    facility come last, and another country counts a little more.

    Raises:
        NotFoundError: there is no such record.
    """
    if session.get(Record, record_id) is None:
        raise NotFoundError(f"There is no record {record_id}.", hint="Search for it.")
    others = set(allowed(session, EVERYTHING, scope, index.narrower).tolist()) - {record_id}
    n_mine, shared = _shared_concepts(session, record_id, others, scope)
    pairs = _pairs(index, record_id, others, related=shared)
    places = _places(session, {record_id, *pairs, *shared}, scope)
    found = []
    for other in pairs.keys() | shared.keys():
        likeness = pairs[other].likeness if other in pairs else 0.0
        score = MEANING * likeness + CONCEPTS * len(shared.get(other, ())) / max(n_mine, 1)
        if score >= LEAST:
            elsewhere = _apart(places[record_id].countries, places[other].countries)
            same = bool(places[record_id].facilities & places[other].facilities)
            found.append(_Found(same, -score - ABROAD * elsewhere, other, score, elsewhere))
    return _shown(session, index, sorted(found)[:limit], pairs, shared)


def _shared_concepts(
    session: Session, record_id: int, others: set[int], scope: Scope
) -> tuple[int, dict[int, tuple[str, ...]]]:
    """Return how many concepts the record has, and those that others have too."""
    mine = select(Tag.concept_id).where(Tag.record_id == record_id, tag_counts(scope))
    has: defaultdict[int, list[str]] = defaultdict(list)
    for other, notation in session.execute(
        select(Tag.record_id, Concept.notation)
        .join(Concept, Concept.id == Tag.concept_id)
        .where(Tag.concept_id.in_(mine), tag_counts(scope))
        .order_by(Concept.notation)
    ):
        has[other].append(notation)
    n_mine = len(has.pop(record_id, ()))
    return n_mine, {other: tuple(notations) for other, notations in has.items() if other in others}


def _pairs(
    index: Index, record_id: int, others: set[int], *, related: Iterable[int]
) -> dict[int, _Pair]:
    """Return the nearest passages of this record and each other that may be like it."""
    here = index.rows_of([record_id])
    if index.dense is None or not len(here):
        return {}
    vectors = index.dense.vectors(here)
    may = index.of_records(np.array(list(others), np.int64))[index.rows]
    near = [index.dense.nearest(v, k=DEPTH, allowed=may)[0] for v in vectors]
    close = set(index.records[index.rows[np.concatenate(near)]].tolist())
    there = index.rows_of([*close, *related])
    cosines = vectors @ index.dense.vectors(there).T
    owners = index.records[index.rows[there]]
    pairs = {}
    for other in np.unique(owners).tolist():
        columns = np.flatnonzero(owners == other)
        block = cosines[:, columns]
        row, column = np.unravel_index(block.argmax(), block.shape)
        likeness = float(block.max(axis=1).clip(min=0).mean())
        pairs[other] = _Pair(
            likeness, int(index.rows[here[row]]), int(index.rows[there[columns[column]]])
        )
    return pairs


def _places(session: Session, records: Collection[int], scope: Scope) -> Mapping[int, _Where]:
    """Return where each record is from, without what its naming hides from this reader."""
    found: defaultdict[int, _Where] = defaultdict(lambda: _Where(set(), set()))
    for record_id, naming, country, facility in session.execute(
        select(Place.record_id, Record.naming, Place.country, Place.facility)
        .join(Record, Record.id == Place.record_id)
        .where(Place.record_id.in_(records))
    ):
        if country and (scope is Scope.ALL or naming is not Naming.ANONYMOUS):
            found[record_id].countries.add(country)
        if facility and (scope is Scope.ALL or naming is Naming.NAMED):
            found[record_id].facilities.add((country, facility))
    return found


def _apart(countries: set[str], others: set[str]) -> bool:
    return bool(countries and others) and countries.isdisjoint(others)


def _shown(
    session: Session,
    index: Index,
    found: Sequence[_Found],
    pairs: Mapping[int, _Pair],
    shared: Mapping[int, tuple[str, ...]],
) -> tuple[Similar, ...]:
    nearest = [pairs.get(one.record_id) for one in found]
    said = _said(session, index, {p for pair in nearest if pair for p in (pair.here, pair.there)})
    rows = session.execute(
        select(Record.id, Record.title).where(Record.id.in_([one.record_id for one in found]))
    )
    titles = {row.id: row.title for row in rows}
    return tuple(
        Similar(
            record_id=one.record_id,
            title=titles[one.record_id],
            score=one.score,
            concepts=shared.get(one.record_id, ()),
            passage=said.get(pair.there, "") if pair else "",
            other_passage=said.get(pair.here, "") if pair else "",
            elsewhere=one.elsewhere,
        )
        for one, pair in zip(found, nearest, strict=True)
    )


def _said(session: Session, index: Index, positions: Collection[int]) -> dict[int, str]:
    ids = {int(index.passages[position]): position for position in positions}
    for passage in store.unsaid(session, ids):
        del ids[passage]
    return {ids[id_]: shown.body for id_, shown in lexical.shown(session, "", list(ids)).items()}
