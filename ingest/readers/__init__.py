"""Read one file into a Document. Runs in the child of `ingest.sandbox`, never in its parent."""

import importlib
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest.document import Document, Format
from ingest.readers.content import Content, clean, language_tag, one_line, title_of
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError
from ingest.readers.sniffing import name_doubt, sniff
from kb.hidden import Found

__all__ = ["Limits", "Reason", "UnreadableError", "preload", "read", "sniff"]

# Module and function of each format. Named, not imported: a reader's libraries are
# loaded by the first file that needs them.
READERS: dict[Format, tuple[str, str]] = {
    Format.DOCX: ("docx", "read"),
    Format.PDF: ("pdf", "read"),
    Format.PPTX: ("pptx", "read"),
    Format.XLSX: ("sheet", "read_xlsx"),
    Format.XLS: ("sheet", "read_calamine"),
    Format.ODS: ("sheet", "read_calamine"),
    Format.CSV: ("sheet", "read_csv"),
    Format.HTML: ("html", "read"),
    Format.MARKDOWN: ("text", "read_markdown"),
    Format.TEXT: ("text", "read_text"),
    Format.EPUB: ("epub", "read"),
    Format.EML: ("eml", "read"),
    Format.ODT: ("odf", "read"),
    Format.ODP: ("odf", "read"),
    Format.RTF: ("rtf", "read"),
    Format.DOC: ("legacy", "read_doc"),
    Format.PPT: ("legacy", "read_ppt"),
    Format.RIS: ("references", "read_ris"),
    Format.BIBTEX: ("references", "read_bibtex"),
    Format.IMAGE: ("image", "read"),
}

# Where reading everything may cost too much, what reads at least the words.
PLAIN_READERS: dict[Format, tuple[str, str]] = {
    Format.PDF: ("pdf", "read_plain"),
    Format.RTF: ("rtf", "read_plain"),
}

MEDIA_TYPES: dict[Format, str] = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.PDF: "application/pdf",
    Format.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.XLS: "application/vnd.ms-excel",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Format.CSV: "text/csv",
    Format.HTML: "text/html",
    Format.MARKDOWN: "text/markdown",
    Format.TEXT: "text/plain",
    Format.EPUB: "application/epub+zip",
    Format.EML: "message/rfc822",
    Format.ODT: "application/vnd.oasis.opendocument.text",
    Format.ODP: "application/vnd.oasis.opendocument.presentation",
    Format.RTF: "application/rtf",
    Format.DOC: "application/msword",
    Format.PPT: "application/vnd.ms-powerpoint",
    Format.RIS: "application/x-research-info-systems",
    Format.BIBTEX: "application/x-bibtex",
    Format.IMAGE: "image/*",  # the reader says which
}

_NO_TEXT = "No text found."
_READING_SHARE = 0.85  # of the time, after which no page is begun; the rest is to finish


def read(
    path: Path,
    *,
    limits: Limits | None = None,
    plain: bool = False,
    restrain: Callable[[Limits], None] = lambda _: None,
) -> Document:
    """Return the Document in `path`.

    `plain` asks for the words only, where a format has such a reader (PDF, RTF). `restrain` is told
    the limits of the format as soon as it is known, before anything is parsed.

    Raises:
        UnreadableError: the file cannot be read; its `reason` says why.
    """
    started = time.monotonic()
    limits = limits or Limits()
    data = _load(path, limits)
    kind = sniff(data, path.name)
    restrain(limits.for_format(kind))
    content = _read_as(kind, data, limits, plain=plain)
    found, unseen = _hidden(data, kind, limits)
    if content.pictures:
        content = _with_pictures(content, limits, started, restrain)
    markdown, cut = _within(clean(content.markdown), limits.markdown_chars)
    doubts = [name_doubt(kind, path.name), *content.doubts, cut, unseen]
    form = content.form
    if form is not None and len(markdown) + form.chars > limits.markdown_chars:
        form = None
        doubts.append("The template holds too much text to be read answer by answer.")
    if not markdown and not content.doubts:
        doubts.append(_NO_TEXT)
    return Document(
        sha256=sha256(data).hexdigest(),
        name=one_line(path.name),
        format=kind,
        media_type=content.media_type or MEDIA_TYPES[kind],
        markdown=f"{markdown}\n" if markdown else "",
        title=title_of(content),
        metadata=replace(
            content.metadata,
            author=one_line(content.metadata.author),
            language=language_tag(content.metadata.language),
        ),
        doubts=tuple(one_line(doubt) for doubt in doubts if doubt),
        attachments=content.attachments,
        hidden=found.hidden,
        beside=found.beside,
        form=form,
    )


def preload() -> None:
    """Load the libraries of every format, for a process that will read many files."""
    for module in ("hidden", *(name for name, _ in READERS.values())):
        importlib.import_module(f"{__name__}.{module}")


def _load(path: Path, limits: Limits) -> bytes:
    with path.open("rb") as file:
        data = file.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        detail = f"files up to {limits.file_bytes >> 20} MB are read"
        raise UnreadableError(Reason.TOO_LARGE, detail=detail)
    return data


def _read_as(kind: Format, data: bytes, limits: Limits, *, plain: bool) -> Content:
    module, function = (PLAIN_READERS if plain and kind in PLAIN_READERS else READERS)[kind]
    reader: Any = getattr(importlib.import_module(f"{__name__}.{module}"), function)
    try:
        content: Content = reader(data, limits)
    except (UnreadableError, MemoryError):
        raise
    except RecursionError as error:
        raise UnreadableError(Reason.TOO_DEEP) from error
    except Exception as error:  # the libraries raise anything at all on damaged files
        raise UnreadableError(Reason.CORRUPT, detail=type(error).__name__) from error
    return content


def _with_pictures(
    content: Content, limits: Limits, started: float, restrain: Callable[[Limits], None]
) -> Content:
    """Read the pages that are pictures in what is left of the longest time any file is given."""
    from ingest.readers import scans  # noqa: PLC0415  # few files need its libraries

    whole_s = limits.ceiling().wall_s
    restrain(replace(limits, wall_s=max(1.0, started + whole_s - time.monotonic())))
    return scans.recognised(content, limits, until=started + whole_s * _READING_SHARE)


def _hidden(data: bytes, kind: Format, limits: Limits) -> tuple[Found, str]:
    """Return what is hidden in the file, or a doubt where nobody can look."""
    try:
        found: Found = importlib.import_module(f"{__name__}.hidden").hidden_in(data, kind, limits)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # the text was read, and is not lost for that
        return Found(), "Its properties, comments and pictures could not be looked through."
    return found, ""


def _within(markdown: str, most: int) -> tuple[str, str]:
    if len(markdown) <= most:
        return markdown, ""
    return markdown[:most], f"Cut after {most:,} characters."
