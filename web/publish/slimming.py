"""What only costs bytes, taken out of a page: it reads and says the same afterwards.

A copy holds the same head, foot, signs and spaces a thousand times over. What the stylesheet of the
copy can say once (`assets/copy.css`, `web/publish/signs.py`) stands in no page. Spaces are what
they are in HTML: no class of a page in a copy keeps them as written, and no block stands in a line.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Final
from unicodedata import bidirectional

from lxml import html
from lxml.html import HtmlElement

from web.publish.charts import leaner
from web.publish.signs import said_by_classes

WORD_FOR_WORD: Final = frozenset({"pre", "textarea", "script", "style"})
SPACE: Final = re.compile(r"[ \t\r\n\f]+")  # not the no-break space
# Between these and what stands around them no space is seen; a heading may stand in a line
# (`.short h2`), and so may a script or a link that is not in the head.
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
        "main",
        "nav",
        "ol",
        "p",
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
IN_HEAD: Final = frozenset({"link", "meta", "script"})
# These begin a line of the file.
LINES: Final = ("article", "aside", "body", "figure", "footer", "header", "li", "main", "section")
# A paragraph ends where one of these begins, or what it stands in ends.
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
VALUE: Final = re.compile(r"""=(?:"([^"]*)"|'[^']*')(?=([ >]?))""")
# A value without signs that would end it needs no quotes; before a slash it would take that in.
BARE: Final = re.compile(r"""[^\s"'=<>`/]+(?:/[^\s"'=<>`/]+)*""")
SMALL_DRAWING: Final = 400  # characters of a sign that is worth drawing once
RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
# What is typed into these may be written either way; what stands in `bdi` is apart anyway.
FINDS_OUT: Final = frozenset({"input", "textarea", "bdi"})
# Attributes of a sign that its drawing brings along; lxml has read them in small letters.
DRAWN: Final = frozenset(
    {
        "viewbox",
        "preserveaspectratio",
        "fill",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
    }
)


def slim(document: HtmlElement, language: str) -> None:
    """Leave out what only costs bytes: spaces, the language said twice, signs drawn again."""
    for remark in document.xpath("//comment()"):
        remark.drop_tree()
    said_by_classes(document)
    leaner(document)
    _join(document)
    _close_up(document)
    _begin_lines(document)
    _say_once(document.body, language, document.get("dir", "ltr"))
    _draw_once(document)


def written(document: HtmlElement) -> bytes:
    """Return the page as the bytes of its file; no script and no style stands in it."""
    text: str = html.tostring(document, encoding="unicode", doctype="<!doctype html>")
    text = ENDS_ITSELF.sub(r"\1", EMPTY.sub(r"\1/>", text))
    return (TAG.sub(_unquoted, text) + "\n").encode()


def _unquoted(tag: re.Match[str]) -> str:
    return VALUE.sub(_bare, tag[0])


def _bare(found: re.Match[str]) -> str:
    """Return a value as it may stand in a tag: nothing where it is empty, else without quotes."""
    value, after = found.groups()
    if value == "":
        return ""
    return f"={value}" if value and after and BARE.fullmatch(value) else found[0]


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
        is_block = _is_block(element)
        if element.text and element not in as_written:
            element.text = SPACE.sub(" ", element.text)
            if is_block:
                element.text = element.text.lstrip(" ") or None
        if element.tail and element.getparent() not in as_written:
            element.tail = SPACE.sub(" ", element.tail)
            beside = element.getnext()
            around = _is_block(element.getparent() if beside is None else beside)
            if element.tail == " " and (is_block or around):
                element.tail = None


def _is_block(element: HtmlElement) -> bool:
    around = element.getparent()
    in_head = around is not None and around.tag == "head"
    return element.tag in BLOCKS or (in_head and element.tag in IN_HEAD)


def _begin_lines(document: HtmlElement) -> None:
    for part in document.iter(*LINES):
        before = part.getprevious()
        if before is not None and not before.tail:
            before.tail = "\n"


def _say_once(element: HtmlElement, language: str, runs: str) -> None:
    """Leave out languages and directions that hold anyway.

    `runs` is the way the text around it is known to be written: `ltr`, `rtl`, or `auto` where only
    the browser finds it out.
    """
    own, way = element.get("lang", language), element.get("dir", runs)
    if own == language:
        element.attrib.pop("lang", None)
    found_out = element.get("dir") == "auto" and element.tag not in FINDS_OUT
    if found_out and set(_ways(element.text_content())) == {runs}:
        del element.attrib["dir"]
        way = runs
    for child in element:
        if isinstance(child.tag, str):
            _say_once(child, own, way)


def _ways(text: str) -> Iterator[str]:
    """Yield of each letter the way it is written.

    Where both occur, `dir` is needed even so: it keeps the text apart from what stands beside it.
    """
    for letter in text:
        kind = bidirectional(letter)
        if kind == "L" or kind in RIGHT_TO_LEFT:
            yield "rtl" if kind in RIGHT_TO_LEFT else "ltr"


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
    taken = set(document.xpath("//@id"))
    free = (f"s{n}" for n in count(1) if f"s{n}" not in taken)
    known: dict[str, str] = {}
    for sign in signs:
        inside = _inside(sign)
        if often[inside] == 1:
            continue
        kept = {name: sign.attrib.pop(name) for name in list(sign.attrib) if name in DRAWN}
        parts = list(sign)
        name = known.get(inside)
        if name is None:
            name = known[inside] = next(free)
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
