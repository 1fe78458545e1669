"""What only costs bytes, taken out of a page: it reads and says the same afterwards.

A copy holds the same head, foot, signs and spaces a thousand times over. What the stylesheet of the
copy can say once (`assets/copy.css`, `web/publish/signs.py`) stands in no page.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from unicodedata import bidirectional

from lxml import html
from lxml.html import HtmlElement

from web.publish.charts import leaner
from web.publish.signs import said_by_classes

WORD_FOR_WORD: Final = frozenset({"pre", "textarea", "script", "style"})
SPACE: Final = re.compile(r"[ \t\r\n\f]+")  # not the no-break space
# Between these and what stands around them no space is seen; a heading may stand in a line.
BLOCKS: Final = frozenset(
    {
        "article",
        "aside",
        "body",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "head",
        "header",
        "html",
        "legend",
        "li",
        "link",
        "main",
        "meta",
        "nav",
        "ol",
        "p",
        "script",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    }
)
LINES: Final = ("article", "aside", "body", "figure", "footer", "header", "li", "main", "section")
BEGUN: Final = (
    "article|aside|details|div|dl|figure|footer|form|h[1-6]|main|nav|ol|p|section|table|ul"
)
ENDED: Final = "article|aside|body|dd|details|div|figure|footer|li|main|nav|section|td|th"
# These end where the next one begins (HTML, 13.1.2.4 Optional tags).
ENDS_ITSELF: Final = re.compile(
    r"</(?:li|td|th|tr|dt|dd)>(\s?)(?=<(?:li|td|th|tr|dt|dd)[ >])|"
    r"</(?:li|td|th|tr|dd)>\s?(?=</(?:ul|ol|tr|tbody|thead|table|dl)>)|"
    rf"</p>\s?(?=<(?:{BEGUN})[ >]|</(?:{ENDED})>)"
)
EMPTY: Final = re.compile(r"(<(?:line|circle|rect|path|polyline|use)\b[^>]*)></[a-z]+>")
TAG: Final = re.compile(r"""<[a-z](?:[^"'>]|"[^"]*"|'[^']*')*>""")
# A value without signs that would end it needs no quotes; before a slash it would take that in.
QUOTED: Final = re.compile(r"""=(?:"([^\s"'=<>`/]+(?:/[^\s"'=<>`/]+)*)"(?=[ >])|"")""")
SMALL_DRAWING: Final = 400  # characters of a sign that is worth drawing once
RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
# Attributes of a sign that its drawing brings along.
DRAWN: Final = frozenset(
    {"viewbox", "viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
)


def slim(document: HtmlElement, language: str) -> None:
    """Leave out what only costs bytes: spaces, the language said twice, signs drawn again."""
    said_by_classes(document)
    leaner(document)
    _join(document)
    _close_up(document)
    _begin_lines(document)
    _say_once(document.body, language, document.get("dir") == "rtl")
    _draw_once(document)


def written(document: HtmlElement) -> bytes:
    """Return the page as the bytes of its file."""
    text: str = html.tostring(document, encoding="unicode", doctype="<!doctype html>")
    text = ENDS_ITSELF.sub(r"\1", EMPTY.sub(r"\1/>", text))
    return (TAG.sub(_unquoted, text) + "\n").encode()


def _unquoted(tag: re.Match[str]) -> str:
    return QUOTED.sub(lambda value: f"={value[1]}" if value[1] else "", tag[0])


def _join(document: HtmlElement) -> None:
    """Let short facts stand in one text with dots between them, as the stylesheet draws them."""
    for facts in document.find_class("dots"):
        plain = all(one.tag == "span" and not one.attrib and not len(one) for one in facts)
        beside = [facts.text, *(one.tail for one in facts)]
        if not len(facts) or not plain or any(text and text.strip() for text in beside):
            continue
        said = " · ".join(filter(None, ((one.text or "").strip() for one in facts)))
        for one in list(facts):
            facts.remove(one)
        facts.text = said
        if left := [name for name in facts.get("class").split() if name != "dots"]:
            facts.set("class", " ".join(left))
        else:
            del facts.attrib["class"]


def _close_up(document: HtmlElement) -> None:
    """Let one space stand where there were several, and none beside a block.

    The large parts of a page begin a line of the file, for whoever reads that.
    """
    as_written = {part for whole in document.iter(*WORD_FOR_WORD) for part in whole.iter()}
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        is_block = element.tag in BLOCKS
        if element.text and element not in as_written:
            element.text = SPACE.sub(" ", element.text)
            if is_block:
                element.text = element.text.lstrip(" ") or None
        if element.tail and element.getparent() not in as_written:
            element.tail = SPACE.sub(" ", element.tail)
            beside = element.getnext()
            around = element.getparent().tag in BLOCKS if beside is None else beside.tag in BLOCKS
            if element.tail == " " and (is_block or around):
                element.tail = None


def _begin_lines(document: HtmlElement) -> None:
    for part in document.iter(*LINES):
        before = part.getprevious()
        if before is not None and not before.tail:
            before.tail = "\n"


def _say_once(element: HtmlElement, language: str, rtl: bool) -> None:
    """Leave out languages and directions that hold anyway."""
    own = element.get("lang")
    if own == language:
        del element.attrib["lang"]
    if element.get("dir") == "auto" and element.tag not in {"input", "textarea", "bdi"}:
        first = next(_strong(element.text_content()), None)
        if first is not None and first is rtl:
            del element.attrib["dir"]
    for child in element:
        if isinstance(child.tag, str):
            _say_once(child, own or language, rtl)


def _strong(text: str) -> Iterator[bool]:
    """Yield for each letter whether it is written from right to left."""
    for letter in text:
        kind = bidirectional(letter)
        if kind == "L" or kind in RIGHT_TO_LEFT:
            yield kind in RIGHT_TO_LEFT


def _draw_once(document: HtmlElement) -> None:
    """Draw each small sign once, and point to it where it stands again.

    One with a class stays: what the stylesheet says of its parts does not reach into a reference.
    """
    signs = [
        sign
        for sign in document.iterfind(".//svg[@aria-hidden]")
        if not sign.get("class") and len(sign) and len(_inside(sign)) < SMALL_DRAWING
    ]
    often = Counter(map(_inside, signs))
    known: dict[str, str] = {}
    for sign in signs:
        inside = _inside(sign)
        if often[inside] == 1:
            continue
        kept = {name: sign.attrib.pop(name) for name in list(sign.attrib) if name in DRAWN}
        parts = list(sign)
        name = known.get(inside)
        if name is None:
            name = known[inside] = f"s{len(known) + 1}"
            symbol = sign.makeelement("symbol", {"id": name, **kept})
            symbol.extend(parts)
            sign.insert(0, symbol)
        else:
            for part in parts:
                sign.remove(part)
        sign.append(sign.makeelement("use", {"href": f"#{name}"}))


def _inside(sign: HtmlElement) -> str:
    drawn = ";".join(f"{n}={v}" for n, v in sorted(sign.attrib.items()) if n in DRAWN)
    return drawn + "".join(
        html.tostring(part, encoding="unicode", with_tail=False) for part in sign
    )
