"""Answer a question: the one way in for page, API and command line."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from kb.models import Record
from kb.vocabulary import SectionRole
from search import lexical, store
from search.dense import Ids
from search.encoder import Vector
from search.facets import Facets, counts
from search.filters import EVERYTHING, Filters, Scope, allowed, condition
from search.fusion import Weights
from search.index import Index
from search.ranking import Ranking, rank, tagged
from search.store import PassageRow
from search.understand import Question, understand

Span = tuple[int, int]  # characters, end not included

WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Parts:
    """What each part added to a score; they sum to it."""

    meaning: float  # how near the passage is to the question
    words: float  # which of the question's words it has, and how rare they are
    concepts: float  # which of the question's concepts the record is tagged with


@dataclass(frozen=True, slots=True)
class Hit:
    """One record offered as an answer, by its best passage, and why."""

    record_id: int
    title: str
    section: SectionRole  # of the passage
    heading: str  # of the passage's section, may be empty
    passage: str  # plain text, a line for each block
    score: float  # orders this one list; not comparable between questions
    parts: Parts
    words: tuple[str, ...] = ()  # matched, as they stand in title and passage, lower case
    concepts: tuple[str, ...] = ()  # notations of the question's concepts on the record
    highlights: tuple[Span, ...] = ()  # of matched words in `passage`
    title_highlights: tuple[Span, ...] = ()  # of matched words in `title`


@dataclass(frozen=True, slots=True)
class Results:
    """The answers to one question: one page of them, and all that the page says about them."""

    question: Question  # as understood
    hits: tuple[Hit, ...]
    total: int  # records that match, of which `hits` is a part
    more: bool  # whether more than `total` match: of a large library, only the best are looked at
    facets: Facets = field(default_factory=dict)  # by the names of the fields of Filters
    ms: Mapping[str, float] = field(default_factory=dict)  # milliseconds of each step, and "total"


class Stopwatch:
    """How long each step took, in milliseconds."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self._ms: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        start = perf_counter()
        yield
        self._ms[name] = 1000 * (perf_counter() - start)

    @property
    def ms(self) -> dict[str, float]:
        """Each step, and all that passed since the beginning."""
        return self._ms | {"total": 1000 * (perf_counter() - self._start)}


def search(
    session: Session,
    index: Index,
    question: str,
    *,
    filters: Filters = EVERYTHING,
    scope: Scope = Scope.PUBLIC,
    limit: int = 10,
    offset: int = 0,
    facets: bool = False,
    weights: Weights = WEIGHTS,
    without: Collection[str] = (),
) -> Results:
    """Return the records that answer `question`, best first; without words, the newest first.

    `without` are notations of concepts that the question names and the reader took away.

    Raises:
        InvalidError: the question is longer than any question.
        NotReadyError: the database cannot be searched by words.
    """
    watch = Stopwatch()
    asked = understand(question, index.labels, without=without)
    matching: list[int] | None = None
    more = False
    if asked.words:
        with watch.step("encode"):
            sought = _sought(index, asked)
        with watch.step("find"):
            ranking = _find(session, index, sought, filters, scope=scope, weights=weights)
        with watch.step("show"):
            hits = _hits(session, index, sought, ranking, slice(offset, offset + limit))
        total, more = len(ranking), ranking.cut
        if facets and filters:  # each facet leaves its own filter out
            with watch.step("find all"):
                whole = _find(session, index, sought, EVERYTHING, scope=scope, weights=weights)
            matching = whole.records.tolist()
        else:
            matching = ranking.records.tolist()
    else:
        with watch.step("show"):
            if asked.excluded:
                matching = _allowed(session, index, asked, EVERYTHING, scope).tolist()
            where = _among(matching) & condition(filters, scope, index.narrower)
            hits, total = _newest(session, where, limit=limit, offset=offset)
    counted: Facets = {}
    if facets:
        with watch.step("facets"):
            counted = counts(session, filters, scope, broader=index.broader, ids=matching)
    return Results(asked, hits, total, more, counted, watch.ms)


@dataclass(frozen=True, slots=True)
class _Sought:
    """A question in the form in which each list is searched."""

    question: Question
    expression: str  # of words
    vector: Vector | None


