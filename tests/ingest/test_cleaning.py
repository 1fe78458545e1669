"""The copy for readers: unzipped, it holds nothing of what identifies people."""

import io
import re
from collections.abc import Callable
from datetime import date
from unicodedata import category, normalize
from zipfile import ZipFile

import docx
import openpyxl
import pikepdf
import pptx
import pypdfium2
import pytest
from docx.oxml import parse_xml
from odf import opendocument
from odf import style as odf_style
from odf import table as odf_table
from odf import text as odf_text
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import EpsImagePlugin, Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from ingest import readers
from ingest.cleaning import Order, UncleanError, clean, look, pictures
from ingest.document import Format
from ingest.readers.hidden import hidden_in
from ingest.readers.limits import Limits
from ingest.sandbox import Reader
from kb.vocabulary import IdentifierKind

pytestmark = pytest.mark.no_library

LIMITS = Limits()
WORD_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SECRETS = ("Zawadi", "Kilonzo", "0712 345 678", "Secretclinic", "Nyambura", "Oldname")


def photo(*, kind: str = "JPEG") -> bytes:
    """A picture whose camera wrote down where it stood and whose it is."""
    exif = Image.Exif()
    exif[0x013B] = "Zawadi Kilonzo"  # Artist
    exif.get_ifd(0x8825)[2] = (1.0, 17.0, 30.0)  # GPSLatitude
    out = io.BytesIO()
    Image.new("RGB", (120, 90), "teal").save(out, kind, exif=exif)
    return out.getvalue()


def word_file() -> bytes:
    document = docx.Document()
    document.core_properties.author = "Zawadi Kilonzo"
    document.core_properties.last_modified_by = "Nyambura"
    document.add_heading("Warm babies", 1)
    spread = document.add_paragraph("We called Mrs Zaw")
    spread.add_run("adi Kil").bold = True
    spread.add_run("onzo on 0712 345 678 at night.")
    document.add_paragraph("The ward stayed warm.")
    document.add_picture(io.BytesIO(photo()))
    document.sections[0].header.paragraphs[0].text = "Told by Nyambura of the night shift"
    commented = document.add_paragraph("A remark stands here.")
    document.add_comment(commented.runs, text="Ask Oldname", author="Nyambura", initials="N")
    changed = (
        f'<w:p {WORD_NS}><w:del w:id="9" w:author="Nyambura" w:date="2024-01-01T00:00:00Z">'
        "<w:r><w:delText>Oldname was here</w:delText></w:r></w:del>"
        f'<w:ins w:id="10" w:author="Nyambura"><w:r><w:t>Kept words.</w:t></w:r></w:ins></w:p>'
    )
    document.element.body.insert(2, parse_xml(changed))
    return _saved(document)


def sheet_file() -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = "Zawadi Kilonzo"
    sheet = book.active
    sheet.append(["Month", "Fed early", "Mother"])
    sheet.append(["2024-01", 12, "Zawadi Kilonzo"])
    sheet["A1"].comment = Comment("Nyambura counted", "Nyambura")
    sheet.add_image(SheetImage(Image.open(io.BytesIO(photo()))), "E2")
    hidden = book.create_sheet("Names")
    hidden.append(["Oldname"])
    hidden.sheet_state = "hidden"
    return _saved(book)


def slide_file() -> bytes:
    slides = pptx.Presentation()
    slides.core_properties.author = "Zawadi Kilonzo"
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    slide.shapes.title.text = "What Zawadi Kilonzo told us"
    slide.shapes.add_picture(io.BytesIO(photo()), 0, 0)
    slide.notes_slide.notes_text_frame.text = "Phone 0712 345 678"
    return _saved(slides)


def text_file() -> bytes:
    return b"Told by Zawadi\nKilonzo, phone 0712 345 678. The ward stayed warm."


def web_file() -> bytes:
    return (
        b'<html><head><meta name="author" content="Nyambura"><title>Zawadi Kilonzo</title></head>'
        b"<body><!-- Oldname --><script>var x='Nyambura'</script><p>Told by <b>Zaw</b>adi Kilonzo."
        b'</p><p onclick="x()">The ward stayed warm.</p></body></html>'
    )


def _saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


MOTHER, PHONE, NURSE = {"Zawadi Kilonzo": "a mother"}, {"0712 345 678": ""}, {"Nyambura": "a nurse"}


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


