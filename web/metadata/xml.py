"""XML that anybody may have written the words of: what XML cannot hold is left out."""

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

# Source: XML 1.0, production 2, Char.
NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    """Add a child with text and attributes to `parent`, and return it."""
    said = {name: clean(value) for name, value in attributes.items()}
    child = etree.SubElement(parent, name, said)
    child.text = clean(text) or None
    return child


def clean(text: str) -> str:
    r"""Return the text without what XML cannot hold.

    >>> clean("a\x00b\x0bc\ufffe")
    'abc'
    """
    return NO_CHARACTER.sub("", text)


def cleaned(told: Any) -> Any:
    r"""Return JSON whose texts XML can hold.

    >>> cleaned({"a": ["b\x00", 1]})
    {'a': ['b', 1]}
    """
    if isinstance(told, str):
        return clean(told)
    if isinstance(told, dict):
        return {name: cleaned(value) for name, value in told.items()}
    return [cleaned(value) for value in told] if isinstance(told, list) else told


def document(root: etree._Element, *, styles: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return the whole document in UTF-8, with the media types and addresses of its stylesheets."""
    for kind, address in styles:
        root.addprevious(etree.PI("xml-stylesheet", f'type="{kind}" href="{address}"'))
    tree = root.getroottree()
    written: bytes = etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
    return written
