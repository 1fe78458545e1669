"""The small signs of a copy, drawn once in its stylesheet: pages name them by their classes.

A badge already says by its class what became of a change; the drawing is that of the templates.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree, html
from lxml.html import HtmlElement

from kb.vocabulary import Decision, Verdict
from web.library import Library
from web.render import environment

SVG: Final = "http://www.w3.org/2000/svg"
TOLD: Final = frozenset({"badge", "became"})  # these have a sign of each kind
SPELT: Final = {"viewbox": "viewBox"}  # HTML has read it in small letters


def stylesheet(library: Library) -> bytes:
    """Return what draws the sign of each badge, as the pages of the library do."""
    return "".join(_rules(library)).encode()


def said_by_classes(document: HtmlElement) -> None:
    """Take the drawings away that the stylesheet of a copy has."""
    for sign in document.xpath("//span/svg[@aria-hidden]"):
        kinds = sign.getparent().get("class", "").split()
        if len(kinds) > 1 and kinds[0] in TOLD:
            sign.drop_tree()
    for sign in document.xpath("//li/svg[@class='chart-swatch']"):
        around = sign.getparent()
        around.set("class", _kind(sign))
        around.text = (around.text or "") + (sign.tail or "").lstrip()
        around.remove(sign)
    for lights in document.xpath("//ul[@class='five']/li/span[@class='lights'][count(i)=1]"):
        lights.getparent().set("class", lights[0].get("class"))
        lights.drop_tree()
    for sign in document.xpath("//a[@class='brand']/svg"):
        sign.addprevious(sign.makeelement("i", {"class": "mark"}))
        sign.drop_tree()


def _kind(swatch: HtmlElement) -> str:
    """Return the class of what a legend explains, such as key-median.

    >>> _kind(html.fragment_fromstring('<svg><line class="chart-median chart-held"/></svg>'))
    'key-held'
    """
    names: str = swatch[-1].get("class", "")
    return names.rsplit(maxsplit=1)[-1].replace("chart-", "key-")


def _rules(library: Library) -> Iterator[str]:
    signs = environment(library, library.site.languages[0]).get_template("_signs.html").module
    for verdict in Verdict:
        yield _rule(f".badge.{verdict}", signs.verdict(verdict.value))  # type: ignore[attr-defined]
    for decision in Decision:
        yield _rule(f".became.{decision}", signs.became(decision.value))  # type: ignore[attr-defined]


def _rule(where: str, drawn: str) -> str:
    [sign] = html.fragment_fromstring(str(drawn)).iter("svg")
    shape = etree.Element("svg", {"xmlns": SVG})
    for name, value in sign.attrib.items():
        if name != "aria-hidden":
            shape.set(SPELT.get(name, name), value.replace("currentColor", "#000"))
    for part in sign:
        part.tail = None
        shape.append(part)
    drawing = etree.tostring(shape, encoding="unicode").replace("currentColor", "#000")
    for sign_, spelt in (('"', "'"), ("#", "%23"), ("<", "%3C"), (">", "%3E")):
        drawing = drawing.replace(sign_, spelt)
    return f'{where}::before{{--sign:url("data:image/svg+xml,{drawing}")}}\n'
