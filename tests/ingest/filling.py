# ruff: noqa: SLF001  python-docx has no other way to its cells
"""Fill a template as a person would: type into the cell of each question."""

import io
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import docx
import openpyxl

CODE = re.compile(r"\s*([A-Z]\d\d(?:\.\d{1,2}[a-z]?)?)(?=\s|$)")


def fill_word(
    data: bytes, answers: Mapping[str, str], numbers: Mapping[str, Sequence[Sequence[str]]]
) -> bytes:
    """Return the Word template with the answers typed in; each line is a paragraph."""
    document = docx.Document(io.BytesIO(data))
    for table in document.tables:
        rows = list(table.rows)
        asked = [(at, CODE.match(row.cells[0].text)) for at, row in enumerate(rows)]
        for at, match in asked:  # what is typed below may look like a code, too
            row = rows[at]
            code = match[1] if match else ""
            if code in numbers:
                for line, values in zip(rows[at + 1 :], numbers[code], strict=False):
                    for cell, value in zip(line.cells, values, strict=True):
                        _type(cell, value)
            elif code in answers:
                one = len(row._tr.tc_lst) == 1
                _type(rows[at + 1].cells[0] if one else row.cells[1], answers[code])
    return _saved(document)


def _type(cell, text: str) -> None:
    if any("☐" in (one.text or "") for one in cell._tc.iter("{*}t")):  # the text is a label
        for paragraph in cell.paragraphs:
            runs = list(paragraph._p.iter("{*}r"))
            for box, label in pairwise(runs):
                said = "".join(one.text or "" for one in label.iter("{*}t"))
                if said.strip() == text:
                    next(box.iter("{*}t")).text = "☒"
        return
    lines = text.split("\n")
    cell.paragraphs[0].add_run(lines[0])
    for line in lines[1:]:
        cell.add_paragraph(line)


def fill_sheet(
    data: bytes, answers: Mapping[str, str], numbers: Mapping[str, Sequence[Sequence[object]]]
) -> bytes:
    """Return the Excel template with the answers typed in."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book.worksheets[:-1]:
        for row in sheet.iter_rows():
            match = CODE.match(str(row[0].value or ""))
            code = match[1] if match else ""
            if code in numbers:
                for line, values in enumerate(numbers[code], row[0].row + 1):
                    for column, value in enumerate(values, 1):
                        _enter(sheet.cell(line, column), value)
            elif code in answers:
                _enter(row[2], answers[code])
    return _saved(book)


def _enter(cell, value: object) -> None:
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # a cell of text: = begins no formula there


def _saved(file) -> bytes:
    target = io.BytesIO()
    file.save(target)
    return target.getvalue()
