"""Scans and photos, read by tesseract; and what becomes of them where it is missing."""

import io
import re
from collections import Counter
from pathlib import Path

import pytest
import reportlab
from PIL import ExifTags, Image, ImageDraw, ImageFont, features
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest import ocr
from ingest.document import Format
from ingest.readers import Limits, Reason, UnreadableError, read
from ingest.readers.scans import LOOKS_SCANNED
from ingest.sandbox import Reader

pytestmark = pytest.mark.no_library

# All illustrative: no such places or counts.
TEXTS = {
    "en": "Days without oxytocin in January and February together were nineteen. Fifty-eight "
    "births in the two months; forty-one received oxytocin within one minute and seventeen did "
    "not. We found the ampoules on a shelf, and the thermometer said thirty-three.",
    "fr": "Jours sans ocytocine en janvier et février : dix-neuf. Cinquante-huit accouchements "
    "dans ces deux mois ; quarante et une femmes ont reçu le médicament dans la minute. Nous avons "
    "trouvé les ampoules sur une étagère, où le thermomètre indiquait trente-trois degrés.",
    "es": "Días sin oxitocina en enero y febrero: diecinueve. Cincuenta y ocho partos en los dos "
    "meses; cuarenta y una mujeres recibieron oxitocina en el primer minuto y diecisiete no. "
    "Encontramos las ampollas en el estante, donde el termómetro señalaba treinta y tres grados.",
    "pt": "Dias sem ocitocina em janeiro e fevereiro: dezenove. Cinquenta e oito partos nos dois "
    "meses; quarenta e uma mulheres receberam ocitocina no primeiro minuto e dezessete não. "
    "Encontramos as ampolas na prateleira, onde o termômetro marcava trinta e três graus.",
    "sw": "Siku bila dawa mwezi wa Januari na Februari zilikuwa kumi na tisa. Kulikuwa na wazazi "
    "hamsini na wanane katika miezi hiyo miwili; arobaini na mmoja walipata dawa ndani ya dakika "
    "moja na kumi na saba hawakupata. Tulikuta chupa kwenye rafu juu ya mashine ya vyombo.",
    "ar": "عدد الأيام بدون دواء في شهري يناير وفبراير تسعة عشر يوما. حدثت ثمان وخمسون ولادة في "
    "الشهرين وتلقت إحدى وأربعون امرأة الدواء خلال دقيقة واحدة. وجدنا الدواء على الرف فوق جهاز "
    "التعقيم حيث كان مقياس الحرارة يشير إلى ثلاث وثلاثين.",
}
VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
SCAN = Path(__file__).parents[2] / "examples/library/20-scan0047 oxytocin notebook.pdf"
SOURCE = Path(__file__).parents[2] / "examples/sources"


def needs(*languages: str) -> None:
    absent = [code for code in languages if code not in ocr.installed().languages]
    if absent:
        pytest.skip(f"tesseract has no language {', '.join(absent)}: {ocr.INSTALL}")


def page(text: str, *, size: int = 42, font: Path = VERA, right: bool = False) -> Image.Image:
    """Draw a text as clean print of about 12 points at 300 dpi."""
    letters = ImageFont.truetype(font, size)
    picture = Image.new("L", (2000, 900), 255)
    draw = ImageDraw.Draw(picture)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font=letters) > 1800:
            lines.append(word)
        else:
            lines[-1] = longer
    for row, line in enumerate(lines):
        left = 1900 - draw.textlength(line, font=letters) if right else 80
        draw.text((left, 60 + row * size * 1.5), line, font=letters, fill=0)
    return picture


def recall(said: str, found: str) -> float:
    wanted, seen = (Counter(re.findall(r"\w+", text.lower())) for text in (said, found))
    return (wanted & seen).total() / wanted.total()


