"""Readers of text: plain, Markdown, HTML, CSV, e-mail, EPUB, RTF."""

import io
import sys
import zipfile
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

from ingest.document import Document
from ingest.readers import Limits, Reason, UnreadableError, markup, read, rtf
from ingest.readers.legacy import office

pytestmark = pytest.mark.no_library


def read_bytes(folder: Path, name: str, data: str | bytes, **limits: int) -> Document:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path, limits=Limits(**limits))


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_text_is_read_whatever_its_encoding(tmp_path, encoding):
    text = "L’équipe a gardé l’ocytocine au réfrigérateur. Été à l’hôpital de Dédougou."
    assert read_bytes(tmp_path, "a.txt", text.encode(encoding)).markdown == f"{text}\n"


def test_arabic_windows_text_is_read(tmp_path):
    text = "في يناير لم يرضع سوى ثلث المواليد خلال الساعة الأولى بعد الولادة في المستشفى"
    assert read_bytes(tmp_path, "a.txt", text.encode("cp1256")).markdown == f"{text}\n"


def test_nuls_in_text_are_dropped(tmp_path):
    assert read_bytes(tmp_path, "a.txt", b"Wash\x00 hands. " * 20).markdown.startswith(
        "Wash hands."
    )


def test_tab_separated_lines_in_text_become_a_table(tmp_path):
    document = read_bytes(tmp_path, "a.txt", "Rates\n\nMonth\tRate\nJan\t40\n\nThat was all.")
    assert "| Month | Rate |\n| --- | --- |\n| Jan | 40 |" in document.markdown


def test_indented_text_is_not_code(tmp_path):
    markdown = read_bytes(tmp_path, "a.txt", "Aim\n        Faster triage.").markdown
    assert markdown == "Aim\n   Faster triage.\n"


def test_underlined_headings_are_headings(tmp_path):
    document = read_bytes(tmp_path, "a.txt", "Faster triage\n=============\n\nAim\n---\n\nText")
    assert document.markdown.startswith("# Faster triage\n\n## Aim\n")
    assert document.title == "Faster triage"


def test_front_matter_gives_the_title_and_goes(tmp_path):
    document = read_bytes(tmp_path, "a.md", '---\ntitle: "Faster triage"\ntags: x\n---\n## Aim\n')
    assert (document.title, document.markdown) == ("Faster triage", "## Aim\n")


def test_html_keeps_what_was_written_and_drops_the_rest(tmp_path):
    page = """<!doctype html><html lang="fr"><head><title>Site</title><meta name=author content=Awa>
      <script>alert(1)</script></head><body><nav>Menu</nav><header>Logo</header>
      <h1>Triage</h1><p>Plus <b>rapide</b>.</p><ul><li>Un<ul><li>Deux</li></ul></li></ul>
      <ol><li>Trois</li></ol><a href="javascript:x()">lien</a> <a href="https://a.org">bon</a>
      <footer>Mentions</footer></body></html>"""
    document = read_bytes(tmp_path, "a.html", page)
    assert document.title == "Triage"
    assert (document.metadata.language, document.metadata.author) == ("fr", "Awa")
    for kept in ("# Triage", "**rapide**", "- Un\n  - Deux", "1. Trois", "[bon](https://a.org)"):
        assert kept in document.markdown
    for dropped in ("alert", "Menu", "Logo", "Mentions", "javascript", "x()"):
        assert dropped not in document.markdown


def test_html_declares_its_encoding(tmp_path):
    page = '<html><meta charset="windows-1252"><p>Été à Dédougou'.encode("cp1252")
    assert "Été à Dédougou" in read_bytes(tmp_path, "a.html", page).markdown


def test_merged_cells_fill_the_rows_they_span(tmp_path):
    page = """<table><tr><th>Year</th><th>Month</th><th colspan=2>Births</th></tr>
      <tr><td rowspan=2>2024</td><td>Jan</td><td>210</td><td>a</td></tr>
      <tr><td>Feb</td><td>205</td><td>b</td></tr></table>"""
    assert read_bytes(tmp_path, "a.html", page).markdown.splitlines() == [
        "| Year | Month | Births |  |",
        "| --- | --- | --- | --- |",
        "| 2024 | Jan | 210 | a |",
        "| 2024 | Feb | 205 | b |",
    ]


def test_a_table_that_claims_to_be_very_wide_is_cut(tmp_path):
    page = "<table>" + ("<tr>" + "<td rowspan=60 colspan=60>x" * 50) * 20
    header = read_bytes(tmp_path, "a.html", page).markdown.splitlines()[0]
    assert header.count("|") <= 201


def test_lines_and_lists_in_a_cell_stay_in_the_cell(tmp_path):
    page = "<table><tr><th>Idea<th>Who<tr><td><p>Wash</p><ul><li>hands<li>often</ul><td>a|b</table>"
    assert r"| Wash / hands / often | a\|b |" in read_bytes(tmp_path, "a.html", page).markdown


