"""A sheet of 1200 × 630 pixels to draw on: what messengers and social networks ask for.

Noto Sans lies beside this module, with Latin and Arabic letters. Shapes are drawn twice as large
and made smaller, so that they are smooth; words are written last. A mirrored sheet is for a
language that runs from right to left.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from unicodedata import bidirectional

from PIL import Image, ImageDraw, ImageFont, features
from PIL.ImageFont import FreeTypeFont

from web.brand import MARK, SQUARE

EDITION = "1"  # of this way of drawing: a new one makes every picture new
WIDTH, HEIGHT = 1200, 630
FONTS = Path(__file__).parent / "fonts"
NO_GLYPH = "\U0010ffff"
# Signs of titles that Noto Sans lacks, as people write them without.
WRITTEN = str.maketrans({"≥": ">=", "≤": "<=", "→": "–", "≈": "~", "−": "–"})
LEFTWARDS = frozenset({"R", "AL"})  # bidirectional classes of letters
FINE = 2
COLOURS = 64
EDGE, INSIDE = 64, 32  # pixels around everything, and inside the box
BOX = (EDGE, 404, WIDTH - EDGE, HEIGHT - 44)  # left, top, right, bottom
SIGN, TOP, WIDEST = 46, 46, 276  # pixels: the logo, where it begins, and how wide it may be
HALF = 520  # pixels of the box for the two numbers; the curve has the rest
TITLES = ((60, 2), (52, 3), (44, 4))  # size of the letters, lines at most
PAIRS = ((56, 88), (44, 66), (32, 46), (22, 30))  # sizes of the first and the second number
ARROW, BESIDE = 52, 20  # pixels
LEADING = 1.22  # from line to line, of the size of the letters
INK, SOFT, PAPER, PALE, WHITE = "#16262c", "#50636a", "#fbfaf7", "#dbe1df", "#ffffff"
ACCENT, GOOD = "#0b5c6b", "#1b6a3b"

Spot = tuple[float, float]


class Sheet:
    """A picture while it is being drawn."""

    def __init__(self, accent: str = ACCENT, *, mirrored: bool = False) -> None:
        self._accent = accent
        self._mirrored = mirrored
        self._canvas = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
        self._shapes = ImageDraw.Draw(self._canvas)
        self._words: list[tuple[Spot, str, FreeTypeFont, str, str]] = []

    def brand(self, name: str, logo: bytes = b"") -> None:
        """Put the logo, else the mark, and the name of the library on top."""
        width: float = SIGN
        if logo:
            with Image.open(BytesIO(logo), formats=("PNG",)) as opened:
                width = min(SIGN * opened.width / opened.height, WIDEST)
                sign = opened.convert("RGBA").resize((round(width * FINE), SIGN * FINE))
            left = self._from_edge(EDGE, width)
            self._canvas.paste(sign, (round(left * FINE), TOP * FINE), sign)
        else:
            self._rectangle((EDGE, TOP, EDGE + SIGN, TOP + SIGN), radius=11, fill=self._accent)
            left, scale = self._from_edge(EDGE, SIGN), SIGN / SQUARE
            self._stroke([(left + x * scale, TOP + y * scale) for x, y in MARK], WHITE, 4)
        self._write(name, EDGE + width + 16, TOP - 3, font(30, bold=True), self._accent)

    def title(self, text: str, *, alone: bool = False) -> float:
        """Write the title as large as it fits, and return where it ends."""
        sizes = ((76, 4), *TITLES) if alone else TITLES
        for size, most in sizes:
            lines = wrapped(text, font(size, bold=True), WIDTH - 2 * EDGE, most + 1)
            if len(lines) <= most:
                break
        lines = wrapped(text, font(size, bold=True), WIDTH - 2 * EDGE, most)
        return self._lines(lines, EDGE, 190 if alone else 116, font(size, bold=True), INK)

    def line(self, text: str, top: float) -> None:
        """Write one soft line."""
        kept = wrapped(text, font(30), WIDTH - 2 * EDGE, 1)
        self._lines(kept, EDGE, top + 20, font(30), SOFT)

    def box(self) -> None:
        """Lay a white box below, for the numbers or the list."""
        self._rectangle(BOX, radius=18, fill=WHITE, outline=PALE)

    def pair(self, before: str, after: str, *, better: bool) -> None:
        """Write two numbers and an arrow, in this order whatever way the language runs."""
        for sizes in PAIRS:
            first, second = font(sizes[0]), font(sizes[1], bold=True)
            start = first.getlength(before) + BESIDE
            width = start + ARROW + BESIDE + second.getlength(after)
            if width <= HALF:
                break
        left, base = self._from_edge(EDGE + INSIDE, width), BOX[1] + 104
        tip, y = left + start + ARROW, base - sizes[0] * 0.34
        self._words.append(((left, base), before, first, SOFT, "ls"))
        self._stroke([(left + start, y), (tip, y)], SOFT, 5)
        self._stroke([(tip - 14, y - 13), (tip, y), (tip - 14, y + 13)], SOFT, 5)
        ink = GOOD if better else INK
        self._words.append(((tip + BESIDE, base), after, second, ink, "ls"))

    def measure(self, name: str) -> None:
        """Say below the two numbers what they count."""
        lines = wrapped(name, font(25), HALF, 1)
        self._lines(lines, EDGE + INSIDE, BOX[1] + 126, font(25), SOFT)

    def curve(self, series: Sequence[tuple[date, float | None]], change: date | None) -> None:
        """Draw the points over time with gaps as gaps, and a dashed line where the change began."""
        width = BOX[2] - BOX[0] - HALF - 3 * INSIDE
        left = self._from_edge(BOX[2] - INSIDE - width, width)
        top, bottom = BOX[1] + INSIDE, BOX[3] - INSIDE
        known = [value for _, value in series if value is not None]
        if not known:
            return
        low, high = min(known), max(known)
        low = 0 if 0 <= low <= high / 2 else low
        first, days = series[0][0], (series[-1][0] - series[0][0]).days or 1

        def x(day: date) -> float:
            return left + (day - first).days / days * width

        def y(value: float) -> float:
            return bottom - (value - low) / ((high - low) or 1) * (bottom - top)

        self._stroke([(left, bottom + 12), (left + width, bottom + 12)], PALE, 2)
        if change is not None and series[0][0] < change <= series[-1][0]:
            for dash in range(int(top) - 8, int(bottom) + 8, 14):
                self._stroke([(x(change), dash), (x(change), dash + 7)], SOFT, 2)
        for there, group in groupby(series, key=lambda point: point[1] is not None):
            spots = [(x(day), y(value)) for day, value in group if value is not None]
            if there:
                self._stroke(spots, self._accent, 4)
                for spot in spots:
                    self._dot(spot, 6 if len(known) <= 30 else 3)  # noqa: PLR2004

    def list(self, texts: Sequence[str]) -> None:
        """Write one or two things into the box, each with a dot before it."""
        top: float = BOX[1] + (26 if len(texts) > 1 else 44)
        for text in texts:
            lines = wrapped(text, font(30), WIDTH - 2 * EDGE - 3 * INSIDE, 2)
            self._dot((self._from_edge(EDGE + INSIDE, 0), top + 25), 5)
            top = self._lines(lines, EDGE + 2 * INSIDE, top, font(30), INK) + 4

    def png(self) -> bytes:
        """Return the picture as PNG, far below 100 kB: few colours, no gradients."""
        image = self._canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        pen = ImageDraw.Draw(image)
        for place, text, look, ink, anchor in self._words:
            pen.text(place, text, font=look, fill=ink, anchor=anchor)
        file = BytesIO()
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        return file.getvalue()

    def _from_edge(self, distance: float, width: float) -> float:
        """Return the left of something `width` wide that lies `distance` from where one begins."""
        return WIDTH - distance - width if self._mirrored else distance

    def _write(self, text: str, distance: float, top: float, look: FreeTypeFont, ink: str) -> None:
        place = (self._from_edge(distance, 0), top)
        self._words.append((place, text, look, ink, "ra" if self._mirrored else "la"))

    def _lines(
        self, lines: Sequence[str], distance: float, top: float, look: FreeTypeFont, ink: str
    ) -> float:
        for line in lines:
            self._write(line, distance, top, look, ink)
            top += look.size * LEADING
        return top

    def _rectangle(
        self, box: tuple[float, ...], *, radius: int, fill: str, outline: str = ""
    ) -> None:
        left, top, right, bottom = box
        left = self._from_edge(left, right - left)
        scaled = [edge * FINE for edge in (left, top, left + box[2] - box[0], bottom)]
        self._shapes.rounded_rectangle(scaled, radius * FINE, fill, outline or None, 2 * FINE)

    def _stroke(self, spots: Sequence[Spot], ink: str, width: float) -> None:
        scaled = [(x * FINE, y * FINE) for x, y in spots]
        self._shapes.line(scaled, ink, round(width * FINE), joint="curve")

    def _dot(self, spot: Spot, radius: float) -> None:
        (x, y), r = spot, radius
        box = [edge * FINE for edge in (x - r, y - r, x + r, y + r)]
        self._shapes.ellipse(box, self._accent)


def drawable(text: str) -> str:
    """Return `text` on one line, or nothing where it would be boxes or letters left unjoined."""
    line = " ".join(text.translate(WRITTEN).split())
    if not features.check("raqm") and any(bidirectional(sign) in LEFTWARDS for sign in line):
        return ""
    return line if all(map(_has_glyph, set(line) - {" "})) else ""


def runs_left(text: str) -> bool:
    """Tell whether the first letter of `text` is of a script that runs from right to left.

    >>> runs_left("34 % – العربية"), runs_left("KMC العربية")
    (True, False)
    """
    strong = (bidirectional(sign) for sign in text)
    return next((kind in LEFTWARDS for kind in strong if kind in {"L", *LEFTWARDS}), False)


def wrapped(text: str, look: FreeTypeFont, width: float, most: int) -> list[str]:
    """Break `text` into lines of at most `width` pixels; the last says that there was more."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and look.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] += " …"
    return [_narrowed(line, look, width) for line in kept]


@cache
def font(size: int, *, bold: bool = False) -> FreeTypeFont:
    """Return Noto Sans of `size` pixels."""
    return ImageFont.truetype(FONTS / f"NotoSans-{'Bold' if bold else 'Regular'}.ttf", size)


def _narrowed(line: str, look: FreeTypeFont, width: float) -> str:
    words = line.removesuffix(" …")
    while words and look.getlength(line) > width:
        words = words.rpartition(" ")[0] or words[:-1]
        line = f"{words} …"
    return line


@cache
def _has_glyph(sign: str) -> bool:
    look = font(20)
    return bytes(look.getmask(sign)) != bytes(look.getmask(NO_GLYPH))
