"""The same series from every kind of file that holds tables: really written, really read."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from odf import opendocument
from odf import table as odf_table
from odf import text as odf_text
from openpyxl.styles import Font
from pptx.util import Inches
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from ingest import structure
from ingest.readers import read
from ingest.tables import Doubtful, measures_of
from kb.content import Measure
from kb.vocabulary import Cadence, Unit

Rows = Sequence[Sequence[str]]

NAME = "Put to breast within 1 hour"
DOWN: Rows = (
    ("Month", NAME, "Live births", "%"),
    ("Jan 2023", "12", "30", "40"),
    ("Feb 2023", "14", "28", "50"),
    ("Mar 2023", "21", "30", "70"),
    ("Apr 2023", "24", "32", "75"),
)
ACROSS: Rows = tuple(zip(*DOWN, strict=True))
TITLE = "Breastfeeding in the first hour"
PROSE = "The team of an invented clinic counted every birth in the delivery register each month."


def _docx(path: Path, rows: Rows) -> None:
    made = docx.Document()
    made.add_heading(TITLE, level=1)
    made.add_paragraph(PROSE)
    table = made.add_table(rows=len(rows), cols=len(rows[0]))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    made.save(path)


def _pptx(path: Path, rows: Rows) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = TITLE
    shape = slide.shapes.add_table(
        len(rows), len(rows[0]), Inches(1), Inches(2), Inches(8), Inches(3)
    )
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            shape.table.cell(r, c).text = text
    deck.save(path)


def _xlsx(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook()
    book.active.title = TITLE
    for row in rows:
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.save(path)


def _odf_table(rows: Rows) -> odf_table.Table:
    table = odf_table.Table(name=TITLE)
    for row in rows:
        line = odf_table.TableRow()
        for text in row:
            number = {"valuetype": "float", "value": text} if text.isdecimal() else {}
            cell = odf_table.TableCell(**(number or {"valuetype": "string"}))
            cell.addElement(odf_text.P(text=text))
            line.addElement(cell)
        table.addElement(line)
    return table


def _ods(path: Path, rows: Rows) -> None:
    made = opendocument.OpenDocumentSpreadsheet()
    made.spreadsheet.addElement(_odf_table(rows))
    made.save(path)


def _odt(path: Path, rows: Rows) -> None:
    made = opendocument.OpenDocumentText()
    made.text.addElement(odf_text.H(outlinelevel=1, text=TITLE))
    made.text.addElement(odf_text.P(text=PROSE))
    made.text.addElement(_odf_table(rows))
    made.save(path)


def _csv(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def _tabs(path: Path, rows: Rows) -> None:
    lines = [TITLE, "", PROSE, "", *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")


def _html(path: Path, rows: Rows) -> None:
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    path.write_text(
        f"<html><body><h1>{TITLE}</h1><p>{PROSE}</p><table>{table}</table></body></html>",
        encoding="utf-8",
    )


def _markdown(path: Path, rows: Rows) -> None:
    header, *body = (f"| {' | '.join(row)} |" for row in rows)
    rule = "|---" * len(rows[0]) + "|"
    path.write_text("\n".join([f"# {TITLE}", "", PROSE, "", header, rule, *body]), encoding="utf-8")


def _pdf(path: Path, rows: Rows) -> None:
    styles = getSampleStyleSheet()
    table = Table(
        [list(row) for row in rows], style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
    )
    SimpleDocTemplate(str(path)).build(
        [Paragraph(TITLE, styles["Heading1"]), Paragraph(PROSE, styles["BodyText"]), table]
    )


WRITERS: dict[str, Callable[[Path, Rows], None]] = {
    "docx": _docx,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "ods": _ods,
    "odt": _odt,
    "csv": _csv,
    "txt": _tabs,
    "html": _html,
    "md": _markdown,
    "pdf": _pdf,
}


def _found(path: Path) -> Doubtful:
    document = read(path)
    return measures_of(structure.read(document.markdown, title=document.title).sections)


@pytest.mark.parametrize("rows", [DOWN, ACROSS], ids=["down", "across"])
@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_gives_the_same_measure(tmp_path, suffix, rows):
    path = tmp_path / f"story.{suffix}"
    WRITERS[suffix](path, rows)
    found = _found(path)
    (measure,) = found.measures
    assert found.doubts == ()
    assert (measure.name, measure.unit, measure.cadence) == (NAME, Unit.PERCENT, Cadence.MONTH)
    assert [(p.period, p.numerator, p.denominator, p.value) for p in measure.points] == [
        (date(2023, 1, 1), 12, 30, 40),
        (date(2023, 2, 1), 14, 28, 50),
        (date(2023, 3, 1), 21, 30, 70),
        (date(2023, 4, 1), 24, 32, 75),
    ]


# Spreadsheets as people keep them


def _sheet(tmp_path: Path) -> tuple[Path, openpyxl.Workbook]:
    return tmp_path / "book.xlsx", openpyxl.Workbook()


def _saved(path: Path, book: openpyxl.Workbook) -> tuple[Doubtful, tuple[str, ...]]:
    book.save(path)
    return _found(path), read(path).doubts


def _values(measure: Measure) -> list[float | None]:
    return [point.value for point in measure.points]


def test_real_dates_and_percent_formats_are_read_as_they_are_shown(tmp_path):
    path, book = _sheet(tmp_path)
    sheet = book.active
    sheet.append(["Month", "Weighed"])
    for month, share in ((1, 0.4), (2, 0.455), (3, 0.7)):
        sheet.append([date(2023, month, 1), share])
        sheet.cell(sheet.max_row, 2).number_format = "0.0%"
    found, _ = _saved(path, book)
    assert _values(found.measures[0]) == [40, 45.5, 70]
    assert found.measures[0].unit is Unit.PERCENT
    assert found.measures[0].points[0].period == date(2023, 1, 1)


def test_two_tables_below_one_another_are_two_measures(tmp_path):
    path, book = _sheet(tmp_path)
    sheet = book.active
    for row in (["Month", "Weighed"], ["Jan 2023", 4], ["Feb 2023", 6], ["Mar 2023", 9]):
        sheet.append(row)
    sheet.append([])
    for row in (["Indicator", *(date(2023, m, 1) for m in (1, 2, 3))], ["Washed", 1, 2, 3]):
        sheet.append(row)
    found, _ = _saved(path, book)
    assert [(m.name, _values(m)) for m in found.measures] == [
        ("Weighed", [4, 6, 9]),
        ("Washed", [1, 2, 3]),
    ]


def test_two_tables_side_by_side_are_two_measures(tmp_path):
    path, book = _sheet(tmp_path)
    sheet = book.active
    sheet.append(["Month", "Weighed", None, "Month", "Washed"])
    for n, month in enumerate(("Jan 2023", "Feb 2023", "Mar 2023"), 1):
        sheet.append([month, n, None, month, 10 * n])
    sheet.append(["Apr 2023", 4])
    found, _ = _saved(path, book)
    assert [(m.name, _values(m)) for m in found.measures] == [
        ("Weighed", [1, 2, 3, 4]),
        ("Washed", [10, 20, 30]),
    ]


def test_a_merged_header_names_what_stands_below_it(tmp_path):
    path, book = _sheet(tmp_path)
    sheet = book.active
    sheet.append(["Month", "Breastfed early", None, "Kept warm", None])
    sheet.append([None, "Num", "Den", "Num", "Den"])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("D1:E1")
    for month, *counts in (
        ("Jan 2023", 4, 10, 5, 10),
        ("Feb 2023", 6, 12, 8, 12),
        ("Mar 2023", 9, 9, 9, 9),
    ):
        sheet.append([month, *counts])
    sheet["A1"].font = Font(bold=True)
    found, _ = _saved(path, book)
    assert [(m.name, m.points[1].numerator, m.points[1].denominator) for m in found.measures] == [
        ("Breastfed early", 6, 12),
        ("Kept warm", 8, 12),
    ]


def test_each_sheet_gives_its_measures_and_is_named_where_they_are_alike(tmp_path):
    path, book = _sheet(tmp_path)
    book.active.title = "Toro"
    for sheet in (book.active, book.create_sheet("Bela")):
        for row in (["Month", "Weighed"], ["Jan 2023", 4], ["Feb 2023", 6], ["Mar 2023", 9]):
            sheet.append(row)
    found, _ = _saved(path, book)
    assert [m.name for m in found.measures] == ["Weighed (Toro)", "Weighed (Bela)"]


def test_hidden_rows_are_kept_with_a_doubt(tmp_path):
    path, book = _sheet(tmp_path)
    sheet = book.active
    for row in (["Month", "Weighed"], ["Jan 2023", 4], ["Feb 2023", 6], ["Mar 2023", 9]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    found, doubts = _saved(path, book)
    assert _values(found.measures[0]) == [4, 6, 9]
    assert doubts == ("Sheet “Sheet”: 1 hidden row was read with the rest.",)


def test_a_formula_that_was_never_computed_is_a_doubt_and_a_gap(tmp_path):
    path, book = _sheet(tmp_path)
    sheet = book.active
    for row in (["Month", "Weighed", "Births", "%"], ["Jan 2023", 12, 30, "=B2/C2*100"]):
        sheet.append(row)
    for row in (["Feb 2023", 14, 28, 50], ["Mar 2023", 21, 30, 70], ["Apr 2023", 24, 30, 80]):
        sheet.append(row)
    found, doubts = _saved(path, book)
    (measure,) = found.measures
    assert (measure.points[0].numerator, measure.points[0].value) == (12, None)
    assert "1 formula was never computed" in doubts[0]


def test_the_rows_of_a_csv_go_on_after_an_empty_line(tmp_path):
    path = tmp_path / "counts.csv"
    out = io.StringIO()
    csv.writer(out).writerows(
        [["Month", "Weighed"], ["Jan 2023", "4"], ["Feb 2023", "6"], [], ["Mar 2023", "9"]]
    )
    path.write_text(out.getvalue(), encoding="utf-8")
    assert [_values(m) for m in _found(path).measures] == [[4, 6, 9]]


def test_a_raised_mark_is_a_footnote_and_no_digit(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        "<h1>Numbers</h1><table><tr><th>Month</th><th>Weighed</th></tr>"
        "<tr><td>Jan 2023</td><td>45<sup>1</sup></td></tr><tr><td>Feb 2023</td><td>50</td></tr>"
        "<tr><td>Mar 2023</td><td>52</td></tr></table><p><sup>1</sup> Two days only.</p>",
        encoding="utf-8",
    )
    (measure,) = _found(path).measures
    assert _values(measure) == [45, 50, 52]
    assert measure.points[0].note == "Two days only."
