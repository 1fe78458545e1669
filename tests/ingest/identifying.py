"""Files of every kind that identify people, and what is left of them in a copy."""

import io
import re
from collections.abc import Mapping
from unicodedata import category, normalize
from zipfile import ZipFile

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from ingest.readers.limits import Limits

LIMITS = Limits()
WORD_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SECRETS = ("Zawadi", "Kilonzo", "0712 345 678", "Secretclinic", "Nyambura", "Oldname")
MOTHER, PHONE, NURSE = {"Zawadi Kilonzo": "a mother"}, {"0712 345 678": ""}, {"Nyambura": "a nurse"}


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
    return saved(document)


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
    return saved(book)


def slide_file() -> bytes:
    slides = pptx.Presentation()
    slides.core_properties.author = "Zawadi Kilonzo"
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    slide.shapes.title.text = "What Zawadi Kilonzo told us"
    slide.shapes.add_picture(io.BytesIO(photo()), 0, 0)
    slide.notes_slide.notes_text_frame.text = "Phone 0712 345 678"
    return saved(slides)


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


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


def zipped_with(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The file with parts added or changed."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(out, "w") as new:
        for name, part in ({name: old.read(name) for name in old.namelist()} | dict(parts)).items():
            new.writestr(name, part)
    return out.getvalue()


def in_body(words: str) -> bytes:
    """A Word file with this XML as its body, among a sentence that is harmless."""
    document = docx.Document()
    document.add_paragraph("The ward stayed warm.")
    document.element.body.insert(0, parse_xml(f"<w:p {WORD_NS}>{words}</w:p>"))
    return saved(document)


def run(words: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{words}</w:t></w:r>"


def plain(data: bytes) -> str:
    """All text of all parts without tags, signs that nobody sees, and accents."""
    with ZipFile(io.BytesIO(data)) as archive:
        text = " ".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
        )
    bare = normalize("NFKD", re.sub(r"<[^>]*>", " ", text))
    return "".join(one for one in bare if category(one) not in {"Mn", "Cf"}).casefold()


OLD = b"<x><y>Oldname</y></x>"
