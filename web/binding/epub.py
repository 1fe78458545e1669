"""A book as EPUB 3, written with the standard library.

Source: EPUB 3.3, https://www.w3.org/TR/epub-33/, and its accessibility metadata,
https://www.w3.org/TR/epub-a11y-11/
"""

from html import escape
from io import BytesIO
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lxml import etree

from web.binding.book import Book, Chapter, runs
from web.binding.page import STYLE

MEDIA_TYPE: Final = "application/epub+zip"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
DECLARED: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
SPACES: Final = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
# Reading programs set their own pages, and know no selectors of lists.
LAID_OUT: Final = "\n".join(
    line for line in STYLE.splitlines() if not line.startswith(("@page", ":is("))
)
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of every file inside: the same book is the same bytes
ACCESS: Final = (
    ("accessMode", "textual"),
    ("accessMode", "visual"),
    ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityFeature", "alternativeText"),
    ("accessibilityFeature", "longDescription"),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary", "Text that reflows, with headings; each chart is told in sentences."),
)
CONTAINER: Final = (
    f'{DECLARED}<container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def epub(book: Book) -> bytes:
    """Return the book as an EPUB file."""
    files = {
        "META-INF/container.xml": CONTAINER,
        "book/book.opf": _about(book),
        "book/book.css": LAID_OUT,
        "book/contents.xhtml": _page(book, book.contents, _contents(book)),
    }
    where = {f"#{one.anchor}": f"{one.anchor}.xhtml" for one in book.chapters}
    for one in book.chapters:
        files[f"book/{one.anchor}.xhtml"] = _page(book, one.title, _linked(one, where))
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        archive.writestr(ZipInfo("mimetype", LONG_AGO), MEDIA_TYPE, ZIP_STORED)
        for name, text in files.items():
            archive.writestr(ZipInfo(name, LONG_AGO), text, ZIP_DEFLATED)
    return written.getvalue()


def _page(book: Book, title: str, body: str) -> str:
    tongue = f'lang="{book.language}" xml:lang="{book.language}" dir="{book.direction}"'
    return (
        f"{DECLARED}<!DOCTYPE html>\n<html {SPACES} {tongue}><head><title>{escape(title)}</title>"
        f'<link rel="stylesheet" href="book.css"/></head><body>{body}</body></html>'
    )


def _linked(chapter: Chapter, where: dict[str, str]) -> str:
    """Let links between chapters lead to their files, and say languages as XML does, too."""
    whole = etree.fromstring(f"<div>{chapter.body}</div>")
    for element in whole.iter(etree.Element):
        if "href" in element.attrib:
            element.set("href", where.get(element.get("href"), element.get("href")))
        if "lang" in element.attrib:
            element.set(XML_LANG, element.get("lang"))
        element.attrib.pop("unicode-bidi", None)  # newer than what EPUB knows of SVG
    return "".join(etree.tostring(one, encoding="unicode") for one in whole)


def _contents(book: Book) -> str:
    entries = "".join(
        f'<li><a href="{one.anchor}.xhtml"{_tongue(one)}>{escape(one.title)}</a></li>'
        for one in book.chapters
    )
    return f'<nav epub:type="toc"><h1>{escape(book.contents)}</h1><ol>{entries}</ol></nav>'


def _tongue(chapter: Chapter) -> str:
    said = escape(chapter.language)
    return f' lang="{said}" xml:lang="{said}" dir="{runs(said)}"' if said else ""


def _about(book: Book) -> str:
    identifier = uuid5(NAMESPACE_URL, f"{book.address or book.library}#{book.name}-{book.language}")
    items = "".join(
        f'<item id="{one.anchor}" href="{one.anchor}.xhtml" '
        f'media-type="application/xhtml+xml"{_properties(one)}/>'
        for one in book.chapters
    )
    front, *others = (f'<itemref idref="{one.anchor}"/>' for one in book.chapters)
    rtl = ' page-progression-direction="rtl"' if book.direction == "rtl" else ""
    optional = "".join(
        f"<dc:{name}>{escape(value)}</dc:{name}>"
        for name, value in (("rights", book.licence), ("source", book.address))
        if value
    )
    access = "".join(
        f'<meta property="schema:{name}">{escape(value)}</meta>' for name, value in ACCESS
    )
    return (
        f'{DECLARED}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        f'unique-identifier="id" xml:lang="{book.language}">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>'
        f"<dc:title>{escape(book.title)}</dc:title><dc:language>{book.language}</dc:language>"
        f"<dc:creator>{escape(book.library)}</dc:creator>"
        f"<dc:publisher>{escape(book.library)}</dc:publisher>"
        f"<dc:date>{book.made:%Y-%m-%d}</dc:date>{optional}"
        f'<meta property="dcterms:modified">{book.made:%Y-%m-%dT%H:%M:%SZ}</meta>{access}'
        '</metadata><manifest><item id="contents" href="contents.xhtml" '
        'media-type="application/xhtml+xml" properties="nav"/>'
        f'<item id="css" href="book.css" media-type="text/css"/>{items}</manifest>'
        f'<spine{rtl}>{front}<itemref idref="contents"/>{"".join(others)}</spine></package>'
    )


def _properties(chapter: Chapter) -> str:
    return ' properties="svg"' if "<svg" in chapter.body else ""
