"""Which texts hold which words, in memory, and how much each word says: BM25 as FTS5 counts it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.dense import Ids, Mask

# Of FTS5's bm25(), which has them fixed. Source: sqlite.org/fts5.html, "The bm25() function".
K1, B = 1.2, 0.75
NO_WORTH = 1e-6  # idf of a term that more than half of the texts hold

# Share of the texts that may be dead, or come after the first part, before all are put together
# anew; up to FEW texts that takes 50 ms, and is always done.
LOOSE = 0.1
FEW = 20_000
AT_ONCE = 1_000_000  # words read out of a full-text table at a time
BITS = 3  # of an occurrence that hold the weight of its column, behind the number of its text

# Every term of a vocabulary with where it occurs, the weight of the column in the last bits. One
# row a term: a row for each occurrence would take ten times as long.
OCCURRENCES = """
    select term, count(*), group_concat((doc << {bits}) + case col {cases} end)
    from {vocabulary} group by term
"""

Rows: TypeAlias = NDArray[np.int32]  # (n,), of texts
Counts: TypeAlias = NDArray[np.unsignedinteger[Any]]  # (n,)
Scores: TypeAlias = NDArray[np.float64]  # (n,), larger is better
Occurrences: TypeAlias = Iterable[tuple[str, int, str]]  # as `OCCURRENCES` returns them


def occurrences(vocabulary: str, weights: Mapping[str, int]) -> str:
    """Return the statement for what a table of fts5vocab's kind `instance` holds."""
    cases = " ".join(f"when '{column}' then {weight}" for column, weight in weights.items())
    return OCCURRENCES.format(bits=BITS, cases=cases, vocabulary=vocabulary)


@dataclass(frozen=True, eq=False)
class Part:
    """Texts whose words are kept together; never changed once made.

    A term is known by a digest, so that no text can be read out of it.
    """

    ids: Ids  # (n,), ascending
    lengths: Counts  # (n,), words in each text
    digests: NDArray[np.uint64]  # (t,), of the terms, ascending
    starts: NDArray[np.int64]  # (t + 1,), where the list of each term begins
    rows: Rows  # (p,), the texts that hold each term, ascending within one
    weights: Counts  # (p,), how often they do, each time by the weight of the column

    @classmethod
    def read(cls, found: Occurrences, ids: Ids) -> "Part":
        """Put together what a vocabulary holds of the texts `ids`, ascending."""
        last = int(ids.max(initial=0))
        row_of = np.full(last + 2, -1, np.int64)  # the last is for what is not among them
        row_of[ids] = np.arange(len(ids))
        digests: list[int] = []
        keys, weights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        lengths = np.zeros(len(ids), np.int64)
        for terms, counts, codes in _batches(found):
            owners = np.repeat(np.arange(len(digests), len(digests) + len(terms)), counts)
            digests += map(digest, terms)
            rows = row_of[np.minimum(codes >> BITS, last + 1)]
            here = rows >= 0
            lengths += np.bincount(rows[here], minlength=len(ids))
            key = owners[here] * len(ids) + rows[here]
            first = np.flatnonzero(np.diff(key, prepend=-1))
            keys.append(key[first])
            weights.append(np.add.reduceat(codes[here] & (1 << BITS) - 1, first))
        named = np.array(digests, np.uint64)
        order = named.argsort()
        return cls._sorted(
            ids,
            lengths,
            named[order],
            keys=np.concatenate(keys),
            weights=np.concatenate(weights),
            order=order,
        )

    @classmethod
    def of(cls, parts: Sequence["Part"], alive: Mask) -> "Part":
        """Put the texts of several parts that are `alive` into one."""
        ids = np.concatenate([part.ids for part in parts])[alive]
        order = ids.argsort(kind="stable")
        row_of = np.full(len(alive), -1, np.int64)
        row_of[np.flatnonzero(alive)[order]] = np.arange(len(ids))
        digests = np.unique(np.concatenate([part.digests for part in parts]))
        keys, weights, start = [], [], 0
        for part in parts:
            rows = row_of[part.rows + start]
            owners = np.repeat(np.searchsorted(digests, part.digests), np.diff(part.starts))
            keys.append((owners * len(ids) + rows)[rows >= 0])
            weights.append(part.weights[rows >= 0])
            start += len(part.ids)
        lengths = np.concatenate([part.lengths for part in parts])[alive]
        return cls._sorted(
            ids[order],
            lengths[order],
            digests,
            keys=np.concatenate(keys),
            weights=np.concatenate(weights),
        )

    @classmethod
    def _sorted(
        cls,
        ids: Ids,
        lengths: NDArray[Any],
        digests: NDArray[np.uint64],
        *,
        keys: NDArray[np.int64],
        weights: NDArray[Any],
        order: NDArray[np.int64] | None = None,
    ) -> "Part":
        """Sort lists; a key is the number of the term times that of texts, plus the row.

        `order` has the terms' numbers in the order of their digests.
        """
        n = max(len(ids), 1)
        owners, rows = np.divmod(keys, n)
        if order is not None:
            rank = np.empty(len(order), np.int64)
            rank[order] = np.arange(len(order))
            owners = rank[owners]
        sequence = (owners * n + rows).argsort(kind="stable")
        lists = np.bincount(owners, minlength=len(digests))
        held = lists > 0  # a term that only dead texts held is forgotten
        return cls(
            ids=ids,
            lengths=lengths.astype(np.uint32),
            digests=digests[held],
            starts=np.concatenate([[0], np.cumsum(lists[held])]),
            rows=rows[sequence].astype(np.int32),
            weights=weights[sequence].astype(np.min_scalar_type(int(weights.max(initial=0)))),
        )

    def list_of(self, term: int) -> slice:
        """Return where the list of the term with this digest stands."""
        at = int(np.searchsorted(self.digests, np.uint64(term)))
        if at == len(self.digests) or int(self.digests[at]) != term:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))


