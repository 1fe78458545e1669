"""Zip files under guard: how many parts, how large, and XML that cannot bite."""

import io
import re
import zlib
from typing import IO, NoReturn
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError

_XML_SUFFIXES = (".xml", ".rels", ".opf", ".ncx", ".xhtml", ".html", ".htm", ".vml")
_PIECE = 1 << 16
_ENCRYPTED_FLAG = 0x1  # of a zip entry
# What zipfile and the decompressors raise on damaged archives.
DAMAGE = (
    BadZipFile,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
)

# Recovers from small faults; never loads a DTD, an entity or anything from outside.
XML_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)


def open_archive(data: bytes, limits: Limits) -> ZipFile:
    """Return the zip, every part of it within limits and every XML part harmless.

    Raises:
        UnreadableError: damaged, encrypted, too large, too deep, or with a DTD.
    """
    try:
        archive = ZipFile(io.BytesIO(data))
    except DAMAGE as error:
        raise UnreadableError(Reason.CORRUPT, detail="its zip directory is broken") from error
    entries = archive.infolist()
    _guard_sizes(entries, limits)
    for entry in entries:
        if entry.filename.lower().endswith(_XML_SUFFIXES):
            _guard_part(archive, entry, limits)
    return archive


def _guard_sizes(entries: list[ZipInfo], limits: Limits) -> None:
    """Python's zipfile never unpacks more of an entry than its directory declares."""
    if len(entries) > limits.entries:
        raise UnreadableError(Reason.TOO_LARGE, detail=f"it holds {len(entries):,} files")
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise UnreadableError(Reason.ENCRYPTED)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        raise UnreadableError(Reason.TOO_LARGE, detail=f"it unpacks to {unpacked:,} bytes")


def _guard_part(archive: ZipFile, entry: ZipInfo, limits: Limits) -> None:
    if entry.file_size > limits.xml_bytes:
        detail = f"its part {entry.filename} unpacks to {entry.file_size:,} bytes"
        raise UnreadableError(Reason.TOO_LARGE, detail=detail)
    try:
        with archive.open(entry) as part:
            # XHTML of an EPUB may name its document type
            guard_xml(part, limits, doctype=not entry.filename.endswith((".xml", ".rels")))
    except DAMAGE as error:
        detail = f"its part {entry.filename} cannot be unpacked"
        raise UnreadableError(Reason.CORRUPT, detail=detail) from error


def guard_xml(part: IO[bytes], limits: Limits, *, doctype: bool = False) -> None:
    """Refuse entity declarations, unknown encodings and deep nesting before a parser meets them.

    Malformed XML passes: the reader that needs the part judges it.

    Raises:
        UnreadableError: with reason `unsafe-xml` or `too-deep`.
    """
    depth = 0

    def refuse(*_: object) -> NoReturn:
        raise UnreadableError(Reason.UNSAFE_XML)

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.xml_depth:
            raise UnreadableError(Reason.TOO_DEEP)

    def closed(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse
    if not doctype:
        parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        while piece := part.read(_PIECE):
            _feed(parser, piece)
    except expat.ExpatError as error:
        if expat.ErrorString(error.code) == expat.errors.XML_ERROR_UNKNOWN_ENCODING:
            raise UnreadableError(Reason.UNSAFE_XML) from error


def _feed(parser: expat.XMLParserType, piece: bytes) -> None:
    try:
        parser.Parse(piece)
    except (LookupError, ValueError) as error:
        # an encoding that another parser may know, so what it hides would go unseen
        raise UnreadableError(Reason.UNSAFE_XML) from error


def part_xml(archive: ZipFile, name: str) -> etree._Element | None:
    """Return the root element of a part, or None where there is no such part or no XML in it."""
    try:
        data = archive.read(name)
    except KeyError:
        return None
    except DAMAGE as error:
        raise UnreadableError(Reason.CORRUPT, detail=f"its part {name} is broken") from error
    root: etree._Element | None = etree.fromstring(data, XML_PARSER) if data.strip() else None
    return root


def text_of(root: etree._Element | None, path: str) -> str:
    """Return the text of the first element at `path` (any namespace), or ""."""
    found = None if root is None else root.find(path)
    return "" if found is None else re.sub(r"\s+", " ", "".join(found.itertext())).strip()