def test_a_table_that_only_places_text_is_opened(tmp_path):
    page = "<table><tr><td><h2>Aim</h2><table><tr><td>Jan<td>40</table></td></tr></table>"
    assert read_bytes(tmp_path, "a.html", page).markdown.startswith("## Aim\n\n| Jan | 40 |")


def test_bold_lines_are_headings_where_a_page_has_none(tmp_path):
    page = "<p><b>Faster triage</b></p><p>We tried.</p><p><b>Results</b></p><p><b>Yes.</b></p>"
    document = read_bytes(tmp_path, "a.html", page)
    assert document.markdown == "# Faster triage\n\nWe tried.\n\n## Results\n\n**Yes.**\n"
    assert document.doubts == ("Headings were guessed from lines in bold.",)


def test_a_long_page_is_cut_with_a_doubt(tmp_path):
    document = read_bytes(tmp_path, "a.html", "<html>" + "<p>word" * 1000, text_bytes=700)
    assert document.doubts == ("Cut after 700 bytes.",)


@pytest.mark.parametrize("piece", ["<table><tr><td>a", "<h1><b>a"])
def test_twice_as_deep_a_page_is_twice_the_work(monkeypatch, piece):
    monkeypatch.setattr(MarkdownConverter, "convert_soup", lambda *_: "")  # not ours

    def work(depth: int) -> int:
        page, calls = BeautifulSoup(piece * depth, "lxml"), [0]
        sys.setprofile(lambda *_: calls.append(calls.pop() + 1))
        try:
            markup.to_markdown(page)
        finally:
            sys.setprofile(None)
        return calls[0]

    assert work(80) < 3 * work(40)  # four times, where each is searched again


def test_a_row_inside_a_cell_is_part_of_the_cell_and_said_once():
    page = "<table><tr><td>One<e><tr><td>Two<e><tr><td>Three</e></e></table><p>After"
    said = markup.to_markdown(page)
    assert [said.count(word) for word in ("One", "Two", "Three", "After")] == [1, 1, 1, 1]


def test_html_nested_too_deeply_is_refused_before_it_is_worked_on(tmp_path, monkeypatch):
    monkeypatch.setattr(markup, "_simplify", None)
    with pytest.raises(UnreadableError) as refused:
        read_bytes(tmp_path, "a.html", "<html>" + "<div>" * 1000 + "deep")
    assert refused.value.reason is Reason.TOO_DEEP


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_csv_is_read_with_its_own_separator(tmp_path, sign):
    rows = ["District,Mois,Taux", 'Nouna,Janvier,"6,4 %"', "Boromo,Été,3"]
    text = "\n".join(rows).replace('"6,4 %"', "§").replace(",", sign).replace("§", '"6,4 %"')
    document = read_bytes(tmp_path, "a.csv", text.encode("cp1252"))
    assert document.markdown.splitlines() == [
        "| District | Mois | Taux |",
        "| --- | --- | --- |",
        "| Nouna | Janvier | 6,4 % |",
        "| Boromo | Été | 3 |",
    ]


def test_ragged_csv_rows_are_filled(tmp_path):
    markdown = read_bytes(tmp_path, "a.csv", "a,b,c\n1\n1,2,3\n1,2\n").markdown
    assert markdown.splitlines()[2:] == ["| 1 |  |  |", "| 1 | 2 | 3 |", "| 1 | 2 |  |"]


def test_long_and_wide_csv_is_cut_with_doubts(tmp_path):
    document = read_bytes(tmp_path, "a.csv", "a,b,c\n" * 20, rows=10, columns=2)
    assert document.markdown.count("\n") == 11
    assert document.doubts == ("Cut after 2 columns.", "Cut after 10 rows.")


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Awa <awa@example.org>", "library@example.org"
    message["Subject"] = "Hémorragie – résultats"
    message["Date"] = "Mon, 06 May 2024 10:00:00 +0000"
    return message


def test_mail_keeps_who_wrote_what_and_names_the_attachments(tmp_path):
    message = mail()
    message.set_content("L’incidence est tombée à 1,9 %.")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="données.pdf")
    document = read_bytes(tmp_path, "a.eml", message.as_bytes())
    assert document.title == "Hémorragie – résultats"
    assert "From: Awa <awa@example.org>" in document.markdown
    assert "L’incidence est tombée à 1,9 %." in document.markdown
    assert document.attachments == ("données.pdf",)
    assert document.doubts == ("Attached and not read: données.pdf.",)
    assert document.metadata.created == date(2024, 5, 6)


def test_mail_with_a_table_is_read_from_its_html_body(tmp_path):
    message = mail()
    message.set_content("Jan 40")
    message.add_alternative("<table><tr><td>Jan<td>40</table>", subtype="html")
    assert "| Jan | 40 |" in read_bytes(tmp_path, "a.eml", message.as_bytes()).markdown


