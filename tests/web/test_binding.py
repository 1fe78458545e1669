"""What readers take with them whole: stories and packages as files, opened by other programs."""

import re
import subprocess
from base64 import b64encode
from contextlib import ExitStack
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import docx
import lxml.html
import pikepdf
import pypdfium2
import pytest
from fastapi.testclient import TestClient
from lxml import etree
from typer.testing import CliRunner

from kb import collections
from tests.web import pdf_ua
from web.app import create_app
from web.binding import paper
from web.commands import publish

needs_press = pytest.mark.skipif(
    find_spec("weasyprint") is None, reason="WeasyPrint is missing: pip install maktaba[paper]"
)


@pytest.fixture(scope="module")
def reader(sample) -> TestClient:
    """The sample library, as a browser asks for it."""
    return TestClient(create_app(sample), raise_server_exceptions=False)


def words_of(document: bytes) -> str:
    with pypdfium2.PdfDocument(document) as opened:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)


def tags_of(element) -> list[str]:
    """Return the kinds of all structure elements at and below this one, in reading order."""
    if not isinstance(element, pikepdf.Dictionary):
        return []
    below = element.get("/K", [])
    below = below if isinstance(below, pikepdf.Array) else [below]
    own = [str(element["/S"])] if "/S" in element else []
    return own + [kind for one in below for kind in tags_of(one)]


