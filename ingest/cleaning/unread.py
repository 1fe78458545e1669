"""Whether a copy holds what nobody looked through: where no reader reads, or beyond its limits."""

import importlib
import io
from collections.abc import Iterator
from zipfile import ZipFile

import pikepdf
from lxml import html

from ingest import readers
from ingest.cleaning.archive import parsed
from ingest.cleaning.texts import said_in
from ingest.document import Format
from ingest.order import UncleanError, squeezed
from ingest.readers.hidden import OFFICE, OPEN_DOCUMENT, hidden_in
from ingest.readers.limits import Limits
from kb import identifiers

_CUT = "Cut after"  # begins or ends every doubt of a reader that did not read to the end
_TOLD = ("/Title", "/Alt", "/ActualText", "/E")  # bookmarks, and what is read aloud of a PDF


def refuse_unread(copy: bytes, data: bytes, kind: Format, limits: Limits) -> None:
    """Refuse the copy of `data` where somebody may be named of whom no curator was asked.

    What a record was made from was looked through when it was ingested. A text box, the title of
    a chart or the ten-thousandth row may not have been.

    Raises:
        UncleanError: the file was read in part only, or the copy names somebody elsewhere.
        UnreadableError: the file cannot be read at all.
    """
    module, function = readers.READERS[kind]
    content = getattr(importlib.import_module(f"ingest.readers.{module}"), function)(data, limits)
    if any(_CUT in doubt for doubt in content.doubts) or (
        len(content.markdown) > limits.markdown_chars
    ):
        raise UncleanError("It is so long that only its first part was looked through.")
    beside = (one.text for one in hidden_in(data, kind, limits).beside)
    seen = squeezed("\n".join([content.markdown, *beside]))
    for one in identifiers.find("\n\n".join(_texts(copy, kind))):
        if squeezed(one.text) not in seen:
            raise UncleanError(
                f"“{one.text}” stands where nobody looked, such as a text box or a description.",
                hint="Take it out in the program that made the file, and ingest that.",
            )


def _texts(copy: bytes, kind: Format) -> Iterator[str]:
    """Yield what the copy says, paragraph by paragraph, wherever it says it."""
    if kind in OFFICE | OPEN_DOCUMENT:
        with ZipFile(io.BytesIO(copy)) as archive:
            for name in archive.namelist():
                if name.endswith(".xml"):
                    yield from said_in(parsed(archive.read(name), name))
    elif kind is Format.HTML:
        yield from said_in(html.document_fromstring(copy))
    elif kind is Format.PDF:
        with pikepdf.open(io.BytesIO(copy)) as pdf:
            for thing in pdf.objects:
                if isinstance(thing, pikepdf.Dictionary):
                    yield from (str(thing[name]) for name in _TOLD if name in thing)
