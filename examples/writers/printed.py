"""PDF with text in it, set in the standard fonts that every PDF reader has.

Helvetica has the accents of our languages; arrows, check marks and mathematical signs come from
Symbol and ZapfDingbats, to which ReportLab changes by itself. So no font file is needed, and the
bytes depend on none.
"""

import io
from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from writers.blocks import Block, Heading, Item, Paragraph, Spans, Table, plain

FACE, BOLD_FACE = "Helvetica", "Helvetica-Bold"
BODY = ParagraphStyle("body", fontName=FACE, fontSize=10.5, leading=14.5, spaceAfter=6)
QUOTED = ParagraphStyle("quoted", BODY, leftIndent=1 * cm, rightIndent=1 * cm)
CELL = ParagraphStyle("cell", BODY, fontSize=9, leading=11, spaceAfter=0)
TITLES = CELL.clone("titles", fontName=BOLD_FACE)
HEADINGS = {
    level: ParagraphStyle(
        f"heading{level}",
        fontName=BOLD_FACE,
        fontSize=size,
        leading=size * 1.25,
        spaceBefore=size * 0.7,
        spaceAfter=size * 0.4,
    )
    for level, size in {1: 18, 2: 14, 3: 12, 4: 11}.items()
}
GRID = [
    ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def write(blocks: Sequence[Block], language: str) -> bytes:
    """Return a .pdf of the blocks, A4, with page numbers at the foot."""
    out = io.BytesIO()
    title = next((plain(block.spans) for block in blocks if isinstance(block, Heading)), "")
    document = SimpleDocTemplate(
        out, pagesize=A4, invariant=1, pageCompression=0, title=title, lang=language
    )
    story = [flowable for block in blocks for flowable in _flowables(block)]
    document.build(story, onFirstPage=_number_page, onLaterPages=_number_page)
    return out.getvalue()


def _flowables(block: Block) -> list[Flowable]:
    match block:
        case Heading(level, spans):
            return [Text(_marked(spans), HEADINGS[level])]
        case Paragraph(spans, quoted):
            return [Text(_marked(spans), QUOTED if quoted else BODY)]
        case Item(spans, level, number):
            indent = (0.6 + 0.6 * level) * cm
            style = BODY.clone("item", leftIndent=indent, bulletIndent=indent - 0.5 * cm)
            return [Text(_marked(spans), style, bulletText="•" if number is None else f"{number}.")]
        case Table(rows):
            return [_grid(rows), Spacer(0, 0.4 * cm)]


def _grid(rows: Sequence[Sequence[Spans]]) -> Grid:
    styles = [TITLES] + [CELL] * (len(rows) - 1)
    cells = [
        [Text(_marked(spans), style) for spans in row]
        for row, style in zip(rows, styles, strict=True)
    ]
    return Grid(cells, style=GRID, repeatRows=1)


def _marked(spans: Spans) -> str:
    """Return the spans in ReportLab's own markup.

    Raises:
        ValueError: no standard font has a character of the text.
    """
    out = []
    for span in spans:
        _check(span.text)
        text = escape(span.text, quote=False).replace("\n", "<br/>")
        text = f"<b>{text}</b>" if span.bold else text
        out.append(f"<i>{text}</i>" if span.italic else text)
    return "".join(out)


def _check(text: str) -> None:
    font = pdfmetrics.getFont(FACE)
    encodings = [font.encName, *(other.encName for other in font.substitutionFonts)]
    missing = {sign for sign in text if not any(map(partial(_encodes, sign), encodings))}
    if missing - {"\n"}:
        raise ValueError(
            f"No standard PDF font has {' '.join(sorted(missing))}; write it otherwise."
        )


def _encodes(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _number_page(canvas: Any, document: Any) -> None:
    canvas.setFont(FACE, 8)
    canvas.drawCentredString(A4[0] / 2, 1.2 * cm, str(document.page))
