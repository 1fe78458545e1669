"""A page as a copy has it: no part that needs a server, addresses of files, and few bytes.

The page is the one that the application shows; nothing is laid out a second time.
"""

from collections.abc import Iterator
from typing import Final

from lxml import html
from lxml.html import HtmlElement

from web.publish.links import SEARCH, SHELVES, Links
from web.publish.repeats import say_once, words
from web.publish.slimming import slim

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
        "//details[@class='advice']",
        "//noscript",
    )
)
# A copy cannot be called back when somebody in a photo no longer agrees: they are in it only where
# whoever made it asked for them.
PHOTOS: Final = "//*[@id='photos']"
# Whole packages are in a copy only where they were asked for.
PACKAGES: Final = "//*[@class='downloads packages']"
# Said to crawlers and other programs about the page of the library, not about its copy.
FOR_PROGRAMS: Final = (
    "//link[@rel='alternate' or @rel='search' or @rel='manifest' or @rel='schema.DC']"
    " | //link[@rel='apple-touch-icon']"
    " | //meta[starts-with(@property, 'og:') or starts-with(@property, 'article:')]"
    " | //meta[starts-with(@name, 'DC.') or starts-with(@name, 'twitter:')]"
    " | //meta[starts-with(@name, 'citation_') or @name='description' or @name='theme-color']"
    " | //meta[@name='htmx-config' or @name='color-scheme']"
)
# One drawing of a chart is enough: the one for phones can be read on every screen.
SECOND_DRAWING: Final = "//svg[contains(@class, 'chart-wide')]"
# What a similar story has in common and what differs one reads there.
TOLD_AT_LENGTH: Final = "//section[@id='similar']//p[contains(@class, 'why')]"
# Of a list the first stories stand there in full, the others as title and place.
FULL, SHORT = 10, 150  # stories; characters of each
IN_FULL: Final = ".//*[@class='says' or @class='facts']"
ADDRESSES: Final = ("href", "src", "action")


def pared(page: str, *, path: str, file: str, language: str, links: Links) -> HtmlElement:
    """Return the page of `path` as it lies in `file` of a copy, without a note that it is one."""
    document = html.document_fromstring(page)
    for element in _left_out(document, several=len(links.pages[path]) > 1, links=links):
        _drop(element)
    if path.split("/")[1] in SHELVES:
        _shorten(document)
    _lead(document, file=file, language=language, links=links)
    there = {"", *document.xpath("//@id")}
    for link in document.xpath("//a[starts-with(@href, '#')]"):  # to what has gone
        if link.get("href")[1:] not in there:
            _unlink(link)
    say_once(document)
    slim(document, language)
    return document


def _left_out(document: HtmlElement, *, several: bool, links: Links) -> Iterator[HtmlElement]:
    yield from document.xpath(
        f"{NEEDS_A_SERVER} | {FOR_PROGRAMS} | {SECOND_DRAWING} | {TOLD_AT_LENGTH}"
    )
    if not several:
        yield from document.find_class("tongues")
    for element in document.xpath(f"{PHOTOS} | {PACKAGES}"):
        if not any(address in links.files for address in element.xpath(".//@src | .//@href")):
            yield element


def _shorten(document: HtmlElement) -> None:
    """Say of the stories on a shelf no more than one chooses by."""
    for summary in document.find_class("says"):
        said = summary.text_content().strip()
        if len(said) > SHORT and not len(summary):
            summary.text = f"{said[:SHORT].rpartition(' ')[0]} …"
    for hit in document.find_class("hit")[FULL:]:
        for part in hit.xpath(IN_FULL):
            part.drop_tree()
    for lights in document.xpath("//dl[@class='facts']//span[@class='lights']"):
        lights.drop_tree()  # the number beside them says it


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
    offers = alone and (around.tag == "p" or words(around) == words(element))
    if "button" in element.get("class", "").split():
        _drop(element)
    elif offers and not empty:
        _drop(around)
    else:
        element.drop_tag()


def _drop(element: HtmlElement) -> None:
    """Take an element away, and what is then left with nothing but a heading."""
    while (around := element.getparent()) is not None:
        element.drop_tree()
        left = [child for child in around if child.tag not in {"h2", "h3"}]
        said = around.text and around.text.strip()
        if left or said or around.tag not in {"p", "ul", "ol", "section", "li"}:
            return
        element = around
