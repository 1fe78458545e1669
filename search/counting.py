"""Count the records that filters leave: by one facet, by two together, by when they began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.vocabulary import Verdict
from search.columns import Columns
from search.facets import PART, Mask, Rows, Values
from search.filters import Filters, Scope
from search.index import Index

# Whether it worked is told: not where it is too early, and not where nobody reports it.
JUDGED = frozenset(
    {
        Verdict.WORKED,
        Verdict.PARTLY,
        Verdict.DID_NOT_WORK,
        Verdict.WORKED_THEN_LOST,
        Verdict.HARMED,
    }
)


class Cell(NamedTuple):
    """How many records have two values, how many of them tell what became of it, and worked."""

    records: int
    judged: int
    worked: int


@dataclass(frozen=True, eq=False)
class Crossing:
    """The cells of two facets: (values down, values across) in each array."""

    down: tuple[str, ...]
    across: tuple[str, ...]
    records: NDArray[np.int64]
    judged: NDArray[np.int64]
    worked: NDArray[np.int64]

    def __getitem__(self, at: tuple[int, int]) -> Cell:
        return Cell(int(self.records[at]), int(self.judged[at]), int(self.worked[at]))


class Begun(NamedTuple):
    """A record and when the work it tells of began, as far as everyone may know it."""

    record_id: int
    title: str
    year: int
    countries: tuple[str, ...]  # ISO 3166-1 alpha-3
    facilities: int  # that took part, 0 where nobody said
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class Selection:
    """The records that filters leave within a scope. A record has its broader concepts too."""

    columns: Columns
    rows: Rows
    values: Mapping[str, Values]

    @classmethod
    def of(cls, index: Index, filters: Filters, scope: Scope) -> "Selection":
        """Return what the filters leave of an index."""
        columns = index.columns
        rows = columns.rows(columns.allowed(filters, scope, index.narrower))
        return cls(columns, rows, columns.facets(scope, index.broader))

    def __len__(self) -> int:
        return len(self.rows)

    def counted(self, facet: str) -> dict[str, int]:
        """Return how many records have each value of a facet, values without any left out."""
        values = self.values[facet]
        counts = values.counted(self.rows).tolist()
        return {name: n for name, n in zip(values.names, counts, strict=True) if n}

    def crossed(
        self, down: tuple[str, Sequence[str]], across: tuple[str, Sequence[str]]
    ) -> Crossing:
        """Return the cells of two facets, each given with the values to count, in their order."""
        first, second = self.values[down[0]], self.values[across[0]]
        lines, columns = first.places(down[1]), second.places(across[1])
        shape = (len(down[1]), len(across[1]))
        sums = np.zeros((3, shape[0] * shape[1]), np.int64)
        for start in range(0, len(self.rows), PART):
            rows = self.rows[start : start + PART]
            owners, mine, others = first.pairs(second, rows)
            wanted = (lines[mine] >= 0) & (columns[others] >= 0)
            cells = lines[mine] * shape[1] + columns[others]
            for place, told in enumerate(self._told(rows)):
                counted = cells[wanted & told[owners]]
                sums[place] += np.bincount(counted, minlength=sums.shape[1])
        return Crossing(tuple(down[1]), tuple(across[1]), *sums.reshape(3, *shape))

    def begun(self) -> list[Begun]:
        """Return the records of which it is known when they began, the earliest first."""
        years = self.values["years"].named(self.rows)
        countries = self.values["countries"].named(self.rows)
        verdicts = self.values["verdicts"].named(self.rows)
        found = [
            Begun(
                record_id=int(self.columns.records[row]),
                title=self.columns.titles[row],
                year=int(year[0]),
                countries=tuple(country),
                facilities=int(self.columns.facilities[row]),
                verdict=Verdict(verdict[0]),
            )
            for row, year, country, verdict in zip(
                self.rows.tolist(), years, countries, verdicts, strict=True
            )
            if year
        ]
        return sorted(found, key=lambda one: (one.year, one.record_id))

    def _told(self, rows: Rows) -> tuple[Mask, Mask, Mask]:
        """Return which of the rows count: all, those that say how it went, those that worked."""
        verdicts = self.values["verdicts"]
        judged, worked = (verdicts.has(rows, wanted) for wanted in (JUDGED, {Verdict.WORKED}))
        return np.ones(len(rows), bool), judged, worked
