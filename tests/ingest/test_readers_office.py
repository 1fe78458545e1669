"""Readers of Word, PowerPoint, spreadsheets and OpenDocument, on files made here."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Pt
from odf import opendocument
from odf import style as odf_style
from odf import table as odf_table
from odf import text as odf_text
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.document import Document
from ingest.readers import Limits, Reason, UnreadableError, read
from tests.hostile import compound

pytestmark = pytest.mark.no_library


def refusal(path: Path, limits: Limits | None = None) -> Reason:
    with pytest.raises(UnreadableError) as refused:
        read(path, limits=limits)
    return refused.value.reason


def with_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Rewrite one part of a zip in place; `change` gets b"" for a new part."""
    old = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return path


# Word


def story(folder: Path) -> tuple[Path, "docx.document.Document"]:
    return folder / "story.docx", docx.Document()


def saved(path: Path, made: "docx.document.Document") -> Document:
    made.save(path)
    return read(path)


def test_word_headings_lists_and_tables_come_through_in_order(tmp_path):
    path, made = story(tmp_path)
    made.add_heading("Faster triage", level=0)
    made.add_paragraph("At a district hospital", style="Subtitle")
    made.add_heading("Aim", level=1)
    made.add_paragraph("Triage within ten minutes.")
    made.add_paragraph("Hang a clock", style="List Bullet")
    made.add_paragraph("Map the way of a patient", style="List Number")
    made.add_paragraph("Test one change", style="List Number")
    made.add_heading("Measure", level=2)
    table = made.add_table(rows=2, cols=2)
    for at, text in enumerate(("Month", "Rate", "Jan", "40 %")):
        table.cell(at // 2, at % 2).text = text
    made.add_paragraph("That was all.")
    document = saved(path, made)
    assert document.title == "Faster triage"
    assert document.markdown.splitlines() == [
        "# Faster triage",
        "",
        "*At a district hospital*",
        "",
        "# Aim",
        "",
        "Triage within ten minutes.",
        "",
        "- Hang a clock",
        "",
        "1. Map the way of a patient",
        "2. Test one change",
        "",
        "## Measure",
        "",
        "| Month | Rate |",
        "| --- | --- |",
        "| Jan | 40 % |",
        "",
        "That was all.",
    ]


def bold(made: "docx.document.Document", text: str, size: int) -> None:
    run = made.add_paragraph().add_run(text)
    run.bold, run.font.size = True, Pt(size)


def test_bold_lines_are_headings_where_word_has_none_and_their_size_is_their_level(tmp_path):
    path, made = story(tmp_path)
    bold(made, "Faster triage", 18)
    bold(made, "Background", 13)
    made.add_paragraph("Mothers waited for an hour.")
    bold(made, "Nobody knew why.", 11)
    bold(made, "Results", 13)
    made.add_paragraph().add_run("Better: ").bold = True
    made.paragraphs[-1].add_run("ten minutes.")
    document = saved(path, made)
    headings = [line for line in document.markdown.splitlines() if line.startswith("#")]
    assert headings == ["# Faster triage", "## Background", "## Results"]
    assert document.doubts == ("Headings were guessed from lines in bold.",)
    assert "**Nobody knew why.**" in document.markdown


def test_bold_lines_stay_text_where_word_has_real_headings(tmp_path):
    path, made = story(tmp_path)
    made.add_heading("Aim", level=1)
    bold(made, "Important", 11)
    document = saved(path, made)
    assert "**Important**" in document.markdown
    assert document.doubts == ()


def test_a_style_based_on_a_heading_is_a_heading(tmp_path):
    path, made = story(tmp_path)
    style = made.styles.add_style("Ministry section", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = made.styles["Heading 2"]
    made.add_paragraph("Résultats", style="Ministry section")
    assert saved(path, made).markdown == "## Résultats\n"


def test_merged_word_cells_fill_the_rows_they_span(tmp_path):
    path, made = story(tmp_path)
    table = made.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "When"
    table.cell(0, 2).text = "Births"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "2024"
    for row, month, births in ((1, "Jan", "210"), (2, "Feb", "205")):
        table.cell(row, 1).text, table.cell(row, 2).text = month, births
    assert saved(path, made).markdown.splitlines() == [
        "| When |  | Births |",
        "| --- | --- | --- |",
        "| 2024 | Jan | 210 |",
        "| 2024 | Feb | 205 |",
    ]


def test_what_a_word_file_declares_is_kept(tmp_path):
    path, made = story(tmp_path)
    properties = made.core_properties
    properties.title, properties.author, properties.language = "Clean hands", "Awa\x09Diop", "fr"
    properties.created = datetime(2024, 3, 5)  # noqa: DTZ001  # python-docx wants it naive
    made.add_paragraph("Text")
    document = saved(path, made)
    assert document.title == "Clean hands"
    assert document.metadata.author == "Awa Diop"
    assert document.metadata.language == "fr"
    assert document.metadata.created == date(2024, 3, 5)


def test_a_word_file_without_text_raises_a_doubt(tmp_path):
    document = saved(*story(tmp_path))
    assert (document.markdown, document.doubts) == ("", ("No text found.",))


def test_word_comments_are_left_out_and_counted(tmp_path):
    path, made = story(tmp_path)
    paragraph = made.add_paragraph("Triage")
    made.add_comment(paragraph.runs, text="Is this true?", author="Awa")
    document = saved(path, made)
    assert document.markdown == "Triage\n"
    assert document.doubts == ("One comment was left out.",)


def test_a_truncated_word_file_is_corrupt(tmp_path):
    path, made = story(tmp_path)
    made.add_paragraph("Text " * 1000)
    made.save(path)
    path.write_bytes(path.read_bytes()[:-500])
    assert refusal(path) is Reason.CORRUPT


def test_a_word_file_with_broken_xml_is_corrupt(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    assert refusal(with_part(path, "word/document.xml", lambda _: b"<w:document")) is Reason.CORRUPT


LAUGHS = b"""<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><l>&c;</l>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'


@pytest.mark.parametrize("attack", [LAUGHS, OUTSIDE], ids=["billion laughs", "external entity"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["word/document.xml", "docProps/core.xml"])
def test_xml_that_declares_entities_is_refused(tmp_path, part, encoding, attack):
    path, made = story(tmp_path)
    made.save(path)
    with_part(path, part, lambda _: attack.decode().encode(encoding))
    assert refusal(path) is Reason.UNSAFE_XML


def test_entities_after_a_long_comment_are_refused(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    hidden = b"<!--" + b"x" * 200_000 + b"-->" + LAUGHS
    assert refusal(with_part(path, "word/document.xml", lambda _: hidden)) is Reason.UNSAFE_XML


def test_xml_in_an_encoding_the_guard_cannot_check_is_refused(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    odd = b'<?xml version="1.0" encoding="utf-7"?><x/>'
    assert refusal(with_part(path, "word/document.xml", lambda _: odd)) is Reason.UNSAFE_XML


def test_xml_nested_too_deeply_is_refused(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    deep = b"<a>" * 1000 + b"</a>" * 1000
    assert refusal(with_part(path, "word/document.xml", lambda _: deep)) is Reason.TOO_DEEP


def test_a_zip_bomb_is_too_large(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    with_part(path, "word/document.xml", lambda _: b"<x>" + b" " * (41 << 20) + b"</x>")
    assert path.stat().st_size < 1 << 20
    assert refusal(path) is Reason.TOO_LARGE


def test_many_pictures_that_unpack_beyond_the_limit_are_too_large(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    with_part(path, "word/media/image1.png", lambda _: b"\0" * 2_000_000)
    assert refusal(path, Limits(unpacked_bytes=1_000_000)) is Reason.TOO_LARGE


def test_a_zip_of_very_many_files_is_too_large(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    assert refusal(path, Limits(entries=5)) is Reason.TOO_LARGE


def test_names_that_climb_out_of_a_zip_lead_nowhere(tmp_path):
    path, made = story(tmp_path)
    made.add_paragraph("Text")
    made.save(path)
    with_part(path, "../../../escaped.txt", lambda _: b"out")
    assert read(path).markdown == "Text\n"
    assert not list(tmp_path.parent.glob("**/escaped.txt"))


@pytest.mark.parametrize(
    ("name", "streams", "reason"),
    [
        ("report.docx", [("EncryptedPackage", b"x")], Reason.ENCRYPTED),
        ("report.xlsx", [("EncryptionInfo", b"x"), ("EncryptedPackage", b"x")], Reason.ENCRYPTED),
        ("report.doc", [("WordDocument", b"\xec\xa5" + b"\0" * 9 + b"\1")], Reason.ENCRYPTED),
        ("mail.msg", [("__substg1.0_0037001F", b"x")], Reason.UNSUPPORTED),
        ("report.xls", [("Workbook", b"\xff" * 50)], Reason.CORRUPT),
    ],
)
def test_an_ole_file_that_cannot_be_read_says_why(tmp_path, name, streams, reason):
    path = tmp_path / name
    path.write_bytes(compound(*streams))
    assert refusal(path) is reason


def test_an_old_word_file_needs_libreoffice(tmp_path, monkeypatch):
    path = tmp_path / "old.doc"
    path.write_bytes(compound(("WordDocument", b"\xec\xa5")))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(path) is Reason.NEEDS_LIBREOFFICE


def test_a_zip_with_a_password_is_encrypted(tmp_path):
    path, made = story(tmp_path)
    made.save(path)
    data = path.read_bytes()
    # bit 0 of the flags of every entry of the central directory
    parts = data.split(b"PK\x01\x02")
    locked = [part[:4] + bytes([part[4] | 1]) + part[5:] for part in parts[1:]]
    path.write_bytes(b"PK\x01\x02".join([parts[0], *locked]))
    assert refusal(path) is Reason.ENCRYPTED


# PowerPoint


def test_slides_become_sections_with_tables_charts_and_notes(tmp_path):
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "Faster\x0btriage"
    first.placeholders[1].text = "A district hospital"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "Change ideas"
    second.placeholders[1].text = "Hang a clock\nMap the way"
    second.notes_slide.notes_text_frame.text = "Say who did it."
    third = deck.slides.add_slide(deck.slide_layouts[6])
    table = third.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for at, text in enumerate(("Month", "Rate", "Jan", "40")):
        table.cell(at // 2, at % 2).text = text
    third.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text = "Above the table"
    data = CategoryChartData()
    data.categories = ["Jan", "Feb"]
    data.add_series("Rate", (40, 45.5))
    area = Inches(1), Inches(5), Inches(4), Inches(2)
    third.shapes.add_chart(XL_CHART_TYPE.LINE, *area, data)
    deck.save(tmp_path / "a.pptx")
    document = read(tmp_path / "a.pptx")
    assert (document.title, document.metadata.pages) == ("Faster triage", 3)
    assert document.markdown.split("\n\n") == [
        "## Faster triage",
        "A district hospital",
        "## Change ideas",
        "- Hang a clock\n- Map the way",
        "> Notes: Say who did it.",
        "## Slide 3",
        "Above the table",
        "| Month | Rate |\n| --- | --- |\n| Jan | 40 |",
        "|  | Rate |\n| --- | --- |\n| Jan | 40 |\n| Feb | 45.5 |\n",
    ]


def test_a_slide_show_is_read_like_a_presentation(tmp_path):
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Faster triage"
    deck.save(tmp_path / "a.ppsx")
    with_part(
        tmp_path / "a.ppsx",
        "[Content_Types].xml",
        lambda xml: xml.replace(b"presentation.main+xml", b"slideshow.main+xml"),
    )
    assert read(tmp_path / "a.ppsx").markdown == "## Faster triage\n"


# Spreadsheets


def test_sheets_become_sections_with_dates_and_percentages_as_shown(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Early feeding"
    for row in (["Kisoro hospital"], [], ["Month", "Fed", "Births", "Rate", "Said on"]):
        sheet.append(row)
    sheet.append(["Jan", 80, 210.0, 0.381, date(2024, 2, 1)])
    sheet["D4"].number_format = "0.0%"
    sheet["XFD1048576"].number_format = "0.00"  # a styled cell in the last corner
    book.create_sheet("Empty")
    book.create_sheet("Notes").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx")
    assert document.title == ""
    assert document.doubts == ("The hidden sheet “Notes” was left out.",)
    assert document.markdown.split("\n\n") == [
        "## Early feeding",
        "Kisoro hospital",
        """| Month | Fed | Births | Rate | Said on |
| --- | --- | --- | --- | --- |
| Jan | 80 | 210 | 38.1% | 2024-02-01 |
""",
    ]


def test_long_and_wide_sheets_are_cut_with_a_doubt(tmp_path):
    book = openpyxl.Workbook()
    for number in range(20):
        book.active.append([number, "b", "c"])
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx", limits=Limits(rows=10, columns=2))
    assert document.doubts == (
        "Sheet “Sheet”: Cut after 2 columns.",
        "Sheet “Sheet”: Cut after 10 rows.",
    )


def test_an_opendocument_sheet_is_read(tmp_path):
    made = opendocument.OpenDocumentSpreadsheet()
    sheet = odf_table.Table(name="Rates")
    for texts in (("Month", "Rate"), ("Jan", "40")):
        row = odf_table.TableRow()
        for text in texts:
            cell = odf_table.TableCell(valuetype="string")
            cell.addElement(odf_text.P(text=text))
            row.addElement(cell)
        sheet.addElement(row)
    made.spreadsheet.addElement(sheet)
    made.save(tmp_path / "a.ods")
    assert read(tmp_path / "a.ods").markdown == (
        "## Rates\n\n| Month | Rate |\n| --- | --- |\n| Jan | 40 |\n"
    )


# OpenDocument text


def written(folder: Path) -> Path:
    made = opendocument.OpenDocumentText()
    title = odf_style.Style(name="Title", family="paragraph")
    strong = odf_style.Style(name="Strong", family="text")
    strong.addElement(odf_style.TextProperties(fontweight="bold"))
    numbers = odf_text.ListStyle(name="Numbers")
    numbers.addElement(odf_text.ListLevelStyleNumber(level="1", numformat="1"))
    for style in (title, strong, numbers):
        made.styles.addElement(style)
    made.text.addElement(odf_text.P(stylename=title, text="Faster triage"))
    made.text.addElement(odf_text.H(outlinelevel=2, text="Aim"))
    paragraph = odf_text.P(text="Within ")
    paragraph.addElement(odf_text.Span(stylename=strong, text="ten"))
    paragraph.addText(" minutes.")
    made.text.addElement(paragraph)
    for style, texts in ((None, ("Clock",)), (numbers, ("Map", "Test"))):
        points = odf_text.List(stylename=style) if style else odf_text.List()
        for text in texts:
            point = odf_text.ListItem()
            point.addElement(odf_text.P(text=text))
            points.addElement(point)
        made.text.addElement(points)
    table = odf_table.Table(name="T")
    for texts in (("Month", "Rate"), ("Jan", "40")):
        row = odf_table.TableRow()
        for text in texts:
            cell = odf_table.TableCell()
            cell.addElement(odf_text.P(text=text))
            row.addElement(cell)
        table.addElement(row)
    made.text.addElement(table)
    made.save(folder / "a.odt")
    return folder / "a.odt"


def test_opendocument_text_comes_through_in_order(tmp_path):
    document = read(written(tmp_path))
    assert document.title == "Faster triage"
    assert document.markdown.split("\n\n") == [
        "# Faster triage",
        "## Aim",
        "Within **ten** minutes.",
        "- Clock",
        "1. Map\n2. Test",
        "| Month | Rate |\n| --- | --- |\n| Jan | 40 |\n",
    ]


def test_an_opendocument_file_with_a_password_is_encrypted(tmp_path):
    path = with_part(
        written(tmp_path),
        "META-INF/manifest.xml",
        lambda xml: xml.replace(
            b"</manifest:manifest>",
            b'<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/>'
            b"</manifest:file-entry></manifest:manifest>",
        ),
    )
    assert refusal(path) is Reason.ENCRYPTED
