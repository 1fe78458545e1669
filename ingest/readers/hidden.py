"""Find what a file holds beside its text: properties, comments, deleted text, pictures.

Runs in the child of `ingest.sandbox`, like every reader.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any
from zipfile import ZipFile

import pikepdf
import pypdfium2
from PIL import ExifTags, Image, UnidentifiedImageError
from pypdfium2 import raw as pdfium

from ingest.document import Format
from ingest.readers.archive import DAMAGE, open_archive, part_xml
from ingest.readers.image import FORMATS
from ingest.readers.limits import Limits
from kb.hidden import Beside, Found, Hidden
from kb.vocabulary import IdentifierKind

LEAST_SIDE = 48  # pixels; on a smaller picture nobody is recognised
MOST = 200  # of one kind; a file with more is looked at as a whole
MOST_TEXT = 300  # characters of a comment or a deleted passage that are shown
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")

OFFICE = frozenset({Format.DOCX, Format.XLSX, Format.PPTX})
OPEN_DOCUMENT = frozenset({Format.ODT, Format.ODP, Format.ODS})
# Camera and author; orientation, size and colour identify nobody.
_EXIF_NAMES = ("Artist", "Copyright", "XPAuthor", "ImageDescription", "CameraOwnerName",
               "BodySerialNumber", "UserComment", "HostComputer")  # fmt: skip
_GPS = 0x8825  # Exif 2.3, 4.6.3
_COMMENT_PARTS = re.compile(r"(?:^|/)(?:comments?\d*|threadedComments?/[^/]*|comments/[^/]*)\.xml$")
_PEOPLE_PARTS = re.compile(r"(?:^|/)(?:people|persons/[^/]*|commentAuthors|authors)\.xml$")
_BESIDE_PARTS = re.compile(r"^word/(?:header|footer)\d*\.xml$")


def hidden_in(data: bytes, kind: Format, limits: Limits) -> Found:
    """Return what a file holds beside its text; nothing for kinds that hold no such things."""
    if kind in OFFICE:
        archive = open_archive(data, limits)
        return Found(_few(_office(archive)), tuple(_beside(archive)))
    if kind in OPEN_DOCUMENT:
        return Found(_few(_open_document(open_archive(data, limits))))
    if kind is Format.PDF:
        return Found(_few(_pdf(data)))
    if kind is Format.IMAGE:
        return Found(_few(picture(data, "the picture")))
    return Found()


def _few(found: Iterator[Hidden]) -> tuple[Hidden, ...]:
    """At most so many of a kind, each once; the last one says how many more there are."""
    kept: dict[IdentifierKind, dict[Hidden, None]] = {}
    more: dict[IdentifierKind, int] = {}
    for one in found:
        mine = kept.setdefault(one.kind, {})
        if one not in mine and len(mine) >= MOST:
            more[one.kind] = more.get(one.kind, 0) + 1
        else:
            mine[one] = None
    rest = [Hidden(kind, "the file", f"{count} more") for kind, count in more.items()]
    return (*(one for mine in kept.values() for one in mine), *rest)


def _office(archive: ZipFile) -> Iterator[Hidden]:
    """Source: ECMA-376 part 1 (comments, revisions), part 2 (core properties)."""
    for part, names in (
        ("docProps/core.xml", ("creator", "lastModifiedBy", "keywords", "description", "category")),
        ("docProps/app.xml", ("Manager", "Company")),
    ):
        yield from _properties(part_xml(archive, part), part, names)
    custom = part_xml(archive, "docProps/custom.xml")
    for one in () if custom is None else custom.iter("{*}property"):
        text = f"{one.get('name')}: {_words(one)}"
        yield Hidden(IdentifierKind.METADATA, "docProps/custom.xml", text)
    for name in archive.namelist():
        if _COMMENT_PARTS.search(name):
            yield from _comments(part_xml(archive, name), name)
        elif _PEOPLE_PARTS.search(name):
            yield from _people(part_xml(archive, name), name)
        elif name.startswith("word/") and name.endswith(".xml"):
            yield from _changes(part_xml(archive, name), name)
        elif _is_picture(name):
            yield from picture(_bytes(archive, name), name)


def _open_document(archive: ZipFile) -> Iterator[Hidden]:
    """Source: OpenDocument 1.3 part 3, 4.3 metadata, 5.5 change tracking, 14.1 annotation."""
    names = ("initial-creator", "creator", "printed-by", "keyword", "description", "user-defined")
    yield from _properties(part_xml(archive, "meta.xml"), "meta.xml", names)
    content = part_xml(archive, "content.xml")
    for note in () if content is None else content.iter("{*}annotation"):
        yield Hidden(IdentifierKind.COMMENT, "content.xml", _words(note))
    for region in () if content is None else content.iter("{*}changed-region"):
        yield Hidden(IdentifierKind.TRACKED_CHANGE, "content.xml", _words(region))
    for name in archive.namelist():
        if _is_picture(name) and name.startswith(("Pictures/", "media/")):
            yield from picture(_bytes(archive, name), name)


def _pdf(data: bytes) -> Iterator[Hidden]:
    """Source: ISO 32000-1, 14.3 metadata, 12.5 annotations, 7.11.4 embedded files."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for name in ("/Author", "/Subject", "/Keywords", "/Company", "/Manager"):
            if value := str(pdf.docinfo.get(name, "")).strip():
                text = f"{name[1:].lower()}: {value}"
                yield Hidden(IdentifierKind.METADATA, "document information", text[:MOST_TEXT])
        for name in pdf.attachments:
            yield Hidden(IdentifierKind.METADATA, "embedded file", name[:MOST_TEXT])
        for number, page in enumerate(pdf.pages, 1):
            for note in _annotations(page):
                said = " ".join(str(note.get(key, "")) for key in ("/T", "/Contents")).strip()
                if said:
                    yield Hidden(IdentifierKind.COMMENT, f"page {number}", said[:MOST_TEXT])
        pages = [number for number, page in enumerate(pdf.pages) if _draws_pictures(page)]
    yield from _pdf_pictures(data, pages)


