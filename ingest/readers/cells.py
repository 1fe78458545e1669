"""The cells of a filled template, letter for letter: Markdown would reflow what was typed.

Only a file that bears the mark of a template is read so. A line of a cell is a line of the text; an
item of a list begins with `- ` or its number; deleted text, comments and pictures are left out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias
from zipfile import ZipFile

from lxml import etree

from ingest.document import Form
from ingest.questions import MARK
from ingest.readers.archive import part_xml, text_of
from ingest.readers.content import INVISIBLE

Cells: TypeAlias = tuple[str, ...]
Element: TypeAlias = Any

_HINT = b"maktaba-"
_MOST_REPEATED = 60  # empty cells that a sheet says once
_INDENT = "  "
_BREAKS = re.compile(r"[\t\r\n]+")
_BOXES = {"F0A8": "☐", "F06F": "☐", "F0FE": "☒", "F0FD": "☒", "F0FC": "✓"}  # of Wingdings


def exact(text: str) -> str:
    r"""Return `text` in NFC without control characters; its lines and spaces stay.

    >>> exact("a  |\r\n*b*\x00")
    'a  |\n*b*'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("\f", "\n")
    return INVISIBLE.sub("", unicodedata.normalize("NFC", lines))


def form_of(tables: Iterable[Sequence[Cells]], beside: Iterable[str], keywords: str) -> Form | None:
    """Return the form, or None where nothing in it bears a template's mark."""
    kept = tuple(tuple(tuple(map(exact, row)) for row in table) for table in tables)
    around = tuple(text for text in map(exact, beside) if text.strip())
    said = (text for table in kept for row in table for text in row)
    found = next(filter(None, map(MARK.search, (keywords, *around, *said))), None)
    return Form(found.group(), kept, around) if found else None


def of_docx(archive: ZipFile) -> Form | None:
    """Return the tables of a Word file that is a filled template."""
    core = part_xml(archive, "docProps/core.xml")
    keywords = text_of(core, ".//{*}keywords")
    if _HINT.decode() not in keywords and _HINT not in archive.read("word/document.xml"):
        return None
    body = part_xml(archive, "word/document.xml")
    body = None if body is None else body.find("{*}body")
    if body is None:
        return None
    word = _Word(part_xml(archive, "word/numbering.xml"), part_xml(archive, "word/styles.xml"))
    parts = list(_inside(body, _WORD_THROUGH))
    tables = [list(word.rows(part)) for part in parts if _name(part) == "tbl"]
    beside = [word.text([part]) for part in parts if _name(part) == "p"]
    return form_of(tables, beside, keywords)


def of_odf(archive: ZipFile) -> Form | None:
    """Return the tables of an OpenDocument text or sheet that is a filled template."""
    meta = part_xml(archive, "meta.xml")
    words = () if meta is None else meta.iter("{*}keyword")
    keywords = " ".join("".join(one.itertext()) for one in words)
    if _HINT.decode() not in keywords and _HINT not in archive.read("content.xml"):
        return None
    content = part_xml(archive, "content.xml")
    body = None if content is None else content.find("{*}body")
    if body is None or not len(body):
        return None
    open_ = _Open(content)
    parts = list(_inside(body[0], _OPEN_THROUGH))
    tables = [list(open_.rows(part)) for part in parts if _name(part) == "table"]
    beside = [open_.text([part]) for part in parts if _name(part) in {"p", "h", "list"}]
    return form_of(tables, beside, keywords)


def is_marked(text: str) -> bool:
    """Tell whether a template's mark stands in `text`."""
    return MARK.search(text) is not None


def of_sheets(sheets: Iterable[Iterable[Iterable[Any]]]) -> Form | None:
    """Return the sheets of a workbook, row by row, where it is a filled template."""
    tables = [[tuple(map(cell_of, row)) for row in rows] for rows in sheets]
    return form_of(tables, (), "")


