"""The words of a library in PostgreSQL: lexemes to find by, and all words in order to score by.

Nothing is kept by a process but how often phrases are said: any number of them may serve, and each
sees a change at once. The words are cut as on SQLite, by FTS5 itself (`search.scratch`), and BM25
counts as FTS5 does: a library that moves from one database to the other answers the same.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from math import log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from search import scratch, terms
from search.dense import Ids
from search.postings import K1, NO_WORTH, B
from search.terms import NONE, PASSAGE, PASSAGES, Held, Ranked, Table, Text

MOST_KEPT = 50_000  # terms, and phrases, whose counts a process keeps: 8 MB each
LONGEST = 500  # characters of a lexeme; PostgreSQL allows 2 KB
LAST = 16_383  # place of a lexeme: later ones cannot be told apart
APART = 10  # places between two columns, so that no phrase reaches from one into the next
HEAD = 2  # numbers before the words: how many there are in the title, and in the keywords
COLUMNS = ("A", "B", "D")  # weights of title, keywords and body, by which a query tells them apart
ARRAYS = {"rowid": "bigint[]", "said": "bytea[]"}  # types of columns; others are text
WHOLE = ""  # stands for all words together where they are counted

# `said` has each word in order, as a digest of 32 bits: of 100 passages that are scored, all
# occurrences are counted in a few microseconds, which no function of PostgreSQL would do.
TABLES = ("passage_fts", "title_fts", "term_fts")
TRIGGERS = (
    "passage_fts_new",
    "passage_fts_gone",
    "title_fts_new",
    "title_fts_gone",
)
MAKE = (
    """create table if not exists passage_fts (
         rowid bigint primary key references passage (id) on delete cascade,
         title text not null, keywords text not null, body text not null,
         words tsvector not null, said bytea not null)""",
    """create table if not exists title_fts (
         rowid bigint primary key references record (id) on delete cascade,
         title text not null, words tsvector not null, said bytea not null)""",
    """create index if not exists ix_passage_fts_words on passage_fts using gin (words)""",
    """create index if not exists ix_title_fts_words on title_fts using gin (words)""",
    # Read for every candidate, where `words` and `body` are read for a few: these lie elsewhere.
    "alter table passage_fts alter said set storage main",
    # How many texts hold each term, for no index of PostgreSQL can say that soon.
    """create table if not exists term_fts (
         name text not null, term text not null, texts bigint not null, words bigint not null,
         primary key (name, term))""",
    """create or replace function count_terms_fts() returns trigger language plpgsql as $$
       declare sign int := case tg_op when 'INSERT' then 1 else -1 end;
       begin
         insert into term_fts as t (name, term, texts, words)
           select tg_table_name, term, sign * texts, sign * words from (
             select term, count(*) as texts, 0 as words
               from touched, unnest(tsvector_to_array(touched.words)) as term group by term
             union all
             select '', count(*), coalesce(sum(octet_length(said) / 4 - 2), 0) from touched
           ) as counted where texts > 0 order by term
         on conflict (name, term) do update
           set texts = t.texts + excluded.texts, words = t.words + excluded.words;
         if sign < 0 then
           delete from term_fts where name = tg_table_name and texts <= 0 and term in
             (select unnest(tsvector_to_array(touched.words)) from touched);
         end if;
         return null;
       end $$""",
    *(
        f"""create or replace trigger {name}_{when} after {what} on {name}
            referencing {which} table as touched for each statement
            execute function count_terms_fts()"""
        for name in ("passage_fts", "title_fts")
        for when, what, which in (("new", "insert", "new"), ("gone", "delete", "old"))
    ),
)
PLAIN = "select rowid, title, body from passage_fts where rowid = any(:ids)"
COUNTED = """
    select term, texts, words from term_fts where name = :name and term = any(:terms)
"""
PHRASES = """
    select query, (select count(*) from {name} where words @@ query::tsquery)
    from unnest(cast(:queries as text[])) as query
"""
# In one row: to fetch a row for each would take longer than to find them.
FOUND = """
    select string_agg(rowid::text, ','), string_agg((octet_length(said) / 4)::text, ','),
           string_agg(said, ''::bytea)
    from {name} where words @@ cast(:query as tsquery) {among}
