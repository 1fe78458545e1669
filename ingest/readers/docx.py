"""Word documents (.docx): headings real and faked, lists, tables with merged cells."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import cobble  # type: ignore[import-untyped]  # of mammoth, whose documents it copies
import mammoth
from bs4 import BeautifulSoup
from mammoth import documents as word

from ingest.readers import cells
from ingest.readers.archive import open_archive, part_xml
from ingest.readers.content import Content, comments_doubt
from ingest.readers.limits import Limits
from ingest.readers.markup import GUESSED_HEADINGS, looks_like_heading, to_markdown
from ingest.readers.ooxml import declared

_HEADING_NAME = re.compile(r"heading ([1-6])", re.IGNORECASE)
_GUESSED_LEVELS = 4
_MOST_BASES = 10  # styles may be based on each other in a circle


def read(data: bytes, limits: Limits) -> Content:
    """Read the body of a Word document; comments, headers and footers are left out."""
    archive = open_archive(data, limits)
    levels = _style_levels(archive)
    doubts: list[str] = []

    def seen(document: word.Document) -> word.Document:
        doubts.append(comments_doubt(len(document.comments)))
        if any(levels.get(line.style_id, 0) and _text(line) for line in _lines(document)):
            return document
        return _with_guessed_headings(document, levels, doubts)

    html = mammoth.convert_to_html(
        io.BytesIO(data),
        style_map=_style_map(levels),
        transform_document=seen,
        include_embedded_style_map=False,
        convert_image=mammoth.images.img_element(lambda _: {"src": ""}),
    ).value
    soup = BeautifulSoup(html, "lxml")
    title = soup.find(class_="title")
    declared_title, metadata = declared(archive)
    return Content(
        markdown=to_markdown(soup),
        title=title.get_text(" ") if title else "",
        declared_title=declared_title,
        metadata=metadata,
        doubts=tuple(filter(None, doubts)),
        form=cells.of_docx(archive),
    )


def _style_levels(archive: ZipFile) -> dict[str, int]:
    """Return the heading level of each paragraph style that is one; 0 for Title."""
    root = part_xml(archive, "word/styles.xml")
    styles = {} if root is None else {_value(s, "styleId"): s for s in root.iter("{*}style")}

    def level(style: Any, bases: int = 0) -> int | None:
        if style is None or bases > _MOST_BASES:
            return None
        name = _value(style.find("{*}name"), "val")
        if found := _HEADING_NAME.fullmatch(name):
            return int(found[1])
        if name.lower() == "title":
            return 0
        outline = _value(style.find("{*}pPr/{*}outlineLvl"), "val")
        if outline in set("012345"):
            return int(outline) + 1
        return level(styles.get(_value(style.find("{*}basedOn"), "val")), bases + 1)

    found = {name: level(style) for name, style in styles.items() if name}
    return {name: value for name, value in found.items() if value is not None}


def _value(element: Any, name: str) -> str:
    """Return an attribute of whichever WordprocessingML namespace, transitional or strict."""
    attributes = {} if element is None else element.attrib
    return next((str(v) for key, v in attributes.items() if key.endswith(f"}}{name}")), "")


def _style_map(levels: dict[str, int]) -> str:
    rules = [
        f"p.{_escaped(style)} => {f'h{level}' if level else 'h1.title'}:fresh"
        for style, level in levels.items()
    ]
    guessed = [f"p.guessed{level} => h{level}:fresh" for level in range(1, _GUESSED_LEVELS + 1)]
    return "\n".join([*rules, *guessed, "p[style-name='Subtitle'] => p:fresh > em"])


def _escaped(style: str) -> str:
    return re.sub(r"([^A-Za-z0-9_-])", r"\\\1", style)


def _with_guessed_headings(
    document: word.Document, levels: dict[str, int], doubts: list[str]
) -> word.Document:
    """Style short bold lines as headings, the larger their letters the higher."""
    usual = _usual_size(document)
    sizes = {
        id(line): max(run.font_size or usual for run in _runs(line) if _text(run).strip())
        for line in _lines(document)
        if line.style_id not in levels and _is_bold_line(line)
    }
    if not sizes:
        return document
    doubts.append(GUESSED_HEADINGS)
    steps = sorted(set(sizes.values()), reverse=True)[:_GUESSED_LEVELS]
    level_of = {size: min(step, _GUESSED_LEVELS) for step, size in enumerate(steps, 1)}
    children = [
        cobble.copy(
            child,
            style_id=f"guessed{level_of.get(sizes[id(child)], _GUESSED_LEVELS)}",
            style_name=None,
        )
        if id(child) in sizes
        else child
        for child in document.children
    ]
    return cobble.copy(document, children=children)


def _is_bold_line(line: word.Paragraph) -> bool:
    text = _text(line).strip()
    if line.numbering or not looks_like_heading(text):
        return False
    return all(run.is_bold for run in _runs(line) if _text(run).strip())


def _usual_size(document: word.Document) -> float:
    letters: Counter[float] = Counter()
    for line in _lines(document):
        for run in _runs(line):
            if run.font_size:
                letters[run.font_size] += len(_text(run))
    return letters.most_common(1)[0][0] if letters else 11.0


def _lines(document: word.Document) -> list[word.Paragraph]:
    return [child for child in document.children if isinstance(child, word.Paragraph)]


def _runs(element: Any) -> Iterator[word.Run]:
    for child in getattr(element, "children", ()):
        if isinstance(child, word.Run):
            yield child
        else:
            yield from _runs(child)


def _text(element: Any) -> str:
    if isinstance(element, word.Text):
        return str(element.value)
    return "".join(map(_text, getattr(element, "children", ())))
