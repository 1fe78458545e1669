"""Rank the records that may answer, each by its best passage."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kb.models import Concept, Tag
from kb.vocabulary import TagStatus
from search import lexical, tongues
from search.dense import Ids, Mask
from search.encoder import Vector
from search.facets import Values
from search.filters import Scope
from search.fusion import Scores, Weights, weighed
from search.index import NOWHERE, Index
from search.terms import Ranked
from search.understand import Question

DEPTH = 200  # passages taken from each list; the score of one in any list is exact
ABROAD = 50  # passages of each language but the question's, taken besides
SMALL = 2_000  # passages of a library in which all are looked at
# Cosine from which a passage is near a question that shares no word or concept with it. At
# 0.15 nDCG@10 is what it is without a limit and recall@100 falls by 1 % of itself; at 0.25 by 5.
NEAR = 0.15
NOT_REJECTED = Tag.status != TagStatus.REJECTED


@dataclass(frozen=True, slots=True)
class Ranking:
    """Records that match, best first: one row each, of its best passage."""

    records: Ids
    passages: Ids
    meaning: Scores
    words: Scores
    concepts: Scores
    cut: bool  # whether there may be more, behind the depth of a list

    def __len__(self) -> int:
        return len(self.records)

    def take(self, rows: Ids) -> "Ranking":
        """Return these rows, in this order."""
        meaning, words, concepts = self.meaning[rows], self.words[rows], self.concepts[rows]
        return Ranking(self.records[rows], self.passages[rows], meaning, words, concepts, self.cut)


def rank(
    session: Session,
    index: Index,
    question: Question,
    vector: Vector | None,
    *,
    allowed: Mask,
    wanted: str,
    weights: Weights,
    depth: int = DEPTH,
) -> Ranking:
    """Return the records of the `allowed` passages that match, best first.

    A passage matches that has a word of the question, or is near to it, or whose record has
    a concept of it. Candidates are the `depth` best by words and by meaning, and all with
    a concept; each gets its exact cosine. In a small library all passages are candidates.
    """
    if len(index.passages) <= SMALL:
        depth = SMALL
    telling = lexical.telling(session, index.words, wanted)
    found = lexical.nearest(
        session, index.words, wanted, k=depth, ids=index.passages, allowed=allowed, telling=telling
    )
    by_words = index.positions(found.ids)
    favours = _favours(index, question, vector)
    by_meaning = _nearest(session, index, vector, depth, allowed)
    if len(index.passages) > SMALL:
        by_meaning = np.concatenate(
            [by_meaning, *_abroad(session, index, vector, favours, allowed)]
        )
    tagged = shares(session, index, question)
    by_concept = np.flatnonzero(index.of_records(np.array(list(tagged), np.int64)) & allowed)
    candidates = np.unique(np.concatenate([by_words, by_meaning, by_concept]))
    records = index.records[candidates]
    bm25 = np.zeros(len(index.passages))
    bm25[by_words] = found.scores[index.known(found.ids)]
    words = bm25[candidates] + lexical.TITLE * _by_record(
        lexical.titles(session, index.words, wanted, records, telling=telling), records
    )
    concepts = np.array([tagged.get(record, 0.0) for record in records.tolist()])
    cosines = _cosines(session, index, vector, candidates) - _of_language(index, favours, records)
    match = (words > 0) | (concepts > 0) | (cosines >= NEAR)
    parts = weighed(cosines[match], words[match], concepts[match], weights)
    cut = len(by_words) >= depth or len(by_meaning) >= depth
    return _best_passages(index, candidates[match], parts, cut=cut)


def shares(session: Session, index: Index, question: Question) -> dict[int, float]:
    """Return, for records with any concept of the question, the share of them they have.

    A narrower concept counts as the broader one; a confirmed tag counts 1, a suggested one
    its confidence. A word that names two concepts asks for either.
    """
    asked: dict[tuple[int, int], set[str]] = defaultdict(set)
    for match in question.concepts:
        asked[match.start, match.end].update(index.narrower(match.notation))
    if not asked:
        return {}
    tags = tagged(session, set().union(*asked.values()))
    return {
        record: sum(max(has.get(n, 0.0) for n in either) for either in asked.values()) / len(asked)
        for record, has in tags.items()
    }


def tagged(
    session: Session,
    notations: set[str],
    records: Collection[int] | None = None,
    *,
    counts: ColumnElement[bool] = NOT_REJECTED,
) -> Mapping[int, dict[str, float]]:
    """Return, by record, which of the concepts it has and how sure that is, in (0, 1].

    `counts` is the condition on a tag.
    """
    query = (
        select(Tag.record_id, Concept.notation, Tag.status, Tag.confidence)
        .join(Concept, Concept.id == Tag.concept_id)
        .where(Concept.notation.in_(sorted(notations)), counts)
    )
    rows = session.execute(query if records is None else query.where(Tag.record_id.in_(records)))
    found: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for record_id, notation, status, confidence in rows:
        found[record_id][notation] = 1.0 if status is TagStatus.CONFIRMED else confidence
    return found


def _nearest(
    session: Session, index: Index, vector: Vector | None, depth: int, allowed: Mask
) -> Ids:
    if vector is None or index.dense is None:
        return np.empty(0, np.int64)
    rows, _ = index.dense.at(session).nearest(vector, k=depth, allowed=allowed[index.rows])
    found: Ids = index.rows[rows]
    return found


def _cosines(session: Session, index: Index, vector: Vector | None, positions: Ids) -> Scores:
    """Return the exact cosine of each passage; 0 for one without a vector."""
    cosines = np.zeros(len(positions))
    if vector is not None and index.dense is not None:
        slots = index.slots[positions]
        there = slots != NOWHERE
        cosines[there] = index.dense.at(session).cosines(vector, slots[there])
    return cosines


def _favours(index: Index, question: Question, vector: Vector | None) -> dict[str, float]:
    """Return, by language of the library, what the encoder owes to it and not to the subject."""
    if vector is None or index.encoder is None:
        return {}
    found = {
        language: tongues.favour(
            index.encoder, vector, language=language, asked_in=question.language
        )
        for language in _languages(index).names
    }
    return {language: favour for language, favour in found.items() if favour}


def _abroad(
    session: Session,
    index: Index,
    vector: Vector | None,
    favours: Mapping[str, float],
    allowed: Mask,
) -> Iterator[Ids]:
    """Yield the nearest passages of each language but the question's.

    Where most of the library is in that, they would hardly be among the nearest of all.
    """
    columns, languages = index.columns, _languages(index)
    for language in favours:
        mine = languages.has(np.arange(len(columns.records)), (language,))
        there = allowed & index.of_records(columns.records[mine])
        yield _nearest(session, index, vector, ABROAD, there)


def _of_language(index: Index, favours: Mapping[str, float], records: Ids) -> Scores:
    """Return the favour of the language of each of the records."""
    found = np.zeros(len(records))
    if not favours:
        return found
    columns, languages = index.columns, _languages(index)
    known = np.isin(records, columns.records)
    rows = np.searchsorted(columns.records, records[known])
    of_code = np.array([favours.get(name, 0.0) for name in languages.names])
    found[known] = of_code[languages.codes[languages.starts[rows]]]
    return found


def _languages(index: Index) -> Values:
    return index.columns.values[Scope.ALL]["languages"]


def _by_record(ranked: Ranked, records: Ids) -> Scores:
    scores = dict(zip(ranked.ids.tolist(), ranked.scores.tolist(), strict=True))
    return np.array([scores.get(record, 0.0) for record in records.tolist()])


def _best_passages(
    index: Index, candidates: Ids, parts: tuple[Scores, Scores, Scores], *, cut: bool
) -> Ranking:
    """Keep the best passage of each record; of equals the first, as in the record."""
    order = np.argsort(-np.sum(parts, axis=0), kind="stable")
    _, first = np.unique(index.records[candidates[order]], return_index=True)
    best = order[np.sort(first)]
    meaning, words, concepts = (part[best] for part in parts)
    at = candidates[best]
    return Ranking(index.records[at], index.passages[at], meaning, words, concepts, cut)