def left_in(data: bytes) -> list[str]:
    """The secrets in any part of a file, tags taken out so that spread words are met too."""
    texts = [data.decode("utf-8", "replace")]
    if data[:2] == b"PK":
        with ZipFile(io.BytesIO(data)) as archive:
            texts = [
                f"{name} {archive.read(name).decode('utf-8', 'replace')}"
                for name in archive.namelist()
            ]
    texts += [re.sub(r"<[^>]*>", "", text) for text in texts]
    return [secret for secret in SECRETS for text in texts if secret in text]


def test_word_keeps_inserted_text_and_loses_deleted_text_comments_and_properties() -> None:
    found = {(one.kind, one.where) for one in hidden_in(word_file(), Format.DOCX, LIMITS).hidden}
    assert {
        (IdentifierKind.METADATA, "docProps/core.xml"),
        (IdentifierKind.COMMENT, "word/comments.xml"),
        (IdentifierKind.TRACKED_CHANGE, "word/document.xml"),
        (IdentifierKind.FACE, "word/media/image1.jpg"),
        (IdentifierKind.COORDINATES, "word/media/image1.jpg"),
    } <= found
    copy = clean(word_file(), Format.DOCX, Order(), LIMITS).data
    left = hidden_in(copy, Format.DOCX, LIMITS).hidden
    assert {one.kind for one in left} == {IdentifierKind.FACE}
    again = docx.Document(io.BytesIO(copy))
    assert "Kept words." in "\n".join(line.text for line in again.paragraphs)


def test_text_beside_the_document_s_own_is_told() -> None:
    beside = hidden_in(word_file(), Format.DOCX, LIMITS).beside
    assert any("Told by Nyambura of the night shift" in one.text for one in beside)


def test_a_face_becomes_grey_and_other_pictures_stay() -> None:
    where = "word/media/image1.jpg"
    kept = _picture(clean(word_file(), Format.DOCX, Order(), LIMITS).data, where)
    grey = _picture(clean(word_file(), Format.DOCX, Order(faces={where}), LIMITS).data, where)
    assert kept.size == grey.size
    assert all(abs(a - b) < 12 for a, b in zip(kept.getpixel((5, 5)), (0, 128, 128), strict=True))
    assert all(abs(one - 128) < 6 for one in grey.getpixel((5, 5)))
    assert not kept.getexif()


def _picture(data: bytes, where: str) -> Image.Image:
    with ZipFile(io.BytesIO(data)) as archive:
        return Image.open(io.BytesIO(archive.read(where))).convert("RGB")


def printed(text: str = "We called Mrs Zawadi Kilonzo at night.") -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.setAuthor("Nyambura")
    page.drawString(72, 700, text)
    page.drawString(72, 680, "The ward stayed warm.")
    page.drawImage(ImageReader(io.BytesIO(photo())), 72, 400)
    page.textAnnotation("Ask Oldname", Rect=[100, 100, 120, 120], addtopage=1)
    page.save()
    return out.getvalue()


def test_a_pdf_loses_its_author_and_comments_and_keeps_its_text() -> None:
    found = {(one.kind, one.where) for one in hidden_in(printed(), Format.PDF, LIMITS).hidden}
    assert (IdentifierKind.METADATA, "document information") in found
    assert (IdentifierKind.COMMENT, "page 1") in found
    assert (IdentifierKind.FACE, "page 1, picture 1") in found
    copy = clean(printed(), Format.PDF, Order(), LIMITS).data
    assert not {"Nyambura", "Oldname"} & set(re.findall(r"\w+", _everything(copy)))
    assert "The ward stayed warm." in _text(copy)


def test_a_pdf_with_names_to_take_out_is_drawn_anew_with_nothing_under_the_black() -> None:
    copy = clean(printed(), Format.PDF, Order({"Mrs Zawadi Kilonzo": ""}), LIMITS)
    assert _text(copy.data).strip() == ""
    assert not left_in(copy.data)
    drawn = pypdfium2.PdfDocument(copy.data)[0].render(scale=1).to_pil().convert("L")
    name = drawn.crop((150, 842 - 712, 200, 842 - 698))
    assert name.getextrema()[0] < 40  # black where the name stood


def test_a_pdf_that_hides_the_name_from_us_gets_no_copy() -> None:
    with pytest.raises(UncleanError, match="was not found on its pages"):
        clean(printed(), Format.PDF, Order({"Somebody Else": ""}), LIMITS)


def _text(data: bytes) -> str:
    return pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()


def _everything(data: bytes) -> str:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return " ".join(repr(thing) for thing in pdf.objects)


