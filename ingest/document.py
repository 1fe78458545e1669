"""What is in one file, before anyone has judged it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self

from kb.hidden import Beside, Hidden
from kb.vocabulary import IdentifierKind


class Format(StrEnum):
    """The kinds of file that can be read; told apart by content, not by suffix."""

    DOCX = "docx"
    PDF = "pdf"
    PPTX = "pptx"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    EPUB = "epub"
    EML = "eml"
    ODT = "odt"
    ODP = "odp"
    RTF = "rtf"
    DOC = "doc"
    PPT = "ppt"
    RIS = "ris"
    BIBTEX = "bib"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file declares about itself; nothing here is guessed from the text."""

    author: str = ""
    created: date | None = None
    modified: date | None = None
    language: str = ""  # BCP 47, as declared
    pages: int | None = None  # pages, slides or sheets


@dataclass(frozen=True, slots=True)
class Form:
    """A filled template, cell by cell as it was typed: nothing is reflowed."""

    mark: str  # which template it is, such as maktaba-facility-en-v1
    tables: tuple[tuple[tuple[str, ...], ...], ...]  # tables or sheets, rows, cells
    beside: tuple[str, ...] = ()  # paragraphs outside the tables

    @classmethod
    def of(cls, mark: str, tables: Iterable[Any], beside: Iterable[Any]) -> Self:
        """Return the form of lists, such as those of a JSON file."""
        rows = tuple(tuple(tuple(map(str, row)) for row in table) for table in tables)
        return cls(str(mark), rows, tuple(map(str, beside)))

    @property
    def chars(self) -> int:
        """How much text it holds."""
        cells = (cell for table in self.tables for row in table for cell in row)
        return sum(map(len, (*cells, *self.beside)))


@dataclass(frozen=True, slots=True)
class Document:
    """One file as Markdown: headings, lists and pipe tables survive, pictures do not."""

    sha256: str  # of the file's bytes, in hex; equal means the same file
    name: str  # file name without folders
    format: Format
    media_type: str
    markdown: str  # NFC, no control characters, ends with one newline unless empty
    title: str = ""  # "" where the file names none
    metadata: Metadata = field(default_factory=Metadata)
    doubts: tuple[str, ...] = ()  # sentences for the curator
    attachments: tuple[str, ...] = ()  # names of files inside the file that were not read
    hidden: tuple[Hidden, ...] = ()  # properties, comments, deleted text, pictures
    beside: tuple[Beside, ...] = ()  # headers and footers, which are not in `markdown`
    form: Form | None = None  # of a file made from one of our templates

    def to_json(self) -> str:
        """Return the document as one JSON object; `from_json` gives it back."""
        return json.dumps(asdict(self), default=date.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a document from `to_json`.

        Raises:
            ValueError, KeyError, TypeError: the text is not such an object.
        """
        values = json.loads(text)
        form = values.pop("form")
        metadata = values.pop("metadata")
        for moment in ("created", "modified"):
            if metadata[moment] is not None:
                metadata[moment] = date.fromisoformat(metadata[moment])
        return cls(
            **values
            | {
                "format": Format(values["format"]),
                "metadata": Metadata(**metadata),
                "doubts": tuple(values["doubts"]),
                "attachments": tuple(values["attachments"]),
                "hidden": tuple(
                    Hidden(IdentifierKind(kind), str(where), str(text))
                    for kind, where, text in values["hidden"]
                ),
                "beside": tuple(Beside(str(where), str(text)) for where, text in values["beside"]),
                "form": None if form is None else Form.of(**form),
            }
        )
