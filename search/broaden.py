"""What to ask when little is found: with one filter less, or for something broader."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from search.columns import CONCEPTS, NAMES, Columns
from search.facets import Broader
from search.filters import EVERYTHING, Filters, Narrower, Scope

FEW = 3  # records; fewer are little
MOST = 3  # that are offered


@dataclass(frozen=True, slots=True)
class Broadening:
    """A wider search, and how many records it would find."""

    field: str  # of Filters: the one that is changed; empty for all of them
    value: str  # the broader concept; empty where the filter is left out
    filters: Filters  # to search with
    count: int = 0  # at least, as of facets
    asked: bool = True  # whether the question stands; else the filters are in its place


Steps: TypeAlias = Iterator[list[Broadening]]  # each from the nearest to the farthest


def broadenings(
    columns: Columns,
    filters: Filters,
    scope: Scope,
    *,
    found: int,
    matching: Collection[int] | None,
    concepts: Collection[str],
    narrower: Narrower,
    broader: Broader,
) -> tuple[Broadening, ...]:
    """Return up to three wider searches, each of which finds more than the `found` records.

    `matching` are the records that match the question without filters; None where nothing is
    asked. `concepts` are those that the question names: where records about one, or about what
    is next broader, are more, they are offered in place of the question. Searches that keep the
    question come first, of those the ones that find most.
    """
    if found >= FEW:
        return ()
    rows = None if matching is None else np.unique(np.fromiter(matching, np.int64))

    def counted(wider: Broadening) -> Broadening:
        ids = columns.allowed(wider.filters, scope, narrower)
        among = ids if rows is None or not wider.asked else np.intersect1d(ids, rows)
        return replace(wider, count=len(among))

    steps = [*_without(filters), *_raised(filters, broader)]
    if rows is not None:
        steps += _about(filters, concepts, broader, columns, scope)
    offers: dict[tuple[Filters, bool], Broadening] = {}
    for step in steps:
        wider = next((w for w in map(counted, step) if w.count > found), None)
        if wider is not None:
            offers.setdefault((wider.filters, wider.asked), wider)
    ranked = sorted(offers.values(), key=lambda offer: (not offer.asked, -offer.count))
    everywhere = counted(Broadening("", "", EVERYTHING))
    if everywhere.count > max((offer.count for offer in ranked if offer.asked), default=found):
        ranked.insert(MOST - 1, everywhere)
    return tuple(ranked[:MOST])


def _without(filters: Filters) -> Steps:
    for name in NAMES:
        if getattr(filters, name):
            yield [Broadening(name, "", filters.without(name))]


def _raised(filters: Filters, broader: Broader) -> Steps:
    """Yield for each chosen concept the filters with one above it in its place."""
    for name in CONCEPTS.values():
        chosen: tuple[str, ...] = getattr(filters, name)
        for notation in chosen:
            others = tuple(other for other in chosen if other != notation)
            yield [
                Broadening(name, above, _with(filters, name, *others, above))
                for above in broader(notation)
                if above not in chosen
            ]


def _about(
    filters: Filters, concepts: Collection[str], broader: Broader, columns: Columns, scope: Scope
) -> Steps:
    """Yield for each concept of the question the records about it, or about one above it."""
    for notation in concepts:
        for name in CONCEPTS.values():
            if notation in columns.values[scope][name].code:
                yield [
                    Broadening(name, above, _with(filters, name, above), asked=False)
                    for above in broader(notation)
                ]


def _with(filters: Filters, name: str, *values: str) -> Filters:
    chosen: dict[str, Any] = {name: values}
    return replace(filters, **chosen)
