"""A guided template for Excel and LibreOffice (.xlsx): the story, a sheet for each measure, help.

Answer cells are text, so that `007`, `=` and `3/4` stay what was typed; numbers are checked only
in the tables of numbers, and a warning never stops anybody.
"""

import io
from collections.abc import Iterator
from copy import copy
from datetime import datetime
from functools import cache
from zipfile import ZipFile

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingest.questions import COLUMNS, TO_THE_LEFT, Block, Kind, Row, about, page, word
from ingest.templates.package import MADE, core, packed

DATA_ROWS = 60
_INK, _SOFT, _ACCENT, _TINT, _EDGE = "16262C", "50636A", "0B5C6B", "E6F1F1", "8CA3A6"
_FONT = "Calibri"
_SMALL = 11  # points, of all but titles
_LABELLED = 2  # columns of a question above a table of numbers
_LINE_PT = 15.5  # height of a line of 11 points
_QUESTION, _ANSWER = 40, 52  # widths in characters
_TEXT, _DAY = "@", "yyyy-mm-dd"
_MOST_SHEET_NAME = 31
_CORE = "docProps/core.xml"
_TO_THE_LEFT = 2  # a reading order: ECMA-376 part 1, 18.8.1


def write(kind: Kind, language: str) -> bytes:
    """Return the template as a file."""
    book = openpyxl.Workbook()
    story = book.active
    data = [block for item in page(kind, language) for block in item.blocks if block.data]
    help_ = book.create_sheet(word("sheet_help", language))
    lists = _help(help_, kind, language, len(data))
    _story(story, kind, language, lists)
    for number, block in enumerate(data, 1):
        name = f"{word('sheet_data', language)} {number}"[:_MOST_SHEET_NAME]
        _numbers(book.create_sheet(name, number), block, language, lists)
    if language in TO_THE_LEFT:
        for sheet in book.worksheets:
            _turn(sheet)
    return _settled(book, kind, language)


_Lists = dict[tuple[str, ...], str]  # choices: where they stand


def _story(sheet: Worksheet, kind: Kind, language: str, lists: _Lists) -> None:
    sheet.title = word("sheet_story", language)
    for column, wide in zip("ABC", (9, _QUESTION, _ANSWER), strict=True):
        sheet.column_dimensions[column].width = wide
    _line(sheet, kind.title[language], size=20, bold=True, color=_ACCENT)
    _line(sheet, kind.whom[language], size=11, color=_SOFT, lines=2)
    _line(sheet, word("star", language), size=11)
    _line(sheet, f"{word('version', language)} · {kind.mark(language)}", size=8, color=_SOFT)
    heads = [word(name, language) for name in ("code", "question", "answer")]
    sheet.append(heads)
    for cell in sheet[sheet.max_row]:
        _style(cell, bold=True, color="FFFFFF", fill=_ACCENT)
    sheet.freeze_panes = sheet.cell(sheet.max_row + 1, 3)
    sheet.print_title_rows = f"{sheet.max_row}:{sheet.max_row}"
    _title(sheet, "", word("about", language))
    for row in about(kind, language):
        _ask(sheet, row, lists)
    _title(sheet, "", word("story", language))
    for item in page(kind, language):
        asked = f"★ {item.ask}" if item.star else item.ask
        if item.lines:
            _ask(sheet, Row(item.code, asked, item.lines, item.choices), lists, bold=True)
        else:
            _title(sheet, item.code, asked, fill=_TINT, color=_INK, size=11)
        for block in item.blocks:
            if not block.data:
                _title(sheet, block.code, block.title, fill=_TINT, color=_INK, size=11)
                for row in block.rows:
                    _ask(sheet, row, lists)
    _print(sheet)


