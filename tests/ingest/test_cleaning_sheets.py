"""The copy of a workbook, of OpenDocument: what is hidden in cells, styles and declarations."""

import io
import re
from datetime import date
from zipfile import ZipFile

import openpyxl
import pytest
from odf import opendocument
from odf import style as odf_style
from odf import table as odf_table
from odf import text as odf_text

from ingest.cleaning import Order, UncleanError, clean
from ingest.document import Format
from tests.ingest.identifying import (
    LIMITS,
    MOTHER,
    OLD,
    left_in,
    plain,
    saved,
    sheet_file,
    zipped_with,
)

pytestmark = pytest.mark.no_library


def test_a_sheet_forgets_its_folder_its_hidden_names_and_how_names_sound() -> None:
    with ZipFile(io.BytesIO(sheet_file())) as archive:
        book = archive.read("xl/workbook.xml").decode()
        cells = archive.read("xl/worksheets/sheet1.xml").decode()
    told = (
        '<definedNames><definedName name="N" hidden="1">"Oldname"</definedName></definedNames>'
        '<extLst><ext uri="x"><a:absPath xmlns:a="urn:a" url="C:\\Users\\Oldname"/></ext></extLst>'
    )
    book = re.sub(r"<definedNames\s*/>", "", book).replace("</workbook>", f"{told}</workbook>")
    cells = cells.replace("</is>", '<rPh sb="0" eb="1"><t>Oldname</t></rPh></is>', 1)
    parts = {"xl/workbook.xml": book.encode(), "xl/worksheets/sheet1.xml": cells.encode()}
    copy = clean(zipped_with(sheet_file(), parts), Format.XLSX, Order(), LIMITS).data
    assert not {"Oldname"} & set(left_in(copy))
    assert openpyxl.load_workbook(io.BytesIO(copy)).active["B2"].value == 12


def test_a_number_of_a_sheet_that_goes_leaves_a_cell_of_text() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Phone", 712345678])
    copy = clean(saved(book), Format.XLSX, Order({"712345678": "a phone"}), LIMITS).data
    assert openpyxl.load_workbook(io.BytesIO(copy)).active["B1"].value == "a phone"


def test_a_date_of_birth_that_a_sheet_keeps_as_a_number_refuses_the_copy() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Born", date(1990, 3, 12)])
    with pytest.raises(UncleanError, match="was not found"):
        clean(saved(book), Format.XLSX, Order({"1990-03-12": ""}), LIMITS)


def open_text(words: str, *, beside: str = "") -> bytes:
    """An OpenDocument text; `beside` stands among its declarations."""
    document = opendocument.OpenDocumentText()
    document.text.addElement(odf_text.P(text="WORDS"))
    written = _written(document)
    with ZipFile(io.BytesIO(written)) as archive:
        content = archive.read("content.xml").decode()
    content = content.replace("<text:p>WORDS</text:p>", f"{beside}<text:p>{words}</text:p>")
    assert words in content
    return zipped_with(written, {"content.xml": content.encode(), "VersionList.xml": OLD})


USER_FIELD = (
    "<text:user-field-decls><text:user-field-decl text:name='n' office:string-value='Oldname'/>"
    "</text:user-field-decls>"
)
CHANGES = (
    "<text:tracked-changes><text:changed-region><text:deletion><text:p>Oldname</text:p>"
    "</text:deletion></text:changed-region></text:tracked-changes>"
)


@pytest.mark.parametrize(
    ("words", "beside"),
    [
        ('<text:hidden-text text:condition="x" text:string-value="Oldname"/>', ""),
        ("<text:user-defined text:name='Made by'>Oldname</text:user-defined>", ""),
        ("<text:sender-company>Oldname</text:sender-company>", ""),
        ("<text:file-name>/home/Oldname/x.odt</text:file-name>", ""),
        ("x<text:script>Oldname</text:script>", ""),
        ("x", USER_FIELD),
        ("x", CHANGES),
    ],
)
def test_an_opendocument_tells_nothing_of_its_author(words, beside) -> None:
    copy = clean(open_text(words, beside=beside), Format.ODT, Order(), LIMITS).data
    assert not left_in(copy)
    with ZipFile(io.BytesIO(copy)) as archive:
        assert {"content.xml", "mimetype"} <= set(archive.namelist()) <= {
            "content.xml", "styles.xml", "mimetype", "META-INF/manifest.xml",
        }  # fmt: skip


def test_an_opendocument_loses_a_name_that_a_line_break_parts() -> None:
    data = open_text("Told by Zawadi<text:line-break/>Kilonzo.")
    copy = clean(data, Format.ODT, Order(MOTHER), LIMITS).data
    assert "a mother" in plain(copy)
    assert not left_in(copy)


def open_sheet() -> bytes:
    book = opendocument.OpenDocumentSpreadsheet()
    unseen = odf_style.Style(name="unseen", family="table")
    unseen.addElement(odf_style.TableProperties(display="false"))
    book.automaticstyles.addElement(unseen)
    for name, style, value, shown in (
        ("Births", None, "1990-03-12", "12/03/90"),
        ("Names", "unseen", "2001-01-01", "Oldname"),
    ):
        table = odf_table.Table(name=name, **({"stylename": style} if style else {}))
        row = odf_table.TableRow()
        cell = odf_table.TableCell(valuetype="date", datevalue=value)
        cell.addElement(odf_text.P(text=shown))
        row.addElement(cell)
        table.addElement(row)
        book.spreadsheet.addElement(table)
    return _written(book)


def _written(document) -> bytes:
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def test_a_hidden_open_sheet_is_empty_and_a_cell_keeps_no_value_beside_its_text() -> None:
    copy = clean(open_sheet(), Format.ODS, Order({"12/03/90": "a date"}), LIMITS).data
    assert not {"Oldname"} & set(left_in(copy))
    with ZipFile(io.BytesIO(copy)) as archive:
        content = archive.read("content.xml").decode()
    assert "a date" in content
    assert "1990-03-12" not in content