def cell_of(value: Any) -> str:  # noqa: PLR0911  one for each type
    """Return a value of a sheet as it would be typed.

    >>> cell_of(34.0), cell_of(36.5), cell_of(datetime(2024, 3, 1)), cell_of(None)
    ('34', '36.5', '2024-03-01', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case float() if value.is_integer():
            return f"{value:.0f}"
        case float():
            return repr(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


_WORD_THROUGH = {
    "sdt",
    "sdtContent",
    "ins",
    "moveTo",
    "smartTag",
    "customXml",
    "hyperlink",
    "fldSimple",
}
_OPEN_THROUGH = {
    "section", "table-header-rows", "table-rows", "table-row-group", "content-control",
    "table-header-columns", "index-body",
}  # fmt: skip


def _name(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _get(element: Element, name: str) -> str:
    """Return an attribute by its local name, or ""."""
    if element is None:
        return ""
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _inside(element: Element, through: set[str]) -> Iterator[Element]:
    """Yield the children, and those of children that only wrap others."""
    for child in element:
        if _name(child) in through:
            yield from _inside(child, through)
        else:
            yield child


class _Word:
    """WordprocessingML: what makes a paragraph an item of a list, and the text of a cell."""

    def __init__(self, numbering: Element, styles: Element) -> None:
        self._formats = dict(_formats(numbering))
        self._styled = {
            _get(style, "styleId"): style.find("{*}pPr/{*}numPr")
            for style in (() if styles is None else styles.iter("{*}style"))
        }

    def rows(self, table: Element) -> Iterator[Cells]:
        """Yield the rows of a table, each cell as its text."""
        for row in _inside(table, _WORD_THROUGH):
            if _name(row) == "tr":
                cells = [cell for cell in _inside(row, _WORD_THROUGH) if _name(cell) == "tc"]
                yield tuple(self.text(_inside(cell, _WORD_THROUGH)) for cell in cells)

    def text(self, parts: Iterable[Element]) -> str:
        """Return paragraphs and tables as lines."""
        lines: list[str] = []
        counts: dict[tuple[str, str], int] = {}
        for part in parts:
            if _name(part) == "p":
                lines.append(self._bullet(part, counts) + "".join(_word_text(part)))
            elif _name(part) == "tbl":
                lines += [" | ".join(row) for row in self.rows(part)]
        return "\n".join(lines)

    def _bullet(self, paragraph: Element, counts: dict[tuple[str, str], int]) -> str:
        about = paragraph.find("{*}pPr")
        own = None if about is None else about.find("{*}numPr")
        style = "" if about is None else _get(about.find("{*}pStyle"), "val")
        found = own if own is not None else self._styled.get(style)
        if found is None:
            return ""
        number = _get(found.find("{*}numId"), "val")
        level = _get(found.find("{*}ilvl"), "val") or "0"
        kind = self._formats.get((number, level), "")
        if not kind or kind == "none":
            return ""
        return _item(kind != "bullet", int(level) if level.isdecimal() else 0, counts, number)


def _item(ordered: bool, level: int, counts: dict[tuple[str, str], int], list_: str) -> str:
    """Return what stands before an item: its indent, and a dash or its number."""
    key = (list_, str(level))
    counts[key] = counts.get(key, 0) + 1
    return _INDENT * min(level, 8) + (f"{counts[key]}. " if ordered else "- ")


def _formats(numbering: Element) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the format of each level of each list. Source: ECMA-376 part 1, 17.9."""
    if numbering is None:
        return
    abstract = {_get(one, "abstractNumId"): one for one in numbering.iter("{*}abstractNum")}
    for number in numbering.iter("{*}num"):
        levels = abstract.get(_get(number.find("{*}abstractNumId"), "val"))
        for level in () if levels is None else levels.iter("{*}lvl"):
            kind = _get(level.find("{*}numFmt"), "val")
            yield (_get(number, "numId"), _get(level, "ilvl")), kind


