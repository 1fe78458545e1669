"""The copy of a picture for readers: its dots alone, without what the camera wrote beside them."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.order import Cleaned, Order, UncleanError
from ingest.readers.image import FORMATS
from ingest.readers.limits import Limits

GREY = (128, 128, 128)
MOST_PIXELS = 40_000_000
_SCAN = 0xDA  # marker of a JPEG, after which its dots begin
_NOTES = frozenset({0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE})  # APP1, APP3 to 13 and 15, COM
QUALITY = 85  # of JPEG
_SAVED = {"JPEG": "JPEG", "PNG": "PNG", "GIF": "PNG", "BMP": "PNG", "TIFF": "PNG", "WEBP": "WEBP"}


def cleaned(data: bytes, name: str, *, grey: bool, longest: int = 0) -> bytes:
    """Return the picture drawn anew, upright, in its own format; wholly grey where it shows a face.

    One that is larger than `longest` pixels is made as small.

    Raises:
        UncleanError: it cannot be opened, so nobody knows what it shows or says.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            kind = image.format or ""
            if image.width * image.height > MOST_PIXELS:
                raise UncleanError(f"Its picture {name} has too many dots.")
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
            drawn = upright.convert("RGB" if kind == "JPEG" else mode)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise UncleanError(f"Its picture {name} cannot be opened.") from error
    if longest:
        drawn.thumbnail((longest, longest))
    if grey:
        drawn = Image.new("RGB", drawn.size, GREY)
    return saved(drawn, kind if kind in {"GIF", "BMP", "TIFF"} else _SAVED.get(kind, "PNG"))


def saved(image: Image.Image, kind: str) -> bytes:
    """Return the picture as a file of `kind`, with nothing beside its dots."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    out = io.BytesIO()
    if kind in {"GIF", "BMP"}:
        bare = bare.convert("RGB")
    bare.save(out, kind, **({"quality": QUALITY} if kind in {"JPEG", "WEBP"} else {}))
    return out.getvalue()


def without_notes(data: bytes) -> bytes:
    """Return a JPEG without its comments and the application's segments, dots untouched.

    How its colours are meant (JFIF, ICC, Adobe) stays; what is no JPEG is returned as it is.
    Source: ITU-T T.81, B.1.1.4 and B.2.
    """
    if not data.startswith(b"\xff\xd8"):
        return data
    kept, at = [data[:2]], 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker == _SCAN:
            break
        if marker not in _NOTES:
            kept.append(data[at : at + 2 + length])
        at += 2 + length
    return b"".join([*kept, data[at:]])


def clean(data: bytes, order: Order, _limits: Limits) -> Cleaned:
    """Return the copy of a file that is one picture; nobody can take words out of it."""
    if order.words or order.faces:
        raise UncleanError("The picture itself shows what must not be seen.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            kind = _SAVED.get(image.format or "", "PNG")
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise UncleanError("The picture cannot be opened.") from error
    copy = cleaned(data, "the picture", grey=False, longest=order.longest)
    if kind == "PNG":
        with Image.open(io.BytesIO(copy), formats=FORMATS) as image:
            copy = saved(image.convert("RGBA" if "A" in image.getbands() else "RGB"), "PNG")
    return Cleaned(copy, {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}[kind])
