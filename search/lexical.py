"""Nearest passages by words: BM25 over postings in memory, beside FTS5, on SQLite."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from kb.errors import NotReadyError
from kb.folding import tokens
from search import scratch, store
from search.dense import Ids, Mask
from search.postings import LOOSE, Part, Posting, Postings, Rows, Scored, occurrences
from search.scratch import BEGIN, END, Marked, Span

TITLE = 0.5  # weight of the titles' own table; 1 gains on questions like titles and loses on others

# A word is common that more passages hold than this. It counts in the score of a passage that has
# a rarer one, but does not find one: to score every passage with it takes most of a question's
# time and changes one answer in thirty (docs/search.md).
COMMON = 1_000
MOST_PHRASES = 2_000  # that are looked up once and kept; a few kilobytes each
NO_ROWS: Rows = np.empty(0, np.int32)
NOWHERE = Scored(NO_ROWS, np.empty(0))


@dataclass(frozen=True)
class Table:
    """A full-text table of the library, and what a word in each of its columns weighs.

    bm25 counts a row as one text, and drowns a short title in it.
    """

    name: str
    weights: Mapping[str, int]

    @property
    def vocabulary(self) -> str:
        """Return the name of the table of all its words; it belongs to the connection."""
        return f"{self.name}_words"


PASSAGES = Table("passage_fts", {"title": 5, "keywords": 2, "body": 1})
TITLES = Table("title_fts", {"title": 1})
VOCABULARY = (
    "create virtual table if not exists temp.{name}_words using fts5vocab(main, {name}, instance)"
)
PHRASES = """
    select value, {name}.rowid, -bm25({name}, {weights}) from json_each(:phrases)
    join {name} on {name} match '"' || value || '"'
"""
# What is to be read of passages and titles that came since.
NEW_PASSAGES = "select rowid, title, keywords, body from passage_fts where rowid > :after"
NEW_TITLES = """
    select rowid, title, '', '' from title_fts where rowid in (select value from json_each(:ids))
"""
PLAIN = """
    select rowid, title, body from passage_fts where rowid in (select value from json_each(:ids))
"""
# Keywords are no words of the record, and title and text are looked at each by itself.
HOLDING = """
    select distinct passage.record_id from passage_fts
    join passage on passage.id = passage_fts.rowid
    join record on record.id = passage.record_id
    where passage_fts match :expression and passage.record_version = record.version
"""
# Of a record that was changed since: not all that the table has does it say still.
MAYBE_HOLDING = """
    select passage.id, passage.record_id, passage_fts.title = record.shown_title as same_title,
           highlight(passage_fts, 0, :begin, :end) <> passage_fts.title as in_title,
           highlight(passage_fts, 2, :begin, :end) <> passage_fts.body as in_body
    from passage_fts
    join passage on passage.id = passage_fts.rowid
    join record on record.id = passage.record_id
    where passage_fts match :expression and passage.record_version <> record.version
"""


class Shown(NamedTuple):
    """The words of a passage and its title, and where those of the question are in them."""

    title: str
    body: str
    title_highlights: tuple[Span, ...] = ()
    highlights: tuple[Span, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The matched words, lower case, each once."""
        found = [self.title[a:b] for a, b in self.title_highlights]
        found += [self.body[a:b] for a, b in self.highlights]
        return tuple(dict.fromkeys(word.casefold() for word in found))


class Ranked(NamedTuple):
    """Ids and their bm25, best first; larger is better."""

    ids: Ids
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class Words:
    """The words of all passages and of all titles, as they stood at one state of the library."""

    passages: Postings
    titles: Postings  # by the ids of records

    @classmethod
    def load(
        cls, session: Session, passages: Ids, records: Ids, before: "Words | None" = None
    ) -> "Words":
        """Read the words of the passages, and of the titles of the records they belong to.

        What `before` has is not read again. Passages never change and their ids only grow; a
        title may have changed where its record has a new passage.
        """
        if before is None:
            return cls._anew(session, passages, records)
        after = int(before.passages.ids.max(initial=0))
        new = passages > after
        if new.sum() > LOOSE * len(passages):
            return cls._anew(session, passages, records)
        renamed = np.unique(records[new])
        named = before.titles.ids
        words = before.passages.changed(
            np.isin(before.passages.ids, passages),
            _read_new(session, NEW_PASSAGES, PASSAGES, {"after": after}),
        )
        titles = before.titles.changed(
            np.isin(named, records) & ~np.isin(named, renamed),
            _read_new(session, NEW_TITLES, TITLES, {"ids": json.dumps(renamed.tolist())}),
        )
        same = words is before.passages and titles is before.titles
        return before if same else cls(words, titles)

    @classmethod
    def _anew(cls, session: Session, passages: Ids, records: Ids) -> "Words":
        return cls(
            Postings([_read_all(session, PASSAGES, passages)]),
            Postings([_read_all(session, TITLES, np.unique(records))]),
        )

    @property
    def is_whole(self) -> bool:
        """Whether nothing in it is dead and all lies together: then it can be kept."""
        return self.passages.is_whole and self.titles.is_whole