def _word_text(element: Element) -> Iterator[str]:
    for child in element:
        match _name(child):
            case "t":
                yield child.text or ""
            case "tab" if _name(element) == "r":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "\u2011"
            case "sym":
                yield _BOXES.get(_get(child, "char").upper(), "")
            case name if name == "r" or name in _WORD_THROUGH:
                yield from _word_text(child)


class _Open:
    """OpenDocument: the text of a cell, typed or shown. Source: OASIS OpenDocument 1.3 part 3."""

    def __init__(self, content: Element) -> None:
        self._ordered = {
            _get(style, "name")
            for style in content.iter("{*}list-style")
            if len(style)
            and _name(style[0]) == "list-level-style-number"
            and _get(style[0], "num-format")
        }

    def rows(self, table: Element) -> Iterator[Cells]:
        """Yield the rows of a table; a row that only repeats emptiness is left out."""
        for row in _inside(table, _OPEN_THROUGH):
            if _name(row) == "table-row":
                cells = tuple(self._cells(row))
                if _get(row, "number-rows-repeated") in {"", "1"}:
                    yield cells
                elif any(cells):
                    yield from [cells] * min(int(_get(row, "number-rows-repeated")), _MOST_REPEATED)

    def _cells(self, row: Element) -> Iterator[str]:
        for cell in row:
            if _name(cell) in {"table-cell", "covered-table-cell"}:
                yield from [self._value(cell)] * _repeated(cell)

    def _value(self, cell: Element) -> str:
        match _get(cell, "value-type"):
            case "float" | "currency":
                return cell_of(float(_get(cell, "value")))
            case "percentage":
                return f"{float(_get(cell, 'value')) * 100:.10g}%"
            case "date":
                return _get(cell, "date-value").removesuffix("T00:00:00")
            case "string" if said := _get(cell, "string-value"):
                return said  # Calc writes here what paragraphs would reflow
        return self.text(_inside(cell, _OPEN_THROUGH))

    def text(self, parts: Iterable[Element]) -> str:
        """Return paragraphs, lists and tables as lines."""
        counts: dict[tuple[str, str], int] = {}
        return "\n".join(line for part in parts for line in self._lines(part, 0, False, counts))

    def _lines(
        self, part: Element, level: int, ordered: bool, counts: dict[tuple[str, str], int]
    ) -> Iterator[str]:
        match _name(part):
            case "p" | "h":
                yield "".join(_open_text(part))
            case "table":
                yield from (" | ".join(row) for row in self.rows(part))
            case "list":
                style = _get(part, "style-name")
                ordered = style in self._ordered if style else ordered
                for item in part:
                    yield from self._item(item, level, ordered, counts)

    def _item(
        self, item: Element, level: int, ordered: bool, counts: dict[tuple[str, str], int]
    ) -> Iterator[str]:
        first = True
        for part in item:
            lines = list(self._lines(part, level + 1, ordered, counts))
            if _name(part) in {"p", "h"} and first and _name(item) == "list-item":
                lines[0] = _item(ordered, level, counts, "") + lines[0]
                first = False
            yield from lines


def _repeated(cell: Element) -> int:
    times = _get(cell, "number-columns-repeated")
    return min(int(times), _MOST_REPEATED) if times.isdecimal() else 1


_OPEN_LEFT_OUT = {"annotation", "annotation-end", "note", "tracked-changes", "frame", "ruby-text"}


def _open_text(element: Element) -> Iterator[str]:
    yield _collapsed(element.text)
    for child in element:
        match _name(child):
            case "s":
                count = _get(child, "c")
                yield " " * (min(int(count), 10_000) if count.isdecimal() else 1)
            case "tab":
                yield "\t"
            case "line-break":
                yield "\n"
            case "" | "soft-page-break":
                pass
            case name if name not in _OPEN_LEFT_OUT:
                yield from _open_text(child)
        yield _collapsed(child.tail)


def _collapsed(text: str | None) -> str:
    """Line breaks of the XML are spaces; Writer says spaces by an element, Calc as they are."""
    return _BREAKS.sub(" ", text or "")
