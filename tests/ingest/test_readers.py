"""What every reader has in common: the format is sniffed, the text is clean, doubts are said."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import Document, Format, Metadata
from ingest.readers import MEDIA_TYPES, READERS, Limits, Reason, UnreadableError, read, sniff
from ingest.readers.content import Content, clean, title_of
from ingest.readers.pipetable import pipe_table, sheet_markdown
from ingest.readers.sniffing import SPOKEN, SUFFIXES

pytestmark = pytest.mark.no_library


def read_bytes(folder: Path, name: str, data: bytes, limits: Limits | None = None) -> Document:
    path = folder / name
    path.write_bytes(data)
    return read(path, limits=limits)


def zipped(**parts: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return file.getvalue()


def test_every_format_has_a_reader_a_media_type_a_spoken_name_and_a_suffix():
    assert set(READERS) == set(MEDIA_TYPES) == set(SPOKEN) == set(SUFFIXES.values()) == set(Format)


def test_every_format_and_every_reason_is_documented():
    page = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")
    formats, reasons = page.partition("## Reasons")[::2]
    assert {kind for kind in Format if f"`{kind}`" not in formats} == set()
    assert {reason for reason in Reason if f"| `{reason}` |" not in reasons} == set()


@given(
    st.builds(
        Document,
        sha256=st.text(),
        name=st.text(),
        format=st.sampled_from(Format),
        media_type=st.text(),
        markdown=st.text(),
        title=st.text(),
        metadata=st.builds(
            Metadata, created=st.none() | st.dates(), pages=st.none() | st.integers()
        ),
        doubts=st.lists(st.text()).map(tuple),
        attachments=st.lists(st.text()).map(tuple),
    )
)
def test_a_document_survives_its_way_through_json(document):
    assert Document.from_json(document.to_json()) == document


def test_json_that_is_no_document_is_refused():
    with pytest.raises((KeyError, TypeError, ValueError)):
        Document.from_json('{"metadata": {}}')


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"junk before\n%PDF-1.7\n", "story.docx", Format.PDF),
        (b"{\\rtf1 text}", "story.doc", Format.RTF),
        (b"<!DOCTYPE html><p>text", "story.docx", Format.HTML),
        (b"\xef\xbb\xbf<html><p>text", "story.txt", Format.HTML),
        (b"From: a@b.org\nTo: c@d.org\nSubject: x\n\ntext", "story.txt", Format.EML),
        (b"a;b\n1;2\n", "rates.csv", Format.CSV),
        (b"# Title\n", "story.md", Format.MARKDOWN),
        (b"A story.", "story", Format.TEXT),
        (zipped(word__document_xml="<x/>"), "story.zip", Format.DOCX),
        (zipped(ppt__presentation_xml="<x/>"), "story.docx", Format.PPTX),
        (zipped(xl__workbook_xml="<x/>"), "story.docx", Format.XLSX),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "x", Format.ODT),
        (zipped(mimetype="application/epub+zip"), "x", Format.EPUB),
    ],
)
def test_the_content_decides_the_format(data, name, kind):
    assert sniff(data, name) is kind


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "story.docx", Reason.EMPTY),
        (b"\0" * 500, "story.docx", Reason.EMPTY),
        (b" \n\t\n", "story.txt", Reason.EMPTY),
        (b"RIFF\0\0\0\0WAVE", "story.mp3", Reason.UNSUPPORTED),
        (b"\0\0\0\x18ftypheic", "story.jpg", Reason.UNSUPPORTED),
        (bytes(range(256)) * 8, "story.txt", Reason.UNSUPPORTED),
        (b"<?xml version='1.0'?><data/>", "story.xml", Reason.UNSUPPORTED),
        (zipped(notes="text"), "story.zip", Reason.UNSUPPORTED),
        (b"PK\x03\x04 and then nothing", "story.docx", Reason.CORRUPT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and then nothing", "story.doc", Reason.CORRUPT),
    ],
)
def test_what_cannot_be_read_says_why(data, name, reason):
    with pytest.raises(UnreadableError) as refused:
        sniff(data, name)
    assert refused.value.reason is reason


def test_every_reason_has_a_sentence_about_the_file_and_a_hint():
    for reason in Reason:
        error = UnreadableError(reason, name="story.docx", detail="because")
        assert str(error).startswith("story.docx ")
        assert str(error).endswith(": because.")
        assert error.hint.endswith(".")


def test_a_wrong_suffix_is_read_by_content_and_raises_a_doubt(tmp_path):
    document = read_bytes(tmp_path, "report.pdf", b"<html><h1>Aim</h1><p>Faster triage.")
    assert document.format is Format.HTML
    assert document.media_type == "text/html"
    assert document.doubts == ("The name says .pdf, the content is a web page.",)


def test_a_right_suffix_in_capitals_raises_no_doubt(tmp_path):
    assert read_bytes(tmp_path, "STORY.TXT", b"Triage within ten minutes.").doubts == ()


def test_the_same_bytes_have_the_same_sha256(tmp_path):
    # echo -n abc | sha256sum
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert read_bytes(tmp_path, "a.txt", b"abc").sha256 == known


def test_text_beyond_the_limit_is_cut_with_a_doubt(tmp_path):
    document = read_bytes(tmp_path, "a.txt", b"word " * 100, Limits(markdown_chars=50))
    assert len(document.markdown) <= 51
    assert document.doubts == ("Cut after 50 characters.",)


def test_a_file_beyond_the_limit_is_too_large(tmp_path):
    with pytest.raises(UnreadableError) as refused:
        read_bytes(tmp_path, "a.txt", b"x" * 101, Limits(file_bytes=100))
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("dirty", "pure"),
    [
        ("Cafe\u0301", "Café"),
        ("a\x00b\x07c\x9f", "abc"),
        ("post\u00adpartum", "postpartum"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("one\r\ntwo\rthree\x0bfour", "one\ntwo\nthree\nfour"),
        ("one  \n\n\n\n\ntwo", "one\n\ntwo"),
        ("[x](javascript:alert(1))", "[x](#alert(1))"),
        ("[x]( <JavaScript:alert(1)>)", "[x]( <#alert(1)>)"),
        ('<a href="javascript:alert(1)">', '<a href="#alert(1)">'),
        ("[x]: javascript:alert(1)", "[x]: #alert(1)"),
        ("JavaScript: a language", "JavaScript: a language"),
        ("[x](https://example.org)", "[x](https://example.org)"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the zero-width non-joiner spells Persian words
    ],
)
def test_text_is_cleaned(dirty, pure):
    assert clean(dirty) == pure


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (Content("# Any\n\n# Other", title="Styled"), "Styled"),
        (Content("# Whole\n\n## Part", declared_title="Declared"), "Whole"),
        (Content("# Aim\n\n# Results", declared_title="Declared"), "Declared"),
        (Content("# Aim\n\n# Results", declared_title="Document1"), "Aim"),
        (Content("# Aim\n\n# Results", declared_title="story final.docx"), "Aim"),
        (Content("text", declared_title="Microsoft Word - story.doc"), ""),
        (Content("## Sheet1\n\n| a |"), ""),
        (Content("text"), ""),
    ],
)
def test_the_title_is_the_files_own(content, title):
    assert title_of(content) == title


def test_a_pipe_table_keeps_every_row_on_one_line():
    table = pipe_table([["Idea", "Who"], ["Wash hands\nfirst", "a|b"], ["short"], [], ["", ""]])
    assert table.splitlines() == [
        "| Idea | Who |",
        "| --- | --- |",
        r"| Wash hands / first | a\|b |",
        "| short |  |",
    ]


def test_a_table_without_text_is_nothing():
    assert pipe_table([["", None], []]) == ""


def test_dates_in_a_table_are_iso():
    assert "| 2024-03-05 |" in pipe_table([["Day"], [date(2024, 3, 5)]])


def test_a_title_above_a_sheets_table_is_a_paragraph():
    rows = [["Triage", None], [], ["Month", "Rate"], ["Jan", 40], [], ["Feb", 45]]
    assert sheet_markdown(rows).splitlines() == [
        "Triage",
        "",
        "| Month | Rate |",
        "| --- | --- |",
        "| Jan | 40 |",
        "| Feb | 45 |",
    ]


def test_a_second_header_below_an_empty_row_starts_a_second_table():
    rows = [["Month", "Rate"], ["Jan", 40], [], ["Ward", "Beds"], ["Maternity", 12]]
    assert sheet_markdown(rows).count("| --- | --- |") == 2
