"""The copy of a text, a CSV file or a web page for readers."""

from lxml import etree, html

from ingest.cleaning.texts import own_slots, replace_in_attributes, replace_in_slots, texts_of
from ingest.order import Cleaned, Order, UncleanError, Words
from ingest.readers.decoding import decode
from ingest.readers.limits import Limits

_GONE = ("script", "style", "meta", "link", "iframe", "object", "embed", "form", "noscript", "base")
_BLOCKS = frozenset(
    {"p", "div", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "body", "caption", "dd",
     "dt", "figcaption", "blockquote", "pre", "title", "summary", "article", "section"}
)  # fmt: skip


def clean_text(data: bytes, order: Order, _limits: Limits) -> Cleaned:
    """Return the text in UTF-8, with the words replaced."""
    words = Words(order.words)
    text = words.out_of(decode(data))
    words.refuse_left([text])
    return Cleaned(text.encode(), "")


def clean_html(data: bytes, order: Order, _limits: Limits) -> Cleaned:
    """Return the page without scripts, comments and what it declares about its author."""
    words = Words(order.words)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    root = html.document_fromstring(decode(data).encode(), parser=parser)
    if root is None:
        raise UncleanError("It is no web page.")
    for element in [one for tag in _GONE for one in root.iter(tag)]:
        element.drop_tree()
    for element in root.iter(etree.Element):
        for name in [str(one) for one in element.attrib]:
            if name.startswith("on") or name in {"style", "srcset", "src", "data", "action"}:
                del element.attrib[name]
    if words:
        for block in [one for one in root.iter(etree.Element) if one.tag in _BLOCKS]:
            replace_in_slots(own_slots(block, _BLOCKS), words)
        replace_in_attributes(root, words)
        words.refuse_left(texts_of(root, _BLOCKS))
    copy = html.tostring(root, encoding="utf-8", doctype="<!doctype html>")
    return Cleaned(copy.replace(b"<head>", b'<head><meta charset="utf-8">', 1), ".html")