def test_mail_in_an_unknown_charset_is_read(tmp_path):
    raw = b"From: a@b.org\nTo: c@d.org\nSubject: s\nContent-Type: text/plain; charset=x-no\n\nHello"
    assert "Hello" in read_bytes(tmp_path, "a.eml", raw).markdown


CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
  <dc:title>Change package</dc:title><dc:creator>QI team</dc:creator><dc:language>en</dc:language>
  </metadata><manifest><item id="a" href="one%20.xhtml"/><item id="b" href="two.xhtml"/>
  <item id="c" href="../../../etc/passwd"/></manifest>
  <spine><itemref idref="b"/><itemref idref="a"/><itemref idref="c"/><itemref idref="d"/></spine>
  </package>"""


def book(folder: Path, **more: str) -> Path:
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": PACKAGE,
        "OPS/one .xhtml": "<?xml version='1.0'?><!DOCTYPE html><html><h1>Second</h1></html>",
        "OPS/two.xhtml": "<html><body><h1>First</h1><p>Text&nbsp;here</p></body></html>",
        "../../outside.xhtml": "<html/>",
        **more,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    path = folder / "book.epub"
    path.write_bytes(file.getvalue())
    return path


def test_a_book_is_read_in_the_order_of_its_spine_and_nothing_outside_it(tmp_path):
    document = read(book(tmp_path))
    assert document.markdown.split() == ["#", "First", "Text", "here", "#", "Second"]
    assert (document.title, document.metadata.author) == ("Change package", "QI team")
    assert document.metadata.language == "en"


def test_a_locked_book_is_encrypted_and_one_with_locked_fonts_is_not(tmp_path):
    lock = (
        '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>'
    )
    fonts = lock.format("http://www.idpf.org/2008/embedding")
    assert read(book(tmp_path, **{"META-INF/encryption.xml": fonts})).title == "Change package"
    locked = lock.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    with pytest.raises(UnreadableError) as refused:
        read(book(tmp_path, **{"META-INF/encryption.xml": locked}))
    assert refused.value.reason is Reason.ENCRYPTED


def test_a_chapter_that_declares_entities_is_refused(tmp_path):
    chapter = '<!DOCTYPE html [<!ENTITY a "lol">]><html>&a;</html>'
    with pytest.raises(UnreadableError) as refused:
        read(book(tmp_path, **{"OPS/two.xhtml": chapter}))
    assert refused.value.reason is Reason.UNSAFE_XML


RTF = r"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Pr\'e9vention des infections\par
Lavage des mains \u8211? avant\par
\trowd\cellx1000\cellx2000\intbl Mois\cell Taux\cell\row
\trowd\cellx1000\cellx2000\intbl Jan\cell 40\cell\row
\pard Fin\par}"""


def test_rtf_keeps_its_text_and_tables(tmp_path):
    document = read_bytes(tmp_path, "a.rtf", RTF)
    for kept in ("Prévention des infections", "Lavage des mains – avant", "Fin"):
        assert kept in document.markdown
    assert "| Mois | Taux |\n| --- | --- |\n| Jan | 40 |" in document.markdown


def test_rtf_without_libreoffice_says_what_may_be_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    document = read_bytes(tmp_path, "a.rtf", RTF)
    assert document.doubts == ("Only the words and tables were read; headings may be lost.",)
    assert "| Mois | Taux |\n| --- | --- |\n| Jan | 40 |" in document.markdown


def test_rtf_that_says_no_number_where_one_belongs_is_read():
    read = rtf.read_plain(rb"{\rtf1 Warm \uc babies\uc- \uc2 slept \\uc.}", Limits(ocr=False))
    assert read.markdown.split() == ["Warm", "babies-", "slept", r"\uc."]


def test_a_character_of_rtf_that_has_no_such_number_is_shown_as_unknown():
    said = rb"{\rtf1\uc0 Caf\u233  \u-3913 \u9999999 \u99999999999999 \u-99999 \u1114111 end}"
    read = rtf.read_plain(said, Limits(ocr=False))
    assert read.markdown.split() == ["Caf\xe9", "\uf0b7\ufffd\ufffd\ufffd\U0010ffffend"]


def test_rtf_nested_too_deeply_is_refused(tmp_path):
    with pytest.raises(UnreadableError) as refused:
        read_bytes(tmp_path, "a.rtf", "{\\rtf1 " + "{" * 1000 + "x" + "}" * 1001)
    assert refused.value.reason is Reason.TOO_DEEP


@pytest.mark.skipif(office() is None, reason="LibreOffice is not installed")
def test_what_libreoffice_cannot_open_is_corrupt(tmp_path):
    # a .doc that is nothing but the mark of its first page cannot come this far: see sniffing
    from ingest.readers.legacy import convert

    with pytest.raises(UnreadableError) as refused:
        convert(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc", "docx")
    assert refused.value.reason is Reason.CORRUPT