def pdf(path: Path, *pages: str | Image.Image) -> Path:
    canvas = Canvas(str(path), pagesize=A4)
    for one in pages:
        if isinstance(one, str):
            canvas.drawString(72, 700, one)
        else:
            canvas.drawImage(ImageReader(one), 20, 400, 555, 250)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def without_tesseract(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize("language", [code for code in TEXTS if code != "ar"])
def test_clean_print_is_read_in_its_language(tmp_path, language):
    needs("en", language)
    page(TEXTS[language]).save(tmp_path / "page.png")
    document = read(tmp_path / "page.png")
    assert recall(TEXTS[language], document.markdown) >= 0.9
    spoken = ocr.Tesseract("", (language,)).spoken
    assert document.doubts == (f"Read by OCR (tesseract, {spoken}): check names and figures.",)
    assert (document.format, document.media_type) == (Format.IMAGE, "image/png")


def test_arabic_print_is_read_without_being_announced(tmp_path):
    needs("en", "ar")
    if not DEJAVU.exists() or not features.check("raqm"):
        pytest.skip("no font or no shaping here to draw Arabic with")
    page(TEXTS["ar"], font=DEJAVU, right=True).save(tmp_path / "page.png")
    assert recall(TEXTS["ar"], read(tmp_path / "page.png").markdown) >= 0.9


def test_the_scan_of_the_samples_is_read_in_the_sandbox():
    needs("en")
    source = next(SOURCE.glob("20-*.md")).read_text("utf-8").split("\n---\n", 1)[1]
    with Reader(preload=False) as reader:
        document = reader.read(SCAN)
    assert recall(re.sub(r"[^\w\s]", " ", source), document.markdown) >= 0.9
    assert document.doubts == ("Read by OCR (tesseract, English): check names and figures.",)


def test_only_the_pages_without_text_are_recognised_and_stay_in_their_places(tmp_path):
    needs("en")
    first, last = "A first page that has its text.", "A last page that has its text, too."
    document = read(pdf(tmp_path / "a.pdf", first, page(TEXTS["en"]), last))
    order = [document.markdown.index(words) for words in (first, "thermometer", last)]
    assert order == sorted(order)
    assert document.doubts == (
        "Read by OCR (tesseract, English) on page 2: check names and figures.",
    )


@pytest.mark.parametrize("turn", [90, 180])
def test_a_page_that_lies_on_its_side_is_read(tmp_path, turn):
    needs("en", "fr")
    if not ocr.installed().turns:
        pytest.skip("tesseract has no osd here")
    page(TEXTS["fr"]).rotate(turn, expand=True).save(tmp_path / "page.png")
    assert recall(TEXTS["fr"], read(tmp_path / "page.png").markdown) >= 0.8


@pytest.mark.parametrize("kind", ["jpeg", "tiff", "webp", "bmp", "gif"])
def test_photos_of_every_kind_are_read(tmp_path, kind):
    needs("en")
    path = tmp_path / f"page.{kind}"
    page(TEXTS["en"]).convert("RGB").save(path)
    document = read(path)
    assert recall(TEXTS["en"], document.markdown) >= 0.9
    assert document.media_type == f"image/{kind}"


def test_a_phone_says_how_it_was_held_and_when(tmp_path):
    needs("en")
    about = Image.Exif()
    about[ExifTags.Base.Orientation] = 6  # to be turned by 90 degrees to stand upright
    about.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2023:05:31 10:00:00"
    page(TEXTS["en"]).rotate(90, expand=True).save(tmp_path / "a.jpg", exif=about)
    document = read(tmp_path / "a.jpg")
    assert recall(TEXTS["en"], document.markdown) >= 0.9
    assert str(document.metadata.created) == "2023-05-31"


def test_every_page_of_a_fax_is_read(tmp_path):
    needs("en")
    pages = [page(f"This is sheet number {word} of the fax") for word in ("one", "two", "three")]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])
    document = read(tmp_path / "a.tiff")
    assert re.findall(r"number (\w+)", document.markdown) == ["one", "two", "three"]
    assert document.metadata.pages == 3


