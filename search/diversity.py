"""Let no story be told twice, and no facility fill the page: fold, and lose nothing."""

import json
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, String, bindparam, cast, literal, select
from sqlalchemy.orm import Session

from kb.models import Likeness
from kb.vocabulary import LikenessState
from search.listed import each

AT_ONCE = 2  # hits of one facility, as long as another one waits


class Fold(StrEnum):
    """Why a record stands behind another one and not in a place of its own."""

    DUPLICATE = "duplicate"  # tells the same, or is another version of it
    FACILITY = "facility"  # is from the same facility


class Behind(NamedTuple):
    """A record that has no place of its own in the list, and why."""

    record: int
    why: Fold


def folds(
    ranked: Sequence[int],
    *,
    alike: Mapping[int, Collection[int]] | None = None,
    facility: Mapping[int, Hashable] | None = None,
    at_once: int = AT_ONCE,
) -> dict[int, list[Behind]]:
    """Return which of the records stand behind which others, best first; the rest stay as ranked.

    A record goes behind the first of those it is `alike`. Then of a `facility` that has
    `at_once` hits, the next go behind the last of these as long as a record from elsewhere is
    still to come; when nobody waits, they stand for themselves. A record whose facility is not
    known is from elsewhere. What is folded with a record goes where that one goes.

    >>> folds([1, 2, 3], alike={1: {3}, 3: {1}})
    {1: [Behind(record=3, why=<Fold.DUPLICATE: 'duplicate'>)]}
    """
    behind = _duplicates(ranked, alike or {})
    if facility and max(Counter(facility.values()).values()) > at_once:
        told = {one.record for of in behind.values() for one in of}
        _fold_crowds([r for r in ranked if r not in told], behind, facility, at_once)
    return behind


def _duplicates(
    ranked: Sequence[int], alike: Mapping[int, Collection[int]]
) -> dict[int, list[Behind]]:
    behind: dict[int, list[Behind]] = {}
    head: dict[int, tuple[int, int]] = {}  # rank and record for which each one so far stands
    for rank, record in enumerate(ranked if alike else ()):
        others = [head[other] for other in alike.get(record, ()) if other in head]
        head[record] = min(others, default=(rank, record))
        if others:
            behind.setdefault(head[record][1], []).append(Behind(record, Fold.DUPLICATE))
    return behind


def _fold_crowds(
    order: Sequence[int],
    behind: dict[int, list[Behind]],
    facility: Mapping[int, Hashable],
    at_once: int,
) -> None:
    """Put into `behind` what of `order` has to wait."""
    where = [facility.get(record) for record in order]
    tail = where[-1] if where else None
    alone = next((n for n, of in enumerate(reversed(where)) if of != tail), len(where))
    waited_for = len(where) - alone  # from this rank on there is only `tail`
    shown: dict[Hashable, list[int]] = {}
    for rank, (record, of) in enumerate(zip(order, where, strict=True)):
        if of is None:
            continue
        hits = shown.setdefault(of, [])
        if len(hits) < at_once or (of == tail and rank >= waited_for):
            hits.append(record)
        else:
            crowd = [record, *(one.record for one in behind.pop(record, ()))]
            behind.setdefault(hits[-1], []).extend(Behind(one, Fold.FACILITY) for one in crowd)


def among(ids: Collection[int]) -> Select[tuple[int]]:
    """Return the ids as a query: to bind each by itself takes longer than to look it up."""
    return _listed(literal(json.dumps(list(ids))))


def _listed(ids: ColumnElement[str]) -> Select[tuple[int]]:
    return select(cast(each(ids).c.value, BigInteger))


# Made once: to put a statement together takes longer than to run it.
LISTED = _listed(bindparam("ids", type_=String))  # a JSON list
_ALIKE = select(Likeness.record_id, Likeness.other_id).where(
    Likeness.state != LikenessState.DIFFERENT,
    Likeness.record_id.in_(LISTED),
    Likeness.other_id.in_(LISTED),
)


def alike(session: Session, records: Sequence[int]) -> dict[int, set[int]]:
    """Return which of the records tell the same as which others of them.

    Pairs that a curator found different do not. Who asks passes records that the reader may
    see, and nothing is said of any other.
    """
    pairs = session.execute(_ALIKE, {"ids": json.dumps(list(records))})
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found
