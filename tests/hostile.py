"""Hostile and broken files, the same ones every time, for the tests and the benchmark.

Nothing here is kept: the files are made in a temporary folder, from small good files of every
format whose one marked phrase (`MARK`) is replaced by what is to be tried.
"""

# ruff: noqa: E501  # the bytes of a format are read best on one line

import base64
import binascii
import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from functools import cache
from pathlib import Path

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
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

MARK = "Weigh the baby after the first feed"
LINES = ("Only 34 % of babies were fed in the first hour.", MARK, "Then it was 81 %.")
MIB = 1 << 20
SLOWLY_READ = {"rtf", "png", "jpg", "tiff"}  # seconds each, by another program
Made = Iterator[tuple[str, bytes]]


# Good files of every format


@cache
def good() -> dict[str, bytes]:
    """Return a small good file of each format, by suffix."""
    return {
        "docx": _saved(_word().save),
        "xlsx": _saved(_workbook().save),
        "pptx": _saved(_deck().save),
        "odt": _saved(_odt().save),
        "ods": _saved(_ods().save),
        "odp": _saved(_odp().save),
        "epub": _epub(),
        "pdf": _pdf(),
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


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


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
            "META-INF/container.xml": b"<container><rootfiles><rootfile full-path='OEBPS/book.opf'/>"
            b"</rootfiles></container>",
            "OEBPS/book.opf": b"<package xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>"
            b"<dc:title>Story</dc:title></metadata><manifest><item id='a' href='a.xhtml'/></manifest>"
            b"<spine><itemref idref='a'/></spine></package>",
            "OEBPS/a.xhtml": f"<html><body><h1>Aim</h1><p>{MARK}</p></body></html>".encode(),
        }
    )


def _pdf(**options: object) -> bytes:
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
    return message.as_bytes()


def _picture(kind: str) -> bytes:
    picture = Image.new("L", (420, 60), 255)
    ImageDraw.Draw(picture).text((10, 20), MARK, fill=0)
    return _saved(lambda file: picture.save(file, kind))


# Tools


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of the parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(data: bytes, **parts: bytes) -> bytes:
    """Return a zip with parts replaced or added; `__` in a name stands for a slash, `_dot_` for ."""
    named = {name.replace("__", "/").replace("_dot_", "."): new for name, new in parts.items()}
    return zipped(parts_of(data) | named)


def compound(*streams: tuple[str, bytes]) -> bytes:
    """Return a compound file (OLE) with up to three small streams.

    Source: [MS-CFB] 2.2 header, 2.3 FAT, 2.6 directory.
    """
    end, free, fat_sector, size = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 4096
    header = struct.pack("<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E,
                         3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, size, end, 0, end, 0, 0)  # fmt: skip
    header += struct.pack("<I", free) * 108
    fat, content = [fat_sector, end], b""
    entries = [("Root Entry", 5, 1, end, 0)]
    for name, data in streams:
        entries.append((name, 2, free, len(fat), size))
        fat += [*range(len(fat) + 1, len(fat) + 8), end]
        content += data.ljust(size, b"\0")
    fat += [free] * (128 - len(fat))
    directory = b""
    for number, (name, kind, child, start, length) in enumerate(entries):
        right = number + 1 if 0 < number < len(entries) - 1 else free
        text = name.encode("utf-16-le")
        directory += struct.pack("<64sHBBIII16sIQQIQ", text, len(text) + 2, kind, 1, free, right,
                                 child, b"", 0, 0, 0, start, length)  # fmt: skip
    return header + struct.pack("<128I", *fat) + directory.ljust(512, b"\0") + content


