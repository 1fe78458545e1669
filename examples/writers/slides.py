"""PowerPoint slides: a title, short bullets, real tables, and the talk in the speaker notes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from writers.archive import frozen
from writers.blocks import Block, Heading, Item, Paragraph, Span, Spans, Table, plain

NOTES = "Notes:"
TITLE_SLIDE, BULLETS, TITLE_ONLY = 0, 1, 5  # layouts of the built-in template
MARGIN, WIDTH, TOP, BOTTOM = Inches(0.5), Inches(9), Inches(1.5), Inches(7.2)
TALL = 2 / 3  # of the slide for the bullets above a table, at most


@dataclass
class Slide:
    """What one slide shows, and what the speaker says to it."""

    title: str = ""
    text: list[Item | Paragraph | Heading] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write(blocks: Sequence[Block]) -> bytes:
    """Return a .pptx of the blocks: a new slide for each heading of the first two levels."""
    deck = Presentation()
    deck.core_properties.author = ""
    for place, slide in enumerate(slides(blocks)):
        _add(deck, slide, first=place == 0)
    out = io.BytesIO()
    deck.save(out)
    return frozen(out.getvalue())


def slides(blocks: Sequence[Block]) -> list[Slide]:
    """Deal the blocks out to slides; paragraphs from `Notes:` on are speaker notes."""
    dealt: list[Slide] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level <= 2:  # noqa: PLR2004  deeper ones are text
            dealt.append(Slide(title=plain(block.spans)))
        elif isinstance(block, Table):
            dealt[-1].tables.append(block)
        elif isinstance(block, Paragraph) and _spoken(block, dealt[-1]):
            dealt[-1].notes.append(plain(block.spans).removeprefix(NOTES).strip())
        else:
            dealt[-1].text.append(block)
    return dealt


def _spoken(paragraph: Paragraph, slide: Slide) -> bool:
    return bool(slide.notes) or plain(paragraph.spans).startswith(NOTES)


def _add(deck: Any, slide: Slide, *, first: bool) -> None:
    layout = TITLE_SLIDE if first else BULLETS if slide.text else TITLE_ONLY
    page = deck.slides.add_slide(deck.slide_layouts[layout])
    page.shapes.title.text = slide.title
    page.shapes.title.text_frame.paragraphs[0].font.size = Pt(32)
    top = TOP
    if slide.text:
        body = page.placeholders[1]
        _fill_body(body.text_frame, slide.text)
        if slide.tables:
            height = min(Inches(0.5) * len(slide.text), int((BOTTOM - TOP) * TALL))
            body.left, body.top, body.width, body.height = MARGIN, TOP, WIDTH, height
            top += height
    elif first:
        page.placeholders[1].element.getparent().remove(page.placeholders[1].element)
    for place, table in enumerate(slide.tables):
        height = (BOTTOM - top) // len(slide.tables)
        _add_table(page, table, top=top + place * height, height=height)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = "\n".join(slide.notes)


def _fill_body(frame: Any, text: Sequence[Item | Paragraph | Heading]) -> None:
    for place, block in enumerate(text):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.level = block.level if isinstance(block, Item) else 0
        _fill(paragraph, block.spans, bold=isinstance(block, Heading))
        if isinstance(block, Item) and block.number is not None:
            properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  no other door
            etree.SubElement(properties, qn("a:buAutoNum"), type="arabicPeriod")


def _fill(paragraph: Any, spans: Spans, *, bold: bool = False, size: Any = None) -> None:
    for span in spans or (Span(""),):
        run = paragraph.add_run()
        run.text = span.text
        run.font.bold = span.bold or bold or None
        run.font.italic = span.italic or None
        run.font.size = size


def _add_table(page: Any, table: Table, *, top: int, height: int) -> None:
    rows, columns = len(table.rows), len(table.rows[0])
    size = Pt(max(8, min(14, height / rows / Pt(1) * 0.6)))
    shape = page.shapes.add_table(rows, columns, MARGIN, top, WIDTH, height)
    for place, row in enumerate(table.rows):
        for column, spans in enumerate(row):
            cell = shape.table.cell(place, column)
            cell.margin_top = cell.margin_bottom = 0
            _fill(cell.text_frame.paragraphs[0], spans, bold=place == 0, size=size)
