"""The copy for readers: unzipped, it holds nothing of what identifies people."""

import io
from collections.abc import Callable
from zipfile import ZipFile

import openpyxl
import pytest
from reportlab.pdfgen import canvas

from ingest import readers
from ingest.cleaning import Order, UncleanError, clean
from ingest.document import Format
from ingest.readers.limits import Limits
from tests.ingest.identifying import (
    LIMITS,
    MOTHER,
    NURSE,
    OLD,
    PHONE,
    in_body,
    left_in,
    printed,
    saved,
    sheet_file,
    slide_file,
    word_file,
    zipped_with,
)

pytestmark = pytest.mark.no_library


def text_file() -> bytes:
    return b"Told by Zawadi\nKilonzo, phone 0712 345 678. The ward stayed warm."


def web_file() -> bytes:
    return (
        b'<html><head><meta name="author" content="Nyambura"><title>Zawadi Kilonzo</title></head>'
        b"<body><!-- Oldname --><script>var x='Nyambura'</script><p>Told by <b>Zaw</b>adi Kilonzo."
        b'</p><p onclick="x()">The ward stayed warm.</p></body></html>'
    )


@pytest.mark.parametrize(
    ("kind", "make", "words"),
    [
        (Format.DOCX, word_file, MOTHER | PHONE | NURSE),
        (Format.XLSX, sheet_file, MOTHER),
        (Format.PPTX, slide_file, MOTHER | PHONE),
        (Format.TEXT, text_file, MOTHER | PHONE),
        (Format.HTML, web_file, MOTHER),
    ],
)
def test_no_part_of_the_copy_holds_a_secret_and_it_still_opens(kind, make, words, tmp_path) -> None:
    copy = clean(make(), kind, Order(words), LIMITS)
    assert not left_in(copy.data)
    path = tmp_path / f"copy{copy.suffix or '.txt'}"
    path.write_bytes(copy.data)
    text = readers.read(path).markdown
    assert "a mother" in text
    if kind is not Format.PPTX:
        assert "2024-01" in text or "The ward stayed warm." in text


def test_a_kind_that_cannot_be_cleaned_is_refused() -> None:
    with pytest.raises(UncleanError, match="cannot be cleaned"):
        clean(b"From: a@b.example", Format.EML, Order(), LIMITS)


def test_the_same_file_gives_the_same_copy() -> None:
    makers: dict[Format, Callable[[], bytes]] = {Format.DOCX: word_file, Format.PDF: printed}
    for kind, make in makers.items():
        data = make()
        assert clean(data, kind, Order(), LIMITS).data == clean(data, kind, Order(), LIMITS).data


def test_a_short_name_is_not_taken_out_of_longer_words() -> None:
    copy = clean(b"Ali spoke of quality.", Format.TEXT, Order({"Ali": "a nurse"}), LIMITS)
    assert copy.data == b"a nurse spoke of quality."


def test_what_was_redacted_and_is_not_met_in_the_file_refuses_the_copy() -> None:
    with pytest.raises(UncleanError, match="was not found in the file"):
        clean(word_file(), Format.DOCX, Order({"12 March 1990": ""}), LIMITS)


@pytest.mark.parametrize(
    ("kind", "make", "part"),
    [
        (Format.DOCX, word_file, "word/glossary/document.xml"),
        (Format.DOCX, word_file, "docMetadata/LabelInfo.xml"),
        (Format.DOCX, word_file, "_xmlsignatures/sig1.xml"),
        (Format.DOCX, word_file, "customXml/item1.xml"),
        (Format.PPTX, slide_file, "ppt/tags/tag1.xml"),
        (Format.PPTX, slide_file, "ppt/changesInfos/changesInfo1.xml"),
        (Format.PPTX, slide_file, "ppt/revisionInfo.xml"),
        (Format.PPTX, slide_file, "ppt/handoutMasters/handoutMaster1.xml"),
        (Format.PPTX, slide_file, "ppt/comments/modernComment_1.xml"),
        (Format.XLSX, sheet_file, "xl/pivotCache/pivotCacheRecords1.xml"),
        (Format.XLSX, sheet_file, "xl/slicerCaches/slicerCache1.xml"),
        (Format.XLSX, sheet_file, "xl/externalLinks/externalLink1.xml"),
        (Format.XLSX, sheet_file, "xl/threadedComments/threadedComment1.xml"),
        (Format.XLSX, sheet_file, "xl/richData/rdrichvalue.xml"),
    ],
)
def test_parts_that_nobody_reads_are_not_in_the_copy(kind, make, part) -> None:
    copy = clean(zipped_with(make(), {part: OLD}), kind, Order(), LIMITS).data
    with ZipFile(io.BytesIO(copy)) as archive:
        assert part not in archive.namelist()


@pytest.mark.parametrize(
    "words",
    [
        '<input type="hidden" value="Oldname">',
        "<p hidden>Oldname</p>",
        '<p style="display: none">Oldname</p>',
        "<template><p>Oldname</p></template>",
        '<p data-author="Oldname" aria-label="Oldname">x</p>',
        "<svg><desc>Oldname</desc></svg>",
        '<a href="file:///C:/Users/Oldname/x.docx">x</a>',
        "<?author Oldname?>",
        "<!--[if mso]>Oldname<![endif]-->",
    ],
)
def test_a_web_page_keeps_only_what_is_read(words) -> None:
    page = f"<html><body>{words}<p>The ward stayed warm.</p></body></html>".encode()
    copy = clean(page, Format.HTML, Order(), LIMITS).data
    assert not left_in(copy)
    assert b"The ward stayed warm." in copy


def test_markdown_loses_its_front_matter_and_comments() -> None:
    text = b"---\nauthor: Oldname\n---\n# Warm babies\n<!-- Nyambura -->\nIt worked.\n"
    copy = clean(text, Format.MARKDOWN, Order(), LIMITS).data
    assert copy == b"# Warm babies\n\nIt worked.\n"


PICTURE = (
    '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
    'wordprocessingDrawing"><wp:docPr id="1" name="x" descr="Mrs Zawadi Kilonzo at home"/>'
    "</wp:inline></w:drawing></w:r>"
)


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (Format.DOCX, lambda: in_body(PICTURE)),
        (Format.XLSX, lambda: headed_sheet("&LSister Zawadi Kilonzo, phone 0712 345 678")),
        (Format.PDF, lambda: outlined_pdf("What Mrs Zawadi Kilonzo told us")),
    ],
)
def test_a_name_where_no_reader_looks_refuses_the_copy(kind, make) -> None:
    with pytest.raises(UncleanError, match="where nobody looked"):
        clean(make(), kind, Order(), LIMITS)


def headed_sheet(words: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Month", "Fed early"])
    book.active.oddHeader.left.text = words
    return saved(book)


def outlined_pdf(words: str) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(72, 700, "The ward stayed warm.")
    page.bookmarkPage("one")
    page.addOutlineEntry(words, "one")
    page.save()
    return out.getvalue()


def test_a_list_longer_than_is_read_gets_no_copy() -> None:
    rows = "".join(f"2024,{number}\n" for number in range(20))
    with pytest.raises(UncleanError, match="only its first part was looked through"):
        clean(f"Year,Fed\n{rows}".encode(), Format.CSV, Order(), Limits(rows=10))