def _numbers(sheet: Worksheet, block: Block, language: str, lists: _Lists) -> None:
    """One measure: what it is, then its periods below a head that stays in sight."""
    for letter, wide in zip("ABCDE", (20, 15, 17, 17, 40), strict=True):
        sheet.column_dimensions[letter].width = wide
    _line(sheet, block.title, size=16, bold=True, color=_ACCENT, columns=5)
    _line(sheet, word("numbers", language), size=10, color=_SOFT, lines=3, columns=5)
    for row in block.rows:
        at = sheet.max_row + 1
        sheet.cell(at, 1, f"{row.code}  {row.ask}")
        for column in range(1, 6):
            _style(sheet.cell(at, column), fill="F6F9F9" if column <= _LABELLED else "", size=10)
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=2)
        sheet.merge_cells(start_row=at, end_row=at, start_column=3, end_column=5)
        sheet.cell(at, 3).number_format = _TEXT
        sheet.row_dimensions[at].height = 2 * _LINE_PT
        _choice(sheet, f"C{at}", row.choices, lists)
    names = [word(column, language) for column in COLUMNS]
    sheet.append([f"{block.data}  {names[0]}", *names[1:]])
    head = sheet.max_row
    for cell in sheet[head]:
        _style(cell, bold=True, color="FFFFFF", fill=_ACCENT, size=10)
    sheet.row_dimensions[head].height = 2 * _LINE_PT
    sheet.freeze_panes = sheet.cell(head + 1, 1)
    sheet.print_title_rows = f"{head}:{head}"
    last = head + DATA_ROWS
    for column in range(1, len(COLUMNS) + 1):
        first = sheet.cell(head + 1, column)
        _style(first)
        first.number_format = {1: _DAY, len(COLUMNS): _TEXT}.get(column, "General")
        first.alignment = Alignment(horizontal="left" if column in {1, len(COLUMNS)} else "right")
        for at in range(head + 2, last + 1):
            sheet.cell(at, column)._style = copy(first._style)  # noqa: SLF001  the quick way
    for at in range(head + 1, last + 1):
        sheet.row_dimensions[at].height = 18
    rule = DataValidation(
        type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True,
        errorStyle="warning", showErrorMessage=True, error=word("numbers", language)[:220],
    )  # fmt: skip
    rule.add(f"B{head + 1}:D{last}")
    sheet.add_data_validation(rule)
    _print(sheet)


def _help(sheet: Worksheet, kind: Kind, language: str, measures: int) -> _Lists:
    """Write how to fill it, and the lists to choose from; return where each list stands."""
    sheet.column_dimensions["A"].width = 100
    data = word("sheet_data", language)
    names = ", ".join(f"“{data} {n}”" for n in range(1, measures + 1))
    lines = (
        word("how", language),
        word("newline", language),
        word("tables", language).format(data=names),
        word("numbers", language),
        word("codes", language).format(code=f"{kind.letter}01"),
        word("send", language),
    )
    _line(sheet, word("sheet_help", language), size=20, bold=True, color=_ACCENT, columns=1)
    for text in lines:
        _line(sheet, text, size=11, lines=2, columns=1)
    sheet.append([])
    places: _Lists = {}
    for choices in dict.fromkeys(_choices(kind, language)):
        first = sheet.max_row + 2
        for at, label in enumerate(choices, first):
            _style(sheet.cell(at, 1, label), size=10)
        places[choices] = f"'{sheet.title}'!$A${first}:$A${first + len(choices) - 1}"
    _print(sheet)
    return places


def _choices(kind: Kind, language: str) -> Iterator[tuple[str, ...]]:
    rows = [*about(kind, language)]
    for item in page(kind, language):
        rows += [Row(item.code, item.ask, 1, item.choices)]
        rows += [row for block in item.blocks[:1] for row in block.rows]
    yield from (row.choices for row in rows if row.choices)


