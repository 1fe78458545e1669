"""PDF: headings and tables by liteparse, checked against the words that pdfium sees."""

import contextlib
import ctypes
import math
import re
from functools import partial
from typing import Any

import pdf_inspector
import pypdfium2
import pypdfium2.raw as pdfium
from liteparse import LiteParse, ParseError

from ingest.document import Metadata
from ingest.readers import scans
from ingest.readers.content import Content, iso_date, one_line
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD of pdfium's fpdfview.h
_SCANNED_PAGE_CHARS = 25  # a page with less text than this is a picture of a page
_SCANNED_SHARE = 0.5
_OCR_DPI = 300
_MOST_LANGUAGE_BYTES = 100
_WORDS_KEPT = 0.7  # of pdfium's words; below, liteparse took text for running headers
_RIGHT_TO_LEFT_SHARE = 0.3
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_PICTURE = re.compile(r"!\[[^\]]{0,999}\]\([^)]{0,999}\)")
_RULE = re.compile(r"\n\n-{3,}(?=\n|\Z)")  # page breaks and drawn lines
_BROKEN_LIST = re.compile(r"^((?:\d+\.|-) .*)\n\n(?=(?:\d+\.|-) )", re.MULTILINE)


def read(data: bytes, limits: Limits) -> Content:
    """Read a PDF; pages without text are left to OCR, and where there is none raise a doubt.

    Raises:
        UnreadableError: encrypted or damaged. Owner passwords do not hinder reading.
    """
    return _read(data, limits, plain=False)


def read_plain(data: bytes, limits: Limits) -> Content:
    """Read only the words of a PDF whose layout was too much for `read`."""
    return _read(data, limits, plain=True)


def _read(data: bytes, limits: Limits, *, plain: bool) -> Content:
    book = _open(data)
    texts = [_page_text(book, number) for number in range(min(len(book), limits.pages))]
    bare = [number for number, text in enumerate(texts) if len(text) < _SCANNED_PAGE_CHARS]
    by_ocr = bool(bare) and not plain and scans.is_read(limits)
    doubts = [] if by_ocr else [_scan_doubt(texts)]
    if len(bare) > _SCANNED_SHARE * len(texts) and not by_ocr:
        doubts.append(scans.missing(limits))
    if len(book) > limits.pages:
        doubts.append(f"Cut after {limits.pages} of {len(book)} pages.")
    pages: tuple[str, ...] = ()
    if by_ocr:
        markdown, pages = "", tuple(_by_page(data, texts, limits))
    elif not any(texts):
        markdown = ""
    elif plain:
        markdown = "\n\n".join(texts)
        doubts.append("Only the words were read; headings and tables are lost.")
    else:
        markdown = _laid_out(data, texts, limits, doubts)
    properties = book.get_metadata_dict()
    return Content(
        markdown=markdown,
        declared_title=properties.get("Title", ""),
        metadata=Metadata(
            author=one_line(properties.get("Author", "")),
            created=iso_date(properties.get("CreationDate")),
            modified=iso_date(properties.get("ModDate")),
            language=_language(book),
            pages=len(book),
        ),
        doubts=tuple(filter(None, doubts)),
        pages=pages,
        pictures={page: partial(_picture, book, page, limits) for page in bare} if by_ocr else {},
    )


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == _PASSWORD_ERROR
        reason = Reason.ENCRYPTED if encrypted else Reason.CORRUPT
        raise UnreadableError(reason) from error


def _language(book: Any) -> str:
    """Return the language that the catalog declares, or ""."""
    length = pdfium.FPDFCatalog_GetLanguage(book.raw, None, 0)
    if not 0 < length <= _MOST_LANGUAGE_BYTES:
        return ""
    text = (ctypes.c_ushort * (length // 2))()
    pdfium.FPDFCatalog_GetLanguage(book.raw, text, length)
    return bytes(text).decode("utf-16-le", errors="replace").rstrip("\0")


def _picture(book: Any, number: int, limits: Limits) -> Any:
    """Draw a page at 300 dpi, or as fine as the limits allow, in grey."""
    try:
        page = book[number]
        wide, high = page.get_size()
        fits = math.sqrt(limits.page_pixels / max(1.0, wide * high))
        picture = page.render(scale=min(_OCR_DPI / 72, fits), grayscale=True).to_pil()
        page.close()
    except pypdfium2.PdfiumError as error:
        raise ValueError(str(error)) from error
    return picture


def _page_text(book: Any, number: int) -> str:
    try:
        page = book[number]
        text = str(page.get_textpage().get_text_bounded())
        page.close()
    except pypdfium2.PdfiumError:
        return ""  # a broken page; the doubt about pages without text counts it
    return text.replace("\r\n", "\n").strip()


def _scan_doubt(texts: list[str]) -> str:
    bare = sum(len(text) < _SCANNED_PAGE_CHARS for text in texts)
    if texts and bare == len(texts):
        return scans.LOOKS_SCANNED if not any(texts) else "Hardly any text found."
    if bare > _SCANNED_SHARE * len(texts):
        return f"Looks scanned: no text on {bare} of {len(texts)} pages."
    return f"No text on {bare} of {len(texts)} pages." if bare else ""


def _laid_out(data: bytes, texts: list[str], limits: Limits, doubts: list[str]) -> str:
    """Return the Markdown of the best reader for this text, never less than its words."""
    words = "\n\n".join(texts)
    if _is_right_to_left(words):
        return pdf_inspector.process_pdf_bytes(data).markdown or words
    markdown = _parse(data, limits)
    if _letters(markdown) < _WORDS_KEPT * _letters(words):
        markdown = max(markdown, _parse(data, limits, keep_headers_footers=True), key=_letters)
    if _letters(markdown) < _WORDS_KEPT * _letters(words):
        doubts.append("Only the words were read; headings and tables are lost.")
        return words
    return markdown


def _by_page(data: bytes, texts: list[str], limits: Limits) -> list[str]:
    """Return the Markdown of each page, never less than its words."""
    laid_out: dict[int, str] = {}
    if any(len(text) >= _SCANNED_PAGE_CHARS for text in texts):
        with contextlib.suppress(ParseError):  # the words remain
            parsed = _parser(limits).parse(data)
            laid_out = {page.page_num - 1: _tidy(page.markdown or "") for page in parsed.pages}
    return [
        laid_out[number]
        if _letters(laid_out.get(number, "")) > _WORDS_KEPT * _letters(text)
        and not _is_right_to_left(text)
        else text
        for number, text in enumerate(texts)
    ]


def _parse(data: bytes, limits: Limits, **options: bool) -> str:
    try:
        # bytes, not a path: it would choose a converter by the file's name
        return _tidy(_parser(limits, **options).parse(data).text)
    except ParseError:
        return ""  # the caller falls back to the words


def _parser(limits: Limits, **options: bool) -> Any:
    return LiteParse(
        ocr_enabled=False,
        output_format="markdown",
        quiet=True,
        num_workers=1,
        extract_links=False,
        continue_on_page_error=True,
        max_pages=limits.pages,
        **options,
    )


def _tidy(markdown: str) -> str:
    return _BROKEN_LIST.sub(r"\1\n", _RULE.sub("", _PICTURE.sub("", markdown)))


def _is_right_to_left(text: str) -> bool:
    return len(_RIGHT_TO_LEFT.findall(text)) > _RIGHT_TO_LEFT_SHARE * _letters(text)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
