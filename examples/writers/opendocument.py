"""OpenDocument text, as LibreOffice Writer keeps it."""

import io
from collections.abc import Sequence
from typing import Any, TypeAlias

from odf import namespaces as ns
from odf import style, table, text
from odf.element import Element
from odf.opendocument import OpenDocumentText

from writers.archive import frozen
from writers.blocks import Block, Heading, Item, Paragraph, Spans, Table

LEVELS = (1, 2, 3)
NAMESPACES = (ns.OFFICENS, ns.TEXTNS, ns.METANS, ns.STYLENS, ns.FONS, ns.TABLENS, ns.MANIFESTNS,
              ns.CHARTNS, ns.DRAWNS, ns.PRESENTATIONNS)  # fmt: skip
BULLETS, NUMBERS, QUOTE, CELL = "Bullets", "Numbers", "Quoted", "Cell"

Faces: TypeAlias = dict[tuple[bool, bool], Any]  # (bold, italic) → text style


def write(blocks: Sequence[Block]) -> bytes:
    """Return an .odt of the blocks."""
    _declare()
    document = OpenDocumentText()
    faces = _faces(document)
    for made in (_quote(), _cell(), _bullets(), _numbers()):
        document.automaticstyles.addElement(made)
    lists: list[Any] = []
    for block in blocks:
        if isinstance(block, Item):
            _add_item(document.text, block, lists, faces)
            continue
        lists = []
        match block:
            case Heading(level, spans):
                _add(document.text, text.H(outlinelevel=level), spans, faces)
            case Paragraph(spans, quoted):
                paragraph = text.P(stylename=QUOTE) if quoted else text.P()
                _add(document.text, paragraph, spans, faces)
            case Table(rows):
                _add_table(document.text, rows, faces)
    out = io.BytesIO()
    document.write(out)
    return frozen(out.getvalue())


def _declare() -> None:
    """Let odfpy declare the same in every file; of itself, it declares what it ever came across."""
    Element.namespaces.clear()
    Element.namespaces.update((one, ns.nsdict[one]) for one in NAMESPACES)


def _faces(document: Any) -> Faces:
    faces = {}
    for bold, italic in [(True, False), (False, True), (True, True)]:
        face = style.Style(name=f"Face{bold:d}{italic:d}", family="text")
        weight = {"fontweight": "bold"} if bold else {}
        slant = {"fontstyle": "italic"} if italic else {}
        face.addElement(style.TextProperties(**weight, **slant))
        document.automaticstyles.addElement(face)
        faces[bold, italic] = face
    return faces


def _quote() -> Any:
    quote = style.Style(name=QUOTE, family="paragraph")
    quote.addElement(style.ParagraphProperties(marginleft="1cm", marginright="1cm"))
    return quote


def _cell() -> Any:
    cell = style.Style(name=CELL, family="table-cell")
    cell.addElement(style.TableCellProperties(border="0.5pt solid #808080", padding="0.1cm"))
    return cell


def _bullets() -> Any:
    listing = text.ListStyle(name=BULLETS)
    for level in LEVELS:
        bullet = text.ListLevelStyleBullet(level=level, bulletchar="•")
        bullet.addElement(_indent(level))
        listing.addElement(bullet)
    return listing


def _numbers() -> Any:
    listing = text.ListStyle(name=NUMBERS)
    for level in LEVELS:
        number = text.ListLevelStyleNumber(level=level, numformat="1", numsuffix=".")
        number.addElement(_indent(level))
        listing.addElement(number)
    return listing


def _indent(level: int) -> Any:
    return style.ListLevelProperties(spacebefore=f"{level * 0.6}cm", minlabelwidth="0.6cm")


def _add(parent: Any, element: Any, spans: Spans, faces: Faces) -> None:
    for span in spans:
        target = element
        if span.bold or span.italic:
            target = text.Span(stylename=faces[span.bold, span.italic])
            element.addElement(target)
        for place, line in enumerate(span.text.split("\n")):
            if place:
                target.addElement(text.LineBreak())
            target.addText(line)
    parent.addElement(element)


def _add_item(parent: Any, item: Item, lists: list[Any], faces: Faces) -> None:
    """Add the item to the list of its level; `lists` are the open ones, the outer one first."""
    name = BULLETS if item.number is None else NUMBERS
    del lists[item.level + 1 :]
    if len(lists) > item.level and lists[-1].getAttribute("stylename") != name:
        lists.pop()
    if len(lists) == item.level:
        listing = text.List(stylename=name)
        (lists[-1].lastChild if lists else parent).addElement(listing)
        lists.append(listing)
    entry = text.ListItem()
    lists[-1].addElement(entry)
    _add(entry, text.P(), item.spans, faces)


def _add_table(parent: Any, rows: Sequence[Sequence[Spans]], faces: Faces) -> None:
    grid = table.Table()
    grid.addElement(table.TableColumn(numbercolumnsrepeated=len(rows[0])))
    for row in rows:
        line = table.TableRow()
        for spans in row:
            cell = table.TableCell(valuetype="string", stylename=CELL)
            _add(cell, text.P(), spans, faces)
            line.addElement(cell)
        grid.addElement(line)
    parent.addElement(grid)
    parent.addElement(text.P())