class Posting(NamedTuple):
    """The texts that hold a term."""

    rows: Rows  # ascending
    weights: Counts  # how often they hold it, each time by the weight of the column
    idf: float


class Scored(NamedTuple):
    """The texts that hold a phrase, and what that adds to the score of each."""

    rows: Rows  # ascending
    scores: Scores


class Postings:
    """The words of texts, each with the list of texts that hold it; never changed once made.

    A text is known by its row, from 0, and by the id it has in the database. `changed` makes new
    postings of these and shares what they have in common.
    """

    def __init__(self, parts: Sequence[Part], alive: Mask | None = None) -> None:
        """Take texts in parts; of their rows, in order, those that are `alive`: None for all."""
        self.parts = tuple(parts)
        self.ids: Ids = np.concatenate([part.ids for part in self.parts])
        self._alive = None if alive is None or alive.all() else alive
        self._starts = np.cumsum([0, *(len(part.ids) for part in self.parts)]).tolist()
        lengths = np.concatenate([part.lengths for part in self.parts])
        living = lengths if self._alive is None else lengths[self._alive]
        self._n = len(living)
        mean = living.sum() / max(self._n, 1) or 1.0
        # Of each text, what is added to a weight where that is divided by it.
        self._norms: Scores = K1 * (1 - B + B * lengths / mean)
        self.phrases: dict[tuple[str, ...], Scored] = {}  # looked up once and kept

    def __len__(self) -> int:
        return self._n

    @property
    def is_whole(self) -> bool:
        """Whether all texts lie in one part and none in it is dead: then it can be kept."""
        return len(self.parts) == 1 and self._alive is None

    def holding(self, term: str) -> Posting:
        """Return the texts that hold the term, as a full-text table knows it."""
        key = digest(term)
        first = self.parts[0]
        there = first.list_of(key)
        rows, weights = first.rows[there], first.weights[there]
        for part, start in zip(self.parts[1:], self._starts[1:], strict=False):
            there = part.list_of(key)
            rows = np.concatenate([rows, part.rows[there] + np.int32(start)])
            weights = np.concatenate([weights, part.weights[there]])
        if self._alive is not None:
            living = self._alive[rows]
            rows, weights = rows[living], weights[living]
        return Posting(rows, weights, self._idf(len(rows)))

    def scores(self, held: Posting | Scored, rows: Rows) -> Scores:
        """Return what a term or a phrase adds to the score of each of the `rows`, ascending."""
        found = np.zeros(len(rows))
        if not len(held.rows):
            return found
        at = np.searchsorted(held.rows, rows).clip(max=len(held.rows) - 1)
        there = held.rows[at] == rows
        if isinstance(held, Scored):
            found[there] = held.scores[at[there]]
        else:
            often = held.weights[at[there]].astype(np.float64)
            found[there] = held.idf * (often * (K1 + 1) / (often + self._norms[rows[there]]))
        return found

    def rows_of(self, ids: Ids) -> tuple[Rows, Mask]:
        """Return the rows of those of the texts that are here, ascending, and which those are."""
        rows = np.full(len(ids), -1, np.int32)
        for part, start in zip(self.parts, self._starts, strict=False):
            if not len(part.ids):
                continue
            at = np.searchsorted(part.ids, ids).clip(max=len(part.ids) - 1)
            there = part.ids[at] == ids
            if self._alive is not None:
                there &= self._alive[at + start]
            rows[there] = at[there] + start
        return rows[rows >= 0], rows >= 0

    def changed(self, keep: Mask, added: Part | None) -> "Postings":
        """Return the postings without the rows where `keep` is false, and with the `added` texts.

        These stay as they are.
        """
        if added is None and keep.all():
            return self
        parts = [*self.parts, *([added] if added is not None else [])]
        alive = np.ones(sum(len(part.ids) for part in parts), bool)
        alive[: len(keep)] = keep if self._alive is None else keep & self._alive
        recent, dead = len(alive) - len(parts[0].ids), int((~alive).sum())
        if len(alive) <= FEW or max(recent, dead) > LOOSE * len(alive):
            return Postings([Part.of(parts, alive)])
        first, later = parts[0], parts[1:]
        if later:
            later = [Part.of(later, alive[len(first.ids) :])]
            alive = np.concatenate([alive[: len(first.ids)], np.ones(len(later[0].ids), bool)])
        return Postings([first, *later], alive)

    def _idf(self, holding: int) -> float:
        # FTS5's formula and not another, so that a score is the same wherever it is counted.
        worth = log((self._n - holding + 0.5) / (holding + 0.5))
        return worth if worth > 0 else NO_WORTH


def digest(term: str) -> int:
    """Return the number that stands for a term; two terms share one once in a lifetime."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


def _batches(found: Occurrences) -> Iterator[tuple[list[str], list[int], NDArray[np.int64]]]:
    """Yield terms, how often each occurs, and all their occurrences, many at a time."""
    terms: list[str] = []
    counts: list[int] = []
    listed: list[str] = []
    waiting = 0
    for term, count, places in found:
        terms.append(term)
        counts.append(count)
        listed.append(places)
        waiting += count
        if waiting >= AT_ONCE:
            yield terms, counts, np.fromstring(",".join(listed), np.int64, sep=",")
            terms, counts, listed, waiting = [], [], [], 0
    if terms:
        yield terms, counts, np.fromstring(",".join(listed), np.int64, sep=",")
