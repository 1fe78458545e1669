"""What FTS5 makes of a few texts: a full-text table in memory, beside the library."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from search import postings

# As the library's own tables, so that a word is here what it is there.
TOKENIZE = "porter unicode61 remove_diacritics 2"
TABLES = (
    f"create virtual table page using fts5(title, keywords, body, tokenize = '{TOKENIZE}')",
    "create virtual table page_at using fts5vocab(page, instance)",
)
FILL = "insert into page (rowid, title, keywords, body) values (?, ?, ?, ?)"
TERMS = "select doc, term from page_at order by doc, offset"
SPOKEN = "select doc, col, term from page_at order by doc, col, offset"
MARKED = """
    select rowid, highlight(page, 0, ?, ?), highlight(page, 2, ?, ?) from page where page match ?
"""
BEGIN, END = "\x02", "\x03"  # around a matched word; the tables hold no control characters
MOST_KEPT = 50_000  # words whose terms are kept: 10 MB

Span = tuple[int, int]  # characters, end not included
Row = tuple[int, str, str, str]  # number, title, keywords, body

_free: list[sqlite3.Connection] = []  # of this process; each is used by one thread at a time
_terms: dict[str, tuple[str, ...]] = {}


class Marked(NamedTuple):
    """Where the matched words stand in a title and in a body."""

    title: tuple[Span, ...] = ()
    body: tuple[Span, ...] = ()


def terms(said: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what the full-text tables know each text by: its words, cut to their stems.

    >>> terms(["Babies' weights", "?"])
    [('babi', 'weight'), ()]
    """
    known = {text: found for text in said if (found := _terms.get(text)) is not None}
    unknown = [text for text in dict.fromkeys(said) if text not in known]
    if unknown:
        made: dict[int, list[str]] = {n: [] for n in range(len(unknown))}
        with _filled((n, text, "", "") for n, text in enumerate(unknown)) as table:
            for n, term in table.execute(TERMS):
                made[n].append(term)
        known |= {text: tuple(made[n]) for n, text in enumerate(unknown)}
        if len(_terms) > MOST_KEPT:
            _terms.clear()
        _terms.update(known)
    return [known[text] for text in said]


def marked(rows: Iterable[Row], expression: str) -> dict[int, Marked]:
    """Return, for those of the texts that match, where: keywords match too, and are not marked."""
    around = (BEGIN, END)
    with _filled(rows) as table:
        found = table.execute(MARKED, (*around, *around, expression)).fetchall()
    return {number: Marked(_spans(title), _spans(body)) for number, title, body in found}


class Spoken(NamedTuple):
    """The terms of a text in their order, by column."""

    title: list[str]
    keywords: list[str]
    body: list[str]


def spoken(rows: Iterable[Row]) -> dict[int, Spoken]:
    """Return the terms of each text, by its number."""
    texts = list(rows)
    found = {number: Spoken([], [], []) for number, *_ in texts}
    with _filled(texts) as table:
        for number, column, term in table.execute(SPOKEN):
            getattr(found[number], column).append(term)
    return found


def occurrences(rows: Iterable[Row], weights: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """Return where each term of the texts occurs, as `postings.Part.read` takes it."""
    with _filled(rows) as table:
        return table.execute(postings.occurrences("page_at", weights)).fetchall()


@contextmanager
def _filled(rows: Iterable[Row]) -> Iterator[sqlite3.Connection]:
    """Lend a table with these rows, for as long as they are needed."""
    try:
        table = _free.pop()
    except IndexError:
        table = _made()
    table.execute("begin")
    try:
        table.executemany(FILL, rows)
        yield table
    finally:
        table.execute("rollback")  # nothing stays, and it is sooner done than to delete
        _free.append(table)


def _made() -> sqlite3.Connection:
    table = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for statement in TABLES:
        table.execute(statement)
    return table


def _spans(marked: str) -> tuple[Span, ...]:
    r"""Return where the marks are, in the text without them.

    >>> _spans("a \x02word\x03 more")
    ((2, 6),)
    """
    first, *rest = marked.split(BEGIN)
    spans, at = [], len(first)
    for piece in rest:
        word, _, after = piece.partition(END)
        spans.append((at, at + len(word)))
        at += len(word) + len(after)
    return tuple(spans)
