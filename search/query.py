"""Answer a question: the one way in for page, API and command line."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from kb.models import Record
from kb.vocabulary import SectionRole
from search import diversity, glossary, lexical, store, terms
from search.broaden import Broadening, broadenings
from search.dense import Ids
from search.diversity import Behind, Fold
from search.encoder import Vector
from search.facets import Facets
from search.filters import EVERYTHING, Filters, Scope, condition, in_scope, tag_counts
from search.fusion import Weights
from search.index import Index
from search.ranking import Ranking, rank, tagged
from search.spelling import corrected
from search.store import PassageRow
from search.understand import Question, understand

Span = tuple[int, int]  # characters, end not included

WEIGHTS = Weights()


class Sort(StrEnum):
    """In which order the matching records are shown; of equals the more relevant goes first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"  # by the day of publication
    STRENGTH = "strength"  # of the data; those not assessed come last


@dataclass(frozen=True, slots=True)
class Folded:
    """A record that matches too, and stands behind a hit."""

    record_id: int
    title: str
    why: Fold


@dataclass(frozen=True, slots=True)
class Parts:
    """What each part added to a score; they sum to it."""

    meaning: float  # how near the passage is to the question
    words: float  # which of the question's words it has, and how rare they are
    concepts: float  # which of the question's concepts the record is tagged with


class Match(NamedTuple):
    """A record that matches, and how well."""

    record_id: int
    parts: Parts

    @property
    def score(self) -> float:
        """What orders the matches of one question; not comparable between questions."""
        return self.parts.meaning + self.parts.words + self.parts.concepts


@dataclass(frozen=True, slots=True)
class Hit:
    """One record offered as an answer, by its best passage, and why."""

    record_id: int
    title: str
    language: str  # of the record, BCP 47
    section: SectionRole  # of the passage
    heading: str  # of the passage's section, may be empty
    passage: str  # plain text, a line for each block
    score: float  # orders this one list; not comparable between questions
    parts: Parts
    words: tuple[str, ...] = ()  # matched, as they stand in title and passage, lower case
    concepts: tuple[str, ...] = ()  # notations of the question's concepts on the record
    highlights: tuple[Span, ...] = ()  # of matched words in `passage`
    title_highlights: tuple[Span, ...] = ()  # of matched words in `title`
    folded: tuple[Folded, ...] = ()  # best first


@dataclass(frozen=True, slots=True)
class Results:
    """The answers to one question: one page of them, and all that the page says about them."""

    question: Question  # as understood
    hits: tuple[Hit, ...]
    total: int  # records that match; each is a hit, or folded behind one, on one of the pages
    listed: int  # hits on all pages together
    more: bool  # whether more than `total` match: of a large library, only the best are looked at
    facets: Facets = field(default_factory=dict)  # by the names of the fields of Filters
    ms: Mapping[str, float] = field(default_factory=dict)  # milliseconds of each step, and "total"
    about: bool = False  # whether the counts of the facets are estimates
    broaden: tuple[Broadening, ...] = ()  # wider searches, where little is found
    ranking: Ranking | None = None  # all that match, best first; None without words


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
    sort: Sort = Sort.RELEVANCE,
    diverse: bool = True,
) -> Results:
    """Return the records that answer `question`, best first; without words, the newest first.

    `without` are notations of concepts that the question names and the reader took away.
    Where `diverse`, a record that tells the same as a better one is folded behind it; by
    relevance, so are those of a facility that has its share of the hits already. `limit` and
    `offset` count hits.

    Raises:
        InvalidError: the question is longer than any question.
    """
    watch = Stopwatch()
    with watch.step("understand"):
        asked = _understood(session, index, question, scope, without)
    matching: list[int] | None = None
    found: Ranking | None = None
    more = False
    if asked.words:
        with watch.step("encode"):
            sought = _sought(index, asked)
        with watch.step("find"):
            found = _find(session, index, sought, filters, scope=scope, weights=weights)
        with watch.step("arrange"):
            ranking = _sorted(session, found, sort)
            behind = _behind(session, index, ranking, scope, sort) if diverse else {}
            places = _places(ranking, behind)
        with watch.step("show"):
            page = ranking.take(places[offset : offset + limit])
            hits = _hits(session, index, sought, page, behind=behind, scope=scope)
        total, listed, more = len(ranking), len(places), ranking.cut
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
            hits = _unasked(session, where, sort, limit=limit, offset=offset)
            total = session.scalar(select(func.count()).select_from(Record).where(where)) or 0
            listed = total
    counted: Facets = {}
    about = False
    wider: tuple[Broadening, ...] = ()
    if facets:
        with watch.step("facets"):
            counted, about = index.columns.counts(
                filters, scope, broader=index.broader, ids=matching
            )
            wider = broadenings(
                index.columns,
                filters,
                scope,
                found=total,
                matching=matching,
                concepts=asked.notations,
                narrower=index.narrower,
                broader=index.broader,
            )
    return Results(asked, hits, total, listed, more, counted, watch.ms, about, wider, found)


