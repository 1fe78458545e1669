"""The PDF reader, on files made here."""

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from ingest.readers import Limits, Reason, UnreadableError, read

pytestmark = pytest.mark.no_library

SENTENCES = "The team met every week to look at its run chart and to choose one change. " * 4


def report(path: Path) -> Path:
    look = getSampleStyleSheet()
    rows = [["Month", "Fed", "Births"], *([month, "80", "210"] for month in ("Jan", "Feb", "Mar"))]
    ruled = TableStyle([("GRID", (0, 0), (-1, -1), 1, "black")])
    SimpleDocTemplate(str(path), pagesize=A4, title="Faster triage", author="QI team").build(
        [
            Paragraph("Faster triage", look["Title"]),
            Paragraph("A district hospital in the west", look["BodyText"]),
            Paragraph("Background", look["Heading1"]),
            Paragraph(SENTENCES, look["BodyText"]),
            Paragraph("Results", look["Heading1"]),
            Paragraph(SENTENCES, look["BodyText"]),
            Table(rows, style=ruled),
        ]
    )
    return path


def drawn(path: Path, *pages: str, encrypt: StandardEncryption | None = None) -> Path:
    canvas = Canvas(str(path), encrypt=encrypt)
    for text in pages:
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return path


def test_headings_text_and_tables_of_a_pdf_come_through(tmp_path):
    document = read(report(tmp_path / "a.pdf"))
    assert document.title == "Faster triage"
    assert document.metadata.author == "QI team"
    assert document.metadata.pages == 1
    assert document.metadata.created is not None
    headings = [line.lstrip("# ") for line in document.markdown.splitlines() if line[:1] == "#"]
    assert headings == ["Faster triage", "Background", "Results"]
    assert "| Jan | 80 | 210 |" in document.markdown
    assert " ".join(document.markdown.split()).count(SENTENCES.strip()) == 2


def test_a_pdf_of_pictures_looks_scanned(tmp_path):
    document = read(drawn(tmp_path / "a.pdf", "", ""), limits=Limits(ocr=False))
    assert document.markdown == ""
    assert document.doubts == ("No text found, looks scanned.", "OCR is switched off (KB_OCR).")
    assert document.metadata.pages == 2


def test_a_pdf_with_most_pages_bare_looks_scanned(tmp_path):
    pages = (SENTENCES[:80], "", "", "")
    document = read(drawn(tmp_path / "a.pdf", *pages), limits=Limits(ocr=False))
    assert document.doubts[0] == "Looks scanned: no text on 3 of 4 pages."


def test_a_pdf_with_a_user_password_is_encrypted(tmp_path):
    path = drawn(tmp_path / "a.pdf", "Text", encrypt=StandardEncryption("secret"))
    with pytest.raises(UnreadableError) as refused:
        read(path)
    assert refused.value.reason is Reason.ENCRYPTED


def test_a_pdf_with_only_an_owner_password_is_read(tmp_path):
    lock = StandardEncryption("", ownerPassword="secret", canCopy=0)
    assert SENTENCES[:60] in read(drawn(tmp_path / "a.pdf", SENTENCES[:70], encrypt=lock)).markdown


@pytest.mark.parametrize("keep", [20, 300])
def test_a_truncated_pdf_is_corrupt_or_read(tmp_path, keep):
    path = tmp_path / "a.pdf"
    path.write_bytes(report(path).read_bytes()[:keep])
    with pytest.raises(UnreadableError) as refused:
        read(path)
    assert refused.value.reason is Reason.CORRUPT


def test_a_long_pdf_is_cut_with_a_doubt(tmp_path):
    pages = [f"Page {number}: {SENTENCES[:60]}" for number in range(5)]
    document = read(drawn(tmp_path / "a.pdf", *pages), limits=Limits(pages=3))
    assert "Page 2:" in document.markdown
    assert "Page 3:" not in document.markdown
    assert document.doubts == ("Cut after 3 of 5 pages.",)


def test_the_plain_reader_gives_the_words_with_a_doubt(tmp_path):
    document = read(report(tmp_path / "a.pdf"), plain=True)
    assert "Background" in document.markdown
    assert document.doubts == ("Only the words were read; headings and tables are lost.",)


def test_a_pdf_under_another_name_is_read_with_a_doubt(tmp_path):
    document = read(report(tmp_path / "a.docx"))
    assert document.title == "Faster triage"
    assert document.doubts == ("The name says .docx, the content is PDF.",)
