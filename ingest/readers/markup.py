"""HTML to Markdown with whole tables; used by every reader that can speak HTML."""

import re

from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from ingest.readers.pipetable import LINE_IN_CELL, pipe_table
from ingest.readers.refusal import Reason, UnreadableError

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ("p", "div", "li", "br", *_HEADINGS, "blockquote", "pre")
_CELLS = ("td", "th")
_TABLE_PARTS = ("thead", "tbody", "tfoot", "tr", *_CELLS)
_MOST_DEEP = 300  # elements in elements; Python's own limit comes soon after
_MOST_SPAN = 60
_MOST_COLUMNS = 200
_RAISED = dict(zip("0123456789abcde", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ", strict=True))
_MOST_RAISED = 3  # characters of a mark; longer is text such as “th”
MOST_HEADING_CHARS = 120
GUESSED_HEADINGS = "Headings were guessed from lines in bold."


class _Writer(MarkdownConverter):
    """Markdown as the library keeps it: ATX headings, `-` lists, pipe tables, no pictures."""

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        caption = el.find("caption")
        title = f"{caption.get_text(' ', strip=True)}\n\n" if caption else ""
        return f"\n\n{title}{pipe_table(_grid(el))}\n\n"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        return str(el.get("alt") or "").strip()


_WRITER = _Writer(
    heading_style=ATX,
    bullets="-",
    escape_asterisks=False,
    escape_underscores=False,
    escape_misc=False,
)


def to_markdown(html: str | Tag) -> str:
    """Return HTML as Markdown: headings, lists, links and tables; the alt text of pictures.

    Raises:
        UnreadableError: elements are nested too deeply.
    """
    soup = BeautifulSoup(html, "lxml") if isinstance(html, str) else html
    guard_depth(soup)
    try:
        _open_layout_tables(soup)
        _simplify(soup)
        return re.sub(r"(\[[ x]\]) +", r"\1 ", str(_WRITER.convert_soup(soup))).strip()
    except RecursionError:
        raise UnreadableError(Reason.TOO_DEEP) from None


def guard_depth(soup: Tag) -> None:
    """Refuse a page too deep to be written, before its depth multiplies all other work.

    Raises:
        UnreadableError: elements are nested too deeply.
    """
    deep = {id(soup): 0}
    for tag in soup.find_all(True):
        deep[id(tag)] = deep[id(tag.parent)] + 1
        if deep[id(tag)] > _MOST_DEEP:
            raise UnreadableError(Reason.TOO_DEEP)


def looks_like_heading(text: str) -> bool:
    """Tell whether a line that stands out could be a heading: short, and not a sentence."""
    return 0 < len(text) <= MOST_HEADING_CHARS and text[-1] not in ".;," and not text.isdecimal()


def promote_bold_lines(soup: Tag) -> bool:
    """Make headings of short paragraphs wholly in bold, where the page has no headings at all.

    Returns whether any was made. The first becomes `<h1>` where it opens the page.
    """
    if soup.find(_HEADINGS):
        return False
    lines = [line for line in soup.find_all("p") if line.get_text(strip=True)]
    promoted = [line for line in lines if _is_bold_line(line)]
    for line in promoted:
        line.name = "h1" if line is lines[0] else "h2"
    return bool(promoted)


def _is_bold_line(line: Tag) -> bool:
    text = " ".join(line.get_text().split())
    bold = "".join(tag.get_text() for tag in line.find_all(["b", "strong"], recursive=False))
    whole = " ".join(bold.split()) == text
    return whole and looks_like_heading(text) and not line.find_parent(["table", "li"])


def _simplify(soup: Tag) -> None:
    """Write check boxes and raised marks as text, drop links inside the page, and bold in headings.

    A raised mark stays raised: 45 with the footnote 1 is not 451.
    """
    for raised in soup.find_all("sup"):
        mark = raised.get_text(strip=True)
        if 0 < len(mark) <= _MOST_RAISED and all(sign in _RAISED for sign in mark):
            raised.replace_with("".join(_RAISED[sign] for sign in mark))
    for box in soup.find_all("input", type="checkbox"):
        box.replace_with("[x] " if box.has_attr("checked") else "[ ] ")
    for link in soup.find_all("a", href=True):
        if str(link["href"]).startswith("#"):
            if link.get_text(strip=True) == "↑":  # from a footnote back to its place
                link.decompose()
            else:
                link.unwrap()
    _plain_headings(soup)


def _plain_headings(soup: Tag) -> None:
    """Write headings without emphasis and links."""
    in_headings: set[int] = set()  # all that stands in one, by its `id`
    for tag in soup.find_all(True):
        around = tag.parent
        if around and (around.name in _HEADINGS or id(around) in in_headings):
            in_headings.add(id(tag))
    for tag in soup.find_all(["b", "strong", "em", "i", "a"]):
        if id(tag) in in_headings:
            tag.unwrap()


def _open_layout_tables(soup: Tag) -> None:
    """Turn tables that only place things on the page into what they hold.

    Such a table holds another table, or has a single cell.
    """
    parts: dict[int, list[Tag]] = {}  # of each table, by its `id`
    nearest: dict[int, int] = {}  # the table that an element stands in
    layout: set[int] = set()
    for tag in soup.find_all(True):  # once: tables in tables would be searched over and over
        around = nearest.get(id(tag.parent), 0)
        nearest[id(tag)] = id(tag) if tag.name == "table" else around
        if tag.name == "table":
            parts[id(tag)] = [tag]
            layout.add(around)
        elif tag.name in _TABLE_PARTS and around:
            parts[around].append(tag)
    for table, held in parts.items():
        if table in layout or sum(part.name in _CELLS for part in held) == 1:
            for part in held:
                part.name = "div"


def _grid(table: Tag) -> list[list[str]]:
    """Return the cells as full rows.

    A cell over several rows is repeated in each of them, so that every row says what it is
    about; a cell over several columns is followed by empty ones.
    """
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column: rows still to fill, text
    for tr in _rows(table):
        row: list[str] = []
        for cell in tr.find_all(["td", "th"], recursive=False):
            _fill(row, hanging)
            text, high = _cell(cell), _span(cell, "rowspan")
            for offset in range(min(_span(cell, "colspan"), _MOST_COLUMNS - len(row))):
                value = text if offset == 0 else ""
                if high > 1:
                    hanging[len(row)] = (high - 1, value)
                row.append(value)
        _fill(row, hanging)
        rows.append(row)
    return rows


def _rows(table: Tag) -> list[Tag]:
    """Return the rows of a table, and not those that a broken page has inside of its cells.

    What these say is in the text of the cell around them; it is not said, or searched, again.
    """
    in_cells: set[int] = set()  # all that stands in one, by its `id`
    rows = []
    for tag in table.find_all(True):
        around = tag.parent
        if around and (around.name in _CELLS or id(around) in in_cells):
            in_cells.add(id(tag))
        elif tag.name == "tr":
            rows.append(tag)
    return rows


def _fill(row: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while len(row) in hanging and len(row) < _MOST_COLUMNS:
        left, text = hanging.pop(len(row))
        if left > 1:
            hanging[len(row)] = (left - 1, text)
        row.append(text)


def _span(cell: Tag, direction: str) -> int:
    value = str(cell.get(direction, "1"))
    return min(max(int(value), 1), _MOST_SPAN) if value.isdecimal() else 1


def _cell(cell: Tag) -> str:
    for block in cell.find_all(_BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    for picture in cell.find_all("img"):
        picture.replace_with(str(picture.get("alt") or ""))
    lines = (" ".join(line.split()) for line in cell.get_text().split("\n"))
    return LINE_IN_CELL.join(line for line in lines if line)
