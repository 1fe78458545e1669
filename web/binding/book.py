"""A package as a book: what it says, chapter by chapter, from which every form is made."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from babel import UnknownLocaleError
from jinja2 import Environment
from lxml import etree, html
from lxml.html import HtmlElement

from kb.editions import Published
from kb.vocabulary import CollectionKind, RecordType
from web.binding.paper import SVG
from web.citing import Citation, sentence
from web.collected import Collected, PublicCollection
from web.drawing import runs_left
from web.i18n import direction
from web.library import Library
from web.metadata.described import described
from web.metadata.xml import clean
from web.names import Names
from web.one_page import OnePage, one_page

MOST_TOLD = 60  # stories told on a page each; a book names the others
NO_WORDS: Final = "//*[@aria-hidden='true' or contains(@class, 'hidden')][not(self::dt)]"
ARROW: Final = 'viewBox="0 0 40 12"'  # between the two numbers of a sheet
APART: Final = " · "
KEPT: Final = frozenset(
    {"id", "class", "lang", "dir", "href", "colspan", "rowspan", "scope", "start", "data-n"}
)
UNFOLDED: Final = {"details": "div", "summary": "p"}
EMPTY_TO_DROP: Final = frozenset({"p", "ul", "ol", "dd", "div", "figure", "span"})


def runs(language: str) -> str:
    """Return which way a language is written, from the left where nobody knows it.

    >>> runs("ar-SD"), runs("nonsense")
    ('rtl', 'ltr')
    """
    try:
        return direction(language.partition("-")[0])
    except (UnknownLocaleError, ValueError):
        return "ltr"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: well-formed XHTML that begins with its heading."""

    anchor: str
    title: str
    language: str  # of the title, BCP 47
    body: str


@dataclass(frozen=True, slots=True)
class Book:
    """What a package says, in order, and what is said about it."""

    name: str  # for the file: package-7-edition-2
    address: str  # of the edition in the library; empty where nobody said which it has
    title: str
    language: str  # of what the library says itself; title and stories have their own
    library: str
    made: datetime  # when the edition was published
    licence: str  # name, or SPDX identifier; empty without one
    contents: str  # what the list of chapters is called
    chapters: tuple[Chapter, ...]

    @property
    def direction(self) -> str:
        """Which way it is written: `ltr` or `rtl`."""
        return runs(self.language)


def name_of(edition: Published) -> str:
    """Return what a file of the edition is called, without what kind of file it is."""
    return f"package-{edition.collection_id}-edition-{edition.number}"


def bound(
    collection: PublicCollection,
    context: Mapping[str, Any],
    library: Library,
    *,
    names: Names,
    templates: Environment,
    home: str,
) -> Book:
    """Return the edition as a book; `context` is what its page is made of.

    `home` is the address of the library, without a slash at its end, or empty.
    """
    about, said = collection.about, collection.said
    address = f"{home}/collections/{about.collection_id}" if home else ""
    if address and about.number < about.newest:
        address += f"/editions/{about.number}"
    items = context["items"]
    sheets = _sheets(items, said.kind, names, home)
    edition = names.gettext("edition %(number)s") % {"number": names.number(about.number)}
    # Bound here, told there: credit goes to the library that put it together.
    by = context["home"].library if context["home"] else library.site.called(names.language)
    own = Citation(
        record_id=about.collection_id,
        record_type=RecordType.CHANGE_PACKAGE,
        title=f"{said.title}, {edition}",
        authors=(by,),
        published=about.at.date(),
        library=by,
        address=address,
        language=said.language,
    )
    written = clean(
        templates.get_template("bound/package.html").render(
            context,
            sheets=sheets,
            n_untold=max(0, len(items) - MOST_TOLD) if sheets else 0,
            sentence=sentence(own).strip(),
            citations=[_cited(item, library, names, home) for item in items],
        )
    )
    licence = context["licence"]
    return Book(
        name=name_of(about),
        address=address,
        title=clean(said.title),
        language=names.language,
        library=library.site.called(names.language),
        made=about.at,
        licence=licence.name if licence else context["spdx"],
        contents=names.gettext("Contents"),
        chapters=tuple(_chapters(written, home, {one.record.record_id for one in sheets})),
    )


