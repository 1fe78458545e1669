"""Tell a file's format by its content; its name only raises a doubt."""

import io
import re
from collections.abc import Callable
from pathlib import PurePath
from zipfile import ZipFile

import olefile

from ingest.document import Format
from ingest.readers.archive import DAMAGE, part_xml
from ingest.readers.decoding import decode
from ingest.readers.refusal import Reason, UnreadableError

_HEAD = 4_096
_PDF_MARK_WITHIN = 1_024  # PDF 32000-1, annex H.3: readers look this far for %PDF-
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD_FLAGS = 11  # [MS-DOC] 2.5.2: bit 0 of this byte of the stream is fEncrypted
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")

_NO_SUFFIX = {Format.MARKDOWN, Format.TEXT, Format.IMAGE}
SUFFIXES: dict[str, Format] = {
    **{f".{kind}": kind for kind in Format if kind not in _NO_SUFFIX},
    **dict.fromkeys((".docm", ".dotx", ".dotm"), Format.DOCX),
    **dict.fromkeys((".pptm", ".ppsx", ".potx", ".ppsm"), Format.PPTX),
    **dict.fromkeys((".xlsm", ".xltx", ".xltm"), Format.XLSX),
    **dict.fromkeys((".htm", ".xhtml"), Format.HTML),
    **dict.fromkeys((".md", ".markdown"), Format.MARKDOWN),
    **dict.fromkeys((".mht", ".mhtml"), Format.EML),
    ".tsv": Format.CSV,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".dot": Format.DOC,
    ".pps": Format.PPT,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff"), Format.IMAGE),
    **dict.fromkeys((".webp", ".bmp", ".gif"), Format.IMAGE),
}

SPOKEN: dict[Format, str] = {
    Format.DOCX: "Word",
    Format.PDF: "PDF",
    Format.PPTX: "PowerPoint",
    Format.XLSX: "Excel",
    Format.XLS: "old Excel (.xls)",
    Format.ODS: "OpenDocument spreadsheet",
    Format.CSV: "comma-separated values",
    Format.HTML: "a web page",
    Format.MARKDOWN: "Markdown",
    Format.TEXT: "plain text",
    Format.EPUB: "EPUB",
    Format.EML: "e-mail",
    Format.ODT: "OpenDocument text",
    Format.ODP: "OpenDocument presentation",
    Format.RTF: "RTF",
    Format.DOC: "old Word (.doc)",
    Format.PPT: "old PowerPoint (.ppt)",
    Format.RIS: "a list of references (RIS)",
    Format.BIBTEX: "a list of references (BibTeX)",
    Format.IMAGE: "a picture",
}

# Text that nothing but the name can tell apart.
_BY_NAME = (Format.CSV, Format.MARKDOWN, Format.TEXT)


def sniff(data: bytes, name: str) -> Format:
    """Return the format of the content.

    The name decides only among CSV, Markdown and plain text, which look alike.

    Raises:
        UnreadableError: empty, encrypted, damaged, or of no known format.
    """
    head = data[:_HEAD]
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError(Reason.EMPTY)
    if b"%PDF-" in head[:_PDF_MARK_WITHIN]:
        return Format.PDF
    if head.startswith(b"PK"):
        return _sniff_zip(data)
    if head.startswith(_OLE_MARK):
        return _sniff_ole(data)
    if head.lstrip().startswith(b"{\\rtf"):
        return Format.RTF
    if head.startswith(_PICTURES) or (head[:4], head[8:12]) == (b"RIFF", b"WEBP"):
        return Format.IMAGE
    _refuse_media(head)
    return _sniff_text(decode(head), name)


def _refuse_media(head: bytes) -> None:
    if head.startswith(b"RIFF"):
        raise UnreadableError(Reason.UNSUPPORTED, detail="it is a sound or a film")
    if head[4:8] == b"ftyp":
        heif = head[8:12] in _HEIF_BRANDS
        detail = "it is an HEIC photo; save it as JPEG" if heif else "it is a film"
        raise UnreadableError(Reason.UNSUPPORTED, detail=detail)


def name_doubt(kind: Format, name: str) -> str:
    """Return a doubt where the suffix promises another format than the content has, else ""."""
    suffix = PurePath(name).suffix
    promised = SUFFIXES.get(suffix.lower())
    if promised is kind or not suffix:
        return ""
    return f"The name says {suffix}, the content is {SPOKEN[kind]}."


