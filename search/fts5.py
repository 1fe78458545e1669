"""The words of a library in SQLite: full-text tables of FTS5, and their postings in memory."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Select,
    column,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from search import scratch, terms
from search.dense import Ids
from search.postings import LOOSE, Part, Posting, Postings, Rows, Scored, occurrences
from search.scratch import BEGIN, END
from search.terms import PASSAGES, TITLES, Held, Ranked, Table, Text

MOST_PHRASES = 2_000  # that are looked up once and kept; a few kilobytes each
NO_ROWS: Rows = np.empty(0, np.int32)
NOWHERE = Scored(NO_ROWS, np.empty(0))

TRIGGERS = ("passage_fts_delete", "title_fts_delete")
TABLES = ("passage_fts", "title_fts")  # rows are those of passage, and of record
MAKE = (
    """create virtual table if not exists passage_fts using fts5(
         title, keywords, body, tokenize = 'porter unicode61 remove_diacritics 2')""",
    """create virtual table if not exists title_fts using fts5(
         title, tokenize = 'porter unicode61 remove_diacritics 2')""",
    # Triggers, so that a row that goes with its record leaves no words behind. Rebuilding a
    # table in a migration drops them.
    """create trigger if not exists passage_fts_delete after delete on passage begin
         delete from passage_fts where rowid = old.id; end""",
    """create trigger if not exists title_fts_delete after delete on record begin
         delete from title_fts where rowid = old.id; end""",
)
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

# What the full-text table holds by stem; these belong to the connection, and copy nothing.
STEM_COUNT = (
    "create virtual table if not exists temp.stem_count using fts5vocab(main, passage_fts, row)"
)
STEM_AT = (
    "create virtual table if not exists temp.stem_at using fts5vocab(main, passage_fts, instance)"
)
_AT = table("stem_at", column("term"), column("doc", Integer), column("col"), schema="temp")


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

    def counts(self, session: Session, said: Sequence[str]) -> list[int]:
        """Return how many passages hold each of the terms and phrases."""
        return [len(held.rows) for held in _held(session, PASSAGES, self.passages, said)]

    def scored(
        self,
        session: Session,
        table: Table,
        said: Sequence[str],
        finding: Sequence[str],
        among: Ids | None = None,
    ) -> Ranked:
        """Return the texts that hold any of `finding`, by all that is `said`."""
        del among  # all are at hand
        postings = self.passages if table is PASSAGES else self.titles
        held = dict(zip(said, _held(session, table, postings, said), strict=True))
        rows = np.unique(np.concatenate([NO_ROWS, *(held[term].rows for term in finding)]))
        scores = np.zeros(len(rows))
        for one in held.values():
            scores += postings.scores(one, rows)
        return Ranked(postings.ids[rows], scores)


def make(connection: Connection) -> bool:
    """Make the tables and triggers where they are missing; return whether tables were."""
    there = _made(connection, TABLES)
    for statement in MAKE:
        connection.execute(text(statement))
    return not there


def is_made(connection: Connection) -> bool:
    """Return whether `make` would change nothing; only reads."""
    return _made(connection, (*TABLES, *TRIGGERS))


def write(session: Session, passages: Sequence[scratch.Row], titles: Mapping[int, str]) -> None:
    """Write the words of new passages, and the titles of their records."""
    session.execute(
        text("insert into passage_fts (rowid, title, keywords, body) values (:id, :t, :k, :b)"),
        [dict(zip(("id", "t", "k", "b"), row, strict=True)) for row in passages],
    )
    session.execute(
        text("insert into title_fts (rowid, title) values (:id, :t)"),
        [{"id": id_, "t": title} for id_, title in titles.items()],
    )


def remove(session: Session, record_ids: Sequence[int]) -> None:
    """Remove the titles of the records; the words of passages go with these."""
    session.execute(
        text("delete from title_fts where rowid = :id"), [{"id": id_} for id_ in record_ids]
    )


def load(session: Session, passages: Ids, records: Ids, before: terms.Words | None = None) -> Words:
    """Return the words of the passages, and of the titles of the records they belong to."""
    return Words.load(session, passages, records, before if isinstance(before, Words) else None)


def plain(session: Session, passage_ids: Sequence[int]) -> list[Text]:
    """Return titles and bodies of the passages, in no order."""
    rows = session.execute(text(PLAIN), {"ids": json.dumps(list(passage_ids))})
    return [Text(*row) for row in rows]


def holding(session: Session, phrase: str) -> tuple[list[int], list[Held]]:
    """Return who holds the phrase in a title or body.

    The ids of records that are as they were indexed; and of the others, the passages.
    """
    wanted = {"expression": query(phrase)}
    now = session.scalars(text(HOLDING), wanted).all()
    then = session.execute(text(MAYBE_HOLDING), {**wanted, "begin": BEGIN, "end": END})
    return list(now), [Held(*row) for row in then]


def query(phrase: str) -> str:
    """Return what `matches` takes for a phrase of an expression, in title or body."""
    return f"{{title body}} : {terms.any_of([phrase])}"


def matches(query: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition on `terms.PASSAGE` that it holds what a `query` asks for."""
    return literal_column("passage_fts").op("match", return_type=Boolean())(query)


def stems(session: Session) -> list[str]:
    """Return all terms of the passages, in no order."""
    session.execute(text(STEM_COUNT))
    return list(session.scalars(text("select term from temp.stem_count")))


def with_stem(session: Session, stem: ColumnElement[str]) -> Select[tuple[int]]:
    """Return the ids of the passages that hold the term in title or body."""
    session.execute(text(STEM_AT))
    return select(_AT.c.doc).where(_AT.c.term == stem, _AT.c.col.in_(("title", "body")))


def _made(connection: Connection, names: Sequence[str]) -> bool:
    found = connection.execute(text("select name from sqlite_master")).scalars()
    return set(names) <= set(found)


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