def test_a_photo_loses_what_the_camera_wrote_and_a_face_gets_no_copy() -> None:
    found = {one.kind for one in hidden_in(photo(), Format.IMAGE, LIMITS).hidden}
    assert found == {
        IdentifierKind.FACE,
        IdentifierKind.METADATA,
        IdentifierKind.COORDINATES,
    }
    copy = clean(photo(), Format.IMAGE, Order(), LIMITS)
    assert copy.suffix == ".jpg"
    assert not left_in(copy.data)
    assert not Image.open(io.BytesIO(copy.data)).getexif()
    with pytest.raises(UncleanError, match="must not be seen"):
        clean(photo(), Format.IMAGE, Order(faces=frozenset({"the picture"})), LIMITS)


@pytest.mark.parametrize(
    ("name", "make", "where"),
    [
        ("a.docx", word_file, "word/media/image1.jpg"),
        ("a.pdf", printed, "page 1, picture 1"),
        ("a.jpg", photo, "the picture"),
    ],
)
def test_a_curator_looks_at_a_picture_without_opening_the_file(tmp_path, name, make, where) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with Reader(preload=False, at_once=1) as reader:
        shown = Image.open(io.BytesIO(reader.picture(path, where)))
        assert (shown.format, shown.size) == ("PNG", (120, 90))
        assert all(
            abs(a - b) < 12 for a, b in zip(shown.getpixel((60, 45)), (0, 128, 128), strict=True)
        )
        with pytest.raises(UncleanError):
            reader.picture(path, "../../etc/passwd" if name != "a.jpg" else "page 9")


def test_a_picture_that_another_program_would_draw_is_not_opened(tmp_path, monkeypatch) -> None:
    started, drawer = tmp_path / "started", tmp_path / "gs"
    drawer.write_text(f"#!/bin/sh\ntouch {started}\n", encoding="utf-8")
    drawer.chmod(0o700)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", str(drawer))
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 200 200\n%%EndComments\n%%EOF\n"
    where = "word/media/image1.jpg"
    data = with_part(word_file(), where, program)
    with pytest.raises(UncleanError, match="cannot be opened"):
        clean(data, Format.DOCX, Order(), LIMITS)
    with pytest.raises(UncleanError, match="cannot be opened"):
        look.picture(data, Format.DOCX, where, LIMITS)
    told = [one.text for one in hidden_in(data, Format.DOCX, LIMITS).hidden if one.where == where]
    assert told == ["a picture that cannot be opened"]
    assert not started.exists()


def with_part(document: bytes, name: str, data: bytes) -> bytes:
    """Return a zip with other bytes in one of its parts."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(document)) as old, ZipFile(out, "w") as new:
        for one in old.namelist():
            new.writestr(one, data if one == name else old.read(one))
    return out.getvalue()


def test_a_kind_that_cannot_be_cleaned_is_refused() -> None:
    with pytest.raises(UncleanError, match="cannot be cleaned"):
        clean(b"From: a@b.example", Format.EML, Order(), LIMITS)


def test_the_same_file_gives_the_same_copy() -> None:
    makers: dict[Format, Callable[[], bytes]] = {Format.DOCX: word_file, Format.PDF: printed}
    for kind, make in makers.items():
        data = make()
        assert clean(data, kind, Order(), LIMITS).data == clean(data, kind, Order(), LIMITS).data


def zipped_with(data: bytes, **parts: str) -> bytes:
    """The file with parts added or changed."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(out, "w") as new:
        held = {name: old.read(name) for name in old.namelist()}
        for name, text in parts.items():
            held[name] = text.encode()
        for name, part in held.items():
            new.writestr(name, part)
    return out.getvalue()


def in_body(words: str) -> bytes:
    """A Word file with this XML as its body, among a sentence that is harmless."""
    document = docx.Document()
    document.add_paragraph("The ward stayed warm.")
    document.element.body.insert(0, parse_xml(f"<w:p {WORD_NS}>{words}</w:p>"))
    return _saved(document)


def run(words: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{words}</w:t></w:r>"


@pytest.mark.parametrize(
    "words",
    [
        run("Told by Zawadi</w:t><w:br/><w:t>Kilonzo"),
        run("Told by Zaw") + run("adi</w:t><w:tab/><w:t>KILONZO"),
        run("Told by Za\u0301wadi\u00ad Kil\u200bonzo"),
        run("Told by Zawadi\u00a0\u00a0Kilonzo."),
        run("Told by the nurse (") + run("Zawadi-Kilonzo") + run(")"),
    ],
)
def test_a_name_goes_however_it_is_written(words) -> None:
    copy = clean(in_body(words), Format.DOCX, Order(MOTHER), LIMITS).data
    text = "\n".join(line.text for line in docx.Document(io.BytesIO(copy)).paragraphs)
    assert "a mother" in text
    assert not {"zawadi", "kilonzo"} & set(re.findall(r"\w+", _plain(copy)))


def _plain(data: bytes) -> str:
    """All text of all parts without tags, signs that nobody sees, and accents."""
    with ZipFile(io.BytesIO(data)) as archive:
        text = " ".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
        )
    bare = normalize("NFKD", re.sub(r"<[^>]*>", " ", text))
    return "".join(one for one in bare if category(one) not in {"Mn", "Cf"}).casefold()


