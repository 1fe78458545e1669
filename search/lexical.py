"""Nearest passages by words: BM25 as FTS5 counts it, on either database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from search import full_text, scratch, store, terms
from search.dense import Ids, Mask
from search.scratch import Marked, Span
from search.terms import NONE, PASSAGES, TITLES, Ranked, Table, Words, expression

TITLE = 0.5  # weight of the titles' own table; 1 gains on questions like titles and loses on others

# A word is common that more passages hold than this. It counts in the score of a passage that has
# a rarer one, but does not find one: to score every passage with it takes most of a question's
# time and changes one answer in thirty (docs/search.md).
COMMON = 1_000


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


def nearest(
    session: Session,
    words: Words,
    wanted: str,
    *,
    k: int,
    ids: Ids,
    allowed: Mask | None = None,
    telling: str = "",
) -> Ranked:
    """Return the `k` passages that match the expression best, out of `ids` where `allowed`.

    With `telling`, an expression, only those that match it too.
    """
    found, scores = _scored(session, words, PASSAGES, wanted, telling=telling)
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
    session: Session, words: Words, wanted: str, record_ids: Ids, *, telling: str = ""
) -> Ranked:
    """Return those of the records whose title matches, with its bm25, in no order.

    With `telling`, an expression, only those that match it too.
    """
    found, scores = _scored(session, words, TITLES, wanted, telling=telling, among=record_ids)
    may = np.isin(found, record_ids)
    return Ranked(found[may], scores[may])


def shown(session: Session, wanted: str, passage_ids: Sequence[int]) -> dict[int, Shown]:
    """Return what is to be shown of the passages, matched words marked."""
    texts = full_text.of(session).plain(session, passage_ids)
    marked: Mapping[int, Marked] = {}
    if wanted:  # of common words FTS5 reads long lists to mark ten passages; a table of just these
        # is sooner made
        marked = scratch.marked([(id_, title, "", body) for id_, title, body in texts], wanted)
    return {id_: Shown(title, body, *marked.get(id_, ())) for id_, title, body in texts}


def narrowed(
    session: Session, record_ids: Ids, *, phrases: Iterable[str], excluded: Iterable[str]
) -> Ids:
    """Return those of the records that hold every phrase, and nothing of what is excluded.

    A record holds what stands in its title or in one of its passages; what it does not say any
    more it does not hold. A phrase without a word asks for nothing.
    """
    for said in (one for phrase in phrases for one in terms.said(expression([phrase]))):
        record_ids = np.intersect1d(record_ids, _holding(session, said))
    for said in (one for phrase in excluded for one in terms.said(expression([phrase]))):
        record_ids = np.setdiff1d(record_ids, _holding(session, said))
    return record_ids


def telling(session: Session, words: Words, wanted: str) -> str:
    """Return the expression without its common terms; of common ones alone the rarest is left."""
    said = terms.said(wanted)
    if len(said) <= 1:
        return wanted
    counts = words.counts(session, said)
    held = {term: count for term, count in zip(said, counts, strict=True) if count}
    rare = [term for term, count in held.items() if count <= COMMON]
    if not rare:  # a word that nothing holds, as most labels of other languages, finds nothing
        rare = [min(held, key=held.__getitem__)] if held else said
    return terms.any_of(rare)


def _holding(session: Session, phrase: str) -> Ids:
    now, then = full_text.of(session).holding(session, phrase)
    gone = store.unsaid(session, [one.id for one in then])
    still = (
        one.record_id
        for one in then
        if (one.in_title and one.same_title) or (one.in_body and one.id not in gone)
    )
    return np.unique(np.array([*now, *still], np.int64))


def _scored(
    session: Session,
    words: Words,
    table: Table,
    wanted: str,
    *,
    telling: str,
    among: Ids | None = None,
) -> Ranked:
    """Return the texts that match `telling`, or else `wanted`, and their bm25, in no order."""
    said = terms.said(wanted)
    if not said:
        return NONE
    return words.scored(session, table, said, terms.said(telling) or said, among)
