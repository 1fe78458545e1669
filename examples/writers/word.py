"""Word documents, with the styles Word itself offers."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document

from writers.archive import frozen
from writers.blocks import Block, Heading, Item, Paragraph, Spans, Table


def write(blocks: Sequence[Block]) -> bytes:
    """Return a .docx of the blocks."""
    document = Document()
    document.core_properties.author = ""
    document.core_properties.comments = ""
    numbers = None
    for block in blocks:
        if not isinstance(block, Item):
            numbers = None
        match block:
            case Heading(level, spans):
                _fill(document.add_heading(level=level), spans)
            case Paragraph(spans, quoted):
                _fill(document.add_paragraph(style="Quote" if quoted else None), spans)
            case Item():
                if block.number is not None and block.level == 0 and numbers is None:
                    numbers = _numbering(document, block.number)
                _add_item(document, block, numbers)
            case Table(rows):
                _add_table(document, rows)
    out = io.BytesIO()
    document.save(out)
    return frozen(out.getvalue())


def _fill(paragraph: Any, spans: Spans, *, bold: bool = False) -> None:
    for span in spans:
        run = paragraph.add_run(span.text)
        run.bold = span.bold or bold or None
        run.italic = span.italic or None


def _add_item(document: Any, item: Item, numbers: int | None) -> None:
    name = "List Bullet" if item.number is None else "List Number"
    paragraph = document.add_paragraph(style=name if item.level == 0 else f"{name} 2")
    _fill(paragraph, item.spans)
    if item.number is not None and item.level == 0:
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001  no other door
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = numbers


def _numbering(document: Any, start: int) -> int:
    """Begin a new numbered list; without it Word goes on counting from the list before."""
    numbering = document.part.numbering_part.element
    style = document.styles["List Number"].element.pPr.numPr.numId.val
    number = numbering.add_num(numbering.num_having_numId(style).abstractNumId.val)
    number.add_lvlOverride(ilvl=0).add_startOverride(start)
    return int(number.numId)


def _add_table(document: Any, rows: Sequence[Sequence[Spans]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for place, row in enumerate(rows):
        for cell, spans in zip(table.rows[place].cells, row, strict=True):
            _fill(cell.paragraphs[0], spans, bold=place == 0)
    document.add_paragraph()