def test_columns_that_stand_far_apart_become_a_table(tmp_path):
    needs("en")
    picture = Image.new("L", (1400, 500), 255)
    letters = ImageFont.truetype(VERA, 42)
    rows = (("Month", "Births", "Oxytocin"), ("January", "31", "20"), ("March", "29", "27"))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            where = (60 + column * 330, 60 + row * 70)
            ImageDraw.Draw(picture).text(where, cell, font=letters, fill=0)
    picture.save(tmp_path / "a.png")
    assert "| Month | Births | Oxytocin |" in read(tmp_path / "a.png").markdown


def test_a_picture_with_little_text_asks_for_a_description(tmp_path):
    needs("en")
    picture = Image.new("RGB", (600, 400), "lightblue")
    ImageDraw.Draw(picture).ellipse((100, 50, 400, 350), fill="darkgreen")
    picture.save(tmp_path / "photo.png")
    document = read(tmp_path / "photo.png")
    assert document.doubts == ("A picture with little text; describe what it shows.",)


def test_a_page_that_is_hard_to_read_is_named(tmp_path, monkeypatch):
    needs("en")
    monkeypatch.setattr(ocr, "LEGIBLE", 99.5)  # a clean page is not sure enough for this
    document = read(pdf(tmp_path / "a.pdf", page(TEXTS["en"])))
    assert any(re.fullmatch(r"Page 1 was hard to read \(confidence \d\d %\)\.", doubt)
               for doubt in document.doubts)  # fmt: skip


def test_pages_beyond_what_is_recognised_are_named(tmp_path):
    needs("en")
    path = pdf(tmp_path / "a.pdf", *[page(TEXTS["en"])] * 3)
    document = read(path, limits=Limits(ocr_pages=1))
    assert "Not read by OCR: pages 2–3. Split the file to have them read." in document.doubts


@pytest.mark.parametrize("name", ["a.pdf", "a.png"])
def test_without_tesseract_a_scan_is_a_draft_that_says_what_to_install(
    tmp_path, name, without_tesseract
):
    picture = page(TEXTS["en"])
    pdf(tmp_path / name, picture) if name == "a.pdf" else picture.save(tmp_path / name)
    document = read(tmp_path / name)
    assert document.markdown == ""
    assert document.doubts[0] == LOOKS_SCANNED
    assert "install tesseract" in document.doubts[1]
    assert "tesseract is missing" in ocr.ocr_status()


def test_without_tesseract_the_sandbox_says_the_same(tmp_path, without_tesseract):
    page(TEXTS["en"]).save(tmp_path / "a.png")
    with Reader(preload=False) as reader:
        assert reader.read(tmp_path / "a.png").doubts[0] == LOOKS_SCANNED


def test_ocr_can_be_switched_off(tmp_path):
    page(TEXTS["en"]).save(tmp_path / "a.png")
    document = read(tmp_path / "a.png", limits=Limits(ocr=False))
    assert document.doubts == (LOOKS_SCANNED, "OCR is switched off (KB_OCR).")
    assert "switched off" in ocr.ocr_status(wanted=False)


def test_what_is_there_is_said():
    needs("en", "fr")
    assert "tesseract, English, French" in ocr.ocr_status()


def test_a_picture_of_too_many_pixels_is_refused(tmp_path):
    Image.new("1", (12_000, 9_000)).save(tmp_path / "a.png")
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path / "a.png")
    assert refused.value.reason is Reason.TOO_LARGE
    assert "12,000 × 9,000 pixels" in str(refused.value)


def test_a_photo_in_a_format_of_telephones_says_what_to_do(tmp_path):
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path / "a.heic")
    assert "save it as JPEG" in str(refused.value)


def test_a_broken_picture_is_damaged_or_read_in_part(tmp_path):
    file = io.BytesIO()
    page(TEXTS["en"]).save(file, "PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue()[:20])
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path / "a.png")
    assert refused.value.reason is Reason.CORRUPT
