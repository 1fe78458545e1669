"""Tables in Markdown as rows of cells: pipe tables, and columns aligned by spaces."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple, TypeAlias

MOST_COLUMNS = 200  # beyond, cells are left out: no table of numbers is so wide
MOST_LOOSE = 2  # lines inside aligned text that have too few cells
LONGEST_LOOSE = 60  # characters of such a line
LEAST_ROWS = 3  # of aligned text; fewer lines with wide gaps are no table
Row: TypeAlias = tuple[int, tuple[str, ...]]  # number of the line, cells

_GAP = re.compile(r"\s{2,}|\t")
_RULE = re.compile(r"^:?-+:?$")


class Grid(NamedTuple):
    """A table: the header, the rows below, and its first and last line in the text (from 0)."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    last: int

    def column(self, number: int) -> tuple[str, ...]:
        """Return the cells below the header."""
        return tuple(row[number] for row in self.rows)


def grids(text: str) -> list[Grid]:
    """Return the tables of `text` in order; every row is as wide as the widest."""
    return sorted(_pipe_grids(text.splitlines()) + _aligned(text.splitlines()), key=lambda g: g[2])


def cells(line: str) -> tuple[str, ...]:
    r"""Return the cells of one line of a pipe table.

    >>> cells(r"| 9 Jan | a \| b | |")
    ('9 Jan', 'a | b', '')
    """
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", inner))


def _pipe_grids(lines: list[str]) -> list[Grid]:
    found = []
    for is_table, numbered in groupby(
        enumerate(lines), lambda one: one[1].lstrip().startswith("|")
    ):
        block = list(numbered)
        if is_table and len(block) > 1:
            rows = [(number, row) for number, line in block if not _is_rule(row := cells(line))]
            found += [_grid(part) for part in _parts(rows)]
    return found


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    """Cut where the head of the table stands again: two tables that a page break ran together."""
    start = 0
    name = rows[0][1][0] if rows else ""
    for at, (_, row) in enumerate(rows[1:], 1):
        # right below it stands the second line of a header, whose first cell spans both
        if (
            at > start + 1
            and name
            and row[0] == name
            and not any(re.search(r"\d", cell) for cell in row[:2])
        ):
            yield rows[start:at]
            start = at
    yield rows[start:]


def _is_rule(row: tuple[str, ...]) -> bool:
    return all(_RULE.match(cell) for cell in row)


def _grid(rows: list[Row]) -> Grid:
    (first, _), (last, _) = rows[0], rows[-1]
    width = min(max(len(row) for _, row in rows), MOST_COLUMNS)
    header, *even = ((*row, *[""] * (width - len(row)))[:width] for _, row in rows)
    return Grid(header, tuple(even), first, last)


def _aligned(lines: list[str]) -> list[Grid]:
    return [_grid(block) for block in _runs(lines) if len(block) > LEAST_ROWS]


def _runs(lines: list[str]) -> Iterator[list[Row]]:
    """Yield the runs of lines that have the same number of columns, two or more.

    A line or two with fewer, in between, leave cells empty. Which ones cannot be told: what
    follows the first cell is kept as words, never as the number of a column.
    """

    def width(one: Row) -> int:
        return len(one[1])

    split = [(number, _columns(line)) for number, line in enumerate(lines)]
    runs = [(columns, list(run)) for columns, run in groupby(split, width)]
    whole: list[Row] = []
    loose: list[Row] = []
    for columns, run in runs:
        if whole and columns == len(whole[0][1]):
            whole += [_loose(row, columns) for row in loose] + run
            loose = []
        elif whole and len(loose) + len(run) <= MOST_LOOSE and all(map(_is_loose, run)):
            loose += run
        else:
            if whole:
                yield whole
            whole, loose = (run, []) if columns > 1 else ([], [])
    if whole:
        yield whole


def _is_loose(row: Row) -> bool:
    cells_of = row[1]
    return bool(cells_of) and bool(cells_of[0]) and len(" ".join(cells_of)) <= LONGEST_LOOSE


def _loose(row: Row, width: int) -> Row:
    number, (first, *rest) = row
    return number, (first, f"? {' '.join(rest)}" if rest else "", *[""] * (width - 2))


def _columns(line: str) -> tuple[str, ...]:
    if line.lstrip().startswith("|"):
        return ()
    return tuple(_GAP.split(line.strip()))