def test_a_short_name_is_not_taken_out_of_longer_words() -> None:
    copy = clean(b"Ali spoke of quality.", Format.TEXT, Order({"Ali": "a nurse"}), LIMITS)
    assert copy.data == b"a nurse spoke of quality."


def test_what_was_redacted_and_is_not_met_in_the_file_refuses_the_copy() -> None:
    with pytest.raises(UncleanError, match="was not found in the file"):
        clean(word_file(), Format.DOCX, Order({"12 March 1990": ""}), LIMITS)


FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {} </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
BOUND = (
    '<w:sdt><w:sdtPr><w:dataBinding w:xpath="/cp:coreProperties[1]/dc:creator[1]"/></w:sdtPr>'
    "<w:sdtContent>{}</w:sdtContent></w:sdt>"
)


@pytest.mark.parametrize(
    "words",
    [
        FIELD.format("AUTHOR", run("Oldname")),
        FIELD.format("FILENAME \\p", run("C:/Users/Oldname/x.docx")),
        f'<w:fldSimple w:instr=" LASTSAVEDBY ">{run("Oldname")}</w:fldSimple>',
        run("Oldname", "<w:vanish/>"),
        BOUND.format(run("Oldname")),
        f'<w:ins w:author="Oldname" w:id="3">{run("Kept.")}</w:ins>',
    ],
)
def test_word_tells_nothing_of_its_author_in_fields_and_hidden_words(words) -> None:
    assert not left_in(clean(in_body(words), Format.DOCX, Order(), LIMITS).data)


def test_a_field_that_names_nobody_stays() -> None:
    copy = clean(in_body(FIELD.format("PAGE", run("7"))), Format.DOCX, Order(), LIMITS).data
    assert docx.Document(io.BytesIO(copy)).paragraphs[0].text == "7"


OLD = "<x><y>Oldname</y></x>"


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
    copy = clean(zipped_with(make(), **{part: OLD}), kind, Order(), LIMITS).data
    with ZipFile(io.BytesIO(copy)) as archive:
        assert part not in archive.namelist()


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
    parts = {"xl/workbook.xml": book, "xl/worksheets/sheet1.xml": cells}
    copy = clean(zipped_with(sheet_file(), **parts), Format.XLSX, Order(), LIMITS).data
    assert not {"Oldname"} & set(left_in(copy))
    assert openpyxl.load_workbook(io.BytesIO(copy)).active["B2"].value == 12


def test_a_number_of_a_sheet_that_goes_leaves_a_cell_of_text() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Phone", 712345678])
    copy = clean(_saved(book), Format.XLSX, Order({"712345678": "a phone"}), LIMITS).data
    assert openpyxl.load_workbook(io.BytesIO(copy)).active["B1"].value == "a phone"


def test_a_date_of_birth_that_a_sheet_keeps_as_a_number_refuses_the_copy() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Born", date(1990, 3, 12)])
    with pytest.raises(UncleanError, match="was not found"):
        clean(_saved(book), Format.XLSX, Order({"1990-03-12": ""}), LIMITS)


def open_text(words: str, *, beside: str = "") -> bytes:
    """An OpenDocument text; `beside` stands among its declarations."""
    document = opendocument.OpenDocumentText()
    document.text.addElement(odf_text.P(text="WORDS"))
    out = io.BytesIO()
    document.write(out)
    with ZipFile(io.BytesIO(out.getvalue())) as archive:
        content = archive.read("content.xml").decode()
    content = content.replace("<text:p>WORDS</text:p>", f"{beside}<text:p>{words}</text:p>")
    assert words in content
    return zipped_with(out.getvalue(), **{"content.xml": content, "VersionList.xml": OLD})


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
    assert "a mother" in _plain(copy)
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


def shown_pdf(**page: object) -> bytes:
    """A page with a name on it, turned or cut as asked, and with a name in a note."""
    with pikepdf.open(io.BytesIO(printed())) as pdf:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[300, 100, 500, 130],
            Contents="Oldname", DA="/Helv 12 Tf 0 g", F=4,
        )  # fmt: skip
        pdf.pages[0].obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))
        for name, value in page.items():
            pdf.pages[0].obj[f"/{name}"] = value
        return _saved(pdf)