"""
AMONG = "and rowid = any(:among)"
# Another schema of the database may have a library of its own.
CALLED = "select tgname from pg_trigger where not tgisinternal and pg_table_is_visible(tgrelid)"
HOLDING = """
    select distinct passage.record_id from passage_fts
    join passage on passage.id = passage_fts.rowid
    join record on record.id = passage.record_id
    where words @@ cast(:query as tsquery) and passage.record_version = record.version
"""
MAYBE_HOLDING = """
    select passage.id, passage.record_id, passage_fts.title = record.shown_title,
           words @@ cast(:in_title as tsquery), words @@ cast(:in_body as tsquery)
    from passage_fts
    join passage on passage.id = passage_fts.rowid
    join record on record.id = passage.record_id
    where words @@ cast(:query as tsquery) and passage.record_version <> record.version
"""


class _Counted(NamedTuple):
    """How many texts a table has, how long they are on average, how many hold each phrase."""

    texts: int
    mean: float
    holding: Mapping[tuple[str, ...], int]

    def idf(self, phrase: tuple[str, ...]) -> float:
        """Return what a phrase is worth; FTS5's formula, so that a score is the same there."""
        # What is counted later may have found texts that came since all of them were counted.
        n = min(self.holding[phrase], self.texts)
        worth = log((self.texts - n + 0.5) / (n + 0.5))
        return worth if worth > 0 else NO_WORTH


