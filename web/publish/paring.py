"""A page as a copy has it: no part that needs a server, addresses of files, and few bytes.

The page is the one that the application shows; nothing is laid out a second time.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from unicodedata import bidirectional

from lxml import html
from lxml.html import HtmlElement

from web.publish.links import SEARCH, Links

# What a copy cannot do: send a form, keep a page on the device, choose stories, load parts.
NEEDS_A_SERVER: Final = " | ".join(
    (
        f"//form[not(@action='{SEARCH}')]",
        "//*[@data-keep]",
        "//script",
        "//label[@class='choice']",
        "//*[contains(@class, 'share-card')]",
        "//a[@href='#take']",
        "//input[@form='ask']",
        "//*[@class='sorts']",
        "//*[@id='suggestions']",
        "//noscript",
    )
)
# A copy cannot be called back when somebody in a photo no longer agrees: they are in it only where
# whoever made it asked for them.
PHOTOS: Final = "//*[@id='photos']"
# Said to crawlers and other programs about the page of the library, not about its copy.
FOR_PROGRAMS: Final = (
    "//link[@rel='alternate' or @rel='search' or @rel='manifest' or @rel='schema.DC']"
    " | //link[@rel='apple-touch-icon']"
    " | //meta[starts-with(@property, 'og:') or starts-with(@property, 'article:')]"
    " | //meta[starts-with(@name, 'DC.') or starts-with(@name, 'twitter:')]"
    " | //meta[@name='htmx-config' or starts-with(@name, 'citation_abstract')]"
)
# One drawing of a chart is enough: the one for phones can be read on every screen.
SECOND_DRAWING: Final = "//svg[contains(@class, 'chart-wide')]"
ADDRESSES: Final = ("href", "src", "action")
WORD_FOR_WORD: Final = frozenset({"pre", "textarea", "script", "style"})
SPACE: Final = re.compile(r"[ \t\r\n\f]+")  # not the no-break space
# These end where the next one begins (HTML, 13.1.2.4 Optional tags).
ENDS_ITSELF: Final = re.compile(
    r"</(?:li|td|th|tr|dt|dd)>(\s?)(?=<(?:li|td|th|tr|dt|dd)[ >])|"
    r"</(?:li|td|th|tr|dd)>\s?(?=</(?:ul|ol|tr|tbody|thead|table|dl)>)"
)
EMPTY: Final = re.compile(r"(<(?:line|circle|rect|path|polyline|use)\b[^>]*)></[a-z]+>")
# In a chart the stylesheet says these of elements of these classes; other ones say it themselves.
OF_THE_STYLESHEET: Final = {
    "fill": {"chart-after", "chart-axis", "chart-line", "chart-point", "chart-trend"},
    "fill-opacity": {"chart-after"},
    "stroke": {
        "chart-change",
        "chart-grid",
        "chart-line",
        "chart-median",
        "chart-point",
        "chart-target",
        "chart-trend",
    },
}
POINT_LINE, SMALL_LINE = 2, 1.25  # units, around a point; as .chart-point and .chart-small say
SMALL_DRAWING = 400  # characters of a sign that is worth drawing once
RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def pared(page: str, *, path: str, file: str, language: str, links: Links) -> HtmlElement:
    """Return the page of `path` as it lies in `file` of a copy, without a note that it is one."""
    document = html.document_fromstring(page)
    if len(links.pages[path]) == 1:
        for switch in document.find_class("tongues"):
            _drop(switch)
    for element in document.xpath(f"{NEEDS_A_SERVER} | {FOR_PROGRAMS} | {SECOND_DRAWING}"):
        _drop(element)
    for element in document.xpath(PHOTOS):
        if not any(photo.get("src") in links.files for photo in element.iter("img")):
            _drop(element)
    _lead(document, file=file, language=language, links=links)
    there = {"", *document.xpath("//@id")}
    for link in document.xpath("//a[starts-with(@href, '#')]"):  # to what has gone
        if link.get("href")[1:] not in there:
            _unlink(link)
    _slim(document, language)
    return document


def written(document: HtmlElement) -> bytes:
    """Return the page as the bytes of its file."""
    text: str = html.tostring(document, encoding="unicode", doctype="<!doctype html>")
    return (ENDS_ITSELF.sub(r"\1", EMPTY.sub(r"\1/>", text)) + "\n").encode()


def _lead(document: HtmlElement, *, file: str, language: str, links: Links) -> None:
    """Let every address lead to a file of the copy; what leads nowhere is text, or goes."""
    dead: list[HtmlElement] = []
    for element in document.iter():
        for name in ADDRESSES:
            address = element.get(name) if isinstance(element.tag, str) else None
            if address is None or element.get("rel") == "canonical":
                continue
            there = links.there(address, of=file, language=language)
            if there is None:
                dead.append(element)
            else:
                element.set(name, there)
    for element in dead:
        if element.getparent() is not None:
            _unlink(element)


def _unlink(element: HtmlElement) -> None:
    """Take a link away: with its sentence where nothing else is said, else leave its words."""
    if element.tag != "a":
        _drop(element)
        return
    around = element.getparent()
    empty = "none" in element.get("class", "").split()  # a gap is told, though there is no page
    alone = around.tag in {"p", "li"} and len(around.findall(".//a")) == 1
    offers = alone and (around.tag == "p" or _words(around) == _words(element))
    if "button" in element.get("class", "").split():
        _drop(element)
    elif offers and not empty:
        _drop(around)
    else:
        element.drop_tag()


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _drop(element: HtmlElement) -> None:
    """Take an element away, and what is then left with nothing but a heading."""
    while (around := element.getparent()) is not None:
        element.drop_tree()
        left = [child for child in around if child.tag not in {"h2", "h3"}]
        said = around.text and around.text.strip()
        if left or said or around.tag not in {"p", "ul", "ol", "section", "li"}:
            return
        element = around


def _slim(document: HtmlElement, language: str) -> None:
    """Leave out what only costs bytes: spaces, the language said twice, signs drawn again."""
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        if element.text and element.tag not in WORD_FOR_WORD:
            element.text = SPACE.sub(" ", element.text)
        if element.tail:
            element.tail = SPACE.sub(" ", element.tail)
    _say_once(document.body, language, document.get("dir") == "rtl")
    _draw_once(document)
    for part in document.xpath("//svg[contains(@class, 'chart-narrow')]//*[@class]"):
        for name, classes in OF_THE_STYLESHEET.items():
            if not classes.isdisjoint(part.get("class").split()):
                part.attrib.pop(name, None)
    for chart in document.iterfind(".//svg[@class='chart chart-narrow']"):
        _dot(chart)


def _dot(chart: HtmlElement) -> None:
    """Draw all points of a kind in one stroke; what each of them says stands in the table below."""
    alike: dict[tuple[str, float], list[HtmlElement]] = {}
    for point in chart.iter("circle"):
        kind = point.get("class", "")
        if kind.startswith("chart-point"):
            alike.setdefault((kind, float(point.get("r"))), []).append(point)
    for (kind, radius), points in alike.items():
        line = SMALL_LINE if "chart-small" in kind else POINT_LINE
        spots = "".join(f"M{point.get('cx')} {point.get('cy')}h0" for point in points)
        widths = {"chart-dots": 2 * radius + line}
        if "chart-marked" not in kind:  # hollow
            widths["chart-dots chart-inside"] = 2 * radius - line
        around, at = points[-1].getparent(), points[-1].getparent().index(points[-1])
        drawn = {name: f"{width:g}" for name, width in widths.items()}
        for name, width in reversed(drawn.items()):
            path = {"class": name, "d": spots, "stroke-width": width}
            around.insert(at + 1, chart.makeelement("path", path))
        for point in points:
            around.remove(point)


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
    """Draw each small sign once, and point to it where it stands again."""
    signs = [
        sign
        for sign in document.iterfind(".//svg[@aria-hidden]")
        if len(sign) and len(_inside(sign)) < SMALL_DRAWING
    ]
    often = Counter(map(_inside, signs))
    known: dict[str, str] = {}
    for sign in signs:
        inside = _inside(sign)
        if often[inside] == 1:
            continue
        kept = {name: sign.attrib.pop(name) for name in list(sign.attrib) if name in _DRAWN}
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


# Attributes of a sign that its drawing brings along.
_DRAWN: Final = frozenset(
    {"viewbox", "viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
)


def _inside(sign: HtmlElement) -> str:
    drawn = ";".join(f"{n}={v}" for n, v in sorted(sign.attrib.items()) if n in _DRAWN)
    return drawn + "".join(
        html.tostring(part, encoding="unicode", with_tail=False) for part in sign
    )
