"""Rows to Markdown: GFM pipe tables whose every row is one line."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

Cell = str | int | float | bool | date | datetime | time | timedelta | None

# Joins the lines of one cell. It reads the same in every renderer and in plain text;
# `<br>` is raw HTML, which is stripped or shown as letters where HTML is not allowed.
LINE_IN_CELL = " / "

_EXACT_BELOW = 2.0**53  # floats hold every whole number up to here


def cell_text(value: Cell) -> str:
    r"""Return a cell as one line of text; dates in ISO 8601, whole numbers without `.0`.

    >>> cell_text(datetime(2024, 1, 28)), cell_text(38.0), cell_text("a\nb | c")
    ('2024-01-28', '38', 'a / b | c')
    """
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case bool():
            return str(value)
        case float():
            # ten digits hide the binary tail of 0.1 + 0.2 and keep every count
            return (
                str(int(value))
                if value.is_integer() and abs(value) < _EXACT_BELOW
                else f"{value:.10g}"
            )
        case _:
            lines = (" ".join(line.split()) for line in str(value).splitlines())
            return LINE_IN_CELL.join(line for line in lines if line)


def pipe_table(rows: Iterable[Sequence[Cell]]) -> str:
    """Return a GFM table, its first row the header; rows and columns without text are left out.

    >>> print(pipe_table([["Month", "Rate"], ["Jan", 38]]))
    | Month | Rate |
    | --- | --- |
    | Jan | 38 |
    """
    texts = [[cell_text(value).replace("|", r"\|") for value in row] for row in rows]
    width = max(map(len, texts), default=0)
    full = [row + [""] * (width - len(row)) for row in texts if any(row)]
    used = [column for column in range(width) if any(row[column] for row in full)]
    if not used:
        return ""
    lines = ["| " + " | ".join(row[column] for column in used) + " |" for row in full]
    return "\n".join([lines[0], "|" + " --- |" * len(used), *lines[1:]])


def sheet_markdown(rows: Iterable[Sequence[Cell]]) -> str:
    """Return a sheet as Markdown: a line of one cell is a paragraph, the rest are tables.

    An empty row ends a table only where a new header (two words or more, no numbers) follows.
    """
    blocks: list[list[Sequence[Cell]] | str] = []
    gap = True
    for row in rows:
        filled = [value for value in row if cell_text(value)]
        if filled:
            in_table = bool(blocks) and not isinstance(blocks[-1], str)
            if len(filled) == 1 and (gap or not in_table):
                blocks.append(cell_text(filled[0]))
            elif in_table and not (gap and all(isinstance(value, str) for value in filled)):
                blocks[-1].append(row)  # type: ignore[union-attr]  # in_table says it is a list
            else:
                blocks.append([row])
        gap = not filled
    return "\n\n".join(block if isinstance(block, str) else pipe_table(block) for block in blocks)


def tabulate(text: str, separator: str) -> str:
    """Return `text` with runs of two or more lines that hold `separator` as pipe tables."""
    parts: list[str] = []
    for holds, group in groupby(text.split("\n"), key=lambda line: separator in line.strip()):
        lines = list(group)
        if holds and len(lines) > 1:
            parts.append("\n" + pipe_table(_split(line, separator) for line in lines) + "\n")
        else:
            parts.append("\n".join(lines))
    return "\n".join(parts)


def _split(line: str, separator: str) -> list[str]:
    return re.split(re.escape(separator), line.strip("\n"))
