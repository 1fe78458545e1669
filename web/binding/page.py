"""A book as one page of HTML that brings everything with it."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from lxml import etree
from markupsafe import Markup, escape

from web.binding.book import Book, Chapter, runs
from web.binding.paper import CHART, SHEETS, pdf

STYLE: Final = f"{SHEETS}\n{CHART}\n{Path(__file__).with_name('book.css').read_text('utf-8')}"
# The page runs nothing, loads nothing, and has the one stylesheet that it brings.
DIGEST: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def html(book: Book) -> str:
    """Return the whole book as one page, with its stylesheet in it."""
    return str(_page(book, Markup("<style>{}</style>").format(Markup(STYLE))))  # noqa: S704  our own


def paper(book: Book) -> bytes:
    """Return the book as a tagged PDF with a list of its chapters and their pages."""
    return pdf(str(_page(book, Markup())), STYLE)


def _page(book: Book, style: Markup) -> str:
    entries = Markup("").join(map(_entry, book.chapters[1:]))
    front, *others = (Markup(_as_html(one)) for one in book.chapters)  # noqa: S704  escaped there
    return Markup(
        '<!doctype html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>{title}</title><meta name="author" content="{library}">'
        '<meta name="dcterms.created" content="{made}">{link}{style}</head><body><main>{front}'
        '<nav class="list" aria-labelledby="contents"><h2 id="contents">{contents}</h2>'
        "<ol>{entries}</ol></nav>{others}</main></body></html>"
    ).format(
        language=book.language,
        direction=book.direction,
        title=book.title,
        library=book.library,
        made=f"{book.made:%Y-%m-%dT%H:%M:%SZ}",
        link=Markup('<link rel="canonical" href="{}">').format(book.address)
        if book.address
        else "",
        style=style,
        front=front,
        contents=book.contents,
        entries=entries,
        others=Markup("").join(others),
    )


def _entry(chapter: Chapter) -> Markup:
    tongue = chapter.language
    said = Markup(' lang="{}" dir="{}"').format(tongue, runs(tongue)) if tongue else ""
    return Markup('<li><a href="#{}"><bdi{}>{}</bdi></a></li>').format(
        chapter.anchor, said, escape(chapter.title)
    )


def _as_html(chapter: Chapter) -> str:
    """Return XHTML as HTML: an empty element is closed as HTML closes it."""
    whole = etree.fromstring(f"<div>{chapter.body}</div>")
    return "".join(etree.tostring(one, encoding="unicode", method="html") for one in whole)