@needs_press
def test_a_story_is_a_tagged_pdf_of_one_page(reader) -> None:
    answer = reader.get("/records/1/one-page.pdf", headers={"Accept-Language": "ar"})
    assert answer.headers["content-type"] == "application/pdf"
    assert 'filename="record-1.pdf"' in answer.headers["content-disposition"]
    with pikepdf.open(BytesIO(answer.content)) as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert root.Lang == "ar"
        assert root.ViewerPreferences.DisplayDocTitle
        assert "Skin to skin" in str(document.docinfo["/Title"])
        assert [round(float(edge)) for edge in document.pages[0].MediaBox] == [0, 0, 595, 842]
        assert len(document.pages) == 1
        kinds = tags_of(root.StructTreeRoot)
        assert {"/H1", "/H2", "/P", "/L", "/LI", "/Figure"} <= set(kinds)
        assert kinds.count("/Figure") == 1  # the chart: what is only decoration is not told
        assert b"Newborns fed" in _alts(root.StructTreeRoot)
    assert pdf_ua.breaches(answer.content) == []
    assert "en" in pdf_ua.languages(answer.content)  # the story, in a frame that is Arabic
    again = reader.get("/records/1/one-page.pdf", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 200  # in another language it is another file


def _alts(element) -> bytes:
    if not isinstance(element, pikepdf.Dictionary):
        return b""
    below = element.get("/K", [])
    below = below if isinstance(below, pikepdf.Array) else [below]
    return str(element.get("/Alt", "")).encode() + b"".join(map(_alts, below))


@needs_press
def test_a_pack_is_a_cover_and_a_page_for_each_story(reader) -> None:
    answer = reader.get("/print.pdf?ids=1,2,99")
    with pypdfium2.PdfDocument(answer.content) as document:
        assert len(document) == 3
    assert "page 3" in words_of(answer.content)
    assert pdf_ua.breaches(answer.content) == []
    assert reader.get("/print.pdf?ids=99").status_code == 404
    assert reader.get("/print.pdf").status_code == 422
    assert reader.get("/records/99/one-page.pdf").status_code == 404


@needs_press
def test_the_same_page_is_the_same_pdf_and_fetches_nothing(tmp_path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">Hidden</text></svg>')
    picture = f'<img alt="x" src="{secret.as_uri()}">'
    page = f'<html lang="en"><head><title>A</title></head><p>Seen{picture}'
    made = paper.pdf(page, "")
    paper.pdf.cache_clear()
    assert paper.pdf(page, "") == made
    assert "Seen" in words_of(made)
    assert "Hidden" not in words_of(made)


def test_the_press_knows_no_secret_of_the_library(monkeypatch) -> None:
    monkeypatch.setenv("KB_SECRET", "of the library")
    monkeypatch.setattr(paper, "START", "import os; print(dict(os.environ))")
    made = paper.pdf("<html><head></head>", "").decode()
    paper.pdf.cache_clear()
    assert "PATH" in made
    assert "of the library" not in made


@needs_press
def test_words_of_a_chart_are_shaped_as_a_whole() -> None:
    chart = (
        '<svg viewBox="0 0 99 20" role="img"><title>Fed &amp; warm</title>'
        '<text x="50" y="9" font-size="9">\u064a\u0648\u0646\u064a\u0648</text></svg>'
    )
    made = paper.pdf(f'<html lang="ar"><head><title>A</title></head>{chart}', "")
    with pypdfium2.PdfDocument(made) as document:
        kept = document[0].get_textpage().get_text_range()
    assert len(set(kept.strip())) >= 3
    assert paper.said_of(chart) == "Fed & warm."
    (picture,) = paper.pngs((chart,))
    assert picture.startswith(b"\x89PNG")


def test_a_few_wait_for_a_pdf_and_others_are_told_at_once(reader) -> None:
    paper.pdf.cache_clear()
    paper._drawn.cache_clear()  # noqa: SLF001
    with ExitStack() as waiting:
        for _ in range(1 + paper.MOST_WAITING):
            waiting.enter_context(paper.queue)
        # Not a Word document without its charts either.
        for file in ("/records/1/one-page.pdf", "/collections/3/package.docx"):
            answer = reader.get(file)
            assert answer.status_code == 503
            assert "Other PDFs are being made" in answer.text


def test_without_weasyprint_a_page_says_what_to_install(reader, monkeypatch) -> None:
    paper.pdf.cache_clear()
    monkeypatch.setattr(paper, "START", "raise SystemExit(3)")
    answer = reader.get("/records/1/one-page.pdf")
    assert answer.status_code == 503
    assert "WeasyPrint or Pango is not installed" in answer.text
    assert "maktaba[paper]" in answer.text


def test_a_press_that_broke_is_told_to_whoever_runs_the_library(
    reader, monkeypatch, caplog
) -> None:
    paper.pdf.cache_clear()
    monkeypatch.setattr(paper, "START", "raise ValueError('Late.\\nAmina was late')")
    answer = reader.get("/records/1/one-page.pdf")
    assert answer.status_code == 503
    assert "takes too long, or too much memory" in answer.text
    assert "status 1, ValueError" in caplog.text
    assert 'File "<string>", line 1, in <module>' in caplog.text
    assert "Amina" not in caplog.text
    monkeypatch.setattr(paper, "START", "import os; os.abort()")
    assert reader.get("/records/1/one-page.pdf").status_code == 503
    assert "SIGABRT" in caplog.text


def taken(reader: TestClient, form: str, language: str = "en") -> bytes:
    answer = reader.get(f"/collections/3/package.{form}?lang={language}")
    assert answer.status_code == 200, answer.text
    assert f"package-3-edition-2.{form}" in answer.headers["content-disposition"] or form == "html"
    return answer.content


def test_a_package_is_one_page_that_brings_everything_with_it(reader) -> None:
    answer = reader.get("/collections/3/package.html?lang=ar")
    page = lxml.html.document_fromstring(answer.text)
    assert page.get("lang") == "ar"
    assert page.get("dir") == "rtl"
    style = page.findtext(".//style")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert not page.xpath("//script | //*[@src or @style or @onclick] | //link[@rel!='canonical']")
    anchors = {f"#{one}" for one in page.xpath("//@id")}
    inside = {one for one in page.xpath("//@href") if one.startswith("#")}
    assert inside
    assert inside <= anchors
    assert all(one.startswith(("#", "http")) for one in page.xpath("//@href"))
    assert not page.xpath("//*[@dir='auto'] | //details")
    for chart in page.xpath("//*[local-name()='svg'][@role='img']"):
        assert chart.xpath("*[local-name()='desc']")
    assert page.xpath("//table//th[@scope]")
    assert len(page.xpath("//section[@id='cite']//li")) >= 1


def test_a_package_is_an_epub_that_others_read(reader, tmp_path) -> None:
    made = taken(reader, "epub", "ar")
    assert taken(reader, "epub", "ar") == made
    with ZipFile(BytesIO(made)) as book:
        assert book.namelist()[0] == "mimetype"
        about = etree.fromstring(book.read("book/book.opf"))
        assert 'page-progression-direction="rtl"' in book.read("book/book.opf").decode()
        listed = {one.get("href") for one in about.iter("{http://www.idpf.org/2007/opf}item")}
        kept = {name.removeprefix("book/") for name in book.namelist() if name.startswith("book/")}
        assert kept == listed | {"book.opf"}
        for name in listed - {"book.css"}:
            etree.fromstring(book.read(f"book/{name}"))
    checker = Path("/usr/bin/epubcheck")
    if not checker.exists() or which("java") is None:
        pytest.skip("epubcheck is not installed: apt-get install epubcheck")
    file = tmp_path / "package.epub"
    file.write_bytes(made)
    done = subprocess.run(["java", "-jar", checker, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", ["html", "epub", "docx"])
def test_what_xml_cannot_hold_costs_nobody_a_package(own_sample, form, monkeypatch) -> None:
    monkeypatch.setattr(paper, "START", "raise SystemExit(3)")
    odd = 'Why \ufffe\x0b wait? Write lang="en" and href="#story-1".'
    with own_sample.writing() as session:
        collections.describe(session, 3, title=odd, purpose=odd)
        collections.publish(session, 3, by="test")
        session.commit()
    reader = TestClient(create_app(own_sample), raise_server_exceptions=False)
    made = reader.get(f"/collections/3/package.{form}")
    assert made.status_code == 200, made.text
    if form == "epub":  # and its words are those that were written
        with ZipFile(BytesIO(made.content)) as book:
            front = etree.fromstring(book.read("book/front.xhtml"))
        assert 'wait? Write lang="en" and href="#story-1".' in "".join(front.itertext())


def test_a_package_is_a_word_document_with_headings_lists_and_tables(reader, monkeypatch) -> None:
    monkeypatch.setattr(paper, "START", "raise SystemExit(3)")  # charts are told in words
    made = taken(reader, "docx", "ar")
    assert taken(reader, "docx", "ar") == made
    document = docx.Document(BytesIO(made))
    assert document.core_properties.title == "Why wait?"
    assert document.core_properties.language == "ar"
    styles = {one.style.name for one in document.paragraphs}
    assert {"Title", "Heading 1", "List Bullet"} <= styles
    text = document.element.xml
    assert "w:tblHeader" in text
    assert "w:bidiVisual" in text
    assert 'w:bidi="ar"' in document.styles.element.xml
    names = set(re.findall(r'w:bookmarkStart [^>]*w:name="([^"]+)"', text))
    assert set(re.findall(r'w:hyperlink w:anchor="([^"]+)"', text)) <= names


@needs_press
def test_a_package_is_a_tagged_pdf_with_bookmarks(reader) -> None:
    made = taken(reader, "pdf")
    with pikepdf.open(BytesIO(made)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en"
        assert "Why wait?" in str(document.docinfo["/Title"])
        with document.open_outline() as outline:
            assert outline.root
        assert {"/Table", "/TH", "/TD", "/L", "/Link"} <= set(tags_of(document.Root.StructTreeRoot))
    assert "Contents" in words_of(made)
    assert pdf_ua.breaches(made) == []
    assert {"en", "fr"} <= pdf_ua.languages(made)


def test_a_page_says_how_large_a_form_is_once_it_was_made(reader) -> None:
    page = "/collections/3/editions/1"
    button = re.compile(r'package\.html" download>HTML(?: <span class="n">([^<]+)</span>)?</a>')
    assert button.search(reader.get(page).text)[1] is None
    made = reader.get(f"{page}/package.html").content
    said = button.search(reader.get(page).text)[1]
    assert said == f"{round(len(made) / 1000)} kB"
    assert button.search(reader.get(f"{page}?lang=fr").text)[1] is None  # that is another file


def test_a_form_that_is_not_and_a_package_that_is_not(reader) -> None:
    assert reader.get("/collections/3/package.odt").status_code == 404
    assert reader.get("/collections/99/package.html").status_code == 404
    assert reader.get("/collections/3/editions/9/package.epub").status_code == 404
    assert reader.get("/collections/3/editions/1/package.html").status_code == 200
    assert 'href="/collections/3/package.pdf"' in reader.get("/collections/3").text


def test_the_command_writes_every_form(sample, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("web.commands.publish.library_of", lambda _: sample)
    done = CliRunner().invoke(
        publish.app, ["package", "3", str(tmp_path), "--form", "html", "--form", "epub"]
    )
    assert done.exit_code == 0, done.output
    names = sorted(one.name for one in tmp_path.glob("package-3-*"))
    assert names == ["package-3-edition-2-en.epub", "package-3-edition-2-en.html"]
    assert 'href="/' not in (tmp_path / names[1]).read_text("utf-8")
