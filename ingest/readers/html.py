"""Web pages: the main content, without scripts, styles and navigation."""

import re

from bs4 import BeautifulSoup, Tag

from ingest.document import Metadata
from ingest.readers.content import Content, iso_date
from ingest.readers.decoding import decode
from ingest.readers.limits import Limits
from ingest.readers.markup import GUESSED_HEADINGS, guard_depth, promote_bold_lines, to_markdown

_NEVER_CONTENT = (
    "script", "style", "noscript", "template", "svg", "iframe", "object", "form", "button",
    "nav", "aside", "dialog",
)  # fmt: skip
_FURNITURE = re.compile(r"cookie|consent|breadcrumb", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SAFE_LINK = re.compile(r"(https?:|mailto:|tel:|[^:]*$)", re.IGNORECASE)
_MAIN_SHARE = 0.4  # a <main> with less of the page's text than this is a decoy


def read(data: bytes, limits: Limits) -> Content:
    """Read a page; what is beyond `limits.text_bytes` is cut."""
    soup = BeautifulSoup(_text(data[: limits.text_bytes]), "lxml")
    doubts = [f"Cut after {limits.text_bytes:,} bytes."] if len(data) > limits.text_bytes else []
    main = main_content(soup)
    if promote_bold_lines(main):
        doubts.append(GUESSED_HEADINGS)
    return Content(
        markdown=to_markdown(main),
        declared_title=soup.title.get_text() if soup.title else "",
        metadata=_metadata(soup),
        doubts=tuple(doubts),
    )


def chapter(data: bytes) -> str:
    """Return a page of a book as Markdown."""
    return to_markdown(main_content(BeautifulSoup(_text(data), "lxml")))


def main_content(soup: BeautifulSoup) -> Tag:
    """Return the part of the page that a reader came for, stripped of the rest.

    Raises:
        UnreadableError: elements are nested too deeply.
    """
    for tag in soup.find_all(_NEVER_CONTENT):
        tag.decompose()
    guard_depth(soup)
    for tag in soup.find_all("a", href=True):
        if not _SAFE_LINK.match(str(tag["href"]).strip()):
            del tag["href"]
    page: Tag = soup.body or soup
    main = page.find("main") or page.find("article")
    if isinstance(main, Tag) and len(main.get_text()) > _MAIN_SHARE * len(page.get_text()):
        return main
    for tag in page.find_all(["header", "footer"]):
        if not tag.find(["h1", "h2", "h3"]) and tag.find_parent("article") is None:
            tag.decompose()
    for tag in page.find_all(class_=_FURNITURE):
        if tag is not page:
            tag.decompose()
    return page


def _text(data: bytes) -> str:
    return _XML_DECLARATION.sub("", _decoded(data))


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            return decode(data)  # the page is wrong about itself
    return decode(data)


def _metadata(soup: BeautifulSoup) -> Metadata:
    declared = {
        str(tag.get("name") or tag.get("property")).lower(): str(tag.get("content") or "")
        for tag in soup.find_all("meta")
    }
    return Metadata(
        author=declared.get("author") or declared.get("dc.creator", ""),
        created=iso_date(declared.get("article:published_time") or declared.get("dc.date")),
        modified=iso_date(declared.get("article:modified_time")),
        language=str(soup.html.get("lang") or "") if soup.html else "",
    )
