"""EPUB books: the chapters in the order of the spine."""

import posixpath
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from ingest.document import Metadata
from ingest.readers.archive import open_archive, part_xml, text_of
from ingest.readers.content import Content, iso_date
from ingest.readers.html import chapter
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError


def read(data: bytes, limits: Limits) -> Content:
    """Read a book.

    Raises:
        UnreadableError: the package document is missing.

    Source: EPUB 3.3, 3.2 (container), 5 (package document).
    """
    archive = open_archive(data, limits)
    container = part_xml(archive, "META-INF/container.xml")
    rootfile = None if container is None else container.find(".//{*}rootfile")
    path = "" if rootfile is None else rootfile.get("full-path", "")
    package = part_xml(archive, path)
    if package is None:
        raise UnreadableError(Reason.CORRUPT, detail="it has no package document")
    chapters, doubts = _chapters(archive, package, posixpath.dirname(path), limits)
    return Content(
        markdown="\n\n".join(filter(None, chapters)),
        title=text_of(package, ".//{http://purl.org/dc/elements/1.1/}title"),
        metadata=Metadata(
            author=text_of(package, ".//{http://purl.org/dc/elements/1.1/}creator"),
            created=iso_date(text_of(package, ".//{http://purl.org/dc/elements/1.1/}date")),
            language=text_of(package, ".//{http://purl.org/dc/elements/1.1/}language"),
        ),
        doubts=doubts,
    )


def _chapters(
    archive: ZipFile, package: etree._Element, folder: str, limits: Limits
) -> tuple[list[str], tuple[str, ...]]:
    places = {item.get("id"): item.get("href", "") for item in package.iterfind(".//{*}item")}
    parts = set(archive.namelist())
    chapters: list[str] = []
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        # a name inside the zip, never on the disk: `..` leads nowhere
        name = posixpath.normpath(
            posixpath.join(folder, unquote(places.get(reference.get("idref"), "")))
        )
        if name not in parts:
            continue
        chapters.append(chapter(archive.read(name)[: limits.text_bytes]))
        if sum(map(len, chapters)) > limits.markdown_chars:
            return chapters, (f"Cut after {len(chapters)} chapters.",)
    return chapters, ()
