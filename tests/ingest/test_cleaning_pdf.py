"""The copy of a PDF: drawn anew where names are taken out, and nothing under the black."""

import io
import re

import pikepdf
import pypdfium2
import pytest
from reportlab.pdfgen import canvas

from ingest.cleaning import Order, UncleanError, clean
from ingest.document import Format
from ingest.readers.hidden import hidden_in
from kb.vocabulary import IdentifierKind
from tests.ingest.identifying import (
    LIMITS,
    MOTHER,
    SECRETS,
    left_in,
    photo,
    printed,
    saved,
)

pytestmark = pytest.mark.no_library


def test_a_pdf_loses_its_author_and_comments_and_keeps_its_text() -> None:
    found = {(one.kind, one.where) for one in hidden_in(printed(), Format.PDF, LIMITS).hidden}
    assert (IdentifierKind.METADATA, "document information") in found
    assert (IdentifierKind.COMMENT, "page 1") in found
    assert (IdentifierKind.FACE, "page 1, picture 1") in found
    copy = clean(printed(), Format.PDF, Order(), LIMITS).data
    assert not {"Nyambura", "Oldname"} & set(re.findall(r"\w+", everything(copy)))
    assert "The ward stayed warm." in text_of(copy)


def test_a_pdf_with_names_to_take_out_is_drawn_anew_with_nothing_under_the_black() -> None:
    copy = clean(printed(), Format.PDF, Order({"Mrs Zawadi Kilonzo": ""}), LIMITS)
    assert text_of(copy.data).strip() == ""
    assert not left_in(copy.data)
    drawn = pypdfium2.PdfDocument(copy.data)[0].render(scale=1).to_pil().convert("L")
    name = drawn.crop((150, 842 - 712, 200, 842 - 698))
    assert name.getextrema()[0] < 40  # black where the name stood


def test_a_pdf_that_hides_the_name_from_us_gets_no_copy() -> None:
    with pytest.raises(UncleanError, match="was not found on its pages"):
        clean(printed(), Format.PDF, Order({"Somebody Else": ""}), LIMITS)


def text_of(data: bytes) -> str:
    return pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()


def everything(data: bytes) -> str:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return " ".join(repr(thing) for thing in pdf.objects)


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
        return saved(pdf)


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
        data = saved(pdf)
    copy = clean(data, Format.PDF, Order(), LIMITS).data
    assert "Oldname" not in everything(copy)
    assert not [secret for secret in SECRETS if secret.encode() in _streams(copy)]
    assert "The ward stayed warm." in text_of(copy)
    drawn = pypdfium2.PdfDocument(copy)[0].render(scale=1).to_pil()
    assert drawn.getpixel((100, 842 - 420))[2] > 100  # teal: the photo is still there


def _streams(data: bytes) -> bytes:
    """All streams as they are kept, but for the letters that some programs write them in."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        raw = [one.read_raw_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream)]
    return b"".join(raw)
