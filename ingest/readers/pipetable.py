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

    An empty row ends a table only where a new header (two words or more, no numbers but years)
    follows; an empty column only where a table with labels of its own stands at its right.
    """
    blocks: list[list[Sequence[Cell]] | str] = []
    gap = True
    for row in rows:
        filled = [value for value in row if cell_text(value)]
        if filled:
            in_table = bool(blocks) and not isinstance(blocks[-1], str)
            if len(filled) == 1 and (gap or not in_table):
                blocks.append(cell_text(filled[0]))
            elif in_table and not (gap and _is_header(filled)):
                blocks[-1].append(row)  # type: ignore[union-attr]  # in_table says it is a list
            else:
                blocks.append([row])
        gap = not filled
    written = (
        [block] if isinstance(block, str) else map(pipe_table, _side_by_side(block))
        for block in blocks
    )
    return "\n\n".join(part for parts in written for part in parts)


def _is_header(filled: Sequence[Cell]) -> bool:
    """Whether a row heads a table: words, or words and then dates or years."""
    if not isinstance(filled[0], str) or _NUMBER.fullmatch(filled[0].strip()):
        return False
    return all(isinstance(value, date) or _heads(cell_text(value)) for value in filled[1:])


def _heads(text: str) -> bool:
    return not _NUMBER.fullmatch(text) or bool(_YEAR.fullmatch(text))


_NUMBER = re.compile(r"[-+]?[\d.,\s\u00a0\u202f]{1,30}\s?%?|[-–—]")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _side_by_side(rows: list[Sequence[Cell]]) -> list[list[Sequence[Cell]]]:
    """Cut a block at each empty column that has a table with its own labels at its right."""
    width = max(map(len, rows))
    used = [any(cell_text(row[n]) for row in rows if n < len(row)) for n in range(width)]
    spans: list[tuple[int, int]] = []
    for is_used, run in groupby(range(width), key=used.__getitem__):
        places = list(run)
        if not is_used:
            continue
        span = (places[0], places[-1] + 1)
        if spans and not (_is_table(rows, spans[-1]) and _is_table(rows, span)):
            span = (spans.pop()[0], span[1])
        spans.append(span)
    return [[row[first:end] for row in rows] for first, end in spans] or [rows]


def _is_table(rows: list[Sequence[Cell]], span: tuple[int, int]) -> bool:
    """Whether columns are a table of their own: two or more, with labels at the left."""
    first, end = span
    labels = [row[first] for row in rows if first < len(row) and cell_text(row[first])]
    words = [
        value
        for value in labels
        if isinstance(value, date) or not _NUMBER.fullmatch(cell_text(value))
    ]
    return end - first > 1 and len(labels) > 1 and len(words) == len(labels) > len(rows) / 3


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
