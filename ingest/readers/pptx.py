"""Presentations (.pptx): a section a slide, with its tables, charts and notes."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.opc.package import OpcPackage

from ingest.document import Metadata
from ingest.readers.archive import open_archive
from ingest.readers.content import Content, one_line
from ingest.readers.limits import Limits
from ingest.readers.ooxml import declared
from ingest.readers.pipetable import pipe_table

_FURNITURE = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER}
_LINES_UP_EMU = 457_200  # half an inch: shapes whose tops differ by less stand side by side
_FILE_NAME = re.compile(r"[\w .()-]+\.(png|jpe?g|gif|emf|wmf|svg|bmp|tiff?)", re.IGNORECASE)


def read(data: bytes, limits: Limits) -> Content:
    """Read each slide as `## title` and what stands on it, from top to bottom."""
    archive = open_archive(data, limits)
    # pptx.Presentation() refuses slide shows and templates, which are the same inside
    deck = OpcPackage.open(io.BytesIO(data)).main_document_part.presentation
    slides = list(deck.slides)
    doubts: list[str] = []
    parts = [
        _slide(slide, number, doubts) for number, slide in enumerate(slides[: limits.pages], 1)
    ]
    if len(slides) > limits.pages:
        doubts.append(f"Cut after {limits.pages} of {len(slides)} slides.")
    declared_title, metadata = declared(archive)
    return Content(
        markdown="\n\n".join(parts),
        title=_title(slides[0]) if slides else "",
        declared_title=declared_title,
        metadata=Metadata(
            metadata.author, metadata.created, metadata.modified, metadata.language, len(slides)
        ),
        doubts=tuple(doubts),
    )


def _title(slide: Any) -> str:
    title = slide.shapes.title
    return one_line(title.text_frame.text) if title is not None else ""


def _slide(slide: Any, number: int, doubts: list[str]) -> str:
    parts = [f"## {_title(slide) or f'Slide {number}'}"]
    title = slide.shapes.title
    for shape in _in_reading_order(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        try:
            parts.append(_shape(shape))
        except (AttributeError, KeyError, ValueError, TypeError, IndexError):
            # one malformed shape must not cost the slide
            doubts.append(f"Slide {number}: “{shape.name}” could not be read.")
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        notes = one_line(frame.text)
        parts.append(f"> Notes: {notes}" if notes else "")
    return "\n\n".join(filter(None, parts))


def _in_reading_order(shapes: Iterable[Any]) -> Iterator[Any]:
    """Yield the shapes row by row, those in groups at the place of the group."""

    def place(shape: Any) -> tuple[int, int]:
        return round((shape.top or 0) / _LINES_UP_EMU), shape.left or 0

    for shape in sorted(shapes, key=place):
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _in_reading_order(shape.shapes)
        else:
            yield shape


def _shape(shape: Any) -> str:
    if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
        return ""
    if getattr(shape, "has_table", False):
        return pipe_table([cell.text for cell in row.cells] for row in shape.table.rows)
    if getattr(shape, "has_chart", False):
        return _chart(shape.chart)
    if shape.has_text_frame:
        return _text(shape)
    alt = one_line(shape._element.xpath("string(.//p:cNvPr/@descr)"))  # noqa: SLF001  # no public door
    return "" if _FILE_NAME.fullmatch(alt) else alt


def _text(shape: Any) -> str:
    """Return paragraphs as a list where they are one: in content placeholders, or with bullets."""
    lines = [(p, one_line(p.text)) for p in shape.text_frame.paragraphs]
    lines = [(paragraph, text) for paragraph, text in lines if text]
    listed = shape.is_placeholder and len(lines) > 1
    written = [_line(paragraph, text, listed=listed) for paragraph, text in lines]
    return ("\n" if listed else "\n\n").join(written)


def _line(paragraph: Any, text: str, *, listed: bool) -> str:
    element = paragraph._p  # noqa: SLF001  # python-pptx has no public door to bullets
    indent = "   " * paragraph.level
    if element.xpath("./a:pPr/a:buAutoNum"):
        return f"{indent}1. {text}"
    if element.xpath("./a:pPr/a:buChar") or (listed and not element.xpath("./a:pPr/a:buNone")):
        return f"{indent}- {text}"
    return text


def _chart(chart: Any) -> str:
    title = one_line(chart.chart_title.text_frame.text) if chart.has_title else ""
    plot = chart.plots[0]
    columns = [list(series.values) for series in plot.series]
    header = ["", *(series.name for series in plot.series)]
    rows = [
        [str(label), *(column[at] if at < len(column) else None for column in columns)]
        for at, label in enumerate(plot.categories)
    ]
    return "\n\n".join(filter(None, [title, pipe_table([header, *rows])]))
