"""The copy of an OpenDocument text, sheet or presentation for readers."""

import re

from lxml import etree

from ingest.cleaning import pictures
from ingest.cleaning.archive import MIMETYPE, drop, packed, parsed, parts_of, written
from ingest.cleaning.texts import (
    blocks_in,
    own_slots,
    replace_in_attributes,
    replace_in_slots,
    texts_of,
)
from ingest.document import Format
from ingest.order import Cleaned, Order, UncleanError, Words
from ingest.readers.archive import open_archive
from ingest.readers.hidden import PICTURES, hidden_in
from ingest.readers.limits import Limits
from kb.vocabulary import IdentifierKind

GO = re.compile(
    r"^(?:meta|settings|layout-cache|manifest)\.(?:xml|rdf)$|^layout-cache$|^(?:Thumbnails|Basic"
    r"|Scripts|Configurations2|ObjectReplacements|Object \d+|META-INF/(?!manifest))(?:/|$)"
)
_GONE = (
    "annotation", "annotation-end", "tracked-changes", "change", "change-start", "change-end",
    "creator", "initial-creator", "author-name", "author-initials", "sender-firstname",
    "sender-lastname", "sender-email", "event-listeners", "scripts", "object", "object-ole",
    "plugin", "applet", "variable-input",
)  # fmt: skip
_BLOCKS = frozenset({"p", "h"})
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
        if not GO.search(name)
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
    etree.strip_tags(root, etree.Comment)
    _forget_links(root, parts)
    if words:
        for block in blocks_in(root, _BLOCKS):
            replace_in_slots(own_slots(block, _BLOCKS), words)
        replace_in_attributes(root, words)
    return written(root)


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
        path = next((str(v) for k, v in entry.attrib.items() if str(k).endswith("full-path")), "")
        if path != "/" and path not in parts:
            drop(entry)
    return written(root)
