"""How others did it: the records that answer are found, and what they tell is summed up."""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.vocabulary import Scheme
from kb.wording import marked
from search.accounts import accounts
from search.diversity import alike, folds
from search.filters import EVERYTHING, Filters, Scope
from search.index import Index
from search.query import Hit, Match, Results, foremost, search
from search.quotes import nearness, telling
from search.synthesis import Synthesis, sum_up
from search.understand import Question

MOST = 100  # records that are summed up
# Share of the best score from which a record answers too, and cosine part below which none does
# that only shares words. Over 222 judged questions: docs/search.md, "How others did it".
AS_GOOD = 0.8
LEAST_MEANING = 0.25

M = TypeVar("M", Hit, Match)


def how_others_did_it(
    session: Session,
    index: Index,
    *,
    question: str = "",
    concept: str = "",
    filters: Filters = EVERYTHING,
    scope: Scope = Scope.PUBLIC,
    without: Collection[str] = (),
    quoted: bool = True,
    found: Results | None = None,
) -> Synthesis:
    """Sum up the records that answer `question`, or all of a `concept` and what is below it.

    With both, those of the concept that answer; with neither, all that the filters leave. The
    concept takes the place of a filter on its scheme. Where interventions are asked for and no
    topic, only their own ideas are summed up. At most 100 records are: the best answers, or the
    newest; of records that tell the same, one. `without` are concepts that the question names
    and the reader took away. What is not `quoted` is only counted. `found` is what a search for
    the same returned already: it is not made again.

    Raises:
        InvalidError: the question is longer than any question.
        NotFoundError: the taxonomy has no such concept.
    """
    chosen = _within(index, filters, concept)
    asking = partial(
        search,
        session,
        index,
        question,
        filters=chosen,
        scope=scope,
        without=without,
        diverse=False,  # a facility that tried three things has tried three things
    )
    results = found or asking(limit=0)
    if results.ranking is not None:
        best_ones = [one.record_id for one in good(foremost(results.ranking, MOST))]
    else:
        best_ones = [hit.record_id for hit in asking(limit=MOST).hits]
    told = accounts(session, _told_once(session, best_ones), scope)
    asked = results.question
    if not asked.words:
        told.sort(key=lambda account: -account.strength)
    return sum_up(
        told,
        question=asked,
        total=results.total,
        more=results.more or results.total > MOST,
        concept=concept,
        own=_own(index, (concept,) if concept else asked.notations),
        first=_first(index, asked, filters),
        near=nearness(session, index, _vector(index, asked), [one.record_id for one in told]),
        wanted=_wanted(index, asked, concept),
        countries=_countries(index, scope),
        taxonomy=index.taxonomy,
        quoted=quoted,
    )


def good(matches: Sequence[M]) -> list[M]:
    """Return the matches that answer well enough to be counted among the answers, in their order.

    Where the question names concepts: the records with as many of them as any has. Beside them
    whatever scores nearly as well as the best, unless it only shares words with the question.
    """
    if not matches:
        return []
    best_score = max(one.score for one in matches)
    most = max(one.parts.concepts for one in matches)
    means = any(one.parts.meaning for one in matches)

    def answers(one: M) -> bool:
        if most and one.parts.concepts >= most:
            return True
        near = one.parts.meaning >= LEAST_MEANING or not means
        return near and one.score >= AS_GOOD * best_score

    return [one for one in matches if answers(one)]


def _told_once(session: Session, record_ids: Sequence[int]) -> list[int]:
    """Return the records without those that tell the same as one before them."""
    behind = folds(record_ids, alike=alike(session, record_ids))
    again = {one.record for of in behind.values() for one in of}
    return [record_id for record_id in record_ids if record_id not in again]


def _within(index: Index, filters: Filters, concept: str) -> Filters:
    if not concept:
        return filters
    terms = index.taxonomy.terms if index.taxonomy else {}
    if concept not in terms:
        raise NotFoundError(
            marked("The taxonomy has no concept “%(concept)s”.", concept=concept),
            hint=marked("Run `kb taxonomy list` to see the notations."),
        )
    chosen: dict[str, Any] = {terms[concept].scheme.value: (concept,)}
    return replace(filters, **chosen)


def _own(index: Index, asked: Collection[str]) -> AbstractSet[str] | None:
    """Return the interventions that alone are summed up: those asked for, if no topic is."""
    terms = index.taxonomy.terms if index.taxonomy else {}
    if not asked or any(terms[notation].scheme is Scheme.TOPICS for notation in asked):
        return None
    return frozenset(below for notation in asked for below in index.narrower(notation))


def _first(index: Index, question: Question, filters: Filters) -> Collection[str]:
    named = (*question.notations, *filters.interventions)
    return frozenset(below for notation in named for below in index.narrower(notation))


def _vector(index: Index, question: Question) -> Any:
    if not question.words or index.encoder is None or index.dense is None:
        return None
    return index.encoder.encode_query(question.encoded)


def _wanted(index: Index, question: Question, concept: str) -> Collection[str]:
    """Return the folded words of the question and of its concepts in every language."""
    names = [*question.words]
    if index.labels is not None:
        for notation in (*question.notations, *filter(None, [concept])):
            names += index.labels.expansions(notation)
    return telling(" ".join(names))


def _countries(index: Index, scope: Scope) -> Collection[str]:
    """Return the countries that any record shows."""
    countries = index.columns.values[scope]["countries"]
    n_records = countries.counted(np.flatnonzero(index.columns.visible[scope]))
    return [name for name, n in zip(countries.names, n_records.tolist(), strict=True) if n and name]
