"""Nearest passages by words: FTS5, on SQLite."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from kb.errors import NotReadyError
from kb.folding import tokens
from search import store
from search.dense import Ids, Mask

TITLE = 0.5  # weight of the titles' own table; 1 gains on questions like titles and loses on others

BEGIN, END = "\x02", "\x03"  # around a matched word; the tables hold no control characters

# A word is common that more passages hold than this. It counts in the score of a passage that has
# a rarer one, but does not find one: to score every passage with it takes most of a question's
# time and changes one answer in thirty (docs/search.md).
COMMON = 1_000
EVERY = -1  # SQLite's word for no limit
MOST_HELD = 20_000  # terms that are counted once and kept: 3.4 MB

# The weights are those of title, keywords and body: bm25 counts a row as one text, and drowns a
# short title in it.
NEAREST = """
    select rowid, -bm25(passage_fts, 5.0, 2.0, 1.0) as score from passage_fts
    where passage_fts match :expression {among} order by score desc, rowid limit :k
"""
TITLES = """
    select rowid, -bm25(title_fts) as score from title_fts where title_fts match :expression {among}
"""
# In each of these the plus, or the function, keeps SQLite from running the whole MATCH once for
# each id: 75 times slower.
AMONG = "and +rowid in (select value from json_each(:ids))"
ALLOWED = "and substr(:allowed, rowid + 1, 1) = x'01'"  # a byte for each id, looked up at once
TELLING = "and +rowid in (select rowid from passage_fts where passage_fts match :telling)"
TELLING_TITLE = "and +rowid in (select rowid from title_fts where title_fts match :telling)"
_HOW_MANY = text("""
    select value, (select count(*) from (
        select 1 from passage_fts where passage_fts match '"' || value || '"' limit :most))
    from json_each(:terms)
""")
# Of common words FTS5 reads long lists to mark ten passages; a table of just these is sooner made.
# It belongs to the connection, and goes with the transaction.
PAGE = """
    create virtual table if not exists temp.page using fts5(
        title, body, tokenize = 'porter unicode61 remove_diacritics 2')
"""
FILL_PAGE = """
    insert into temp.page (rowid, title, body) select rowid, title, body from main.passage_fts
    where rowid in (select value from json_each(:ids))
"""
MARKED = """
    select rowid, highlight(page, 0, :begin, :end) as title,
           highlight(page, 1, :begin, :end) as body
    from temp.page where page match :expression
"""
PLAIN = "select rowid, title, body from temp.page"
# Keywords are no words of the record, and title and text are looked at each by itself.
HOLDING = """
    select distinct passage.record_id from passage_fts
    join passage on passage.id = passage_fts.rowid
    join record on record.id = passage.record_id
    where passage_fts match :expression and passage.record_version = record.version
"""
# Of a record that was changed since: not all that the table has does it say still.
MAYBE_HOLDING = """
    select passage.id, passage.record_id, passage_fts.title = record.title as same_title,
           highlight(passage_fts, 0, :begin, :end) <> passage_fts.title as in_title,
           highlight(passage_fts, 2, :begin, :end) <> passage_fts.body as in_body
    from passage_fts
    join passage on passage.id = passage_fts.rowid
    join record on record.id = passage.record_id
    where passage_fts match :expression and passage.record_version <> record.version
