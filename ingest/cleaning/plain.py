"""The copy of a text, a CSV file or a web page for readers."""

import re

from lxml import etree, html

from ingest.cleaning.texts import replace_in, texts_of
from ingest.order import Cleaned, Order, UncleanError, Words
from ingest.readers.decoding import decode
from ingest.readers.limits import Limits

_GONE = (
    "script", "style", "meta", "link", "iframe", "object", "embed", "form", "noscript", "base",
    "template", "input", "textarea", "select", "button", "datalist", "output", "svg", "math",
    "canvas", "audio", "video", "picture", "frame", "frameset", "applet", "param", "dialog",
)  # fmt: skip
# What a page needs to be read; everything else is for programs, or for nobody's eyes.
_KEPT = frozenset({"href", "alt", "title", "colspan", "rowspan", "headers", "scope", "lang", "dir",
                   "id", "name", "start", "value"})  # fmt: skip
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINK = re.compile(r"(?:https?:|mailto:|#)", re.IGNORECASE)
_FENCE = "---"  # of the front matter of Markdown, alone on the first line
_BLOCKS = frozenset(
    {"p", "div", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "body", "caption", "dd",
     "dt", "figcaption", "blockquote", "pre", "title", "summary", "article", "section"}
)  # fmt: skip


def clean_text(data: bytes, order: Order, _limits: Limits) -> Cleaned:
    """Return the text in UTF-8, with the words replaced."""
    return _text(decode(data), order)


def clean_markdown(data: bytes, order: Order, _limits: Limits) -> Cleaned:
    """Return the text without its front matter and its comments, which no reader sees."""
    text = decode(data).replace("\r\n", "\n").lstrip("\ufeff")
    if text.startswith(f"{_FENCE}\n"):
        _, closed, rest = text[len(_FENCE) :].partition(f"\n{_FENCE}\n")
        text = rest if closed else text
    pieces = text.split("<!--")
    seen = [pieces[0], *(piece.partition("-->")[2] for piece in pieces[1:])]
    return _text("".join(seen), order)


def _text(text: str, order: Order) -> Cleaned:
    words = Words(order.words)
    text = words.out_of(text)
    words.refuse_unmet()
    words.refuse_left([text])
    return Cleaned(text.encode(), "")


def clean_html(data: bytes, order: Order, _limits: Limits) -> Cleaned:
    """Return the page without scripts, comments and what it declares about its author."""
    words = Words(order.words)
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    root = html.document_fromstring(decode(data).encode(), parser=parser)
    if root is None:
        raise UncleanError("It is no web page.")
    for element in [one for tag in _GONE for one in root.iter(tag)]:
        element.drop_tree()
    for element in [one for one in root.iter(etree.Element) if _is_unseen(one)]:
        element.drop_tree()
    for element in root.iter(etree.Element):
        for name in [str(one) for one in element.attrib]:
            if name not in _KEPT or (name == "href" and not _LINK.match(element.get(name, ""))):
                del element.attrib[name]
    if words:
        replace_in(root, _BLOCKS, words)
        words.refuse_unmet()
        words.refuse_left(texts_of(root, _BLOCKS))
    copy = html.tostring(root, encoding="utf-8", doctype="<!doctype html>")
    return Cleaned(copy.replace(b"<head>", b'<head><meta charset="utf-8">', 1), ".html")


def _is_unseen(element: etree._Element) -> bool:
    return "hidden" in element.attrib or bool(_UNSEEN.search(element.get("style", "")))