class _Texts(NamedTuple):
    """Texts with all their words, one behind the other."""

    ids: Ids  # (n,)
    starts: NDArray[np.int64]  # (n,), where each begins
    sizes: NDArray[np.int64]  # (n,), with the head
    said: NDArray[np.uint32]  # (m,), the heads and the digests of the words

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many words each text has."""
        return self.sizes - HEAD

    def often(self, phrase: tuple[str, ...], weights: Sequence[int]) -> NDArray[np.float64]:
        """Return how often each text holds the phrase, each time by the weight of the column."""
        at = np.flatnonzero(self.said == digest(phrase[0]))
        for n, term in enumerate(phrase[1:], start=1):
            at = at[at + n < len(self.said)]
            at = at[self.said[at + n] == digest(term)]
        owners = np.searchsorted(self.starts, at, side="right") - 1
        first = self.starts[owners]
        edges = np.stack([first + HEAD] * 4)  # where the columns begin, and the last one ends
        edges[1:] += self.said[first]
        edges[2:] += self.said[first + 1]
        edges[3] = first + self.sizes[owners]
        often = np.zeros(len(self.ids))
        for weight, begin, end in zip(weights, edges[:-1], edges[1:], strict=True):
            inside = (at >= begin) & (at + len(phrase) <= end)
            often += np.bincount(owners[inside], minlength=len(often)) * weight
        return often


class Words:
    """The words of all passages and titles, asked of the database each time."""

    def __init__(self) -> None:
        self._phrases: dict[tuple[str, tuple[str, ...]], int] = {}  # how many texts hold them
        self._terms: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)

    def counts(self, session: Session, said: Sequence[str]) -> list[int]:
        """Return how many passages hold each of the terms and phrases."""
        phrases = scratch.terms(said)
        holding = self._counted(session, PASSAGES, phrases).holding
        return [holding.get(phrase, 0) for phrase in phrases]

    def scored(
        self,
        session: Session,
        table: Table,
        said: Sequence[str],
        finding: Sequence[str],
        among: Ids | None = None,
    ) -> Ranked:
        """Return the texts that hold any of `finding`, by all that is `said`; in no order."""
        # Said twice counts twice, as in two languages the same word is.
        phrases = Counter(filter(None, scratch.terms(said)))
        counted = self._counted(session, table, phrases)
        found = _found(session, table, filter(counted.holding.get, scratch.terms(finding)), among)
        if found is None:
            return NONE
        # All words of a text count; those of a title's own table are in its first column.
        weights = [*table.weights.values(), 0, 0][: len(COLUMNS)]
        norms = K1 * (1 - B + B * found.lengths / counted.mean)
        scores = np.zeros(len(found.ids))
        for phrase, times in phrases.items():
            if counted.holding[phrase]:
                often = found.often(phrase, weights)
                scores += times * counted.idf(phrase) * (often * (K1 + 1) / (often + norms))
        return Ranked(found.ids, scores)

    def _counted(
        self, session: Session, table: Table, phrases: Collection[tuple[str, ...]]
    ) -> _Counted:
        counts = self._terms[table.name]
        if len(counts) > MOST_KEPT:  # whoever reads the old one goes on with it
            counts = self._terms[table.name] = {}
        asked_for = {WHOLE, *chain.from_iterable(phrases)}
        if new := {term for term in asked_for if term not in counts}:
            rows = session.execute(sql(COUNTED), {"name": table.name, "terms": sorted(new)})
            found = {row.term: (int(row.texts), int(row.words)) for row in rows}
            counts |= dict.fromkeys(new, (0, 0)) | found  # at once: other threads read it
        texts, words = counts[WHOLE]
        holding = {}
        for phrase in filter(None, phrases):
            least = min(counts[term][0] for term in phrase)
            asked = len(phrase) > 1 and least > 0  # most labels hold a word that no text has
            holding[phrase] = self._phrases.get((table.name, phrase), -1) if asked else least
        unknown = {_query(phrase): phrase for phrase, n in holding.items() if n < 0}
        if unknown:
            if len(self._phrases) > MOST_KEPT:
                self._phrases = {}
            statement = sql(PHRASES.format(name=table.name))
            for query, n in session.execute(statement, {"queries": list(unknown)}):
                holding[unknown[query]] = self._phrases[table.name, unknown[query]] = int(n)
        return _Counted(texts, words / max(texts, 1) or 1.0, holding)


def load(session: Session, passages: Ids, records: Ids, before: terms.Words | None = None) -> Words:
    """Return the words of the passages: how often phrases are said is counted anew."""
    del session, passages, records, before
    return Words()


def make(connection: Connection) -> bool:
    """Make the tables and triggers where they are missing; return whether tables were."""
    there = _made(connection, TABLES, ())
    for statement in MAKE:
        connection.execute(sql(statement))
    if not there:  # all is written again, and counted again
        connection.execute(sql(f"truncate {', '.join(TABLES)}"))
    return not there


def is_made(connection: Connection) -> bool:
    """Return whether `make` would change nothing; only reads."""
    return _made(connection, TABLES, TRIGGERS)


def write(session: Session, passages: Sequence[scratch.Row], titles: Mapping[int, str]) -> None:
    """Write the words of new passages, and the titles of their records."""
    spoken = scratch.spoken(passages)
    rows = [(*row, *kept_as(spoken[row[0]])) for row in passages]
    _insert(session, "passage_fts", ("rowid", "title", "keywords", "body", "words", "said"), rows)
    named = scratch.spoken((id_, title, "", "") for id_, title in titles.items())
    renamed = [(id_, titles[id_], *kept_as(of)) for id_, of in named.items()]
    _insert(session, "title_fts", ("rowid", "title", "words", "said"), renamed)


def remove(session: Session, record_ids: Sequence[int]) -> None:
    """Remove the titles of the records; the words of passages go with these."""
    session.execute(sql("delete from title_fts where rowid = any(:ids)"), {"ids": [*record_ids]})


def plain(session: Session, passage_ids: Sequence[int]) -> list[Text]:
    """Return titles and bodies of the passages, in no order."""
    rows = session.execute(sql(PLAIN), {"ids": [*passage_ids]})
    return [Text(*row) for row in rows]


def holding(session: Session, phrase: str) -> tuple[list[int], list[Held]]:
    """Return who holds the phrase in a title or body.

    The ids of records that are as they were indexed; and of the others, the passages.
    """
    (of,) = scratch.terms([phrase])
    wanted = {"query": _query(of, "AD"), "in_title": _query(of, "A"), "in_body": _query(of, "D")}
    now = session.scalars(sql(HOLDING), wanted).all()
    then = session.execute(sql(MAYBE_HOLDING), wanted)
    return list(now), [Held(*row) for row in then]


def query(phrase: str) -> str:
    """Return what `matches` takes for a phrase of an expression, in title or body."""
    return _query(scratch.terms([phrase])[0], "AD")


def matches(query: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition on `terms.PASSAGE` that it holds what a `query` asks for."""
    words: ColumnElement[Any] = literal_column("passage_fts.words")
    return words.op("@@", return_type=Boolean())(cast(query, TSQUERY))