_ZIP_PARTS: tuple[tuple[Callable[[str], bool], Format], ...] = (
    (lambda part: part.startswith("ppt/presentation"), Format.PPTX),
    (lambda part: part in {"xl/workbook.xml", "xl/workbook22.xml"}, Format.XLSX),
    (lambda part: part.startswith("word/") and part.endswith(".xml"), Format.DOCX),
)
_ZIP_TYPES = {
    b"application/epub+zip": Format.EPUB,
    b"application/vnd.oasis.opendocument.text": Format.ODT,
    b"application/vnd.oasis.opendocument.text-template": Format.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Format.ODS,
    b"application/vnd.oasis.opendocument.presentation": Format.ODP,
}
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def _sniff_zip(data: bytes) -> Format:
    try:
        archive = ZipFile(io.BytesIO(data))
        parts = archive.namelist()
        with archive.open("mimetype") if "mimetype" in parts else io.BytesIO() as declared:
            kind = _ZIP_TYPES.get(declared.read(100).strip())
    except DAMAGE as error:
        raise UnreadableError(Reason.CORRUPT, detail="its zip directory is broken") from error
    if kind and _is_protected(archive, kind):
        raise UnreadableError(Reason.ENCRYPTED)
    kinds = (found for is_part, found in _ZIP_PARTS if any(map(is_part, parts)))
    kind = kind or next(kinds, None)
    if kind is None:
        detail = "it is a zip archive; unpack it and ingest the files inside"
        raise UnreadableError(Reason.UNSUPPORTED, detail=detail)
    return kind


def _is_protected(archive: ZipFile, kind: Format) -> bool:
    if kind is Format.EPUB:
        methods = _all(archive, "META-INF/encryption.xml", "{*}EncryptedData/{*}EncryptionMethod")
        return any(method.get("Algorithm") not in _FONT_OBFUSCATION for method in methods)
    return bool(_all(archive, "META-INF/manifest.xml", "{*}encryption-data"))


def _all(archive: ZipFile, part: str, path: str) -> list:  # type: ignore[type-arg]
    root = part_xml(archive, part)
    return [] if root is None else root.findall(f".//{path}")


def _sniff_ole(data: bytes) -> Format:
    try:
        with olefile.OleFileIO(data) as ole:
            streams = {"/".join(path) for path in ole.listdir()}
            word = ole.openstream("WordDocument").read(64) if "WordDocument" in streams else b""
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise UnreadableError(Reason.CORRUPT) from error
    if streams & {"EncryptedPackage", "EncryptedSummary"} or (word and word[_WORD_FLAGS] & 1):
        raise UnreadableError(Reason.ENCRYPTED)
    for names, kind in (
        ({"WordDocument"}, Format.DOC),
        ({"Workbook", "Book"}, Format.XLS),
        ({"PowerPoint Document"}, Format.PPT),
    ):
        if streams & names:
            return kind
    mail = any(stream.startswith("__substg1.0") for stream in streams)
    detail = "it is an Outlook message; save it as .eml" if mail else ""
    raise UnreadableError(Reason.UNSUPPORTED, detail=detail)


_HTML = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_OTHER_XML = re.compile(r"<(!doctype|svg)\b", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"<\?xml[^>]*>\s*")
_TAGS = re.compile(r"<(p|h[1-6]|div|table|ul|ol|span|br)\b[^>]*>", re.IGNORECASE)
_RIS = re.compile(r"TY {1,2}- ?[A-Z]")
_BIBTEX = re.compile(r"@[A-Za-z]{3,20}\s{0,9}\{\s{0,9}[^\s,{}]{1,200},")
_MAIL_HEADER = re.compile(
    r"^(from|to|subject|date|mime-version|received|return-path|message-id|content-type):",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_START = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[ \t]?\S")
_LEAST_MAIL_HEADERS = 3


def _sniff_references(start: str, promised: Format | None) -> Format | None:
    if _RIS.match(start):
        return Format.RIS
    return Format.BIBTEX if promised is Format.BIBTEX or _BIBTEX.match(start) else None


def _sniff_text(head: str, name: str) -> Format:
    start = head.lstrip("\ufeff \r\n\t")
    promised = SUFFIXES.get(PurePath(name).suffix.lower())
    if _HTML.match(_past_comments(start)):
        return Format.HTML
    if start.startswith("<?xml") or _OTHER_XML.match(_past_comments(start)):
        raise UnreadableError(Reason.UNSUPPORTED, detail="it is XML")
    if listed := _sniff_references(start, promised):
        return listed
    headers = start.replace("\r\n", "\n").partition("\n\n")[0]
    known = {found.lower() for found in _MAIL_HEADER.findall(headers)}
    enough = 1 if promised is Format.EML else _LEAST_MAIL_HEADERS
    if _MAIL_START.match(start) and len(known) >= enough:
        return Format.EML
    if promised in _BY_NAME:
        return promised
    if _TAGS.match(start) or (promised is Format.HTML and _TAGS.search(start)):
        return Format.HTML
    return Format.TEXT


def _past_comments(start: str) -> str:
    """Return what follows an XML declaration and comments.

    A loop: an expression for any number of comments, each of any length, takes a time that
    doubles with each of them.
    """
    start = _XML_DECLARATION.sub("", start, count=1) if start.startswith("<?xml") else start
    while start.startswith("<!--"):
        start = start.partition("-->")[2].lstrip()
    return start
