"""Show a curator one picture of a file, drawn anew, to tell whether it shows a face."""

import io
import re

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.document import Format
from ingest.order import UncleanError
from ingest.readers.archive import DAMAGE, open_archive
from ingest.readers.hidden import OFFICE, OPEN_DOCUMENT, pictures_of
from ingest.readers.image import FORMATS
from ingest.readers.limits import Limits

SIDE = 640  # pixels of the longer side: enough to know a face
_ON_PAGE = re.compile(r"page (\d{1,5}), picture (\d{1,5})")


def picture(data: bytes, kind: Format, where: str, limits: Limits) -> bytes:
    """Return the picture at `where`, in the words of `ingest.readers.hidden`, as a small PNG.

    Raises:
        UncleanError: there is no such picture, or it cannot be opened.
    """
    try:
        with _picture(data, kind, where, limits) as image:
            small = ImageOps.exif_transpose(image).convert("RGB")
    except (*DAMAGE, UnidentifiedImageError, Image.DecompressionBombError, IndexError) as error:
        raise UncleanError(f"The picture {where} cannot be opened.") from error
    small.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    bare = Image.new("RGB", small.size)
    bare.paste(small)
    bare.save(out, "PNG")
    return out.getvalue()


def _picture(data: bytes, kind: Format, where: str, limits: Limits) -> Image.Image:
    if kind in OFFICE | OPEN_DOCUMENT:
        return Image.open(io.BytesIO(open_archive(data, limits).read(where)), formats=FORMATS)
    if kind is Format.IMAGE and where == "the picture":
        return Image.open(io.BytesIO(data), formats=FORMATS)
    found = _ON_PAGE.fullmatch(where) if kind is Format.PDF else None
    if found is None:
        raise UncleanError(f"There is no picture {where}.")
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[int(found[1]) - 1]
        drawn: Image.Image = pictures_of(page)[int(found[2]) - 1].get_bitmap().to_pil()
        return drawn.copy()
    finally:
        document.close()