def stems(session: Session) -> list[str]:
    """Return all terms of the passages, in no order."""
    known = sql("select term from term_fts where name = :name and term <> ''")
    return list(session.scalars(known, {"name": PASSAGES.name}))


def with_stem(session: Session, stem: ColumnElement[str]) -> Select[tuple[int]]:
    """Return the ids of the passages that hold the term in title or body."""
    del session
    quoted = func.quote_literal(stem).op("||")(":AD")
    return select(PASSAGE.c.rowid).where(matches(quoted))


@lru_cache(maxsize=50_000)
def digest(term: str) -> int:
    """Return the number that stands for a term; two terms that a library has seldom share one."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")


def _insert(
    session: Session, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Write all rows by one statement: terms are counted once for each."""
    given = ", ".join(f"cast(:{column} as {ARRAYS.get(column, 'text[]')})" for column in columns)
    taken = ", ".join(f"{column}::tsvector" if column == "words" else column for column in columns)
    statement = f"""insert into {name} ({", ".join(columns)})
        select {taken} from unnest({given}) as new ({", ".join(columns)})"""  # noqa: S608  ours
    by_column = map(list, zip(*rows, strict=True))
    # nosemgrep: sql-from-outside  names of our own tables and columns
    session.execute(sql(statement), dict(zip(columns, by_column, strict=True)))


def kept_as(spoken: scratch.Spoken) -> tuple[str, bytes]:
    """Return the lexemes with their places, and the words in order."""
    places: dict[str, list[str]] = {}
    at = 0
    for weight, words in zip(COLUMNS, spoken, strict=True):
        for place, term in enumerate(words, start=at + 1):
            places.setdefault(_lexeme(term), []).append(f"{min(place, LAST)}{weight}")
        at += len(words) + APART
    lexemes = " ".join(f"{lexeme}:{','.join(at)}" for lexeme, at in places.items())
    head = [len(spoken.title), len(spoken.keywords)]
    said = np.array([*head, *map(digest, chain(*spoken))], "<u4")
    return lexemes, said.tobytes()


def _query(phrase: tuple[str, ...], columns: str = "") -> str:
    """Return the tsquery for texts with the phrase; empty for one without a word."""
    mark = f":{columns}" if columns else ""
    return "(" + " <-> ".join(f"{_lexeme(term)}{mark}" for term in phrase) + ")" if phrase else ""


def _lexeme(term: str) -> str:
    r"""Return the term in quotes, as PostgreSQL reads it.

    >>> print(_lexeme("o'neil\\"))
    'o''neil\\'
    """
    quoted = term[:LONGEST].replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"


def _found(
    session: Session, table: Table, finding: Iterable[tuple[str, ...]], among: Ids | None
) -> _Texts | None:
    query = " | ".join(dict.fromkeys(map(_query, finding)))
    if not query:
        return None
    statement = FOUND.format(name=table.name, among="" if among is None else AMONG)
    asked = {"query": query} if among is None else {"query": query, "among": among.tolist()}
    ids, sizes, said = session.execute(sql(statement), asked).one()
    if ids is None:
        return None
    counts = np.fromstring(sizes, np.int64, sep=",")
    return _Texts(
        np.fromstring(ids, np.int64, sep=","),
        np.cumsum(counts) - counts,
        counts,
        np.frombuffer(said, "<u4"),
    )


def _made(connection: Connection, tables: Sequence[str], triggers: Sequence[str]) -> bool:
    found = set(
        connection.scalars(
            sql("select tablename from pg_tables where schemaname = any(current_schemas(false))")
        )
    )
    called = set(connection.scalars(sql(CALLED)))
    return found >= set(tables) and called >= set(triggers)