@pytest.mark.parametrize(
    ("page", "crop"),
    [
        ({}, (150, 842 - 712, 200, 842 - 698)),
        ({"CropBox": [40, 300, 560, 800]}, (110, 800 - 712, 160, 800 - 698)),
        ({"Rotate": 90}, (698, 150, 712, 200)),
    ],
)
def test_a_name_is_blacked_out_where_it_stands_on_a_cut_or_turned_page(page, crop) -> None:
    copy = clean(shown_pdf(**page), Format.PDF, Order({"Mrs Zawadi Kilonzo": ""}), LIMITS)
    drawn = pypdfium2.PdfDocument(copy.data)[0].render(scale=1).to_pil().convert("L")
    name = drawn.crop(crop)
    assert sum(name.histogram()[:90]) > 0.8 * name.width * name.height


def test_a_drawn_page_shows_no_notes() -> None:
    order = Order({"Mrs Zawadi Kilonzo": ""})
    copy = clean(shown_pdf(), Format.PDF, order, LIMITS).data
    drawn = pypdfium2.PdfDocument(copy)[0].render(scale=1).to_pil().convert("L")
    assert drawn.crop((300, 842 - 130, 500, 842 - 100)).getextrema()[0] > 200


def test_a_name_that_the_end_of_a_line_breaks_refuses_the_copy() -> None:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(72, 700, "Zawadi Kilonzo spoke. Then Zawadi Kilon-")
    page.drawString(72, 680, "zo went home.")
    page.save()
    with pytest.raises(UncleanError, match="cannot be painted"):
        clean(out.getvalue(), Format.PDF, Order(MOTHER), LIMITS)


def test_a_pdf_forgets_its_attachments_forms_private_data_and_the_camera(tmp_path) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(72, 700, "The ward stayed warm.")
    page.drawImage(str(tmp_path / "photo.jpg"), 72, 400)
    page.acroForm.textfield(name="who", value="Oldname", x=72, y=300)
    page.save()
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        pdf.attachments["Oldname.txt"] = b"Oldname"
        private = pikepdf.Dictionary(Private="Oldname")
        pdf.Root.PieceInfo = pdf.Root.Company = pdf.trailer.Maker = private
        pdf.pages[0].obj.PieceInfo = private
        data = _saved(pdf)
    copy = clean(data, Format.PDF, Order(), LIMITS).data
    assert "Oldname" not in _everything(copy)
    assert not [secret for secret in SECRETS if secret.encode() in _streams(copy)]
    assert "The ward stayed warm." in _text(copy)
    drawn = pypdfium2.PdfDocument(copy)[0].render(scale=1).to_pil()
    assert drawn.getpixel((100, 842 - 420))[2] > 100  # teal: the photo is still there


def test_a_photo_keeps_its_dots_and_loses_what_stands_beside_them() -> None:
    bare = pictures.without_notes(photo())
    assert b"Zawadi" not in bare
    assert not Image.open(io.BytesIO(bare)).getexif()
    whole = Image.open(io.BytesIO(photo()))
    assert list(whole.histogram()) == list(Image.open(io.BytesIO(bare)).histogram())


def _streams(data: bytes) -> bytes:
    """All streams as they are kept, but for the letters that some programs write them in."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        raw = [one.read_raw_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream)]
    return b"".join(raw)


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


def test_a_name_that_was_looked_at_and_kept_does_not_refuse_the_copy() -> None:
    words = run("Mrs Zawadi Kilonzo may be named: she agreed.")
    assert "Zawadi" in _plain_text(clean(in_body(words), Format.DOCX, Order(), LIMITS).data)


def _plain_text(copy: bytes) -> str:
    return "\n".join(line.text for line in docx.Document(io.BytesIO(copy)).paragraphs)


def headed_sheet(words: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Month", "Fed early"])
    book.active.oddHeader.left.text = words
    return _saved(book)


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


def test_a_photo_is_made_as_small_as_is_asked_and_keeps_its_shape(tmp_path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    with Image.open(path) as image:
        before = image.size
    with Reader(preload=False, at_once=1) as reader:
        copy = reader.copy(path, Order(longest=20))
        whole = reader.copy(path, Order())
    with Image.open(io.BytesIO(copy.data)) as small:
        assert max(small.size) == 20
        assert not small.getexif()
    with Image.open(io.BytesIO(whole.data)) as same:
        assert sorted(same.size) == sorted(before)
