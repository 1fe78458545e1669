"""PDF: headings and tables by liteparse, checked against the words that pdfium sees."""

import re
from typing import Any

import pdf_inspector
import pypdfium2
from liteparse import LiteParse, ParseError

from ingest.document import Metadata
from ingest.readers.content import Content, iso_date, one_line
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD of pdfium's fpdfview.h
_SCANNED_PAGE_CHARS = 25  # a page with less text than this is a picture of a page
_SCANNED_SHARE = 0.5
_WORDS_KEPT = 0.7  # of pdfium's words; below, liteparse took text for running headers
_RIGHT_TO_LEFT_SHARE = 0.3
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_RULE = re.compile(r"\n\n-{3,}(?=\n|\Z)")  # page breaks and drawn lines
_BROKEN_LIST = re.compile(r"^((?:\d+\.|-) .*)\n\n(?=(?:\d+\.|-) )", re.MULTILINE)


def read(data: bytes, limits: Limits) -> Content:
    """Read a PDF; pages without text raise a doubt, scanned ones are not read here.

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
    doubts = [_scan_doubt(texts)]
    if len(book) > limits.pages:
        doubts.append(f"Cut after {limits.pages} of {len(book)} pages.")
    if not any(texts):
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
            pages=len(book),
        ),
        doubts=tuple(filter(None, doubts)),
    )


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == _PASSWORD_ERROR
        reason = Reason.ENCRYPTED if encrypted else Reason.CORRUPT
        raise UnreadableError(reason) from error


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
        return "No text found, looks scanned." if not any(texts) else "Hardly any text found."
    if bare > _SCANNED_SHARE * len(texts):
        return f"Looks scanned: no text on {bare} of {len(texts)} pages."
    return f"No text on {bare} of {len(texts)} pages." if bare else ""


def _laid_out(data: bytes, texts: list[str], limits: Limits, doubts: list[str]) -> str:
    """Return the Markdown of the best reader for this text, never less than its words."""
    words = "\n\n".join(texts)
    if len(_RIGHT_TO_LEFT.findall(words)) > _RIGHT_TO_LEFT_SHARE * _letters(words):
        return pdf_inspector.process_pdf_bytes(data).markdown or words
    markdown = _parse(data, limits)
    if _letters(markdown) < _WORDS_KEPT * _letters(words):
        markdown = max(markdown, _parse(data, limits, keep_headers_footers=True), key=_letters)
    if _letters(markdown) < _WORDS_KEPT * _letters(words):
        doubts.append("Only the words were read; headings and tables are lost.")
        return words
    return markdown


def _parse(data: bytes, limits: Limits, **options: bool) -> str:
    parser = LiteParse(
        ocr_enabled=False,
        output_format="markdown",
        quiet=True,
        num_workers=1,
        extract_links=False,
        continue_on_page_error=True,
        max_pages=limits.pages,
        **options,
    )
    try:
        # bytes, not a path: it would choose a converter by the file's name
        text = _PICTURE.sub("", parser.parse(data).text)
    except ParseError:
        return ""  # the caller falls back to the words
    return _BROKEN_LIST.sub(r"\1\n", _RULE.sub("", text))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
