"""The logo of a library: a drawing (SVG) or a picture (PNG) that may be shown on every page."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from lxml import etree
from PIL import Image

MOST_SVG, MOST_PNG = 20_000, 500_000  # bytes; a picture is sent smaller, a drawing as it is
MOST_PIXELS = 4096  # on a side: what a small file may grow to in memory
FIRST_BYTES_OF_PNG = b"\x89PNG\r\n\x1a\n"
ACTIVE = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler"})
SHRINK = "Ask whoever drew it for a smaller file, or save it as PNG."


@dataclass(frozen=True, slots=True)
class Logo:
    """The bytes of a logo that was looked through."""

    data: bytes
    media_type: str
    ratio: float  # width over height

    @property
    def is_drawing(self) -> bool:
        """Whether it can be shown in any size."""
        return self.media_type == "image/svg+xml"


def read_logo(path: Path) -> Logo:
    """Return the logo in a file.

    Raises:
        ValueError: it is not there, too large, neither SVG nor PNG, or does more than show.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(
            f"the file {path} cannot be read ({error.strerror}). Paths start at the folder "
            "that site.toml is in"
        ) from error
    if data.startswith(FIRST_BYTES_OF_PNG):
        return _picture(path, data)
    return _drawing(path, data)


def _picture(path: Path, data: bytes) -> Logo:
    if len(data) > MOST_PNG:
        raise ValueError(
            f"{path.name} has {len(data):,} bytes; a PNG may have {MOST_PNG:,}. "
            "Save it 512 pixels wide"
        )
    # The header of a PNG says width and height first, four bytes each.
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if max(width, height) > MOST_PIXELS:
        raise ValueError(
            f"{path.name} is {width} × {height} pixels large; a logo may have {MOST_PIXELS} on a "
            "side. Save it 512 pixels wide"
        )
    try:
        with Image.open(BytesIO(data), formats=("PNG",)) as picture:
            picture.load()
    except (OSError, SyntaxError) as error:  # SyntaxError is what Pillow says of a broken header
        raise ValueError(f"{path.name} is damaged. Save it again as PNG") from error
    return Logo(data, "image/png", width / height)


def _drawing(path: Path, data: bytes) -> Logo:
    if b"<svg" not in data[:2000].lower():
        raise ValueError(f"{path.name} is neither an SVG nor a PNG. Save it as one of them")
    if len(data) > MOST_SVG:
        raise ValueError(
            f"{path.name} has {len(data):,} bytes; an SVG may have {MOST_SVG:,}, because every "
            f"reader pays for it. {SHRINK}"
        )
    if b"<!doctype" in data.lower() or b"<!entity" in data.lower():
        raise ValueError(f"{path.name} has a DOCTYPE. Take that line out, or save it as PNG")
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        drawing = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"{path.name} is damaged: {error.msg}. Save it again") from error
    if does := _does(drawing):
        raise ValueError(f"{path.name} {does}; a logo only shows. Save it as plain SVG or as PNG")
    return Logo(data, "image/svg+xml", _ratio(drawing))


def _does(drawing: etree._Element) -> str:
    """Return what a drawing does besides showing; empty when it does nothing."""
    for element in drawing.iter(etree.Element):
        name = etree.QName(element).localname.lower()
        if name in ACTIVE:
            return f"holds <{name}>"
        for key, value in element.attrib.items():
            attribute = etree.QName(key).localname.lower()
            if attribute.startswith("on"):
                return f"has a script ({attribute})"
            leads_away = not value.strip().startswith(("#", "data:image/"))
            if attribute == "href" and leads_away:
                return f"leads to {value[:60]}"
    return ""


def _ratio(drawing: etree._Element) -> float:
    """Return width over height, as its viewBox says; a square where it says nothing."""
    try:
        _, _, width, height = map(float, drawing.get("viewBox", "").replace(",", " ").split())
        return width / height
    except (ValueError, ZeroDivisionError):
        return 1.0