def expression(words: Iterable[str], phrases: Iterable[str] = ()) -> str:
    """Return the FTS5 expression for texts with any of `words` or `phrases`; empty for none.

    Nothing of a question reaches FTS5's syntax: only letters, digits and marks, in quotes.

    >>> expression(["skin", 'to" OR *'], ["kangaroo mother care"])
    '"skin" OR "to OR" OR "kangaroo mother care"'
    """
    quoted = (" ".join(t.surface for t in tokens(said)) for said in (*words, *phrases))
    return " OR ".join(f'"{said}"' for said in dict.fromkeys(quoted) if said)


def nearest(
    session: Session,
    words: Words | None,
    wanted: str,
    *,
    k: int,
    ids: Ids,
    allowed: Mask | None = None,
    telling: str = "",
) -> Ranked:
    """Return the `k` passages that match the expression best, out of `ids` where `allowed`.

    With `telling`, an expression, only those that match it too.

    Raises:
        NotReadyError: the database has no full-text search that is known here.
    """
    postings = _checked(session, words).passages
    rows, scores = _scored(session, PASSAGES, postings, wanted, telling)
    found = postings.ids[rows]
    if allowed is not None and len(ids):
        at = np.searchsorted(ids, found).clip(max=len(ids) - 1)
        may = (ids[at] == found) & allowed[at]
        found, scores = found[may], scores[may]
    if len(found) > k:  # with all that are as good as the last
        enough = scores >= np.partition(scores, -k)[-k]
        found, scores = found[enough], scores[enough]
    best = np.lexsort((found, -scores))[:k]
    return Ranked(found[best], scores[best])


def titles(
    session: Session, words: Words | None, wanted: str, record_ids: Ids, *, telling: str = ""
) -> Ranked:
    """Return those of the records whose title matches, with its bm25, in no order.

    With `telling`, an expression, only those that match it too.
    """
    postings = _checked(session, words).titles
    rows, scores = _scored(session, TITLES, postings, wanted, telling)
    found = postings.ids[rows]
    may = np.isin(found, record_ids)
    return Ranked(found[may], scores[may])


def shown(session: Session, wanted: str, passage_ids: Sequence[int]) -> dict[int, Shown]:
    """Return what is to be shown of the passages, matched words marked."""
    _check(session)
    rows = session.execute(text(PLAIN), {"ids": json.dumps(list(passage_ids))}).all()
    marked: Mapping[int, Marked] = {}
    if wanted:  # of common words FTS5 reads long lists to mark ten passages; a table of just these
        # is sooner made
        marked = scratch.marked([(id_, title, "", body) for id_, title, body in rows], wanted)
    return {id_: Shown(title, body, *marked.get(id_, ())) for id_, title, body in rows}


def narrowed(
    session: Session, record_ids: Ids, *, phrases: Iterable[str], excluded: Iterable[str]
) -> Ids:
    """Return those of the records that hold every phrase, and nothing of what is excluded.

    A record holds what stands in its title or in one of its passages; what it does not say any
    more it does not hold. A phrase without a word asks for nothing.

    Raises:
        NotReadyError: the database has no full-text search that is known here.
    """
    for said in filter(None, map(_phrase, phrases)):
        record_ids = np.intersect1d(record_ids, _holding(session, said))
    for said in filter(None, map(_phrase, excluded)):
        record_ids = np.setdiff1d(record_ids, _holding(session, said))
    return record_ids


def _phrase(said: str) -> str:
    quoted = expression([said])
    return f"{{title body}} : {quoted}" if quoted else ""


def _holding(session: Session, wanted: str) -> Ids:
    _check(session)
    parameters = {"expression": wanted, "begin": BEGIN, "end": END}
    now = session.scalars(text(HOLDING), parameters).all()
    then = session.execute(text(MAYBE_HOLDING), parameters).all()
    gone = store.unsaid(session, [row.id for row in then])
    still = (
        row.record_id
        for row in then
        if (row.in_title and row.same_title) or (row.in_body and row.id not in gone)
    )
    return np.unique(np.array([*now, *still], np.int64))