"""

Span = tuple[int, int]  # characters, end not included
# How many passages hold a term, by the term and how far was counted.
Held: TypeAlias = dict[tuple[str, int], int]


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
    _check(session)
    if not wanted or (allowed is not None and not allowed.any()):
        return Ranked(np.empty(0, np.int64), np.empty(0))
    among = TELLING if telling not in ("", wanted) else ""
    parameters: dict[str, object] = {"expression": wanted, "telling": telling, "k": k}
    if allowed is not None and not allowed.all():
        among += f" {ALLOWED}"
        parameters["allowed"] = _bytes(ids[allowed])
    return _ranked(session, NEAREST.format(among=among), parameters)


def titles(session: Session, wanted: str, record_ids: Ids, *, telling: str = "") -> Ranked:
    """Return those of the records whose title matches, with its bm25, in no order.

    With `telling`, an expression, only those that match it too.
    """
    if not wanted:
        return Ranked(np.empty(0, np.int64), np.empty(0))
    among = AMONG if telling in ("", wanted) else f"{AMONG} {TELLING_TITLE}"
    parameters: dict[str, object] = {"expression": wanted, "telling": telling}
    parameters["ids"] = json.dumps(np.unique(record_ids).tolist())
    return _ranked(session, TITLES.format(among=among), parameters)


def shown(session: Session, wanted: str, passage_ids: Sequence[int]) -> dict[int, Shown]:
    """Return what is to be shown of the passages, matched words marked."""
    _check(session)
    session.execute(text(PAGE))
    session.execute(text("delete from temp.page"))
    session.execute(text(FILL_PAGE), {"ids": json.dumps(list(passage_ids))})
    plain = {row.rowid: Shown(row.title, row.body) for row in session.execute(text(PLAIN))}
    if not wanted:
        return plain
    parameters = {"expression": wanted, "begin": BEGIN, "end": END}
    marked = session.execute(text(MARKED), parameters)
    return plain | {row.rowid: _marked(row.title, row.body) for row in marked}


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


def telling(session: Session, wanted: str, held: Held | None = None) -> str:
    """Return the expression without its common terms; of common ones alone the rarest is left.

    `held` keeps what was counted of the same passages before.

    Raises:
        NotReadyError: the database has no full-text search that is known here.
    """
    _check(session)
    held = {} if held is None else held
    terms = wanted[1:-1].split('" OR "')
    if len(terms) == 1:
        return wanted
    counts = _counted(session, terms, held, COMMON + 1)
    rare = [term for term in terms if counts[term] <= COMMON]
    if not rare:
        rare = [min(terms, key=_counted(session, terms, held, EVERY).__getitem__)]
    return " OR ".join(f'"{term}"' for term in rare)


def _counted(session: Session, terms: Iterable[str], held: Held, most: int) -> dict[str, int]:
    """Return how many passages hold each of the terms; none is counted beyond `most`."""
    found = {t: n for t in terms if (n := held.get((t, most))) is not None}
    unknown = [term for term in terms if term not in found]
    if unknown:
        if len(held) > MOST_HELD:
            held.clear()
        rows = session.execute(_HOW_MANY, {"terms": json.dumps(unknown), "most": most})
        counted = {row[0]: row[1] for row in rows}
        held.update({(term, most): n for term, n in counted.items()})
        found |= counted
    return found


def _bytes(ids: Ids) -> bytes:
    """Return a byte for each number up to the largest id: 1 where it is one of them."""
    flags = np.zeros(int(ids.max()) + 1, np.uint8)
    flags[ids] = 1
    return flags.tobytes()


def _ranked(session: Session, statement: str, parameters: dict[str, object]) -> Ranked:
    rows = session.execute(text(statement), parameters).all()
    return Ranked(
        np.fromiter((row[0] for row in rows), np.int64, len(rows)),
        np.fromiter((row[1] for row in rows), np.float64, len(rows)),
    )


def _check(session: Session) -> None:
    dialect = session.get_bind().dialect.name
    if dialect != "sqlite":
        raise NotReadyError(
            f"Search by words does not work on {dialect} yet.",
            hint="Keep the library in SQLite: leave KB_DATABASE empty.",
        )


def _marked(title: str, body: str) -> Shown:
    (plain_title, in_title), (plain_body, in_body) = _spans(title), _spans(body)
    return Shown(plain_title, plain_body, in_title, in_body)


def _spans(marked: str) -> tuple[str, tuple[Span, ...]]:
    r"""Return the text without marks, and where they were.

    >>> _spans("a \x02word\x03 more")
    ('a word more', ((2, 6),))
    """
    first, *rest = marked.split(BEGIN)
    parts, spans, at = [first], [], len(first)
    for piece in rest:
        word, _, after = piece.partition(END)
        parts += [word, after]
        spans.append((at, at + len(word)))
        at += len(word) + len(after)
    return "".join(parts), tuple(spans)