def _sought(index: Index, question: Question) -> _Sought:
    names: list[str] = []  # of the concepts asked for, in every language
    if index.labels is not None:
        for notation in question.notations:
            names += index.labels.expansions(notation)
    vector = None
    if index.encoder is not None and index.dense is not None:
        vector = index.encoder.encode_query(question.encoded)
    return _Sought(question, lexical.expression(question.words, names), vector)


def _find(
    session: Session,
    index: Index,
    sought: _Sought,
    filters: Filters,
    *,
    scope: Scope,
    weights: Weights,
) -> Ranking:
    """Return all records that match the question and the filters, best first."""
    ids = _allowed(session, index, sought.question, filters, scope)
    return rank(
        session,
        index,
        sought.question,
        sought.vector,
        allowed=index.of_records(ids),
        wanted=sought.expression,
        weights=weights,
    )


def _allowed(
    session: Session, index: Index, question: Question, filters: Filters, scope: Scope
) -> Ids:
    """Return the records that pass the filters and hold what the question says they must."""
    ids = allowed(session, filters, scope, index.narrower)
    return lexical.narrowed(session, ids, phrases=question.phrases, excluded=question.excluded)


def _among(ids: list[int] | None) -> ColumnElement[bool]:
    if ids is None:
        return true()
    listed = select(func.json_each(json.dumps(ids)).table_valued("value").c.value)
    return Record.id.in_(listed)


def _hits(
    session: Session, index: Index, sought: _Sought, ranking: Ranking, page: slice
) -> tuple[Hit, ...]:
    """Return one page of the ranking, without passages that their records do not say any more."""
    passages = ranking.passages[page].tolist()
    rows = {
        row.id: row
        for row in session.execute(
            select(PassageRow.id, PassageRow.section, PassageRow.heading, Record.title)
            .add_columns((PassageRow.record_version != Record.version).label("stale"))
            .join(Record, Record.id == PassageRow.record_id)
            .where(PassageRow.id.in_(passages))
        )
    }
    shown = lexical.shown(session, sought.expression, passages)
    unsaid = store.unsaid(session, [id_ for id_, row in rows.items() if row.stale])
    renamed = {id_ for id_, row in rows.items() if row.stale and row.title != shown[id_].title}
    concepts = _concepts_of(session, index, sought.question, ranking.records[page].tolist())
    return tuple(
        Hit(
            record_id=record,
            title=rows[passage].title if passage in renamed else shown[passage].title,
            section=rows[passage].section,
            heading=rows[passage].heading,
            passage=shown[passage].body,
            score=parts.meaning + parts.words + parts.concepts,
            parts=parts,
            words=shown[passage].words,
            concepts=concepts.get(record, ()),
            highlights=shown[passage].highlights,
            title_highlights=() if passage in renamed else shown[passage].title_highlights,
        )
        for record, passage, parts in zip(
            ranking.records[page].tolist(), passages, _parts(ranking, page), strict=True
        )
        if passage in rows and passage not in unsaid
    )


def _parts(ranking: Ranking, page: slice) -> Iterator[Parts]:
    columns = (ranking.meaning[page], ranking.words[page], ranking.concepts[page])
    return (Parts(*row) for row in np.stack(columns, axis=1).tolist())


def _concepts_of(
    session: Session, index: Index, question: Question, records: list[int]
) -> dict[int, tuple[str, ...]]:
    """Return which of the question's concepts each record has, narrower ones included."""
    below = {notation: set(index.narrower(notation)) for notation in question.notations}
    if not below:
        return {}
    has = tagged(session, set().union(*below.values()), records)
    return {
        record: tuple(n for n, narrower in below.items() if not narrower.isdisjoint(tags))
        for record, tags in has.items()
    }


def _newest(
    session: Session, where: ColumnElement[bool], *, limit: int, offset: int
) -> tuple[tuple[Hit, ...], int]:
    rows = session.execute(
        select(Record.id, Record.title, Record.summary)
        .where(where)
        .order_by(Record.published.desc().nulls_last(), Record.created.desc(), Record.id.desc())
        .limit(limit)
        .offset(offset)
    )
    hits = tuple(
        Hit(row.id, row.title, SectionRole.SUMMARY, "", row.summary, 0.0, Parts(0.0, 0.0, 0.0))
        for row in rows
    )
    total = session.scalar(select(func.count()).select_from(Record).where(where)) or 0
    return hits, total
