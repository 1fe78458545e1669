"""The face of a library made from its site file: stylesheet, mark, icons, and the manifest."""

from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from kb.logo import Logo
from kb.palette import DARK, LIGHT, Theme
from kb.site import Site
from web.i18n import direction, messages

ICON_SIZES = (192, 512)  # pixels; what browsers ask of a page that is to be installed
SHOWN_HEIGHT = 32  # CSS pixels, in the head of a page
LOGO_HEIGHT = 3 * SHOWN_HEIGHT  # pixels, for screens that have three to each
HEAVY, FEW_COLOURS = 12_000, 64  # bytes; a first view has 60,000 for everything
WIDEST = 6  # times the height; more would leave no room for the name
FINER = 4  # times; drawn large and shrunk, edges are smooth
MARK = ((6, 19), (11, 14), (15, 17), (22, 8))  # the line of the mark, in a square of 28
SQUARE, ROUND, STROKE = 28, 7, 2.6
PNG, SVG = "image/png", "image/svg+xml"


def stylesheet(site: Site) -> str:
    """Return the colours of the library, for the layer `base` of the stylesheet.

    >>> stylesheet(Site())[:52]
    '@layer base{:root{--accent:#0b5c6b;--tint:#ebf2f3;--'
    """
    light = _colours(LIGHT, site.colours.accent)
    dark = _colours(DARK, site.colours.dark)
    return f"@layer base{{{light}@media(prefers-color-scheme:dark){{{dark}}}}}"


def digest(content: str | bytes) -> str:
    """Return what an address names its content by."""
    data = content.encode() if isinstance(content, str) else content
    return sha256(data).hexdigest()[:12]


def mark(site: Site) -> str:
    """Return the mark of a library without a logo, in its accent."""
    points = "L".join(f"{x} {y}" for x, y in MARK)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SQUARE} {SQUARE}">'
        f'<rect width="{SQUARE}" height="{SQUARE}" rx="{ROUND}" fill="{site.colours.accent}"/>'
        f'<path d="M{points}" fill="none" stroke="#fff" stroke-width="{STROKE}" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def logo(site: Site) -> tuple[bytes, str]:
    """Return what stands beside the name, and its media type: a picture in the size it needs."""
    own = site.picture
    if own is None:
        return mark(site).encode(), SVG
    return (own.data, SVG) if own.is_drawing else (_shrunk(own.data), PNG)


def logo_width(site: Site, height: int) -> int:
    """Return how wide the logo is at a height, so that nothing moves when it arrives."""
    return round(height * min(site.picture.ratio if site.picture else 1, WIDEST))


@lru_cache(maxsize=8)
def icon(picture: Logo | None, accent: str, size: int) -> bytes:
    """Return the sign of the library as a square PNG: its picture, or the mark in its accent."""
    if picture is None or picture.is_drawing:
        return _written(_drawn_mark(accent, size))
    with Image.open(BytesIO(picture.data), formats=("PNG",)) as opened:
        shown = opened.convert("RGBA")
    scale = 0.8 * size / max(shown.size)  # a launcher may cut a circle out of it
    width, height = (max(1, round(side * scale)) for side in shown.size)
    square = Image.new("RGBA", (size, size), "white")
    at = (size - width) // 2, (size - height) // 2
    square.alpha_composite(shown.resize((width, height)), at)
    return _written(square)


def manifest(site: Site, language: str) -> dict[str, Any]:
    """Return what a browser needs to put the library on a home screen.

    Source: https://www.w3.org/TR/appmanifest/
    """
    return {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "name": site.called(language),
        "short_name": site.called_in_short(language),
        "lang": language,
        "dir": direction(language),
        "display": "minimal-ui",  # with a way back
        "background_color": LIGHT.paper,
        "theme_color": site.colours.accent,
        "icons": [*_drawings(site), *_pictures(site)],
        "shortcuts": [{"name": messages(language).gettext("Search"), "url": "/search"}],
    }


def icon_address(site: Site, size: int) -> str:
    """Return the address of an icon; it changes when the icon does."""
    sign = digest((site.picture.data if site.picture else b"") + site.colours.accent.encode())
    return f"/icon-{size}.png?v={sign}"


def logo_address(site: Site) -> str:
    """Return the address of the logo; it changes when the logo does."""
    return f"/logo?v={digest(logo(site)[0])}"


def style_address(site: Site) -> str:
    """Return the address of the library's colours; empty where they are as it comes."""
    return f"/site.css?v={digest(stylesheet(site))}" if site.has_own_colours else ""


def _colours(theme: Theme, accent: str) -> str:
    tint = theme.tint(accent)
    return f":root{{--accent:{accent};--tint:{tint};--on-accent:{theme.on_accent}}}"


def _drawings(site: Site) -> list[dict[str, str]]:
    data, kind = logo(site)
    return [{"src": f"/logo?v={digest(data)}", "sizes": "any", "type": SVG}] if kind == SVG else []


def _pictures(site: Site) -> list[dict[str, str]]:
    if site.picture and site.picture.is_drawing:
        return []
    return [
        {
            "src": icon_address(site, size),
            "sizes": f"{size}x{size}",
            "type": PNG,
            "purpose": "any maskable",
        }
        for size in ICON_SIZES
    ]


def _drawn_mark(accent: str, size: int) -> Image.Image:
    large = size * FINER
    scale = large * 0.7 / SQUARE  # a launcher may cut a circle out of it
    edge = large * 0.15
    points = [(edge + x * scale, edge + y * scale) for x, y in MARK]
    drawn = Image.new("RGB", (large, large), accent)
    pen = ImageDraw.Draw(drawn)
    pen.line(points, fill="white", width=round(STROKE * scale), joint="curve")
    half = STROKE * scale / 2
    for x, y in points:
        pen.ellipse((x - half, y - half, x + half, y + half), fill="white")
    return drawn.resize((size, size), Image.Resampling.LANCZOS)


@lru_cache(maxsize=2)
def _shrunk(data: bytes) -> bytes:
    """Return a picture no larger than it is shown, in a few colours if it is heavy even so."""
    with Image.open(BytesIO(data), formats=("PNG",)) as opened:
        shown = opened.convert("RGBA")
    shown.thumbnail((WIDEST * LOGO_HEIGHT, LOGO_HEIGHT), Image.Resampling.LANCZOS)
    whole = _written(shown)
    return whole if len(whole) <= HEAVY else _written(shown.quantize(FEW_COLOURS))


def _written(picture: Image.Image) -> bytes:
    stream = BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()
