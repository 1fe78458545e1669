"""The taxonomy as an Excel workbook, one row a concept, and back."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font

from kb.concept_file import LABELS, LANGUAGE
from kb.errors import InvalidError
from kb.spreadsheets import FORMULA
from kb.taxonomy import FALLBACK, Taxonomy
from kb.term_changes import Said
from kb.term_import import LISTS, Read, Wrong, said_of
from kb.wording import marked

SHEET = "Concepts"
ALONE = ("notation", "in_scheme", "broader", "deprecated", "replaced_by")  # without a language
MOST_UNPACKED = 60_000_000  # bytes
MOST_ROWS, MOST_COLUMNS = 20_000, 400
WIDTHS = {"notation": 34, "broader": 30}
HOW_TO = (
    "One row is one concept. Several values in a cell stand on a line each (Alt+Enter in Excel).",
    "notation: never changes. Write a new one, in small letters and hyphens, for a new concept.",
    "in_scheme: topics or interventions. broader: the notations it stands under.",
    "pref:fr is the preferred label in French, alt:fr other labels, abbr:fr abbreviations,",
    "hidden:fr misspelt labels, understood but never shown; asked:fr plain words of questions.",
    "For another language, add a column, such as alt:ha.",
    "deprecated: write true to retire a concept, and at replaced_by what takes its place.",
    "An import adds and corrects. It takes nothing away: an empty cell changes nothing.",
)


def write(terms: Taxonomy) -> bytes:
    """Return the workbook with all concepts of the taxonomy."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    columns = _columns(terms)
    for x, name in enumerate(columns, 1):
        _put(sheet.cell(1, x), name).font = Font(bold=True)
        letter = openpyxl.utils.get_column_letter(x)
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 24)
    for y, term in enumerate(terms, 2):
        cells: dict[str, list[str]] = {"notation": [term.notation]}
        for said in said_of(term):
            cells.setdefault(_column(said), []).append(_value(said))
        for x, name in enumerate(columns, 1):
            if name in cells:
                _put(sheet.cell(y, x), "\n".join(cells[name]))
    sheet.freeze_panes = "B2"
    told = book.create_sheet("How to")
    told.column_dimensions["A"].width = 100
    for y, line in enumerate(HOW_TO, 1):
        _put(told.cell(y, 1), line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(data: bytes) -> Read:
    """Return what a workbook says, row by row, with everything that is wrong in it.

    Raises:
        InvalidError: it is no workbook, or a larger one than a taxonomy is.
    """
    rows = _rows(data)
    header = [_text(cell) for cell in next(rows, ())]
    wrong = list(_wrong_columns(header))
    if "notation" not in header:
        wrong.append(Wrong("", "There is no column “notation”: its first row names the columns."))
    if wrong:
        return Read((), {}, tuple(wrong))
    said: list[Said] = []
    where: dict[str, str] = {}
    for y, row in enumerate(rows, 2):
        if not any(_text(cell) for cell in row):
            continue
        place = f"row {y}, "
        found = _row(header, row, place, wrong)
        if found and found[0].subject in where:
            wrong.append(Wrong(place, f"“{found[0].subject}” stands in two rows: make them one."))
        elif found:
            where[found[0].subject] = place
            said += (one for one in found if one.predicate)
    return Read(tuple(said), where, tuple(wrong))


def _columns(terms: Taxonomy) -> list[str]:
    languages = dict.fromkeys([FALLBACK, *(key for term in terms for key in _languages(term))])
    labels = [f"{kind}:{language}" for kind in LABELS for language in languages]
    return [*ALONE[:3], *labels, "sources", *LISTS, *ALONE[3:]]


def _languages(term: Any) -> Iterator[str]:
    for kind in LABELS:
        yield from getattr(term, kind)


def _column(said: Said) -> str:
    return f"{said.predicate}:{said.key}" if said.predicate in LABELS else said.predicate


def _value(said: Said) -> str:
    value = f"{said.key}: {said.value}" if said.predicate == "sources" else said.value
    return " ".join(value.split())


def _put(cell: Any, text: str) -> Cell:
    """Write a text that stays one: no spreadsheet reckons with it, however it begins."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    assert isinstance(cell, Cell)
    return cell


def _rows(data: bytes) -> Iterator[Sequence[Any]]:
    try:
        yield from _cells(data)
    except InvalidError:
        raise
    except Exception as error:  # the library raises anything at all on damaged files, at any row
        raise InvalidError(
            marked("This is not an Excel workbook."),
            hint=marked("Save the sheet as .xlsx, and send that."),
        ) from error


def _cells(data: bytes) -> Iterator[Sequence[Any]]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        unpacked = sum(one.file_size for one in packed.infolist())
    if unpacked > MOST_UNPACKED:
        raise InvalidError(
            marked("The workbook is too large."), hint=marked("Send the concepts alone.")
        )
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    for y, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if y > MOST_ROWS:
            raise InvalidError(
                marked("There are more than %(most)s rows.", most=MOST_ROWS),
                hint=marked("Send the concepts alone."),
            )
        yield row


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _wrong_columns(header: Sequence[str]) -> Iterator[Wrong]:
    known = [*ALONE, "sources", *LISTS]
    for x, name in enumerate(header, 1):
        kind, _, language = name.partition(":")
        if not name or name in known or (kind in LABELS and LANGUAGE.fullmatch(language)):
            continue
        near = get_close_matches(name, [*known, *(f"{one}:{language or 'fr'}" for one in LABELS)])
        meant = f" Did you mean “{near[0]}”?" if near else ""
        yield Wrong("", f"Column {x} is called “{name}”, which is no column of a taxonomy.{meant}")


def _row(header: Sequence[str], row: Sequence[Any], place: str, wrong: list[Wrong]) -> list[Said]:
    """Return what a row says, the first of it a statement without a predicate: the notation."""
    cells = {name: cell for name, cell in zip(header, row, strict=False) if name}
    notation = _text(cells["notation"])
    if not notation:
        wrong.append(Wrong(place, "there is no notation: write one, or take the row out."))
        return []
    found = [Said(notation, "", "", "")]
    for name, cell in cells.items():
        if getattr(cell, "data_type", "") == "f":
            wrong.append(Wrong(place, f"“{name}” is a formula: write the text that it shows."))
        elif name != "notation":
            found += _said(notation, name, _text(cell), place, wrong)
    return found


def _said(notation: str, name: str, text: str, place: str, wrong: list[Wrong]) -> Iterable[Said]:
    predicate, _, key = name.partition(":")
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    if predicate == "deprecated" and text.lower() in ("", "false", "no"):
        return
    if predicate == "deprecated":
        lines = ["true" if text.lower() in ("true", "yes", "1") else text]
    for line in lines:
        value = line
        if predicate == "sources":
            key, colon, value = (part.strip() for part in line.partition(":"))
            if not (colon and key and value):
                wrong.append(
                    Wrong(place, f"“{line}” under sources: write the list first, as epoc: Name.")
                )
                continue
        if len(lines) > 1 and predicate in ("pref", "in_scheme", "replaced_by"):
            wrong.append(Wrong(place, f"“{name}” has {len(lines)} lines: write one."))
            return
        yield Said(notation, predicate, key, value)