def _ask(sheet: Worksheet, row: Row, lists: _Lists, *, bold: bool = False) -> None:
    at = sheet.max_row + 1
    _style(sheet.cell(at, 1, row.code), color=_SOFT, size=9, fill="F6F9F9")
    _style(sheet.cell(at, 2, row.ask), bold=bold, size=10.5, fill="F6F9F9")
    answer = sheet.cell(at, 3)
    _style(answer)
    answer.number_format = _TEXT
    lines = max(row.lines, -(-len(row.ask) // (_QUESTION - 6)))
    sheet.row_dimensions[at].height = _LINE_PT * lines + 6
    _choice(sheet, answer.coordinate, row.choices, lists)


def _choice(sheet: Worksheet, at: str, choices: tuple[str, ...], lists: _Lists) -> None:
    if choices:
        rule = DataValidation(
            type="list", formula1=lists[choices], allow_blank=True, showErrorMessage=False
        )
        rule.add(at)
        sheet.add_data_validation(rule)


def _title(
    sheet: Worksheet, code: str, text: str, *, fill: str = "", color: str = _ACCENT, size: int = 14
) -> None:
    at = sheet.max_row + 1
    sheet.cell(at, 2 if code else 1, text)
    if code:
        sheet.cell(at, 1, code)
    for column in range(1, 4):
        cell = sheet.cell(at, column)
        _style(cell, bold=True, color=color, fill=fill, size=size, edge=bool(fill))
    if code:
        _style(sheet.cell(at, 1), color=_SOFT, fill=fill, size=9)
    first = 2 if code else 1
    sheet.merge_cells(start_row=at, end_row=at, start_column=first, end_column=3)
    wide = _QUESTION + _ANSWER - 8
    lines = max(1, -(-len(text) // wide)) if size <= _SMALL else 1
    sheet.row_dimensions[at].height = _LINE_PT * lines + (6 if size <= _SMALL else 14)


def _line(
    sheet: Worksheet,
    text: str,
    *,
    size: float,
    bold: bool = False,
    color: str = _INK,
    lines: int = 1,
    columns: int = 3,
) -> None:
    at = sheet.max_row + 1 if sheet.cell(1, 1).value is not None else 1
    cell = sheet.cell(at, 1, text)
    cell.font = Font(name=_FONT, size=size, bold=bold, color=color)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=columns)
    sheet.row_dimensions[at].height = max(13.0, size * 1.45) * lines


def _style(
    cell: Cell,
    *,
    bold: bool = False,
    color: str = _INK,
    fill: str = "",
    size: float = 11,
    edge: bool = True,
) -> None:
    cell.font = _font(size, color, bold=bold)
    cell.alignment = _WRAPPED
    if fill:
        cell.fill = _filled(fill)
    if edge:
        cell.border = _EDGES


@cache  # openpyxl compares styles by value, which costs more than all the rest
def _font(size: float, color: str, *, bold: bool) -> Font:
    return Font(name=_FONT, size=size, bold=bold, color=color)


@cache
def _filled(color: str) -> PatternFill:
    return PatternFill("solid", fgColor=color)


_WRAPPED = Alignment(wrap_text=True, vertical="top")
_SIDE = Side(style="thin", color=_EDGE)
_EDGES = Border(_SIDE, _SIDE, _SIDE, _SIDE)


def _print(sheet: Worksheet) -> None:
    """Fit the width of A4 upright, with the number of the page."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.oddFooter.right.text = "&P / &N"
    sheet.sheet_view.showGridLines = False


def _turn(sheet: Worksheet) -> None:
    """Let the sheet run to the left, as what is written in it does."""
    sheet.sheet_view.rightToLeft = True
    for row in sheet.iter_rows():
        for cell in row:
            at = cell.alignment
            cell.alignment = _turned(at.horizontal, at.vertical, wrapped=bool(at.wrap_text))


@cache
def _turned(horizontal: str | None, vertical: str | None, *, wrapped: bool) -> Alignment:
    across = {"left": "right", "right": "left"}.get(horizontal or "", horizontal)
    return Alignment(across, vertical, wrap_text=wrapped, readingOrder=_TO_THE_LEFT)


def _settled(book: openpyxl.Workbook, kind: Kind, language: str) -> bytes:
    """Return the workbook without the moment at which it was made."""
    title = kind.title[language]
    book.properties.created = book.properties.modified = datetime(*MADE)  # noqa: DTZ001
    raw = io.BytesIO()
    book.save(raw)
    with ZipFile(raw) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[_CORE] = core(title=title, language=language, keywords=kind.mark(language))
    return packed(parts)
