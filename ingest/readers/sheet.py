"""Spreadsheets and CSV: `## sheet name`, then its rows as tables."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from zipfile import ZipFile

import openpyxl
import python_calamine

from ingest.document import Form, Metadata
from ingest.readers import cells
from ingest.readers.archive import open_archive
from ingest.readers.content import Content
from ingest.readers.decoding import decode
from ingest.readers.limits import Limits
from ingest.readers.ooxml import declared
from ingest.readers.pipetable import Cell, cell_text, sheet_markdown
from ingest.readers.refusal import Reason, UnreadableError

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 20
_HIDDEN_ROW = re.compile(rb'<(?:\w{1,9}:)?row\s[^<>]{0,400}?\bhidden="(?:1|true)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w{1,9}:)?col\s[^<>]{0,400}?\bhidden="(?:1|true)"')
_NEVER_COMPUTED = re.compile(
    rb"</(?:\w{1,9}:)?f>\s{0,9}(?:<(?:\w{1,9}:)?v\s{0,9}/>|<(?:\w{1,9}:)?v></(?:\w{1,9}:)?v>)?\s{0,9}</(?:\w{1,9}:)?c>"
)


def read_xlsx(data: bytes, limits: Limits) -> Content:
    """Read a workbook: values as last computed, percentages as shown, dates in ISO 8601."""
    archive = open_archive(data, limits)
    title, metadata = declared(archive)
    # without read_only, styled empty cells up to XFD1048576 would be held in memory
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    parts, doubts = [], []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            doubts.append(f"The hidden sheet “{sheet.title}” was left out.")
            continue
        sheet.reset_dimensions()  # many files declare a wrong size
        # to the last corner there may be a million empty rows
        found = sheet.iter_rows(max_row=2 * limits.rows, max_col=limits.columns + 1)
        rows = ([_shown(cell) for cell in row] for row in found)
        parts.append(_section(sheet.title, rows, limits, doubts))
        doubts += _unseen(archive, sheet)
    markdown = "\n\n".join(filter(None, parts))
    return Content(
        markdown=markdown,
        form=_form_of_xlsx(book, limits) if cells.is_marked(markdown) else None,
        declared_title=title,
        metadata=Metadata(metadata.author, metadata.created, metadata.modified, pages=len(parts)),
        doubts=tuple(doubts),
    )


def _unseen(archive: ZipFile, sheet: Any) -> list[str]:
    """Say what somebody with the sheet open would not see, or would see and is not here."""
    # openpyxl tells neither in read-only mode; the limits of archives hold for the part
    name = str(sheet._worksheet_path).removeprefix("/")  # noqa: SLF001  # no public door
    part = archive.read(name) if name in archive.namelist() else b""
    doubts = []
    if hidden := len(_HIDDEN_ROW.findall(part)):
        doubts.append(
            f"Sheet “{sheet.title}”: {_counted(hidden, 'hidden row')} read with the rest."
        )
    if hidden := len(_HIDDEN_COLUMN.findall(part)):
        said = _counted(hidden, "run of hidden columns", "runs of hidden columns")
        doubts.append(f"Sheet “{sheet.title}”: {said} read with the rest.")
    if empty := len(_NEVER_COMPUTED.findall(part)):
        said = _counted(empty, "formula")
        doubts.append(
            f"Sheet “{sheet.title}”: {said} never computed, and left empty; open and save it first."
        )
    return doubts


def _counted(number: int, one: str, many: str = "") -> str:
    return f"1 {one} was" if number == 1 else f"{number} {many or one + 's'} were"


def read_calamine(data: bytes, limits: Limits) -> Content:
    """Read .xls and .ods.

    Raises:
        UnreadableError: encrypted or damaged.
    """
    archive = open_archive(data, limits) if data.startswith(b"PK") else None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise UnreadableError(Reason.ENCRYPTED) from error
    except python_calamine.CalamineError as error:
        raise UnreadableError(Reason.CORRUPT, detail=str(error)) from error
    parts, doubts, shown = [], [], []
    for sheet in book.sheets_metadata:
        if sheet.visible is not python_calamine.SheetVisibleEnum.Visible:
            doubts.append(f"The hidden sheet “{sheet.name}” was left out.")
        else:
            rows = book.get_sheet_by_name(sheet.name).to_python(nrows=2 * limits.rows)
            parts.append(_section(sheet.name, rows, limits, doubts))
            shown.append(rows)
    markdown = "\n\n".join(filter(None, parts))
    form = None
    if cells.is_marked(markdown):
        form = cells.of_odf(archive) if archive else cells.of_sheets(shown)
    return Content(
        markdown=markdown,
        metadata=Metadata(pages=len(parts)),
        doubts=tuple(doubts),
        form=form,
    )


def read_csv(data: bytes, limits: Limits) -> Content:
    """Read comma-, semicolon-, tab- or bar-separated values in any encoding."""
    text = decode(data[: limits.text_bytes]).replace("\0", "")
    doubts = [f"Cut after {limits.text_bytes:,} bytes."] if len(data) > limits.text_bytes else []
    csv.field_size_limit(limits.text_bytes)
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    rows = csv.reader(lines, delimiter=delimiter(text))
    return Content(markdown=_rows(rows, limits, doubts), doubts=tuple(doubts))


def delimiter(text: str) -> str:
    r"""Return the sign that cuts the first lines into the most even rows.

    >>> delimiter("Mois;Taux\nJanvier;6,4\nFévrier;5,7")
    ';'
    """
    sample = [line for line in text.splitlines()[:_SAMPLE_LINES] if line.strip()]

    def evenness(sign: str) -> tuple[bool, int, int]:
        counts = [len(row) - 1 for row in csv.reader(sample, delimiter=sign)]
        usual = max(set(counts), key=counts.count, default=0)
        return usual > 0, counts.count(usual), usual

    return max(_DELIMITERS, key=evenness)


def _section(name: str, rows: Iterable[Sequence[Cell]], limits: Limits, doubts: list[str]) -> str:
    cut: list[str] = []
    table = _rows(rows, limits, cut)
    doubts += [f"Sheet “{name}”: {doubt}" for doubt in cut]
    return f"## {name}\n\n{table}" if table else ""


def _rows(rows: Iterable[Sequence[Cell]], limits: Limits, doubts: list[str]) -> str:
    kept: list[Sequence[Cell]] = []
    filled = 0
    for row in _within(rows, limits.columns, doubts):
        filled += any(map(cell_text, row))
        if filled > limits.rows:
            doubts.append(f"Cut after {limits.rows:,} rows.")
            break
        kept.append(row)
    return sheet_markdown(kept)


def _within(
    rows: Iterable[Sequence[Cell]], columns: int, doubts: list[str]
) -> Iterator[Sequence[Cell]]:
    for row in rows:
        if len(row) > columns and any(map(cell_text, row[columns:])):
            doubt = f"Cut after {columns} columns."
            doubts.extend([doubt] if doubt not in doubts else [])
        yield row[:columns]


def _form_of_xlsx(book: Any, limits: Limits) -> Form | None:
    visible = (sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
    return cells.of_sheets(
        (
            [_shown(cell) for cell in row]
            for row in sheet.iter_rows(max_row=limits.rows, max_col=limits.columns)
        )
        for sheet in visible
    )


def _shown(cell: Any) -> Cell:
    """Return what Excel shows: a fraction formatted as a percentage is one."""
    value: Cell = cell.value
    if isinstance(value, float | int) and not isinstance(value, bool | date):
        form = getattr(cell, "number_format", None) or ""
        return f"{value * 100:.10g}%" if "%" in form else value
    return value