def _understood(
    session: Session, index: Index, question: str, scope: Scope, without: Collection[str]
) -> Question:
    asked = understand(question, index.labels, without=without)
    return corrected(
        session,
        asked,
        index.vocabulary,
        scope=scope,
        said=index.said,
        is_word=index.encoder.knows if index.encoder and index.dense else None,
        without=without,
    )


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
    said = glossary.glosses(question.encoded, question.language)
    vector = None
    if index.encoder is not None and index.dense is not None:
        vector = index.encoder.encode_query(" ".join([question.encoded, *said.english]))
    phrases = (*question.phrases, *names, *said.elsewhere)
    return _Sought(question, terms.expression(question.searched, phrases), vector)


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
    ids = index.columns.allowed(filters, scope, index.narrower)
    return lexical.narrowed(session, ids, phrases=question.phrases, excluded=question.excluded)


def _among(ids: list[int] | None) -> ColumnElement[bool]:
    if ids is None:
        return true()
    return Record.id.in_(diversity.among(ids))


def _sorted(session: Session, ranking: Ranking, sort: Sort) -> Ranking:
    """Return the ranking in another order; of equals the more relevant stays first."""
    if sort is Sort.RELEVANCE:
        return ranking
    among = diversity.among(ranking.records.tolist())
    rows = session.execute(select(Record.id, _COLUMN[sort]).where(Record.id.in_(among)))
    known = {id_: value for id_, value in rows if value is not None}
    of_row = [known.get(record) for record in ranking.records.tolist()]
    keys = [(value is not None, value) for value in of_row]
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=True)
    return ranking.take(np.array(order, np.int64))


_COLUMN: Mapping[Sort, InstrumentedAttribute[Any]] = {
    Sort.RELEVANCE: Record.published,  # of records that answer no question
    Sort.NEWEST: Record.published,
    Sort.STRENGTH: Record.strength,
}


def _behind(
    session: Session, index: Index, ranking: Ranking, scope: Scope, sort: Sort
) -> dict[int, list[Behind]]:
    """Return what is folded behind each record of the ranking."""
    ranked = ranking.records.tolist()
    crowded = sort is Sort.RELEVANCE
    crowds = index.columns.facility_of(ranking.records, scope) if crowded else {}
    return diversity.folds(ranked, alike=diversity.alike(session, ranked), facility=crowds)


def _places(ranking: Ranking, behind: Mapping[int, Sequence[Behind]]) -> Ids:
    """Return the rows of the ranking that keep their place in the list."""
    hidden = [one.record for of in behind.values() for one in of]
    rows: Ids = np.flatnonzero(~np.isin(ranking.records, hidden))
    return rows


# Made once: to put a statement together takes longer than to run it. Each id of the few that are
# shown is bound by itself: of a list SQLite knows no length, and goes through all records instead.
SHOWN: BindParameter[int] = bindparam("ids", expanding=True)
_PASSAGES = {
    scope: select(PassageRow.id, PassageRow.section, PassageRow.heading)
    .add_columns(Record.shown_title.label("title"), Record.language)
    .add_columns((PassageRow.record_version != Record.version).label("stale"))
    .join(Record, Record.id == PassageRow.record_id)
    .where(PassageRow.id.in_(SHOWN), in_scope(scope))
    for scope in Scope
}
_TITLES = {
    scope: select(Record.id, Record.shown_title.label("title")).where(
        Record.id.in_(SHOWN), in_scope(scope)
    )
    for scope in Scope
}