def pdf_of(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """Return a PDF of numbered objects, the first the catalog, with a right cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer <</Size %d /Root %d 0 R %b>>\n" % (len(objects) + 1, root, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(data: bytes, words: bytes = b"") -> bytes:
    """Return a PDF stream object, deflated."""
    packed = zlib.compress(data, 9)
    head = b"<</Length %d /Filter /FlateDecode %b>>" % (len(packed), words)
    return head + b"\nstream\n" + packed + b"\nendstream"


PAGE = (
    b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    b" /Resources <</Font <</F 5 0 R>>>> %b>>"
)
TEXT = b"BT /F 12 Tf 72 700 Td (" + MARK.encode() + b") Tj ET"
FONT = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"
PAGES = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"


def one_page(
    *more: bytes,
    catalog: bytes = b"",
    page: bytes = b"",
    pages: bytes = PAGES,
    content: bytes | None = None,
) -> bytes:
    """Return a PDF of one page of text; further objects begin at number 6."""
    return pdf_of(
        b"<</Type /Catalog /Pages 2 0 R %b>>" % catalog,
        pages,
        PAGE % page,
        stream(TEXT) if content is None else content,
        FONT,
        *more,
    )


# What is tried


def hostile_files(canary: Path, url: str) -> Made:
    """Yield name and bytes of every hostile file.

    `canary` is a file that nothing may read, `url` an address that nothing may ask.
    """
    for make in (
        truncated, flipped, xml_attacks, outward, zip_tricks, bombs, sheets, pdfs, pictures,
        encoded_texts, tables_of_text, pages, rich_texts, mails, plain_texts, wrong_suffixes,
        protected,
    ):  # fmt: skip
        needs = {"canary": canary, "url": url} if make in {xml_attacks, outward} else {}
        for name, data in make(**needs):
            yield f"{make.__name__}-{name}", data


def truncated() -> Made:
    """Every format, cut at every tenth of its length; where LibreOffice or tesseract reads, at three."""
    for suffix, data in good().items():
        for tenth in range(1, 10) if suffix not in SLOWLY_READ else (1, 5, 9):
            yield f"{tenth}0.{suffix}", data[: len(data) * tenth // 10]


def flipped() -> Made:
    """Every format with bits turned over: one, ten, and a hundred of them."""
    for suffix, data in good().items():
        chance = random.Random(suffix)
        for bits in (1, 10, 100) if suffix != "rtf" else (10,):
            broken = bytearray(data)
            for _ in range(bits):
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
            yield f"{bits}.{suffix}", bytes(broken)


XML_PARTS = {
    "docx": ("word/document.xml", "[Content_Types].xml", "_rels/.rels", "word/styles.xml"),
    "xlsx": ("xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/workbook.xml"),
    "pptx": ("ppt/slides/slide1.xml", "[Content_Types].xml", "ppt/_rels/presentation.xml.rels"),
    "odt": ("content.xml", "META-INF/manifest.xml"),
    "ods": ("content.xml", "meta.xml"),
    "odp": ("content.xml", "styles.xml"),
    "epub": ("OEBPS/a.xhtml", "META-INF/container.xml", "OEBPS/book.opf"),
}


def xml_attacks(canary: Path, url: str) -> Made:
    """Entities that read files, ask the network or multiply, in every part that is XML."""
    laughs = "<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
    )
    doctypes = {
        "file": f"<!DOCTYPE r [<!ENTITY x SYSTEM '{canary.as_uri()}'>]>",
        "http": f"<!DOCTYPE r [<!ENTITY x SYSTEM '{url}/entity'>]>",
        "laughs": f"<!DOCTYPE r [{laughs}<!ENTITY x '&a11;'>]>",
        "dtd": f"<!DOCTYPE r SYSTEM '{url}/dtd'>",
        "parameter": f"<!DOCTYPE r [<!ENTITY % p SYSTEM '{url}/p'> %p; <!ENTITY x 'y'>]>",
    }
    for suffix, parts in XML_PARTS.items():
        for number, part in enumerate(parts):
            for kind, doctype in doctypes.items():
                if number == 0 or kind in {"file", "laughs"}:
                    whole = parts_of(good()[suffix])
                    whole[part] = with_doctype(whole[part], doctype)
                    yield f"{kind}-{number}.{suffix}", zipped(whole)
    for kind, doctype in doctypes.items():
        page = with_doctype(good()["html"], doctype)
        yield f"{kind}.html", page
        yield f"{kind}.xhtml", b"<?xml version='1.0'?>" + page
        yield f"{kind}.svg", f"{doctype}<svg xmlns='http://www.w3.org/2000/svg'>&x;</svg>".encode()
        yield f"{kind}.xml", f"<?xml version='1.0'?>{doctype}<r>&x;</r>".encode()
    whole = parts_of(good()["docx"])
    text = with_doctype(whole["word/document.xml"], doctypes["file"]).decode().partition("?>")[2]
    for encoding in ("utf-16", "utf-7", "cp037"):
        whole["word/document.xml"] = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(
            encoding
        )
        yield f"file-{encoding}.docx", zipped(whole)


def with_doctype(part: bytes, doctype: str) -> bytes:
    """Return XML with a document type before its root, its marked phrase the entity `x`."""
    head, _, rest = part.rpartition(b"?>") if part.startswith(b"<?xml") else (b"", b"", part)
    declaration = head + b"?>" if head else b""
    if "&" not in doctype and "ENTITY x" not in doctype:
        return declaration + doctype.encode() + rest
    return declaration + doctype.encode() + rest.replace(MARK.encode(), b"&x;")


def outward(canary: Path, url: str) -> Made:
    """Links, templates, fields and scripts that lead out of the file."""
    kinds = ("attachedTemplate", "oleObject", "image", "hyperlink", "frame", "subDocument")
    for place in (url, canary.as_uri(), str(canary), f"\\\\127.0.0.1\\share\\{canary.name}"):
        links = "".join(
            f'<Relationship Id="out{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/{kind}" Target="{place}" TargetMode="External"/>'
            for n, kind in enumerate(kinds)
        ).encode()
        tag = binascii.crc32(place.encode()) % 1000
        for suffix, rels in (
            ("docx", "word/_rels/document.xml.rels"),
            ("xlsx", "xl/_rels/workbook.xml.rels"),
            ("pptx", "ppt/slides/_rels/slide1.xml.rels"),
        ):
            whole = parts_of(good()[suffix])
            whole[rels] = whole[rels].replace(b"</Relationships>", links + b"</Relationships>")
            if suffix == "docx":
                drawn = (
                    b'<w:p xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r='
                    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:r>'
                    b'<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
                    b'wordprocessingDrawing"><wp:docPr id="1" name="x" descr="x"/><a:graphic>'
                    b'<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/'
                    b'2006/picture"><pic:blipFill><a:blip r:link="out2"/></pic:blipFill></pic:pic>'
                    b"</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
                )
                body = whole["word/document.xml"]
                whole["word/document.xml"] = body.replace(b"<w:body>", b"<w:body>" + drawn)
            yield f"links-{tag}.{suffix}", zipped(whole)
    whole = parts_of(good()["docx"])
    field = b'DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc.exe"'
    run = b'<w:fldSimple w:instr="%b"><w:r><w:t>x</w:t></w:r></w:fldSimple>' % field.replace(
        b'"', b"&quot;"
    )
    body = whole["word/document.xml"]
    whole["word/document.xml"] = body.replace(b"<w:body>", b"<w:body><w:p>" + run + b"</w:p>")
    yield "dde.docx", zipped(whole)
    for suffix, name in (("docx", "word"), ("xlsx", "xl"), ("pptx", "ppt")):
        whole = parts_of(good()[suffix]) | {f"{name}/vbaProject.bin": compound(("VBA", b"x"))}
        yield f"macro.{suffix[:-1]}m", zipped(whole)
        whole[f"{name}/embeddings/oleObject1.bin"] = compound(("Package", b"MZ" * 500))
        yield f"object.{suffix}", zipped(whole)
    where = canary.as_uri()
    yield (
        "script.html",
        (
            f"<html><head><base href='{url}'><meta http-equiv=refresh content='0;url={url}'>"
            f"<link rel=stylesheet href='{url}/a.css'><script src='{url}/a.js'></script>"
            f"<script>fetch('{url}')</script></head><body onload=alert(1)><img src='{where}'>"
            f"<img src='{url}/a.png'><iframe src='{where}'></iframe><object data='{where}'></object>"
            f"<a href='javascript:alert(1)'>x</a><a href='{where}'>y</a><p>{MARK}</p></body></html>"
        ).encode(),
    )
    yield (
        "script.svg",
        (
            f"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script><image href='{where}'/>"
            f"<image href='{url}/a.png'/></svg>"
        ).encode(),
    )
    yield "script.md", f"[x](javascript:alert(1)) ![a]({url}/a.png) <img src='{where}'>".encode()
    out = [rf'INCLUDETEXT "{canary}"', rf'INCLUDEPICTURE "{url}/a.png"', rf'LINK "{url}"']
    fields = "".join(rf"{{\field{{\*\fldinst {text}}}{{\fldrslt x}}}}" for text in out)
    yield "fields.rtf", (rf"{{\rtf1 {{\*\template {url}/t.dot}}{fields} {MARK}}}").encode()


def zip_tricks() -> Made:
    """Names that climb, links, doubles, broken sums, wrong headers, files that are two things."""
    base = parts_of(good()["docx"])
    names = {
        "climbs": "../../../../../../tmp/escaped-by-zip",
        "absolute": "/tmp/escaped-by-zip",
        "windows": "..\\..\\escaped-by-zip",
        "drive": "C:\\escaped-by-zip",
        "nul": "word/a\0b.xml",
        "long": "a/" * 5000,
        "rtl": "word/\u202egnp.exe",
    }
    for kind, name in names.items():
        yield f"{kind}.docx", zipped(base | {name: b"out"})
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # about the double name, which is meant
        for name, data in [*base.items(), ("word/document.xml", b"<a/>")]:
            archive.writestr(name, data)
        link = zipfile.ZipInfo("word/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    yield "double-and-link.docx", file.getvalue()
    stored = zipped(base, zipfile.ZIP_STORED)
    for suffix in ("docx", "xlsx", "pptx", "odt", "ods", "epub"):
        plain = zipped(parts_of(good()[suffix]), zipfile.ZIP_STORED)
        yield f"bad-sum.{suffix}", plain.replace(MARK.encode(), MARK.upper().encode())
        lied = bytearray(good()[suffix])
        lied[30:34] = b"liar"  # the name in the first local header
        yield f"local-header.{suffix}", bytes(lied)
    central = stored.rfind(b"PK\x05\x06")
    yield "comment.docx", stored[:-2] + struct.pack("<H", 65000) + b"PK" * 32500
    yield "no-directory.docx", stored[:central]
    yield "two-ends.docx", stored + stored[central:]
    yield "overlap.docx", _overlapping(base)
    for kind, prefix in (
        ("gif", b"GIF89a\1\0\1\0\0\0\0;"), ("pdf", b"%PDF-1.7\n"), ("exe", b"MZ" + b"\0" * 100),
        ("script", b"#!/bin/sh\nrm -rf /\n"), ("jpeg", good()["jpg"]), ("html", good()["html"]),
    ):  # fmt: skip
        yield f"zip-behind-{kind}.docx", prefix + good()["docx"]
    yield "pdf-and-zip.pdf", good()["pdf"] + good()["docx"]
    yield "html-and-pdf.html", b"<html><!-- " + good()["pdf"] + b" --></html>"
    yield "nested.docx", zipped(base | {"word/embeddings/a.docx": good()["docx"] * 50})


def _overlapping(base: dict[str, bytes]) -> bytes:
    """Return a zip whose many entries are all the same bytes.

    Source of the idea: D. Fifield, A better zip bomb, WOOT 2019.
    """
    data = zipped(base | {"word/media/big.bin": b"\0" * 10 * MIB})
    start = data.find(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    last = data.rfind(b"PK\x01\x02", start, end)
    again = b"".join(
        data[last:end].replace(b"big.bin", f"b{n:02}.bin".encode()) for n in range(10, 99)
    )
    directory = data[start:end] + again
    count = len(base) + 1 + 89
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
    return data[:start] + directory + tail


def bombs() -> Made:
    """Little that unpacks to much."""
    base = parts_of(good()["docx"])
    spaces = b"<x>" + b" " * (41 * MIB) + b"</x>"
    yield "spaces.docx", zipped(base | {"word/document.xml": spaces})
    yield "thousandfold.docx", zipped(base | {"word/media/a.bin": b"\0" * (350 * MIB)})
    yield "thousandfold.odt", zipped(parts_of(good()["odt"]) | {"a.bin": b"\0" * (350 * MIB)})
    yield "many.docx", zipped(base | {f"word/media/{n}": b"" for n in range(6_000)})
    matter = zipfile.ZIP_DEFLATED
    inner = zipped({"0": b"\0" * (50 * MIB)}, matter)
    for _ in range(4):
        inner = zipped({str(n): inner for n in range(8)}, matter)
    yield "nested.docx", zipped(base | {"word/embeddings/a.zip": inner})
    yield "nested.zip", inner
    deep = b"<w:p>" * 100_000
    for suffix in ("docx", "pptx", "xlsx", "odt", "epub"):
        part = XML_PARTS[suffix][0]
        yield f"deep.{suffix}", zipped(parts_of(good()[suffix]) | {part: deep})
    body = base["word/document.xml"]
    many = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 10_000
    yield (
        "paragraphs.docx",
        zipped(base | {"word/document.xml": body.replace(b"<w:body>", b"<w:body>" + many)}),
    )
    nested = b"<w:tbl><w:tr><w:tc>" * 70 + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * 70
    yield (
        "tables.docx",
        zipped(base | {"word/document.xml": body.replace(b"<w:body>", b"<w:body>" + nested)}),
    )
    odt = parts_of(good()["odt"])
    spans = (
        b"<table:table xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0'>"
        b"<table:table-row table:number-rows-repeated='1048576'><table:table-cell "
        b"table:number-columns-repeated='16384'/></table:table-row></table:table>"
    )
    content = odt["content.xml"].replace(b"</office:text>", spans + b"</office:text>")
    yield "repeated.odt", zipped(odt | {"content.xml": content})
    yield (
        "attributes.docx",
        zipped(
            base
            | {"word/document.xml": b"<a " + b" ".join(b"b%d=''" % n for n in range(10**5)) + b"/>"}
        ),
    )


def sheets() -> Made:
    """Sheets that claim to be endless."""
    base = parts_of(good()["xlsx"])
    sheet = base["xl/worksheets/sheet1.xml"]
    name = "xl/worksheets/sheet1.xml"
    head, tail = sheet.partition(b"<sheetData>")[0], b"</sheetData></worksheet>"
    far = b"<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>2</v></c></row>"
    yield "corner.xlsx", zipped(base | {name: head + b"<sheetData>" + far + tail})
    back = b"<row r='9'><c r='ZZZZZZ9'><v>1</v></c></row><row r='-1'><c r='0'><v>2</v></c></row>"
    yield "nonsense.xlsx", zipped(base | {name: head + b"<sheetData>" + back + tail})
    shared = b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>%b</t></si></sst>"
    cells = b"".join(
        b"<row r='%d'>%b</row>"
        % (row, b"".join(b"<c r='%c%d' t='s'><v>0</v></c>" % (65 + at, row) for at in range(20)))
        for row in range(1, 401)
    )
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = base["[Content_Types].xml"].replace(
        b"</Types>", b"<Override PartName='/xl/sharedStrings.xml' ContentType='%b'/></Types>" % kind
    )
    yield (
        "shared.xlsx",
        zipped(
            base
            | {
                "[Content_Types].xml": types,
                "xl/sharedStrings.xml": shared % (b"x" * 100_000),
                name: head + b"<sheetData>" + cells + tail,
            }
        ),
    )
    formula = b"<row r='1'><c r='A1'><f>cmd|'/c calc'!A0</f><v>1</v></c></row>"
    yield "dde.xlsx", zipped(base | {name: head + b"<sheetData>" + formula + tail})
    cycle = base["xl/workbook.xml"].replace(b"<sheets>", b"<sheets>" * 200)
    yield "sheets.xlsx", zipped(base | {"xl/workbook.xml": cycle})
    ods = parts_of(good()["ods"])
    for kind, old, new in (
        ("rows", b"<table:table-row", b"<table:table-row table:number-rows-repeated='1048576'"),
        (
            "columns",
            b"<table:table-cell",
            b"<table:table-cell table:number-columns-repeated='16384'",
        ),
    ):
        yield f"{kind}.ods", zipped(ods | {"content.xml": ods["content.xml"].replace(old, new)})
    both = ods["content.xml"].replace(
        b"<table:table-row", b"<table:table-row table:number-rows-repeated='1048576'"
    )
    both = both.replace(
        b"<table:table-cell", b"<table:table-cell table:number-columns-repeated='16384'"
    )
    yield "both.ods", zipped(ods | {"content.xml": both})
    rows = b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\xff" * 3000
    yield "noise.xls", compound(("Workbook", rows))


def pdfs() -> Made:
    """Page trees without end, bombs, actions, forms, and broken cross-references."""
    kids = b" ".join(b"%d 0 R" % number for number in range(6, 10_006))
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F 5 0 R>>>>>>"
    yield (
        "ten-thousand-pages.pdf",
        pdf_of(
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [%b] /Count 10000>>" % kids,
            b"null",
            stream(TEXT),
            FONT,
            *[page] * 10_000,
        ),
    )
    yield "kids-loop.pdf", one_page(pages=b"<</Type /Pages /Kids [2 0 R 3 0 R] /Count 5>>")
    yield "count-lies.pdf", one_page(pages=b"<</Type /Pages /Kids [3 0 R] /Count 2000000000>>")
    tree = [b"<</Type /Pages /Kids [%d 0 R] /Count 1>>" % (n + 1) for n in range(6, 5_006)]
    yield (
        "deep-tree.pdf",
        one_page(*tree, PAGE % b"", pages=b"<</Type /Pages /Kids [6 0 R] /Count 1>>"),
    )
    yield "flate.pdf", one_page(content=stream(b" " * (200 * MIB)))
    twice = zlib.compress(zlib.compress(b" " * (200 * MIB), 9), 9)
    filters = b"<</Length %d /Filter [/FlateDecode /FlateDecode]>>\nstream\n%b\nendstream"
    yield "flate-twice.pdf", one_page(content=filters % (len(twice), twice))
    picture = b"/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /ColorSpace /DeviceGray /BitsPerComponent 8"
    shown = b"/Resources <</XObject <</I 6 0 R>>>>"
    yield (
        "picture.pdf",
        one_page(
            stream(b"\xff" * (100 * MIB), picture),
            page=shown,
            content=stream(b"600 0 0 600 0 0 cm /I Do"),
        ),
    )
    yield (
        "form-loop.pdf",
        one_page(
            stream(
                b"/X Do",
                b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 6 0 R>>>>",
            ),
            page=b"/Resources <</XObject <</X 6 0 R>>>>",
            content=stream(b"/X Do"),
        ),
    )
    yield (
        "javascript.pdf",
        one_page(
            catalog=b"/OpenAction <</S /JavaScript /JS (app.launchURL\\('http://127.0.0.1'\\);)>>"
        ),
    )
    yield "launch.pdf", one_page(catalog=b"/OpenAction <</S /Launch /F (/bin/sh)>>")
    embedded = b"/Names <</EmbeddedFiles <</Names [(a.exe) <</F (a.exe) /EF <</F 6 0 R>>>>]>>>>"
    yield "embedded.pdf", one_page(stream(b"MZ" * 1000), catalog=embedded)
    xfa = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><xdp>&e;</xdp>"
    yield "xfa.pdf", one_page(stream(xfa), catalog=b"/AcroForm <</XFA 6 0 R /Fields []>>")
    whole = one_page()
    at = whole.rfind(b"startxref")
    yield "xref-nowhere.pdf", whole[:at] + b"startxref\n99999999\n%%EOF"
    yield "xref-noise.pdf", whole.replace(b"00000 n", b"9999x n")
    yield (
        "xref-loop.pdf",
        whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % whole.rfind(b"xref\n0")),
    )
    yield "no-trailer.pdf", whole[: whole.rfind(b"trailer")]
    yield "negative-box.pdf", whole.replace(b"[0 0 595 842]", b"[9 9 -95 -84]")
    yield "endless-box.pdf", whole.replace(b"[0 0 595 842]", b"[0 0 9e9 9e9]")
    yield "length-lies.pdf", whole.replace(b"/Length ", b"/Length 99999999")
    yield "self-length.pdf", whole.replace(b"/Length ", b"/Length 4 0 R /X ")
    yield "header-only.pdf", b"%PDF-1.7\n"
    yield "deep-arrays.pdf", one_page(b"[" * 100_000 + b"]" * 100_000, catalog=b"/X 6 0 R")
    yield (
        "brackets.pdf",
        one_page(content=stream(b"BT /F 9 Tf 9 9 Td (" + b"![" * 40_000 + b") Tj ET")),
    )
    yield "lines.pdf", one_page(content=stream(TEXT + b" 0 0 m 9 9 l S" * 20_000))
    yield "noise.pdf", b"%PDF-1.7\n" + random.Random(7).randbytes(100_000)


def pictures() -> Made:
    """Pictures that are larger than they look, or have no end."""
    yield "declared.png", _png(10_000, 10_000, b"\0")
    yield "declared-most.png", _png(2**31 - 1, 2**31 - 1, b"\0")
    for kind, name in (("PNG", "png"), ("TIFF", "tiff")):
        picture = Image.new("1", (12_000, 9_000))
        options = {"compression": "group4"} if kind == "TIFF" else {}
        yield f"100-megapixels.{name}", _saved(lambda file: picture.save(file, kind, **options))  # noqa: B023
    yield (
        "100-megapixels.jpg",
        _saved(lambda file: Image.new("L", (12_000, 9_000)).save(file, "JPEG")),
    )
    jpeg = bytearray(good()["jpg"])
    at = jpeg.find(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    yield "declared.jpg", bytes(jpeg)
    text = b"a\0\0" + zlib.compress(b"x" * (100 * MIB), 9)
    yield "text-bomb.png", _png(10, 10, b"\0" * 200, (b"zTXt", text))
    profile = b"a\0\0" + zlib.compress(b"x" * (100 * MIB), 9)
    yield "profile-bomb.png", _png(10, 10, b"\0" * 200, (b"iCCP", profile))
    yield "chunks.png", _png(10, 10, b"\0" * 200, *[(b"tEXt", b"k\0v")] * 20_000)
    yield "data-bomb.png", _png(10, 10, b"\0" * (200 * MIB))
    yield "pages.tiff", _tiff([(1, 1)] * 3_000)
    yield "loop.tiff", _tiff([(1, 1)], loop=True)
    yield "declared.tiff", _tiff([(100_000, 100_000)])
    yield (
        "declared.bmp",
        b"BM" + struct.pack("<IHHIIiiHHIIIIII", 54, 0, 0, 54, 40, 60_000, 60_000, 1, 24, *[0] * 6),
    )
    yield "declared.gif", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\1\0\0;"
    yield "declared.webp", b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\0\0"
    yield "film.avi", b"RIFF\x20\0\0\0AVI LIST"
    yield "photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500


def _png(wide: int, high: int, pixels: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    every = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in every
    )


def _tiff(sizes: list[tuple[int, int]], *, loop: bool = False) -> bytes:
    """Return a TIFF of grey pages with one byte of data each."""
    out = bytearray(b"II*\0" + struct.pack("<I", 9) + b"\xff")
    for number, (wide, high) in enumerate(sizes):
        tags = [(256, 4, wide), (257, 4, high), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
                (277, 3, 1), (278, 4, high), (279, 4, 1)]  # fmt: skip
        out += struct.pack("<H", len(tags))
        out += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        last = number == len(sizes) - 1
        following = (9 if loop else 0) if last else len(out) + 4
        out += struct.pack("<I", following)
    return bytes(out)


ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
    "utf-7", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1256", "iso8859-1", "iso8859-2",
    "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-15", "koi8-r", "koi8-u",
    "shift_jis", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp037", "cp850", "mac_roman",
)  # fmt: skip
WORDS = "Ward naïve café Łódź Ünal больница νοσοκομείο مستشفى בית חולים 病院 病院 医院 醫院 병원 ñandú — 34 % "


def encoded_texts() -> Made:
    """The same words in every encoding, each with what it can write."""
    for encoding in ENCODINGS:
        words = WORDS.encode(encoding, errors="ignore").decode(encoding)
        yield f"{encoding}.txt", (words * 20).encode(encoding)
        yield f"{encoding}.csv", f"month;{words}\n".encode(encoding) * 20
    yield "mixed.txt", WORDS.encode() * 9 + "больница ".encode("koi8-r") * 9 + b"\xff\xfe" * 9
    yield "surrogates.txt", (MARK + "\ud800\udfff\ud83d").encode("utf-8", "surrogatepass")


def tables_of_text() -> Made:
    """Comma-separated values that are no table at all."""
    yield "nul.csv", b"a,b\0,c\n\0\0\0,1,2\n" * 100
    yield "one-line.csv", b"x" * (5 * MIB)
    yield "columns.csv", b"," * 1_000_000
    yield "columns-of-words.csv", b"w," * 1_000_000 + b"\n" + b"w," * 1_000_000
    yield "quote.csv", b'a,"' + b"b\n" * MIB
    yield "quotes.csv", b'"' * MIB
    yield "formulas.csv", b"=cmd|'/c calc'!A0,@SUM(1),+1,-1\n" * 50
    yield "rows.csv", b"1,2\n" * 500_000
    yield "ragged.csv", b"\n".join(b"," * (n % 97) for n in range(20_000))
    yield "tabs.tsv", b"\t" * (2 * MIB)


def pages() -> Made:
    """Web pages without end."""
    start, end = b"<html><body>", b"</body></html>"
    yield "deep.html", start + b"<div>" * 100_000
    yield "many-tags.html", start + b"<p>word <b>x</b>" * 30_000 + end
    yield "tables.html", start + b"<table><tr><td>" * 400 + b"x" + end
    yield (
        "attributes.html",
        start + b"<p " + b" ".join(b"a%d=1" % n for n in range(10**5)) + b">x" + end,
    )
    yield "spans.html", start + b"<table><tr>" + b"<td colspan=99999 rowspan=99999>x" * 2_000 + end
    yield "unclosed.html", start + b"<a href=x>" * 20_000 + end
    yield "comments.html", b"<!---->" * 700 + b"x" * 500
    yield "open-comments.html", b"<!--" * 500_000
    yield "entities.html", start + b"&lt;" * 500_000 + end
    yield "brackets.html", b"<" * MIB
    yield "nul.html", start + b"<p>\0</p>" * 10_000 + end
    yield "charset.html", b"<html><meta charset=rot13>" + start + MARK.encode() + end


def rich_texts() -> Made:
    """RTF that nests, lies about lengths, and carries objects."""
    yield "deep.rtf", rb"{\rtf1 " + b"{" * 50_000 + b"x" + b"}" * 50_000 + b"}"
    yield "lengths.rtf", rb"{\rtf1 \bin99999999999 " + b"x" * 1_000 + b"}"
    yield "object.rtf", rb"{\rtf1 {\object\objemb{\*\objdata " + b"4d5a" * 20_000 + b"}}x}"
    yield "picture.rtf", rb"{\rtf1 {\pict\pngblip " + b"ff" * MIB + b"}x}"
    yield "unclosed.rtf", rb"{\rtf1 " + b"{\\b x" * 300
    yield "words.rtf", rb"{\rtf1 " + rb"\u65536? \'zz \fs-9999999999 " * 5_000 + b"}"


def mails() -> Made:
    """Messages inside messages."""
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(1_000)
    )
    yield "parts.eml", head + nested
    yield "messages.eml", head + b"Content-Type: message/rfc822\r\n\r\n" * 500
    yield "header.eml", head + b"X-A: " + b"y" * (4 * MIB) + b"\r\n\r\nx"
    yield "headers.eml", head + b"X-A: y\r\n" * 100_000 + b"\r\nx"
    yield "charset.eml", head + b"Content-Type: text/plain; charset=none\r\n\r\n" + MARK.encode()
    yield "boundary.eml", head + b"Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nx"
    bomb = base64.encodebytes(zipped({"0": b"\0" * (20 * MIB)}))
    yield "attached.eml", head + (
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nx\r\n"
        b'--q\r\nContent-Disposition: attachment; filename="../../\xe2\x80\xaegpj.exe"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + bomb + b"\r\n--q--"  # fmt: skip
    yield (
        "words.eml",
        head.replace(b"x\r\n", b"=?utf-8?q?" + b"=41" * 20_000 + b"?=\r\n", 1) + b"\r\nx",
    )
    addresses = b", ".join(b"a%d@example.org" % n for n in range(5_000))
    yield "addresses.eml", head.replace(b"b@example.org", addresses) + b"\r\nx"


def plain_texts() -> Made:
    """Texts that tire a pattern, or deceive the eye."""
    size = 4 * MIB
    for kind, sign in (("letters", "x"), ("spaces", " "), ("newlines", "\n"), ("tabs", "\t"),
                       ("bars", "|"), ("brackets", "["), ("hashes", "#"), ("equals", "="),
                       ("quotes", ">")):  # fmt: skip
        yield f"{kind}.txt", (MARK + sign * size + "x").encode()
    yield "links.md", b"](" * (2 * MIB)
    yield "references.md", b"[a]: " * MIB
    yield "pictures.md", b"![" * (2 * MIB)
    yield "front.md", b"---\ntitle: " + b" " * MIB + b"x\n---\nx"
    yield "front-open.md", b"---\n" * MIB
    yield "ruled.md", b"x\n" + b"=" * MIB + b"x\n"
    yield "lists.md", b"- " * MIB
    yield "indents.md", b"\n".join(b" " * (n % 500) + b"- x" for n in range(5_000))
    yield "marks.md", "\u0301".encode() * MIB
    yield "controls.txt", bytes(range(32)) + MARK.encode() * 40 + b"\x7f\x1b[2J\x1b]0;x\x07" * 9
    yield "override.txt", ("\u202e" + MARK[::-1] + "\u202c\u2066\u200b\ufeff").encode()
    yield "nul.txt", b"\0".join(bytes([sign]) for sign in MARK.encode())
    yield "only-nul.txt", b"\0" * 5_000
    yield "only-space.txt", b" \n\t" * 5_000
    yield "empty.docx", b""
    yield "empty.txt", b""


def wrong_suffixes() -> Made:
    """Every format under the name of another."""
    suffixes = list(good())
    for suffix, other in zip(suffixes, suffixes[5:] + suffixes[:5], strict=True):
        yield f"{suffix}-as.{other}", good()[suffix]
    yield "noise.docx", random.Random(3).randbytes(50_000)
    yield "program.pdf", b"\x7fELF" + bytes(range(256)) * 100
    yield "archive.zip", zipped({"a.txt": b"x", "b/c.txt": b"y"})


def protected() -> Made:
    """Files behind a password."""
    yield "package.docx", compound(("EncryptionInfo", b"x"), ("EncryptedPackage", b"y"))
    yield "package.xlsx", compound(("EncryptedPackage", b"y"))
    yield "old.doc", compound(("WordDocument", b"\xec\xa5" + b"\0" * 9 + b"\1"))
    yield (
        "book.xls",
        compound(
            ("Workbook", b"\x09\x08\x10\0\0\x06\x05\0" + b"\0" * 12 + b"\x2f\0\x06\0\1\0\1\0\1\0")
        ),
    )
    yield "user.pdf", _pdf(encrypt=StandardEncryption("secret"))
    yield "owner.pdf", _pdf(encrypt=StandardEncryption("", ownerPassword="secret", canPrint=0))
    data = good()["docx"].split(b"PK\x01\x02")
    yield "zip.docx", b"PK\x01\x02".join([data[0], *(p[:4] + b"\1" + p[5:] for p in data[1:])])
    odt = parts_of(good()["odt"])
    locked = (
        b"<manifest><file-entry full-path='content.xml'><encryption-data/></file-entry></manifest>"
    )
    yield "manifest.odt", zipped(odt | {"META-INF/manifest.xml": locked})
    rights = b"<encryption><EncryptedData><EncryptionMethod Algorithm='aes'/></EncryptedData></encryption>"
    yield "rights.epub", zipped(parts_of(good()["epub"]) | {"META-INF/encryption.xml": rights})
