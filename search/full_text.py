"""The full-text tables of a library: FTS5 on SQLite, tsvector on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Select
from sqlalchemy.orm import Session

from search import fts5, scratch, tsvector
from search.dense import Ids
from search.terms import Held, Text, Words


class FullText(Protocol):
    """What a database has to know of words, by module: one for each kind of database.

    Both cut words alike, so that a library answers the same on either.
    """

    def make(self, connection: Connection) -> bool:
        """Make the tables and triggers where they are missing; return whether tables were."""

    def is_made(self, connection: Connection) -> bool:
        """Return whether `make` would change nothing; only reads."""

    def write(
        self, session: Session, passages: Sequence[scratch.Row], titles: Mapping[int, str]
    ) -> None:
        """Write the words of new passages, and the titles of their records."""

    def remove(self, session: Session, record_ids: Sequence[int]) -> None:
        """Remove the titles of the records; the words of passages go with these."""

    def load(
        self, session: Session, passages: Ids, records: Ids, before: Words | None = None
    ) -> Words:
        """Return the words of the passages, and of the titles of the records they belong to.

        `before` are words that were loaded earlier: what they have need not be read again.
        """

    def plain(self, session: Session, passage_ids: Sequence[int]) -> list[Text]:
        """Return titles and bodies of the passages, in no order."""

    def holding(self, session: Session, phrase: str) -> tuple[list[int], list[Held]]:
        """Return who holds the phrase in a title or body.

        The ids of records that are as they were indexed; and of the others, the passages.
        """

    def query(self, phrase: str) -> str:
        """Return what `matches` takes for a phrase of an expression, in title or body."""

    def matches(self, query: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition on `terms.PASSAGE` that it holds what a `query` asks for."""

    def stems(self, session: Session) -> list[str]:
        """Return all terms of the passages, in no order."""

    def with_stem(self, session: Session, stem: ColumnElement[str]) -> Select[tuple[int]]:
        """Return the ids of the passages that hold the term in title or body."""


def of(session: Session | Connection) -> FullText:
    """Return what the database of the session knows of words."""
    if isinstance(session, Session):
        return on(session.get_bind().dialect.name)
    return on(session.dialect.name)


def on(dialect: str) -> FullText:
    """Return what a kind of database knows of words, by SQLAlchemy's name for it."""
    return _BY_DIALECT[dialect]


_BY_DIALECT: Mapping[str, FullText] = {"sqlite": fts5, "postgresql": tsvector}