def _annotations(page: pikepdf.Page) -> Iterator[Any]:
    found = page.obj.get("/Annots")
    for note in found if isinstance(found, pikepdf.Array) else ():
        if isinstance(note, pikepdf.Dictionary) and note.get("/Subtype") != "/Link":
            yield note


def _draws_pictures(page: pikepdf.Page) -> bool:
    """Tell by what a page has at hand; to look at all it draws takes minutes for a map."""
    resources = page.obj.get("/Resources")
    found = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    return isinstance(found, pikepdf.Dictionary) and len(found) > 0


def _pdf_pictures(data: bytes, pages: Sequence[int]) -> Iterator[Hidden]:
    document = pypdfium2.PdfDocument(data)
    try:
        for number in pages:
            page = document[number]
            for place, image in enumerate(pictures_of(page), 1):
                width, height = image.get_px_size()
                if min(width, height) >= LEAST_SIDE:
                    where = f"page {number + 1}, picture {place}"
                    yield Hidden(IdentifierKind.FACE, where, f"{width} × {height} pixels")
            page.close()
    finally:
        document.close()


def pictures_of(page: pypdfium2.PdfPage) -> list[Any]:
    """Return the pictures drawn on a page, in their order."""
    return list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def picture(data: bytes, where: str) -> Iterator[Hidden]:
    """Yield the question whether a picture shows a face, and what its camera wrote into it."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            exif = image.getexif()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        yield Hidden(IdentifierKind.FACE, where, "a picture that cannot be opened")
        return
    if min(width, height) >= LEAST_SIDE:
        yield Hidden(IdentifierKind.FACE, where, f"{width} × {height} pixels")
    said = {ExifTags.TAGS.get(key, ""): value for key, value in exif.items()}
    for name in _EXIF_NAMES:
        if value := str(said.get(name, "")).strip("\x00 "):
            yield Hidden(IdentifierKind.METADATA, where, f"{name}: {value[:MOST_TEXT]}")
    if exif.get_ifd(_GPS):
        yield Hidden(IdentifierKind.COORDINATES, where, "the position of the camera")


def _properties(root: Any, where: str, names: tuple[str, ...]) -> Iterator[Hidden]:
    for name in names:
        for found in () if root is None else root.iter(f"{{*}}{name}"):
            if text := _words(found):
                yield Hidden(IdentifierKind.METADATA, where, f"{name}: {text}")


def _comments(root: Any, where: str) -> Iterator[Hidden]:
    tags = ("{*}comment", "{*}threadedComment", "{*}cm")
    for tag in tags if root is not None else ():
        for one in root.iter(tag):
            author = _attribute(one, "author")
            said = _words(one)
            yield Hidden(IdentifierKind.COMMENT, where, f"{author}: {said}" if author else said)


def _people(root: Any, where: str) -> Iterator[Hidden]:
    for one in () if root is None else root.iter():
        name = _attribute(one, "author") or _attribute(one, "displayName") or one.get("name", "")
        if name:
            yield Hidden(IdentifierKind.METADATA, where, f"author of a comment: {name}")


def _changes(root: Any, where: str) -> Iterator[Hidden]:
    for tag, did in (("del", "deleted"), ("moveFrom", "moved"), ("ins", "inserted")):
        for one in () if root is None else root.iter(f"{{*}}{tag}"):
            author, said = _attribute(one, "author"), _words(one)
            if said and author:
                text = f"“{said}” {did} by {author}"
                yield Hidden(IdentifierKind.TRACKED_CHANGE, where, text)


def _beside(archive: ZipFile) -> Iterator[Beside]:
    for name in archive.namelist():
        if _BESIDE_PARTS.match(name):
            root = part_xml(archive, name)
            lines = [] if root is None else [_all_words(one) for one in root.iter("{*}p")]
            if text := "\n".join(filter(None, lines)):
                yield Beside(name, text)


def _attribute(element: Any, name: str) -> str:
    return next((str(v) for key, v in element.attrib.items() if key.endswith(f"}}{name}")), "")


def _words(element: Any) -> str:
    return _all_words(element)[:MOST_TEXT]


def _all_words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _is_picture(name: str) -> bool:
    return name.lower().endswith(PICTURES) and "thumbnail" not in name.lower()


def _bytes(archive: ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except DAMAGE:
        return b""  # told as a picture that cannot be opened
