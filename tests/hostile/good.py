"""A small good file of every format, whose one marked phrase is replaced by what is tried."""

import io
import re
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache

import docx
import openpyxl
import pptx
from odf import teletype
from odf.draw import Frame, Page, TextBox
from odf.opendocument import (
    OpenDocumentPresentation,
    OpenDocumentSpreadsheet,
    OpenDocumentText,
)
from odf.style import MasterPage, PageLayout
from odf.table import Table, TableCell, TableRow
from odf.text import H, P
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from tests.hostile.made import parts_of, zipped

MARK = "Weigh the baby after the first feed"
LINES = ("Only 34 % of babies were fed in the first hour.", MARK, "Then it was 81 %.")

TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")


@cache
def good() -> dict[str, bytes]:
    """Return a small good file of each format, by suffix."""
    return {
        "docx": _package(_word().save),
        "xlsx": _package(_workbook().save),
        "pptx": _package(_deck().save),
        "odt": _package(_odt().save),
        "ods": _package(_ods().save),
        "odp": _package(_odp().save),
        "epub": _epub(),
        "pdf": pdf(),
        "html": f"<html><head><title>T</title></head><body><h1>Aim</h1><p>{MARK}</p>"
        "<table><tr><td>Jan</td><td>34</td></tr></table></body></html>".encode(),
        "rtf": rb"{\rtf1\ansi {\b Aim}\par " + MARK.encode() + rb"\par}",
        "eml": _mail(),
        "csv": f"month;fed\nJan;34\nFeb;81\n{MARK};1\n".encode(),
        "md": f"# Aim\n\n{MARK}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n".encode(),
        "txt": "\n".join(LINES).encode(),
        "png": _picture("PNG"),
        "jpg": _picture("JPEG"),
        "tiff": _picture("TIFF"),
    }


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def _package(save: Callable[[io.BytesIO], object]) -> bytes:
    """Return a zip that says nothing of when it was written."""
    written = parts_of(saved(save))
    return zipped({name: TIME.sub(b"2024-02-05T10:00:00Z", part) for name, part in written.items()})


def _word():
    made = docx.Document()
    made.add_heading("Aim", level=1)
    for line in LINES:
        made.add_paragraph(line)
    made.add_table(2, 2).cell(0, 0).text = "Jan"
    return made


def _workbook():
    made = openpyxl.Workbook()
    for row in (("month", "fed"), ("Jan", 34), (MARK, 81)):
        made.active.append(row)
    return made


def _deck():
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Aim"
    slide.placeholders[1].text = "\n".join(LINES)
    return made


def _odt():
    made = OpenDocumentText()
    made.text.addElement(H(outlinelevel=1, text="Aim"))
    for line in LINES:
        paragraph = P()
        teletype.addTextToElement(paragraph, line)
        made.text.addElement(paragraph)
    return made


def _ods():
    made = OpenDocumentSpreadsheet()
    table = Table(name="Data")
    for cells in (("month", "fed"), ("Jan", "34"), (MARK, "81")):
        row = TableRow()
        for value in cells:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=value))
            row.addElement(cell)
        table.addElement(row)
    made.spreadsheet.addElement(table)
    return made


def _odp():
    made = OpenDocumentPresentation()
    layout = PageLayout(name="layout")
    made.automaticstyles.addElement(layout)
    made.masterstyles.addElement(MasterPage(name="master", pagelayoutname=layout))
    page = Page(name="Aim", masterpagename="master")
    made.presentation.addElement(page)
    frame = Frame(width="600pt", height="50pt", x="10pt", y="10pt")
    page.addElement(frame)
    box = TextBox()
    frame.addElement(box)
    box.addElement(P(text=MARK))
    return made


def _epub() -> bytes:
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": b"<container><rootfiles>"
            b"<rootfile full-path='OEBPS/book.opf'/></rootfiles></container>",
            "OEBPS/book.opf": b"<package xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>"
            b"<dc:title>Story</dc:title></metadata><manifest>"
            b"<item id='a' href='a.xhtml'/></manifest>"
            b"<spine><itemref idref='a'/></spine></package>",
            "OEBPS/a.xhtml": f"<html><body><h1>Aim</h1><p>{MARK}</p></body></html>".encode(),
        }
    )


def pdf(**options: object) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1, **options)
    for row, line in enumerate(LINES):
        canvas.drawString(72, 700 - 20 * row, line)
    canvas.save()
    return file.getvalue()


def _mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Aim", "a@example.org", "b@example.org"
    message["Date"] = "Mon, 05 Feb 2024 10:00:00 +0000"
    message.set_content("\n".join(LINES))
    message.add_attachment(b"x", maintype="application", subtype="zip", filename="data.zip")
    message.set_boundary("=====")  # the library's own is made by chance
    return message.as_bytes()


def _picture(kind: str) -> bytes:
    picture = Image.new("L", (420, 60), 255)
    ImageDraw.Draw(picture).text((10, 20), MARK, fill=0)
    return saved(lambda file: picture.save(file, kind))