def _sheets(items: list[Collected], kind: CollectionKind, names: Names, home: str) -> list[OnePage]:
    """Return the stories that are told whole: a reading list only names them."""
    if kind is CollectionKind.READING_LIST:
        return []
    return [
        one_page(item.record, names, short=f"{home}/r/{item.record.record_id}")
        for item in items
        if not item.linked
    ][:MOST_TOLD]


def _cited(item: Collected, library: Library, names: Names, home: str) -> str:
    said = sentence(described(item.record, library, names, home))
    return said if home else said.partition(f" /records/{item.record.record_id}")[0]


def _chapters(written: str, home: str, told: set[int]) -> Iterator[Chapter]:
    """Take the rendered package apart: each section with a heading is a chapter."""
    drawings: list[str] = []

    def put_by(found: re.Match[str]) -> str:
        if ARROW in found["about"]:
            return "→"
        if 'aria-hidden="true"' in found["about"] and 'class="qr"' not in found["about"]:
            return ""  # decoration beside words
        drawings.append(found[0].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
        return f'<img data-n="{len(drawings) - 1}">'

    whole = html.fragment_fromstring(SVG.sub(put_by, written), create_parent="div")
    _plain(whole, home, told)
    before: list[HtmlElement] = []
    sections = [one for one in whole if isinstance(one.tag, str)]
    for n, section in enumerate(sections):
        before.append(section)
        if n + 1 < len(sections) and _heading(sections[n + 1]) is None:
            continue  # words without a heading belong to the chapter before
        heading = _heading(before[0])
        assert heading is not None
        yield Chapter(
            anchor=before[0].get("id", f"chapter-{n}"),
            title=" ".join(heading.text_content().split()),
            language=_language(heading),
            body="".join(_xhtml(one, drawings) for one in before),
        )
        before = []


def _heading(section: HtmlElement) -> HtmlElement | None:
    found = section.xpath(".//h1 | .//h2")
    return found[0] if found else None


def _language(heading: HtmlElement) -> str:
    inside = heading.xpath("ancestor-or-self::*/@lang | .//@lang")
    return str(inside[-1]) if inside else ""


def _plain(whole: HtmlElement, home: str, told: set[int]) -> None:
    """Leave what every form can say: no folds, no signs, no addresses that lead nowhere."""
    for element in whole.xpath(NO_WORDS):
        if element.text_content().strip() != "→":
            element.drop_tree()
    for parent in whole.find_class("dots"):
        spans = [one for one in parent if one.text_content().strip()]
        for one in spans[:-1]:
            one.tail = APART
    for caption in list(whole.iter("figcaption")):
        caption.getparent().append(caption)  # it is the first or the last in its figure
    for element in list(whole.iter(etree.Element)):
        element.tag = UNFOLDED.get(element.tag, element.tag)
        _say(element, home, told)
    for element in reversed(list(whole.iter(*EMPTY_TO_DROP))):
        if not len(element) and not (element.text or "").strip():
            element.drop_tree()


def _say(element: HtmlElement, home: str, told: set[int]) -> None:
    """Keep of an element's attributes what every form knows; not all find a direction out."""
    if "href" in element.attrib:
        _lead(element, home, told)
    if element.get("dir") == "auto":
        element.set("dir", "rtl" if runs_left(element.text_content()) else "ltr")
    for name in set(element.attrib) - KEPT:
        del element.attrib[name]


def _lead(link: HtmlElement, home: str, told: set[int]) -> None:
    """Let a link lead inside the book where it can, else to the library."""
    address = link.get("href")
    story = re.fullmatch(r"/records/(\d+)", address)
    if story and int(story[1]) in told:
        link.set("href", f"#story-{story[1]}")
    elif address.startswith("/"):
        if home:
            link.set("href", f"{home}{address}")
        else:
            del link.attrib["href"]


def _xhtml(section: HtmlElement, drawings: list[str]) -> str:
    section.tail = None
    for element in section.iter("a"):
        if "href" not in element.attrib:
            element.tag = "span"
    text = etree.tostring(section, encoding="unicode", method="xml")
    return re.sub(r'<img data-n="(\d+)"\s*/>', lambda one: drawings[int(one[1])], text)
