"""How much one file may cost."""

from dataclasses import dataclass, replace
from typing import Self

from ingest.document import Format

_MIB = 1 << 20

# Formats that are far cheaper, or (LibreOffice) dearer, than the general limit.
_WALL_S: dict[Format, float] = {
    Format.PDF: 30,
    Format.TEXT: 10,
    Format.MARKDOWN: 10,
    Format.DOC: 60,
    Format.PPT: 60,
    Format.RTF: 60,
    Format.IMAGE: 60,
}
_MEMORY_BYTES: dict[Format, int] = {
    Format.TEXT: 512 * _MIB,
    Format.MARKDOWN: 512 * _MIB,
    Format.DOC: 4096 * _MIB,
    Format.PPT: 4096 * _MIB,
    Format.RTF: 4096 * _MIB,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one file may cost; what is beyond is refused or cut with a doubt."""

    wall_s: float = 45
    memory_bytes: int = 1536 * _MIB  # address space of a process
    resident_bytes: int = 512 * _MIB  # what a process may hold in memory
    together_bytes: int = 1024 * _MIB  # the same, of all processes of a file
    processes: int = 32  # of a file, with the programs it needs
    scratch_bytes: int = 64 * _MIB  # each file a reader writes
    descriptors: int = 256
    file_bytes: int = 50 * _MIB  # refused beyond
    text_bytes: int = 5 * _MIB  # HTML, text, CSV, mail: cut beyond
    entries: int = 5_000  # files in a zip
    xml_bytes: int = 40 * _MIB  # one XML part, unpacked
    unpacked_bytes: int = 300 * _MIB  # all parts of a zip
    xml_depth: int = 250  # elements inside elements
    pages: int = 500
    rows: int = 5_000  # per sheet
    columns: int = 60
    markdown_chars: int = 4_000_000
    ocr: bool = True  # read pages that are pictures, where tesseract is installed
    ocr_pages: int = 100
    pixels: int = 60_000_000  # of a picture, unpacked
    page_pixels: int = 10_000_000  # of a page as it is shown to OCR: A4 at 300 dpi and some

    def ceiling(self) -> Self:
        """Return the limits with the most time and memory that any format is given."""
        each = [self.for_format(kind) for kind in Format]
        return replace(
            self,
            wall_s=max(limits.wall_s for limits in each),
            memory_bytes=max(limits.memory_bytes for limits in each),
        )

    def for_format(self, kind: Format) -> Self:
        """Return the limits with the time and memory that suit the format.

        A limit that a caller has lowered stays lowered.
        """
        default = type(self)()
        changes: dict[str, float] = {}
        if self.wall_s == default.wall_s:
            changes["wall_s"] = _WALL_S.get(kind, self.wall_s)
        if self.memory_bytes == default.memory_bytes:
            changes["memory_bytes"] = _MEMORY_BYTES.get(kind, self.memory_bytes)
        return replace(self, **changes)  # type: ignore[arg-type]  # int stays int
