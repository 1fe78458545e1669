"""PDF as it comes from a scanner: pictures of pages, a little askew, and no text layer."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from writers.blocks import Block, Heading, Item, Spans, Table, plain

FONTS = Path(reportlab.__file__).parent / "fonts"  # Bitstream Vera, which ReportLab ships
WIDTH, HEIGHT, MARGIN = 1240, 1754, 120  # pixels, A4 at 150 dots per inch
SIZE, HEADING_SIZE, LEADING = 23, 30, 1.45  # pixels, and their multiple from line to line
ASKEW = 0.6  # degrees
PAPER, INK, RULE = 244, 45, 130  # grey
QUALITY = 45  # of the JPEG, as thrifty as an office scanner


class Pages:
    """Pages that are filled from top to bottom."""

    def __init__(self) -> None:
        self.pages: list[Image.Image] = []
        self._turn()

    def line(self, text: str, *, x: int, font: ImageFont.FreeTypeFont) -> None:
        """Write one line and go to the next."""
        self.words([(x, text)], font=font)

    def words(self, cells: Sequence[tuple[int, str]], *, font: ImageFont.FreeTypeFont) -> None:
        """Write texts beside each other, each at its x, and go to the next line."""
        if self.y > HEIGHT - MARGIN:
            self._turn()
        for x, text in cells:
            self.draw.text((x, self.y), text, font=font, fill=INK)
        self.y += int(font.size * LEADING)

    def rule(self) -> None:
        """Draw a line across the page."""
        self.draw.line((MARGIN, self.y - 6, WIDTH - MARGIN, self.y - 6), fill=RULE, width=2)

    def space(self) -> None:
        """Leave half a line."""
        self.y += SIZE // 2

    def _turn(self) -> None:
        self.pages.append(Image.new("L", (WIDTH, HEIGHT), PAPER))
        self.draw = ImageDraw.Draw(self.pages[-1])
        self.y = MARGIN


def write(blocks: Sequence[Block]) -> bytes:
    """Return a .pdf of pictures of the blocks."""
    pages = Pages()
    for block in blocks:
        _write_block(pages, block)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=0)
    for page in pages.pages:
        canvas.drawImage(ImageReader(_scanned(page)), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _write_block(pages: Pages, block: Block) -> None:
    if isinstance(block, Table):
        _write_table(pages, block)
        return
    heading = isinstance(block, Heading)
    font = _font("VeraBd" if heading or _bold(block.spans) else "Vera", heading=heading)
    indent = 40 * (block.level + 1) if isinstance(block, Item) else 0
    if isinstance(block, Item):
        text = f"{'-' if block.number is None else f'{block.number}.'} {plain(block.spans)}"
    else:
        text = plain(block.spans)
        pages.space()
    for line in _lines(text, font, WIDTH - 2 * MARGIN - indent):
        pages.line(line, x=MARGIN + indent, font=font)


def _write_table(pages: Pages, table: Table) -> None:
    pages.space()
    width = (WIDTH - 2 * MARGIN) // len(table.rows[0])
    for place, row in enumerate(table.rows):
        font = _font("VeraBd" if place == 0 else "Vera", heading=False)
        columns = [list(_lines(plain(spans), font, width - 16)) for spans in row]
        pages.rule()
        for depth in range(max(map(len, columns))):
            cells = [
                (MARGIN + column * width, lines[depth])
                for column, lines in enumerate(columns)
                if depth < len(lines)
            ]
            pages.words(cells, font=font)
    pages.rule()


def _bold(spans: Spans) -> bool:
    return bool(spans) and all(span.bold for span in spans)


def _font(name: str, *, heading: bool) -> ImageFont.FreeTypeFont:
    size = HEADING_SIZE if heading else SIZE
    # The plain layout engine gives the same pixels whether or not Raqm is installed.
    return ImageFont.truetype(FONTS / f"{name}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """Break the text into lines of at most `width` pixels; a longer word gets a line of its own."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line


def _scanned(page: Image.Image) -> io.BytesIO:
    out = io.BytesIO()
    turned = page.rotate(ASKEW, resample=Image.Resampling.BICUBIC, fillcolor=PAPER)
    turned.save(out, "JPEG", quality=QUALITY)
    out.seek(0)
    return out