def _hits(
    session: Session,
    index: Index,
    sought: _Sought,
    ranking: Ranking,
    *,
    behind: Mapping[int, Sequence[Behind]],
    scope: Scope,
) -> tuple[Hit, ...]:
    """Return one page of the ranking.

    A record that was taken from the readers meanwhile is left out, and so is a passage that
    its record does not say any more.
    """
    passages = ranking.passages.tolist()
    found = session.execute(_PASSAGES[scope], {"ids": passages})
    rows = {row.id: row for row in found}
    shown = lexical.shown(session, sought.expression, passages)
    unsaid = store.unsaid(session, [id_ for id_, row in rows.items() if row.stale])
    rows = {id_: row for id_, row in rows.items() if id_ in shown}  # it may go in between
    renamed = {id_ for id_, row in rows.items() if row.stale and row.title != shown[id_].title}
    concepts = _concepts_of(session, index, sought.question, ranking.records.tolist(), scope)
    folded = _folded(session, ranking.records.tolist(), behind, scope)
    return tuple(
        Hit(
            record_id=record,
            title=rows[passage].title if passage in renamed else shown[passage].title,
            language=rows[passage].language,
            section=rows[passage].section,
            heading=rows[passage].heading,
            passage=shown[passage].body,
            score=parts.meaning + parts.words + parts.concepts,
            parts=parts,
            words=shown[passage].words,
            concepts=concepts.get(record, ()),
            highlights=shown[passage].highlights,
            title_highlights=() if passage in renamed else shown[passage].title_highlights,
            folded=folded.get(record, ()),
        )
        for record, passage, parts in zip(
            ranking.records.tolist(), passages, _parts(ranking), strict=True
        )
        if passage in rows and passage not in unsaid
    )


def _folded(
    session: Session,
    records: Sequence[int],
    behind: Mapping[int, Sequence[Behind]],
    scope: Scope,
) -> dict[int, tuple[Folded, ...]]:
    """Return what stands behind each of the records, with the titles of now."""
    here = {record: behind[record] for record in records if record in behind}
    if not here:
        return {}
    wanted = [one.record for of in here.values() for one in of]
    rows = session.execute(_TITLES[scope], {"ids": wanted})
    titles = {row.id: row.title for row in rows}
    return {
        record: tuple(
            Folded(one.record, titles[one.record], one.why) for one in of if one.record in titles
        )
        for record, of in here.items()
    }


def foremost(ranking: Ranking, most: int) -> list[Match]:
    """Return the best `most` records of the ranking, in its order."""
    top = ranking.take(np.arange(min(most, len(ranking))))
    return [Match(*one) for one in zip(top.records.tolist(), _parts(top), strict=True)]


def _parts(ranking: Ranking) -> Iterator[Parts]:
    columns = (ranking.meaning, ranking.words, ranking.concepts)
    return (Parts(*row) for row in np.stack(columns, axis=1).tolist())


def _concepts_of(
    session: Session, index: Index, question: Question, records: list[int], scope: Scope
) -> dict[int, tuple[str, ...]]:
    """Return which of the question's concepts each record has, narrower ones included.

    A tag that this reader does not see on the record is no reason to be told.
    """
    below = {notation: set(index.narrower(notation)) for notation in question.notations}
    if not below:
        return {}
    has = tagged(session, set().union(*below.values()), records, counts=tag_counts(scope))
    return {
        record: tuple(n for n, narrower in below.items() if not narrower.isdisjoint(tags))
        for record, tags in has.items()
    }


def _unasked(
    session: Session, where: ColumnElement[bool], sort: Sort, *, limit: int, offset: int
) -> tuple[Hit, ...]:
    """Return what the filters allow, by its own order alone."""
    newest = (Record.published.desc().nulls_last(), Record.created.desc(), Record.id.desc())
    rows = session.execute(
        select(
            Record.id,
            Record.shown_title.label("title"),
            Record.language,
            Record.shown_summary.label("summary"),
        )
        .where(where)
        .order_by(_COLUMN[sort].desc().nulls_last(), *newest)
        .limit(limit)
        .offset(offset)
    )
    nothing = Parts(0.0, 0.0, 0.0)
    return tuple(
        Hit(row.id, row.title, row.language, SectionRole.SUMMARY, "", row.summary, 0.0, nothing)
        for row in rows
    )
