"""Rewrite a zip part by part, with the same clock for every file."""

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lxml import etree

from ingest.order import UncleanError
from ingest.readers.archive import DAMAGE

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
MIMETYPE = "mimetype"  # of OpenDocument: first and not compressed


def parts_of(archive: ZipFile) -> dict[str, bytes]:
    """Return every part of the archive; the last of two with the same name, as readers do.

    Raises:
        UncleanError: a part cannot be unpacked.
    """
    parts: dict[str, bytes] = {}
    for entry in archive.infolist():
        if entry.is_dir():
            continue
        try:
            parts[entry.filename] = archive.read(entry)
        except DAMAGE as error:
            raise UncleanError(f"Its part {entry.filename} is damaged.") from error
    return parts


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return the parts as a zip; equal parts give equal bytes."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name in sorted(parts, key=lambda one: (one != MIMETYPE, one)):
            info = ZipInfo(name, EPOCH)
            info.compress_type = ZIP_STORED if name == MIMETYPE else ZIP_DEFLATED
            archive.writestr(info, parts[name])
    return out.getvalue()


def parsed(data: bytes, name: str) -> etree._Element:
    """Return the root of an XML part, parsed without anything from outside.

    Raises:
        UncleanError: it is no XML, so nobody knows what it holds.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UncleanError(f"Its part {name} is no whole XML.") from error


def written(root: etree._Element) -> bytes:
    """Return an XML part as bytes."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data


def drop(element: etree._Element) -> None:
    """Take an element out and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """Put the children of an element in its place."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    for child in reversed(list(element)):
        parent.insert(place, child)
    parent.remove(element)
