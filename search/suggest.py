"""What a reader may mean while still typing: titles of records and names of concepts."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.folding import RUN, plain
from kb.label_trie import labels_of
from kb.models import Record
from kb.taxonomy import Taxonomy
from search.columns import Columns
from search.facets import Mask, Rows
from search.filters import EVERYTHING, Scope, in_scope
from search.index import Index

SHORTEST = 2  # letters from which a beginning says something
MOST_WORDS = 8  # of what is typed; whoever types more knows what to ask
LAST = "\U0010ffff"  # sorts behind every letter


class Kind(StrEnum):
    """What is suggested."""

    TITLE = "title"
    CONCEPT = "concept"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title or a concept of which every typed word begins a word."""

    text: str
    kind: Kind
    language: str  # BCP 47, of the text
    record_id: int | None = None  # of a title
    notation: str | None = None  # of a concept


def suggest(
    session: Session, index: Index, typed: str, *, scope: Scope = Scope.PUBLIC, limit: int = 8
) -> tuple[Suggestion, ...]:
    """Return up to `limit` suggestions: concepts that records have, titles, then other concepts.

    Case and accents do not matter. A concept is found by all its labels in every language, and
    named in the language of the label; half of the places are kept for titles. Titles are only
    those that this reader may see, those that begin so first, then the newest.
    """
    words = _words(typed)[:MOST_WORDS]
    if sum(map(len, words)) < SHORTEST:
        return ()
    known = _known(index)
    spans = [known.span(word) for word in words]
    found = known.having(spans)
    used, unused = _concepts(index, known, found[found >= known.n_titles], spans[0], scope)
    rows = found[found < known.n_titles]
    begins = known.begins(rows, spans[0])
    titles = _titles(session, index.columns, rows, begins, scope=scope, limit=limit)
    first = used[: max(limit // 2, limit - len(titles))]
    titles = titles[: limit - len(first)]
    return (*first, *titles, *unused)[:limit]


class _Label(NamedTuple):
    """A label of a concept, and what the concept is called in the label's language."""

    notation: str
    name: str
    language: str


class _Span(NamedTuple):
    """The words of the library that begin so: from `start`, up to and without `end`."""

    start: int
    end: int


@dataclass(frozen=True, eq=False)
class _Known:
    """All words of titles and labels, sorted, and in which of these texts each stands.

    The texts are the titles in the order of `Columns`, then the labels.
    """

    words: list[str]  # folded, ascending
    starts: Rows  # (words + 1,), into `texts`
    texts: Rows
    first: Rows  # the first word of each text
    n_titles: int
    labels: Sequence[_Label]
    taxonomy: Taxonomy | None  # whose labels they are
    counts: dict[Scope, Mapping[str, int]] = field(default_factory=dict)  # of records by concept

    def span(self, beginning: str) -> _Span:
        return _Span(bisect_left(self.words, beginning), bisect_left(self.words, beginning + LAST))

    def having(self, spans: Iterable[_Span]) -> Rows:
        """Return the texts that have a word of each span, ascending."""
        found = np.ones(len(self.first), bool)
        for start, end in spans:
            having = np.zeros(len(self.first), bool)
            having[self.texts[self.starts[start] : self.starts[end]]] = True
            found &= having
        return np.flatnonzero(found)

    def begins(self, texts: Rows, span: _Span) -> Mask:
        """Return for each of the texts whether its first word is of the span."""
        first = self.first[texts]
        return (span.start <= first) & (first < span.end)


_KNOWN: WeakKeyDictionary[Columns, _Known] = WeakKeyDictionary()
_LOCK = Lock()


def _known(index: Index) -> _Known:
    with _LOCK:  # one thread builds, the others wait for it
        known = _KNOWN.get(index.columns)
        if known is None or known.taxonomy is not index.taxonomy:
            known = _KNOWN[index.columns] = _build(index.columns.titles, index.taxonomy)
        return known


def _build(titles: Sequence[str], taxonomy: Taxonomy | None) -> _Known:
    labels = dict(_labels(taxonomy)) if taxonomy else {}
    spoken = [*map(_kept_words, titles), *(_kept_words(text) for _, text in labels)]
    words = sorted(set(chain.from_iterable(spoken)))
    code = {word: number for number, word in enumerate(words)}
    lengths = np.fromiter(map(len, spoken), np.int64, len(spoken))
    codes = np.fromiter(map(code.__getitem__, chain.from_iterable(spoken)), np.int64)
    owners = np.repeat(np.arange(len(spoken)), lengths)
    order = np.argsort(codes, kind="stable")
    first = np.full(len(spoken), -1, np.int64)
    ends = np.cumsum(lengths)
    first[lengths > 0] = codes[(ends - lengths)[lengths > 0]]
    return _Known(
        words=words,
        starts=np.searchsorted(codes[order], np.arange(len(words) + 1)),
        texts=owners[order],
        first=first,
        n_titles=len(titles),
        labels=tuple(labels.values()),
        taxonomy=taxonomy,
    )


def _labels(taxonomy: Taxonomy) -> Iterable[tuple[tuple[str, str], _Label]]:
    """Yield each label with its concept, the preferred ones first, retired concepts left out."""
    for term in taxonomy:
        if not term.deprecated:
            for _, language, text in labels_of(term):
                name = taxonomy.label(term.notation, language)
                yield (term.notation, text), _Label(term.notation, *name)


def _words(text: str) -> tuple[str, ...]:
    return tuple(RUN.findall(plain(text)))


# A commit changes few titles, and all are looked at again. What readers type is not kept.
_kept_words = lru_cache(maxsize=2**17)(_words)


def _concepts(
    index: Index, known: _Known, texts: Rows, span: _Span, scope: Scope
) -> tuple[list[Suggestion], list[Suggestion]]:
    """Return the concepts of these labels: those that some record has, and the others."""
    if scope not in known.counts:
        found, _ = index.columns.counts(EVERYTHING, scope, broader=index.broader)
        concepts = (*found["topics"], *found["interventions"])
        known.counts[scope] = {counted.value: counted.count for counted in concepts}
    counts = known.counts[scope]
    begins = known.begins(texts, span)
    ranked = sorted(
        (not begun, -counts.get(label.notation, 0), number, label)
        for number, (begun, label) in enumerate(
            zip(
                begins.tolist(),
                (known.labels[text - known.n_titles] for text in texts.tolist()),
                strict=True,
            )
        )
    )
    best: dict[str, Suggestion] = {}
    for *_, label in ranked:
        suggestion = Suggestion(label.name, Kind.CONCEPT, label.language, notation=label.notation)
        best.setdefault(label.notation, suggestion)
    used = [one for notation, one in best.items() if counts.get(notation)]
    return used, [one for notation, one in best.items() if not counts.get(notation)]


def _titles(
    session: Session, columns: Columns, rows: Rows, begins: Mask, *, scope: Scope, limit: int
) -> list[Suggestion]:
    """Return titles of the rows, as the database has them now and shows them to this reader."""
    seen = columns.visible[scope][rows]
    rows, begins = rows[seen], begins[seen]
    published: NDArray[np.int64] = columns.published[rows].astype(np.int64)  # never: the least
    best = rows[np.lexsort((rows, published, begins))[::-1][:limit]]
    ids = columns.records[best].tolist()
    query = select(Record.id, Record.shown_title.label("title"), Record.language)
    found = {
        row.id: Suggestion(row.title, Kind.TITLE, row.language, record_id=row.id)
        for row in session.execute(query.where(Record.id.in_(ids), in_scope(scope)))
    }
    return list({found[id_].text: found[id_] for id_ in ids if id_ in found}.values())
