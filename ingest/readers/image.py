"""Photos and scans (.png, .jpg, .tiff, .webp, .bmp, .gif): pages that are read by OCR."""

import io
import warnings
from collections.abc import Callable
from functools import partial

from PIL import ExifTags, Image, ImageFile, ImageOps, TiffImagePlugin

from ingest.document import Metadata
from ingest.readers import scans
from ingest.readers.content import Content, iso_date
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError

# By name: Pillow knows many more, whose decoders nobody needs here.
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")


def read(data: bytes, limits: Limits) -> Content:
    """Read a picture: its pages are left to OCR; without it they raise the doubt of a scan.

    Raises:
        UnreadableError: damaged, or of more pixels than may be unpacked.
    """
    image = _open(data, limits)
    pages = _count(image, limits)
    doubts = [f"Cut after {limits.pages} pages."] if pages > limits.pages else []
    pages = min(pages, limits.pages)
    if not scans.is_read(limits):
        doubts += [scans.LOOKS_SCANNED, scans.missing(limits)]
    taken = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    render: Callable[[int], Image.Image] = partial(_page, image, limits)
    return Content(
        markdown="",
        metadata=Metadata(created=iso_date(str(taken or "").replace(":", "-", 2)), pages=pages),
        media_type=Image.MIME.get(image.format or "", ""),
        doubts=tuple(doubts),
        pages=("",) * pages,
        pictures={page: partial(render, page) for page in range(pages)}
        if scans.is_read(limits)
        else {},
    )


def _open(data: bytes, limits: Limits) -> Image.Image:
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # the upper half of a page is better than none
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and counts what is unpacked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as a strange tag
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    _guard(image, limits)
    return image


def _guard(image: Image.Image, limits: Limits) -> None:
    """Refuse more pixels than fit; a JPEG is unpacked at half or less of its size."""
    if image.format == "JPEG" and image.width * image.height > limits.pixels:
        image.draft("L", (image.width // 4, image.height // 4))
    if image.width * image.height > limits.pixels:
        detail = f"{image.width:,} × {image.height:,} pixels"
        raise UnreadableError(Reason.TOO_LARGE, detail=detail)


def _count(image: Image.Image, limits: Limits) -> int:
    """Return how many pages a TIFF has, counting no farther than is needed; others have one."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 1
    try:
        image.seek(limits.pages)
    except (EOFError, ValueError, OSError, SyntaxError, KeyError):
        return max(1, min(image.tell() + 1, limits.pages))
    return limits.pages + 1


def _page(image: Image.Image, limits: Limits, number: int) -> Image.Image:
    if number or image.tell():
        image.seek(number)
    try:
        _guard(image, limits)
    except UnreadableError as error:
        raise ValueError(str(error)) from error
    return ImageOps.exif_transpose(image)
