"""What the words of a library are asked, whichever database keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import column, table
from sqlalchemy.orm import Session

from kb.folding import tokens
from search.dense import Ids

NOTHING = np.empty(0, np.int64)


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


class Ranked(NamedTuple):
    """Ids and their bm25; larger is better."""

    ids: Ids
    scores: NDArray[np.float64]


NONE = Ranked(NOTHING, np.empty(0))

# The passages as the full-text table has them; `rowid` is that of the passage.
PASSAGE = table("passage_fts", column("rowid"), column("title"), column("body"))


class Text(NamedTuple):
    """A passage as the full-text table has it, for words to be marked in."""

    id: int
    title: str
    body: str


class Held(NamedTuple):
    """A passage that holds a phrase, of a record that was changed since it was written."""

    id: int
    record_id: int
    same_title: bool  # as the record has now
    in_title: bool
    in_body: bool


class Words(Protocol):
    """The words of all passages and of all titles, at one state of the library.

    Terms and phrases are said as in an expression. What a text scores is the same on either
    database: the words are cut alike, and BM25 counts as FTS5 does.
    """

    def counts(self, session: Session, said: Sequence[str]) -> list[int]:
        """Return how many passages hold each of the terms and phrases."""

    def scored(
        self,
        session: Session,
        table: Table,
        said: Sequence[str],
        finding: Sequence[str],
        among: Ids | None = None,
    ) -> Ranked:
        """Return the texts that hold any of `finding`, by all that is `said`; in no order.

        `among`, where it is given, are the texts that may answer; others may be left out.
        """


def expression(words: Iterable[str], phrases: Iterable[str] = ()) -> str:
    """Return the expression for texts with any of `words` or `phrases`; empty for none.

    Nothing of a question reaches a database's syntax: only letters, digits and marks, in quotes.

    >>> expression(["skin", 'to" OR *'], ["kangaroo mother care"])
    '"skin" OR "to OR" OR "kangaroo mother care"'
    """
    quoted = (" ".join(t.surface for t in tokens(said)) for said in (*words, *phrases))
    return " OR ".join(f'"{said}"' for said in dict.fromkeys(quoted) if said)


def said(wanted: str) -> list[str]:
    """Return the terms and phrases of an expression.

    >>> said('"skin" OR "kangaroo mother care"')
    ['skin', 'kangaroo mother care']
    """
    return wanted[1:-1].split('" OR "') if wanted else []


def any_of(terms: Iterable[str]) -> str:
    """Return the expression for texts with any of these terms and phrases of another one."""
    return " OR ".join(f'"{term}"' for term in terms)
