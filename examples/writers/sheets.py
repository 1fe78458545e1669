"""Excel workbooks: a sheet for each `# Sheet:` heading, numbers and dates as what they are."""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from writers.archive import frozen
from writers.blocks import Block, Heading, Spans, Table, plain

SHEET = "Sheet:"
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH = re.compile(r"[A-Z][a-z]{2}-\d{2}")  # Excel makes a date of what is typed like this
WHOLE = re.compile(r"-?\d+")
DECIMAL = re.compile(r"-?\d+\.\d+")
WIDE, NARROW = 60, 16  # characters; a column with sentences, a column with figures
SENTENCE = 30  # characters


def write(blocks: Sequence[Block]) -> bytes:
    """Return an .xlsx of the blocks; what stands outside tables goes to the first column."""
    book = Workbook()
    book.remove(book.active)
    for block in blocks:
        if isinstance(block, Heading) and plain(block.spans).startswith(SHEET):
            book.create_sheet(plain(block.spans).removeprefix(SHEET).strip())
        elif isinstance(block, Table):
            _add_table(book.worksheets[-1], block.rows)
        else:
            _add_line(book.worksheets[-1], block)
    out = io.BytesIO()
    book.save(out)
    return frozen(out.getvalue())


def value(text: str) -> str | int | float | date | None:
    """Return what a cell holds: a number, a date for 2023-02-06 or Feb-23, else the text itself."""
    if ISO_DATE.fullmatch(text):
        return date.fromisoformat(text)
    if MONTH.fullmatch(text):
        return datetime.strptime(f"01-{text}+0000", "%d-%b-%y%z").date()
    if WHOLE.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text or None


def _add_line(sheet: Any, block: Any) -> None:
    sheet.append([plain(block.spans)])
    if isinstance(block, Heading):
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, size=14)


def _add_table(sheet: Any, rows: Sequence[Sequence[Spans]]) -> None:
    for place, row in enumerate(rows):
        texts = [plain(spans) for spans in row]
        sheet.append([value(text) for text in texts])
        for cell, text in zip(sheet[sheet.max_row], texts, strict=True):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=place == 0)
            if isinstance(cell.value, date):
                cell.number_format = "dd/mm/yyyy" if ISO_DATE.fullmatch(text) else "mmm-yy"
    for column in range(len(rows[0])):
        longest = max(len(plain(row[column])) for row in rows)
        letter = sheet.cell(1, column + 1).column_letter
        sheet.column_dimensions[letter].width = WIDE if longest > SENTENCE else NARROW
