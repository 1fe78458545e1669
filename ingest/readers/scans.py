"""Pages that are pictures: their text by OCR, and the doubts that come with it."""

import io
import math
import time
from dataclasses import replace

from PIL import Image

from ingest import ocr
from ingest.readers.content import Content
from ingest.readers.limits import Limits
from ingest.readers.pipetable import tabulate

LOOKS_SCANNED = "No text found, looks scanned."
_LITTLE_TEXT = 25  # letters and digits, below which a picture is no page
_PAGE_S = 30.0
_LEAST_S = 2.0  # with less time left no page is begun
_LEAST_SIDE = 16  # pixels; nothing can be written on less
_SIDE = 1_500  # pixels; smaller pictures are enlarged, as tesseract wants letters of 20 pixels


def is_read(limits: Limits) -> bool:
    """Tell whether pictures of text are read at all: wanted, and tesseract is there."""
    return limits.ocr and ocr.installed().works


def missing(limits: Limits) -> str:
    """Return the doubt that says how a scan could be read here."""
    if not limits.ocr:
        return "OCR is switched off (KB_OCR)."
    return f"To read scans, install tesseract ({ocr.INSTALL}) and ingest the file again."


def recognised(content: Content, limits: Limits, *, until: float) -> Content:
    """Return the content with the text of its pictures in their places.

    `until` is a moment of `time.monotonic`, at which no more pages are read.
    """
    pages = dict(enumerate(content.pages))
    read: dict[int, ocr.Recognised] = {}
    failed: list[int] = []
    language = content.metadata.language.split("-")[0]
    for number, render in content.pictures.items():
        left = until - time.monotonic()
        if left < _LEAST_S or len(read) >= limits.ocr_pages:
            break
        try:
            picture = render()
            if min(picture.size) < _LEAST_SIDE:
                read[number] = ocr.Recognised("", 0.0, language)
                continue
            read[number] = ocr.recognise(
                legible(picture, limits), language=language, seconds=min(_PAGE_S, left)
            )
        except (TimeoutError, OSError, ValueError):  # too much to make out, or a broken picture
            failed.append(number)
            continue
        language = read[number].language
        pages[number] = tabulate(read[number].text, "\t")
    texts = (page for _, page in sorted(pages.items()))
    return replace(
        content,
        markdown="\n\n".join(filter(None, texts)),
        doubts=(*content.doubts, *_doubts(content, read, failed)),
    )


def _doubts(content: Content, read: dict[int, ocr.Recognised], failed: list[int]) -> list[str]:
    rest = [page for page in content.pictures if page not in read and page not in failed]
    with_text = {page: found for page, found in read.items() if found.text}
    codes = dict.fromkeys(found.language for found in with_text.values())
    doubts = []
    if with_text:
        languages = ocr.Tesseract("", tuple(codes)).spoken
        mixed = len(content.pages) > len(content.pictures)
        where = f" on {_listed(list(with_text))}" if mixed else ""
        doubts.append(f"Read by OCR (tesseract, {languages}){where}: check names and figures.")
    poor = {page: found for page, found in with_text.items() if found.confidence < ocr.LEGIBLE}
    doubts += [
        f"Page {page + 1} was hard to read (confidence {found.confidence:.0f} %)."
        for page, found in poor.items()
    ]
    if failed:
        doubts.append(f"No text could be made out on {_listed(failed)}.")
    if rest:
        doubts.append(f"Not read by OCR: {_listed(rest)}. Split the file to have them read.")
    whole = "".join(content.pages) + "".join(found.text for found in read.values())
    if sum(map(str.isalnum, whole)) < _LITTLE_TEXT and not rest and not failed:
        doubts.append("A picture with little text; describe what it shows.")
    return doubts


def _listed(pages: list[int]) -> str:
    """Return page numbers in words.

    >>> _listed([0, 1, 2, 5]), _listed([3])
    ('pages 1–3, 6', 'page 4')
    """
    spans: list[list[int]] = []
    for page in pages:
        if spans and page == spans[-1][-1] + 1:
            spans[-1][1:] = [page]
        else:
            spans.append([page])
    words = ", ".join("–".join(str(page + 1) for page in span) for span in spans)
    return f"page{'s' if len(pages) > 1 else ''} {words}"


def legible(picture: Image.Image, limits: Limits) -> bytes:
    """Return a picture in grey, of a size that tesseract reads well, as PGM."""
    grey = _on_white(picture).convert("L")
    scale = math.sqrt(limits.page_pixels / max(1, grey.width * grey.height))
    if scale >= 1:
        scale = min(scale, 2.0) if max(grey.size) < _SIDE else 1.0
    if scale != 1:
        size = (max(1, int(grey.width * scale)), max(1, int(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    grey.save(file, format="PPM")
    return file.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """What shows through is paper: otherwise black letters would stand on black."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture
    drawn = picture.convert("LA")
    white = Image.new("L", picture.size, 255)
    white.paste(drawn.getchannel("L"), mask=drawn.getchannel("A"))
    return white
