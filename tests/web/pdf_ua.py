"""What a program can find of PDF/UA-1 without opening the pages: breaches, each with its number.

No veraPDF (it needs Java): these are the checks of structure, language and names that an
accessible PDF fails on most, read with pikepdf.
Source: Matterhorn Protocol 1.1, https://pdfa.org/resource/the-matterhorn-protocol/, and
ISO 32000-1, 14.8.4 for what stands in what.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

# What each may have as its children; what is transparent (NonStruct, Div) is looked through.
INSIDE = {
    "/L": {"/L", "/LI", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
}
AROUND = {"/LI": {"/L"}, "/LBody": {"/LI"}, "/Lbl": {"/LI"}, "/TH": {"/TR"}, "/TD": {"/TR"}}
HEADINGS = {f"/H{level}": level for level in range(1, 7)}


def breaches(document: bytes) -> list[str]:
    """Return what breaks PDF/UA-1, in words; empty where nothing was found."""
    with pikepdf.open(BytesIO(document)) as opened:
        return sorted({*_whole(opened), *_tree(opened), *_pages(opened)})


def languages(document: bytes) -> set[str]:
    """Return the languages that parts of the document say they are in."""
    with pikepdf.open(BytesIO(document)) as opened:
        told = (str(one.get("/Lang", "")) for one, _ in _elements(opened.Root.StructTreeRoot))
        return {one for one in told if one}


def _elements(
    parent: Any, inside: str = ""
) -> Iterator[tuple[Any, str]]:  # each with the kind of what it stands in
    below = parent.get("/K", [])
    for one in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(one, pikepdf.Dictionary) and "/S" in one:
            yield one, inside
            yield from _elements(one, str(one["/S"]))


def _whole(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    if not root.get("/MarkInfo", {}).get("/Marked", False):
        yield "06-001: it is not said that the document is tagged"
    if "/StructTreeRoot" not in root or "/ParentTree" not in root.StructTreeRoot:
        yield "01-005: no structure tree, or none that leads back from the pages"
    if not str(root.get("/Lang", "")):
        yield "11-006: the document has no language"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "07-002: the title is not shown"
    with document.open_metadata() as about:
        if about.get("pdfuaid:part") != "1":
            yield "05-002: it does not say that it is PDF/UA-1"
        if not about.get("dc:title"):
            yield "06-003: it has no title"


def _tree(document: pikepdf.Pdf) -> Iterator[str]:
    level = 0
    names, asked = set(), set()
    for one, inside in _elements(document.Root.StructTreeRoot):
        kind = str(one["/S"])
        if kind in {"/Figure", "/Formula"} and not str(one.get("/Alt", "")).strip():
            yield "13-004: a figure has no alternative text"
        if kind in HEADINGS:
            if HEADINGS[kind] > level + 1:
                yield f"14-003: {kind} stands below level {level}"
            level = HEADINGS[kind]
        if inside in INSIDE and kind not in INSIDE[inside]:
            yield f"09-004: {kind} stands directly in {inside}"
        if kind in AROUND and inside not in AROUND[kind]:
            yield f"09-004: {kind} stands in {inside}"
        if kind == "/TH" and "/Scope" not in one.get("/A", {}):
            yield "15-003: a header cell does not say whose it is"
        if "/ID" in one:
            names.add(bytes(one["/ID"]))
        asked |= {bytes(name) for name in one.get("/A", {}).get("/Headers", [])}
    if not asked <= names:
        yield "15-004: a cell names a header that is not there"


def _pages(document: pikepdf.Pdf) -> Iterator[str]:
    for page in document.pages:
        notes = list(page.get("/Annots", []))
        if notes and page.get("/Tabs") != "/S":
            yield "28-010: links are not walked in the order of the text"
        for note in notes:
            if "/StructParent" not in note:
                yield "28-002: a link is not in the structure"
            if note.get("/Subtype") == "/Link" and not str(note.get("/Contents", "")).strip():
                yield "28-012: a link does not say where it leads"
        if "/StructParents" not in page:
            yield "01-006: a page has no structure"
        for font in page.Resources.get("/Font", {}).values():
            below = font.get("/DescendantFonts", [font])[0].get("/FontDescriptor", {})
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(below.keys()):
                yield f"31-009: {font.get('/BaseFont')} is not embedded"
            if "/ToUnicode" not in font:
                yield f"10-001: letters of {font.get('/BaseFont')} cannot be read out"
