"""What readers take with them whole: stories and packages as files, opened by other programs."""

from importlib.util import find_spec
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from fastapi.testclient import TestClient

from web.app import create_app
from web.binding import paper

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
        with document.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
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


def test_without_weasyprint_a_page_says_what_to_install(reader, monkeypatch) -> None:
    paper.pdf.cache_clear()
    monkeypatch.setattr(paper, "START", "raise SystemExit(3)")
    answer = reader.get("/records/1/one-page.pdf")
    assert answer.status_code == 503
    assert "WeasyPrint or Pango is not installed" in answer.text
    assert "maktaba[paper]" in answer.text
