"""Columns of a table whose head says that each cell is somebody's name or number."""

import re
from collections.abc import Iterator
from itertools import pairwise

from kb.identifiers.page import Identifier, Page
from kb.identifiers.people import read_name
from kb.identifiers.words import roles
from kb.vocabulary import IdentifierKind

RULE = re.compile(r"[\s|:+-]+")
CELL = re.compile(r"(?<!\\)\|")
FIGURES = re.compile(r"[\d.,%/\s-]+")
LONGEST_LINE = 20_000  # characters
NAME_LENGTH = 60


def columns(page: Page) -> Iterator[Identifier]:
    """Yield the cells below such heads in the pipe tables of Markdown."""
    heads: dict[int, IdentifierKind] | None = None  # of the table that the line is in
    at = 0
    for line in page.text.splitlines(keepends=True):
        start, at = at, at + len(line)
        if "|" not in line or len(line) > LONGEST_LINE:
            heads = None
            continue
        if RULE.fullmatch(line):
            continue
        cells = _cells(line, start)
        if heads is None or (not heads and _heads(page, cells)):
            heads = _heads(page, cells)
            continue
        for n, kind in heads.items():
            if n < len(cells) and _fits(page, kind, *cells[n], alone=len(heads) == 1):
                yield page.found(kind, *cells[n], 0.9)


def _cells(line: str, start: int) -> list[tuple[int, int]]:
    """Return where the text of each cell begins and ends, without the blanks around it."""
    bounds = [0, *(m.start() + 1 for m in CELL.finditer(line)), len(line) + 1]
    cells = []
    for left, right in pairwise(bounds):
        cell = line[left : right - 1]
        inner = cell.strip().strip("*_").strip()
        first = left + (cell.index(inner) if inner else 0)
        cells.append((start + first, start + first + len(inner)))
    return cells[1:] if line.lstrip().startswith("|") else cells


def _heads(page: Page, cells: list[tuple[int, int]]) -> dict[int, IdentifierKind]:
    known = roles("columns")
    heads = {}
    for n, (start, end) in enumerate(cells):
        words = " ".join(page.text[start:end].casefold().strip(" :.").split())
        kind = known.get(words) or known.get(words + ".")
        if kind:
            heads[n] = IdentifierKind(kind)
    return heads


def _fits(page: Page, kind: IdentifierKind, start: int, end: int, *, alone: bool) -> bool:
    """Return whether the cell can be what the head says; an empty one or a dash says nothing."""
    text = page.text[start:end]
    if sum(c.isalnum() for c in text) < 2:
        return False
    if kind is IdentifierKind.PERSON:
        name = read_name(page, start)
        whole = name is not None and page.text[name.end : end].strip(" .,()") == ""
        return (
            len(text) <= NAME_LENGTH
            and whole
            and name is not None
            and (len(name.words) > 1 or not alone)
        )
    if kind in {IdentifierKind.ADDRESS, IdentifierKind.EMAIL}:
        return True
    digits = sum(c.isdigit() for c in text)
    if kind is IdentifierKind.PATIENT_NUMBER:
        return digits > 2 - (not alone) and "%" not in text
    return digits > 4
