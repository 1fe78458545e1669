"""Make the copy of a file that readers may have: without what identifies people.

Author, company, camera position, comments, deleted text, macros and embedded files go always; names
and numbers that a curator redacted go where they stand; pictures with a face become grey. What
cannot be made clean for certain is refused: then readers get the record, and not the file. Runs in
the child of `ingest.sandbox`: it parses what strangers sent.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ingest.cleaning import office, opendocument, pdf, pictures, plain
from ingest.cleaning.unread import refuse_unread
from ingest.document import Format
from ingest.order import Cleaned, Order, UncleanError
from ingest.readers.hidden import OFFICE, OPEN_DOCUMENT
from ingest.readers.limits import Limits

__all__ = ["Cleaned", "Order", "UncleanError", "clean"]

Cleaner: TypeAlias = Callable[[bytes, Order, Limits], Cleaned]

CLEANERS: Mapping[Format, Cleaner] = {
    **dict.fromkeys(OFFICE, office.clean),
    **dict.fromkeys(OPEN_DOCUMENT, opendocument.clean),
    Format.PDF: pdf.clean,
    Format.HTML: plain.clean_html,
    Format.TEXT: plain.clean_text,
    Format.MARKDOWN: plain.clean_markdown,
    Format.CSV: plain.clean_text,
    Format.IMAGE: pictures.clean,
}


def clean(data: bytes, kind: Format, order: Order, limits: Limits) -> Cleaned:
    """Return a copy of the file for readers.

    Raises:
        UncleanError: there can be none; the message says why.
        UnreadableError: the file cannot be read at all.
    """
    if kind not in CLEANERS:
        raise UncleanError(f"A {kind} file cannot be cleaned; save it as .docx or .pdf.")
    copy = CLEANERS[kind](data, order, limits)
    refuse_unread(copy.data, data, kind, limits)
    return copy
