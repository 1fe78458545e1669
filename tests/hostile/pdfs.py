"""PDF: trees without end, bombs, actions, broken cross-references."""

# ruff: noqa: E501  # the bytes of a format are read best on one line

import random
import zlib

from tests.hostile.good import MARK
from tests.hostile.made import MIB, Made, pdf_of, stream

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