def telling(session: Session, words: Words | None, wanted: str) -> str:
    """Return the expression without its common terms; of common ones alone the rarest is left.

    Raises:
        NotReadyError: the database has no full-text search that is known here.
    """
    postings = _checked(session, words).passages
    terms = _said(wanted)
    if len(terms) <= 1:
        return wanted
    counts = [len(held.rows) for held in _held(session, PASSAGES, postings, terms)]
    said = {term: count for term, count in zip(terms, counts, strict=True) if count}
    rare = [term for term, count in said.items() if count <= COMMON]
    if not rare:  # a word that nothing holds, as most labels of other languages, finds nothing
        rare = [min(said, key=said.__getitem__)] if said else terms
    return " OR ".join(f'"{term}"' for term in rare)


def _said(wanted: str) -> list[str]:
    """Return the terms and phrases of an expression."""
    return wanted[1:-1].split('" OR "') if wanted else []


def _scored(
    session: Session, table: Table, postings: Postings, wanted: str, telling: str
) -> tuple[Rows, NDArray[np.float64]]:
    """Return the rows that match `telling`, or else `wanted`, ascending, and their bm25."""
    said = _said(wanted)
    held = dict(zip(said, _held(session, table, postings, said), strict=True))
    finding = _said(telling) or said
    rows = np.unique(np.concatenate([NO_ROWS, *(held[term].rows for term in finding)]))
    scores = np.zeros(len(rows))
    for one in held.values():
        scores += postings.scores(one, rows)
    return rows, scores


def _held(
    session: Session, table: Table, postings: Postings, said: Sequence[str]
) -> list[Posting | Scored]:
    """Return where each of the terms and phrases is said."""
    stems = scratch.terms(said)
    phrases = {of: term for term, of in zip(said, stems, strict=True) if len(of) > 1}
    known = _phrases(session, table, postings, phrases)
    return [
        known[of] if len(of) > 1 else postings.holding(of[0]) if of else NOWHERE for of in stems
    ]


def _phrases(
    session: Session, table: Table, postings: Postings, phrases: Mapping[tuple[str, ...], str]
) -> Mapping[tuple[str, ...], Scored]:
    """Return where each of the phrases, by the terms it has, is said and what it adds there."""
    kept = postings.phrases
    found = {of: there for of in phrases if (there := kept.get(of)) is not None}
    unknown = {of: said for of, said in phrases.items() if of not in found}
    if not unknown:
        return found
    # Most labels of other languages hold a word that no passage has.
    likely = {of: said for of, said in unknown.items() if _together(postings, of)}
    found |= dict.fromkeys(unknown.keys() - likely.keys(), NOWHERE)
    if likely:
        found |= _looked_up(session, table, postings, likely)
    if len(kept) > MOST_PHRASES:
        kept.clear()
    kept.update(found)
    return found


def _together(postings: Postings, terms: Iterable[str]) -> bool:
    """Return whether any text holds all of the terms."""
    lists = sorted((postings.holding(term).rows for term in terms), key=len)
    rows = lists[0]
    for more in lists[1:]:
        rows = rows[np.isin(rows, more, assume_unique=True)]
    return len(rows) > 0


def _looked_up(
    session: Session, table: Table, postings: Postings, phrases: Mapping[tuple[str, ...], str]
) -> dict[tuple[str, ...], Scored]:
    weights = ", ".join(f"{weight:.1f}" for weight in table.weights.values())
    statement = text(PHRASES.format(name=table.name, weights=weights))
    there: dict[str, list[tuple[int, float]]] = {said: [] for said in phrases.values()}
    for said, id_, score in session.execute(statement, {"phrases": json.dumps(list(there))}):
        there[said].append((id_, score))
    found = {}
    for of, said in phrases.items():
        ids = np.array([id_ for id_, _ in there[said]], np.int64)
        rows, here = postings.rows_of(ids)
        scores = np.array([score for _, score in there[said]], np.float64)[here]
        order = rows.argsort()
        found[of] = Scored(rows[order], scores[order])
    return found


def _read_all(session: Session, table: Table, ids: Ids) -> Part:
    session.execute(text(VOCABULARY.format(name=table.name)))
    statement = occurrences(f"temp.{table.vocabulary}", table.weights)
    return Part.read(session.execute(text(statement)), ids)


def _read_new(
    session: Session, statement: str, table: Table, parameters: Mapping[str, object]
) -> Part | None:
    rows = [tuple(row) for row in session.execute(text(statement), parameters)]
    if not rows:
        return None
    ids = np.array(sorted(row[0] for row in rows), np.int64)
    return Part.read(scratch.occurrences(rows, table.weights), ids)


def _checked(session: Session, words: Words | None) -> Words:
    _check(session)
    assert words is not None  # the index of a library in SQLite has them
    return words


def _check(session: Session) -> None:
    dialect = session.get_bind().dialect.name
    if dialect != "sqlite":
        raise NotReadyError(
            f"Search by words does not work on {dialect} yet.",
            hint="Keep the library in SQLite: leave KB_DATABASE empty.",
        )
