"""The copy for readers: unzipped, it holds nothing of what identifies people."""

import io
import re
from collections.abc import Callable
from zipfile import ZipFile

import docx
import openpyxl
import pikepdf
import pptx
import pypdfium2
import pytest
from docx.oxml import parse_xml
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from ingest import readers
from ingest.cleaning import Order, UncleanError, clean
from ingest.document import Format
from ingest.readers.hidden import hidden_in
from ingest.readers.limits import Limits
from ingest.sandbox import Reader
from kb.vocabulary import IdentifierKind

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


ORDER = Order({"Zawadi Kilonzo": "a mother", "0712 345 678": "", "Nyambura": "a nurse"})


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (Format.DOCX, word_file),
        (Format.XLSX, sheet_file),
        (Format.PPTX, slide_file),
        (Format.TEXT, text_file),
        (Format.HTML, web_file),
    ],
)
def test_no_part_of_the_copy_holds_a_secret_and_it_still_opens(kind, make, tmp_path) -> None:
    copy = clean(make(), kind, ORDER, LIMITS)
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


def test_a_kind_that_cannot_be_cleaned_is_refused() -> None:
    with pytest.raises(UncleanError, match="cannot be cleaned"):
        clean(b"From: a@b.example", Format.EML, Order(), LIMITS)


def test_the_same_file_gives_the_same_copy() -> None:
    makers: dict[Format, Callable[[], bytes]] = {Format.DOCX: word_file, Format.PDF: printed}
    for kind, make in makers.items():
        data = make()
        assert clean(data, kind, Order(), LIMITS).data == clean(data, kind, Order(), LIMITS).data
