"""OpenDocument text and presentations (.odt, .odp)."""

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from bs4 import BeautifulSoup
from lxml import etree

from ingest.document import Metadata
from ingest.readers import cells
from ingest.readers.archive import open_archive, part_xml, text_of
from ingest.readers.content import Content, comments_doubt, iso_date
from ingest.readers.limits import Limits
from ingest.readers.markup import GUESSED_HEADINGS, promote_bold_lines, to_markdown
from ingest.readers.refusal import Reason, UnreadableError

_MOST_REPEATED = 60
# Source: OASIS OpenDocument 1.3 part 3. Elements are told by local name.
_LEFT_OUT = {
    "annotation", "covered-table-cell", "date-time", "footer", "forms", "note-citation",
    "page-number", "sequence-decls", "table-of-content", "tracked-changes",
}  # fmt: skip


def read(data: bytes, limits: Limits) -> Content:
    """Read text or slides; comments, deleted text and the table of contents are left out."""
    archive = open_archive(data, limits)
    content, meta = part_xml(archive, "content.xml"), part_xml(archive, "meta.xml")
    body = None if content is None else content.find("{*}body")
    if body is None or len(body) == 0:
        raise UnreadableError(Reason.CORRUPT, detail="it has no content")
    soup = BeautifulSoup(_Styles(content, part_xml(archive, "styles.xml")).html(body[0]), "lxml")
    title = soup.find(class_="title")
    doubts = [comments_doubt(len(body.findall(".//{*}annotation")))]
    if promote_bold_lines(soup):
        doubts.append(GUESSED_HEADINGS)
    pages = meta.find(".//{*}document-statistic") if meta is not None else None
    count = "" if pages is None else _attribute(pages, "page-count")
    return Content(
        markdown=to_markdown(soup),
        title=title.get_text(" ") if title else "",
        declared_title=text_of(meta, ".//{*}title"),
        metadata=Metadata(
            author=text_of(meta, ".//{*}initial-creator") or text_of(meta, ".//{*}creator"),
            created=iso_date(text_of(meta, ".//{*}creation-date")),
            modified=iso_date(text_of(meta, ".//{http://purl.org/dc/elements/1.1/}date")),
            language=text_of(meta, ".//{*}language"),
            pages=int(count) if count.isdecimal() else None,
        ),
        doubts=tuple(filter(None, doubts)),
        form=cells.of_odf(archive),
    )


class _Styles:
    """What the styles of one file mean, to write its body as HTML."""

    def __init__(self, *parts: etree._Element | None) -> None:
        self._base: dict[str, str] = {}
        self._bold: set[str] = set()
        self._ordered: set[str] = set()
        for style in (style for part in parts if part is not None for style in part.iter("{*}*")):
            name = _attribute(style, "name")
            match etree.QName(style).localname:
                case "style":
                    self._base[name] = _attribute(style, "parent-style-name")
                    look = style.find("{*}text-properties")
                    if look is not None and _attribute(look, "font-weight") == "bold":
                        self._bold.add(name)
                case "list-level-style-number" if _attribute(style, "level") == "1":
                    self._ordered.add(_attribute(style.getparent(), "name"))

    def html(self, element: etree._Element, *, ordered: bool = False) -> str:
        """Return an element and all in it as HTML."""
        name = etree.QName(element).localname
        if name in _LEFT_OUT:
            return ""
        if name == "list":
            style = _attribute(element, "style-name")
            ordered = style in self._ordered if style else ordered
        inner = "".join(self._inner(element, ordered=ordered))
        if name == "p":
            return self._paragraph(element, inner)
        if name == "list":
            return _tag("ol" if ordered else "ul", inner)
        if name == "span" and _attribute(element, "style-name") in self._bold:
            return _tag("b", inner)
        return _WRITTEN.get(name, _as_it_is)(element, inner)

    def _inner(self, element: etree._Element, *, ordered: bool) -> Iterator[str]:
        yield escape(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                yield self.html(child, ordered=ordered)
            yield escape(child.tail or "")

    def _paragraph(self, element: etree._Element, inner: str) -> str:
        style = _attribute(element, "style-name")
        family = {style, self._base.get(style, "")}
        if "Title" in family:
            return _tag("h1", inner, **{"class": "title"})
        if "Subtitle" in family:
            return _tag("p", _tag("em", inner))
        return _tag("p", _tag("b", inner) if style in self._bold and "<" not in inner else inner)


def _slide(element: etree._Element, inner: str) -> str:
    """Return a slide under its title: the frame of class `title`, or the page's name."""
    soup = BeautifulSoup(inner, "lxml")
    titles = [frame for frame in element.iter("{*}frame") if _attribute(frame, "class") == "title"]
    title = " ".join("".join(titles[0].itertext()).split()) if titles else ""
    first = soup.find(lambda tag: bool(title) and " ".join(tag.get_text().split()) == title)
    if first is not None and first.name not in {"html", "body"}:
        first.decompose()
    return _tag("h2", escape(title or _attribute(element, "name"))) + str(soup)


def _cell(element: etree._Element, inner: str) -> str:
    spans = {
        "colspan": _attribute(element, "number-columns-spanned"),
        "rowspan": _attribute(element, "number-rows-spanned"),
    }
    cell = _tag("td", inner, **{name: value for name, value in spans.items() if value})
    repeated = _attribute(element, "number-columns-repeated")
    return cell * (min(int(repeated), _MOST_REPEATED) if repeated.isdecimal() else 1)


def _attribute(element: Any, name: str) -> str:
    """Return an attribute by its local name, or ""."""
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _tag(name: str, inner: str, **attributes: str) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>{inner}</{name}>"


def _heading(element: etree._Element, inner: str) -> str:
    level = _attribute(element, "outline-level")
    return _tag(f"h{min(int(level), 6) if level.isdecimal() else 1}", inner)


def _notes(_: etree._Element, inner: str) -> str:
    text = _words(inner)
    return _tag("blockquote", escape(f"Notes: {text}")) if text else ""


def _words(html: str) -> str:
    return BeautifulSoup(html, "lxml").get_text(" ", strip=True)


def _as_it_is(_: etree._Element, inner: str) -> str:
    return inner


_WRITTEN: dict[str, Callable[[etree._Element, str], str]] = {
    "h": _heading,
    "list-item": lambda _, inner: _tag("li", inner),
    "list-header": lambda _, inner: _tag("li", inner),
    "table": lambda _, inner: _tag("table", inner),
    "table-row": lambda _, inner: _tag("tr", inner),
    "table-cell": _cell,
    "page": _slide,
    "notes": _notes,
    "note": lambda _, inner: f" [{escape(_words(inner))}] ",
    "a": lambda element, inner: _tag("a", inner, href=_attribute(element, "href")),
    "s": lambda _, __: " ",
    "tab": lambda _, __: "\t",
    "line-break": lambda _, __: "<br>",
}
