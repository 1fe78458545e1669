"""Footnotes of tables: which mark stands for which words."""

import re
from collections.abc import Iterable, Sequence

from ingest.grids import Grid
from ingest.numerals import MARK, bare_mark, plain

LINES_BELOW = 15  # of a table, in which its notes stand
_LONGEST = 600  # characters of a line that may hold notes

_LEAD = re.compile(
    r"^(?:>\s?|[-+]\s)?(?:notes?|n\.?b\.?|notas?|nb|remarques?|observaci[oó]n(?:es)?|observaç(?:ão|ões)"
    r"|maelezo|key|légende)\s*[:.–-]\s*",
    re.IGNORECASE,
)
_MARK = rf"{MARK}|(?<!\w)(?:[a-h]|\d)[).:](?=\s)"
_NOTE = re.compile(rf"(?:^|(?<=[;.|] )|(?<=[;.|]))\s?({_MARK})\s?[=:–-]?\s?(?=[^\s;])")
_OPENS = re.compile(rf"\s?(?:{_MARK})")


def notes_of(lines: Sequence[str], grid: Grid) -> dict[str, str]:
    r"""Return the words for each mark: from rows of one cell at the end of a table, and below it.

    >>> from ingest.grids import grids
    >>> text = "| Month | n |\n|---|---|\n| May | 3* |\n\n* strike; † two days only"
    >>> notes_of(text.splitlines(), grids(text)[0])
    {'*': 'strike', '†': 'two days only'}
    """
    inside = [
        row[0] or next(filter(None, row), "") for row in grid.rows[-LINES_BELOW:] if _single(row)
    ]
    below: list[str] = []
    for line in lines[grid.last + 1 : grid.last + 1 + LINES_BELOW]:
        if line.lstrip().startswith(("|", "#")) and not re.match(r"\s*#\s?\w+ ?=", line):
            break
        below.append(line)
    return _read(inside + below)


def _single(row: Iterable[str]) -> bool:
    return sum(map(bool, row)) == 1


def _read(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        text = _LEAD.sub("", plain(line[:_LONGEST].replace("\\", "").strip()))
        if not _OPENS.match(text):
            continue
        marks = list(_NOTE.finditer(text))
        ends = [mark.start() for mark in marks[1:]] + [len(text)]
        for mark, end in zip(marks, ends, strict=True):
            words = text[mark.end() : end].strip(" ;|")
            if words:
                found.setdefault(bare_mark(mark[1]), words)
    return found
