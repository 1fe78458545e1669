"""The copy of a Word, Excel or PowerPoint file for readers."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lxml import etree

from ingest.cleaning import pictures
from ingest.cleaning.archive import drop, packed, parsed, parts_of, unwrap, written
from ingest.cleaning.texts import replace_in, texts_of
from ingest.document import Format
from ingest.order import Cleaned, Order, UncleanError, Words
from ingest.readers.archive import open_archive
from ingest.readers.hidden import PICTURES, hidden_in
from ingest.readers.limits import Limits
from kb.vocabulary import IdentifierKind

# Parts that go: who wrote it, what was said beside it, what runs, what is packed inside.
GO = re.compile(
    r"^docProps/"
    r"|(?:^|/)(?:comments\w*|people|commentAuthors|authors|vbaData|vbaProject\w*)\.(?:xml|bin)$"
    r"|(?:^|/)(?:threadedComments?|persons|comments|embeddings|activeX|printerSettings|macrosheets"
    r"|dialogsheets|ctrlProps|webextensions|externalLinks|revisions|userXml|customUI)/"
    r"|^customXml/|^xl/connections\.xml$|^xl/queryTables/|\.vml$"
    # What a summary was made of, and what was once there.
    r"|^xl/(?:pivot\w*|slicer\w*|timeline\w*|model|richData|customProperty)/|^word/glossary/"
    r"|^ppt/(?:tags|changesInfos|revisionInfo|handoutMasters)(?:/|\.xml$)"
    r"|^docMetadata/|^_xmlsignatures/"
)
# Elements that a reader of the page does not see, or that name who did it.
_GONE = (
    "del", "moveFrom", "delText", "delInstrText", "commentRangeStart", "commentRangeEnd",
    "commentReference", "annotationRef", "rPrChange", "pPrChange", "tblPrChange", "tcPrChange",
    "trPrChange", "sectPrChange", "numberingChange", "tblGridChange", "cellIns", "cellDel",
    "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "mailMerge",
    "docVars", "attachedTemplate", "object", "oleObject", "OLEObject", "control", "fileSharing",
    "externalReferences", "externalData", "legacyDrawing", "legacyDrawingHF", "rPh", "phoneticPr",
    "pivotCaches", "extLst", "absPath", "custDataLst", "ffData", "handoutMasterIdLst",
)  # fmt: skip
_UNWRAPPED = ("ins", "moveTo")
_NAMING = re.compile(r"\}(?:author|initials|userName|lastModifiedBy|rsid\w*|paraId|textId)$")
_BLOCKS = frozenset({"p", "si", "is", "c", "v", "comment", "t", "definedName", "sheet"})
_WHOLE_BLOCKS = _BLOCKS - {"t", "v"}
# Fields that show who made the file or where it lay, and controls that show its properties.
_TELLING_FIELD = re.compile(
    r"\s*(?:AUTHOR|LASTSAVEDBY|USER\w+|FILENAME|DOCPROPERTY|INFO|COMMENTS|KEYWORDS|SUBJECT)\b",
    re.IGNORECASE,
)
_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\|file:|/(?:home|Users)/", re.IGNORECASE)
_LINKS = re.compile(r"^(?:https?:|mailto:|#)", re.IGNORECASE)
_FONTS = (".ttf", ".odttf", ".fntdata")
_CONTENT_TYPES = "[Content_Types].xml"
_WORDY = re.compile(r"\.(?:xml|rels)$")
_TYPES = {Format.DOCX: ".docx", Format.XLSX: ".xlsx", Format.PPTX: ".pptx"}


def clean(data: bytes, order: Order, limits: Limits) -> Cleaned:
    """Return the copy; its parts were looked through again after it was made."""
    archive = open_archive(data, limits)
    words = Words(order.words)
    parts = {name: part for name, part in parts_of(archive).items() if not GO.search(name)}
    _blank_hidden_sheets(parts)
    for name in list(parts):
        if name.lower().endswith(PICTURES):
            parts[name] = pictures.cleaned(parts[name], name, grey=name in order.faces)
        elif name.endswith(".xml") and name != _CONTENT_TYPES:
            parts[name] = _part(parts[name], name, words)
        elif name != _CONTENT_TYPES and not name.lower().endswith((".rels", *_FONTS)):
            del parts[name]  # a film, a drawing of another program: nobody can say what it holds
    for name in [one for one in parts if one.endswith(".rels")]:
        parts[name] = _relations(parts[name], name, parts, words)
    parts[_CONTENT_TYPES] = _types(parts.get(_CONTENT_TYPES, b""), parts)
    _drop_dangling(parts)
    copy = packed(parts)
    _look_again(copy, parts, words, limits)
    return Cleaned(copy, _suffix(parts))


def _part(data: bytes, name: str, words: Words) -> bytes:
    root = parsed(data, name)
    for element in [one for tag in _GONE for one in root.iter(f"{{*}}{tag}")]:
        drop(element)
    for element in [one for tag in _UNWRAPPED for one in root.iter(f"{{*}}{tag}")]:
        unwrap(element)
    for element in root.iter(etree.Element):
        for attribute in [str(one) for one in element.attrib if _NAMING.search(str(one))]:
            del element.attrib[attribute]
        for attribute in ("descr", "title"):  # old programs describe a picture by its file
            if _PATH.match(element.get(attribute, "")):
                del element.attrib[attribute]
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    for element in [*_hidden_words(root), *root.iter("{*}definedName")]:
        if _local(element) != "definedName" or element.get("hidden") in {"1", "true"}:
            drop(element)
    _blank_telling_fields(root)
    if words:
        replace_in(root, _WHOLE_BLOCKS, words)
        _mark_as_text(root)
    return written(root)


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _hidden_words(root: etree._Element) -> list[etree._Element]:
    """Return the runs of a Word document that its program does not show."""
    hidden = (mark for mark in root.iter("{*}vanish") if _setting(mark) not in {"0", "false"})
    looks = (mark.getparent() for mark in hidden)
    runs = (look.getparent() for look in looks if look is not None and _local(look) == "rPr")
    return [run for run in runs if run is not None and _local(run) == "r"]


def _setting(element: etree._Element, name: str = "val") -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).endswith(f"}}{name}")), "")


def _blank_telling_fields(root: etree._Element) -> None:
    """Blank what fields and controls show of the file's author, name and properties."""
    for field in root.iter("{*}fldSimple"):
        if _TELLING_FIELD.match(_setting(field, "instr")):
            _blank(field)
    for binding in root.iter("{*}dataBinding"):
        look = binding.getparent()
        control = look.getparent() if look is not None else None
        if control is not None and re.search("propert", _setting(binding, "xpath"), re.IGNORECASE):
            _blank(control)
    for told, text in _results(root):
        if _TELLING_FIELD.match(told):
            text.text = ""


