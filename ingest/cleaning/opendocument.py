"""The copy of an OpenDocument text, sheet or presentation for readers."""

import re

from lxml import etree

from ingest.cleaning import pictures
from ingest.cleaning.archive import MIMETYPE, drop, packed, parsed, parts_of, written
from ingest.cleaning.texts import replace_in, texts_of
from ingest.document import Format
from ingest.order import Cleaned, Order, UncleanError, Words
from ingest.readers.archive import open_archive
from ingest.readers.hidden import PICTURES, hidden_in
from ingest.readers.limits import Limits
from kb.vocabulary import IdentifierKind

# The parts that stay; settings, old versions, macros, embedded documents and signatures go.
STAY = re.compile(
    r"^(?:mimetype|content\.xml|styles\.xml|META-INF/manifest\.xml|(?:Pictures|media|Fonts)/.+)$"
)
_GONE = (
    "annotation", "annotation-end", "tracked-changes", "change", "change-start", "change-end",
    "creator", "initial-creator", "author-name", "author-initials", "sender-firstname",
    "sender-lastname", "sender-email", "event-listeners", "scripts", "object", "object-ole",
    "plugin", "applet", "variable-input", "script", "printed-by", "file-name", "template-name",
    "user-defined", "user-field-decls", "user-field-get", "user-field-input", "hidden-text",
    "hidden-paragraph", "conditional-text", "placeholder", "database-display",
    "dde-connection-decls", "dde-links", "scenario", "data-pilot-tables", "named-expressions",
    "consolidation", "meta-field", "keywords", "description", "subject",
    *(f"sender-{one}" for one in (
        "initials", "title", "position", "phone-private", "fax", "company", "phone-work", "street",
        "city", "postal-code", "country", "state-or-province",
    )),
)  # fmt: skip
_BLOCKS = frozenset({"p", "h"})
_VALUES = ("string-value", "value", "date-value", "time-value", "boolean-value", "value-type")
_SUFFIXES = {
    "application/vnd.oasis.opendocument.text": (".odt", Format.ODT),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods", Format.ODS),
    "application/vnd.oasis.opendocument.presentation": (".odp", Format.ODP),
}


def clean(data: bytes, order: Order, limits: Limits) -> Cleaned:
    """Return the copy; its parts were looked through again after it was made."""
    words = Words(order.words)
    parts = {
        name: part
        for name, part in parts_of(open_archive(data, limits)).items()
        if STAY.match(name)
    }
    media_type = parts.get(MIMETYPE, b"").decode("ascii", "replace").strip()
    if media_type not in _SUFFIXES:
        raise UncleanError("It does not say which kind of OpenDocument it is.")
    for name in list(parts):
        if name.lower().endswith(PICTURES):
            parts[name] = pictures.cleaned(parts[name], name, grey=name in order.faces)
        elif name.endswith(".xml"):
            parts[name] = _part(parts[name], name, words, parts)
        elif name != MIMETYPE and not name.lower().endswith((".ttf", ".otf")):
            del parts[name]
    if "META-INF/manifest.xml" in parts:
        parts["META-INF/manifest.xml"] = _manifest(parts["META-INF/manifest.xml"], parts)
    words.refuse_unmet()
    words.refuse_left(parts)
    copy = packed(parts)
    suffix, kind = _SUFFIXES[media_type]
    left = [
        one for one in hidden_in(copy, kind, limits).hidden if one.kind is not IdentifierKind.FACE
    ]
    if left:
        raise UncleanError(f"It still holds {left[0].kind} in {left[0].where}.")
    for name, part in parts.items():
        if words and name.endswith(".xml"):
            words.refuse_left(texts_of(parsed(part, name), _BLOCKS))
    return Cleaned(copy, suffix)


def _part(data: bytes, name: str, words: Words, parts: dict[str, bytes]) -> bytes:
    root = parsed(data, name)
    for element in [one for tag in _GONE for one in root.iter(f"{{*}}{tag}")]:
        drop(element)
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    _blank_hidden_sheets(root)
    _forget_links(root, parts)
    if words:
        for cell in root.iter("{*}table-cell"):
            if words.spans("\n".join(cell.itertext(etree.Element))):
                _forget_value(cell)
        replace_in(root, _BLOCKS, words)
    return written(root)


def _blank_hidden_sheets(root: etree._Element) -> None:
    """Empty the hidden sheets and the copies of sheets of other files."""
    hidden = {
        _attribute(style, "name")
        for style in root.iter("{*}style")
        for look in style.iter("{*}table-properties")
        if _attribute(look, "display") == "false"
    }
    for table in list(root.iter("{*}table")):
        elsewhere = table.find("{*}table-source") is not None
        if elsewhere or _attribute(table, "style-name") in hidden:
            for child in list(table):
                table.remove(child)
            if elsewhere:
                drop(table)


def _forget_value(cell: etree._Element) -> None:
    """A cell keeps its value beside what it shows: a date of birth in another form."""
    for key in list(cell.attrib):
        if str(key).endswith(tuple(f"}}{name}" for name in (*_VALUES, "formula"))):
            del cell.attrib[key]


def _attribute(element: etree._Element, name: str) -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).endswith(f"}}{name}")), "")


def _forget_links(root: etree._Element, parts: dict[str, bytes]) -> None:
    """Drop links to files of somebody's computer and to parts that went."""
    for element in list(root.iter(etree.Element)):
        for key, value in element.attrib.items():
            target = str(value).removeprefix("./")
            if not str(key).endswith("}href") or not target:
                continue
            if not re.match(r"https?:|mailto:|#", target) and target not in parts:
                del element.attrib[key]


def _manifest(data: bytes, parts: dict[str, bytes]) -> bytes:
    root = parsed(data, "META-INF/manifest.xml")
    for entry in list(root.iter("{*}file-entry")):
        path = _attribute(entry, "full-path")
        if path != "/" and path not in parts:
            drop(entry)
    return written(root)