def _results(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield each text that a field of a Word document shows, with the field's instruction."""
    fields: list[tuple[list[str], bool]] = []  # what it is told, whether its result has begun
    for element in root.iter("{*}fldChar", "{*}instrText", "{*}t"):
        kind = _setting(element, "fldCharType")
        if kind == "begin":
            fields.append(([], False))
        elif not fields:
            continue
        elif kind == "separate":
            fields[-1] = (fields[-1][0], True)
        elif kind == "end":
            fields.pop()
        elif _local(element) == "instrText":
            fields[-1][0].append(element.text or "")
        else:
            yield from (("".join(told), element) for told, shown in fields if shown)


def _blank(element: etree._Element) -> None:
    for text in element.iter("{*}t"):
        text.text = ""


def _mark_as_text(root: etree._Element) -> None:
    """Call the cells of a sheet text whose number was replaced by a word."""
    for cell in root.iter("{*}c"):
        value = cell.find("{*}v")
        if value is None or cell.get("t", "n") != "n" or not value.text:
            continue
        try:
            float(value.text)
        except ValueError:
            cell.set("t", "str")


def _types(data: bytes, parts: dict[str, bytes]) -> bytes:
    """The list of parts, without those that went, and without macros."""
    root = parsed(data, _CONTENT_TYPES)
    for override in list(root.iter("{*}Override")):
        if str(override.get("PartName", "")).lstrip("/") not in parts:
            drop(override)
        kind = str(override.get("ContentType", ""))
        override.set("ContentType", _without_macros(kind))
    return written(root)


def _without_macros(kind: str) -> str:
    plain = {
        "application/vnd.ms-word.document.macroEnabled.main+xml": "wordprocessingml.document",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml": "spreadsheetml.sheet",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": (
            "presentationml.presentation"
        ),
    }.get(kind)
    return f"application/vnd.openxmlformats-officedocument.{plain}.main+xml" if plain else kind


def _relations(data: bytes, name: str, parts: dict[str, bytes], words: Words) -> bytes:
    """The relations of a part, without those to what went and to files of somebody's computer."""
    root = parsed(data, name)
    base = posixpath.dirname(posixpath.dirname(name))
    for relation in list(root.iter("{*}Relationship")):
        target = str(relation.get("Target", ""))
        if relation.get("TargetMode") == "External":
            if not _LINKS.match(target) or words.spans(unquote(target)):
                drop(relation)
        elif _resolved(base, target) not in parts:
            drop(relation)
    return written(root)


def _resolved(base: str, target: str) -> str:
    path = target.partition("#")[0]
    if path.startswith("/"):
        return path.lstrip("/")
    return posixpath.normpath(posixpath.join(base, path))


def _drop_dangling(parts: dict[str, bytes]) -> None:
    """Take out the elements whose relation went: programs call such a file damaged."""
    for name in list(parts):
        if not name.endswith(".xml") or name == _CONTENT_TYPES:
            continue
        folder, file = posixpath.split(name)
        relations = parts.get(posixpath.join(folder, "_rels", f"{file}.rels"))
        known = set()
        if relations is not None:
            known = {one.get("Id") for one in parsed(relations, name).iter("{*}Relationship")}
        root = parsed(parts[name], name)
        loose = [one for one in root.iter(etree.Element) if _refers(one) - known]
        for element in loose:
            if etree.QName(element).localname in {"hyperlink", "hlinkClick", "hlinkHover"}:
                _unlink(element)
            else:
                drop(element)
        if loose:
            parts[name] = written(root)


def _refers(element: etree._Element) -> set[str]:
    """Return the relations that an element names (r:id, r:embed, r:link, r:pict)."""
    return {
        str(value)
        for key, value in element.attrib.items()
        if "/relationships}" in str(key) and str(value)
    }


def _unlink(element: etree._Element) -> None:
    if len(element) and etree.QName(element).localname == "hyperlink":
        unwrap(element)
    else:
        drop(element)


def _blank_hidden_sheets(parts: dict[str, bytes]) -> None:
    """Empty the hidden sheets: nobody who reads the record was ever shown them."""
    book = parts.get("xl/workbook.xml")
    relations = parts.get("xl/_rels/workbook.xml.rels")
    if book is None or relations is None:
        return
    targets = {
        one.get("Id"): _resolved("xl", str(one.get("Target", "")))
        for one in parsed(relations, "xl/_rels/workbook.xml.rels").iter("{*}Relationship")
    }
    for sheet in parsed(book, "xl/workbook.xml").iter("{*}sheet"):
        if sheet.get("state", "visible") == "visible":
            continue
        for identifier in _refers(sheet):
            name = targets.get(identifier, "")
            if name in parts:
                root = parsed(parts[name], name)
                for row in [*root.iter("{*}row"), *root.iter("{*}dataValidations")]:
                    drop(row)
                parts[name] = written(root)
    _forget_unused_strings(parts)


def _forget_unused_strings(parts: dict[str, bytes]) -> None:
    """Blank the shared strings that no cell shows any more: they stay in the file otherwise."""
    name = "xl/sharedStrings.xml"
    if name not in parts:
        return
    used: set[int] = set()
    for sheet in (one for one in parts if re.match(r"xl/worksheets/[^/]+\.xml$", one)):
        for cell in parsed(parts[sheet], sheet).iter("{*}c"):
            value = cell.find("{*}v")
            if cell.get("t") == "s" and value is not None and (value.text or "").isdecimal():
                used.add(int(value.text or 0))
    root = parsed(parts[name], name)
    for number, item in enumerate(root.iter("{*}si")):
        if number not in used:
            for child in list(item):
                item.remove(child)
            etree.SubElement(item, f"{{{etree.QName(item).namespace}}}t").text = ""
    parts[name] = written(root)


def _suffix(parts: Iterable[str]) -> str:
    for start, kind in (("word/", Format.DOCX), ("xl/", Format.XLSX), ("ppt/", Format.PPTX)):
        if any(name.startswith(start) for name in parts):
            return _TYPES[kind]
    raise UncleanError("It is neither Word, Excel nor PowerPoint.")


def _look_again(copy: bytes, parts: dict[str, bytes], words: Words, limits: Limits) -> None:
    """Read the copy as a stranger would, and refuse it if anything is left.

    Raises:
        UncleanError: something that was to go is still there.
    """
    kind = {suffix: kind for kind, suffix in _TYPES.items()}[_suffix(parts)]
    left = [
        one for one in hidden_in(copy, kind, limits).hidden if one.kind is not IdentifierKind.FACE
    ]
    if left:
        raise UncleanError(f"It still holds {left[0].kind} in {left[0].where}.")
    words.refuse_unmet()
    words.refuse_left(parts)
    for name, data in parts.items():
        if words and _WORDY.search(name):
            words.refuse_left(texts_of(parsed(data, name), _BLOCKS))
