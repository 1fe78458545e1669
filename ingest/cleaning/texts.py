"""Replace words in XML, also where they are spread over several runs of letters."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from ingest.order import Words


class Slot(NamedTuple):
    """One piece of text of an element: its own, or what follows it."""

    element: etree._Element
    tail: bool

    @property
    def text(self) -> str:
        """What stands there."""
        return (self.element.tail if self.tail else self.element.text) or ""

    def put(self, text: str) -> None:
        """Let something else stand there."""
        if self.tail:
            self.element.tail = text
        else:
            self.element.text = text


def replace_in_slots(slots: Sequence[Slot], words: Words) -> None:
    """Replace the words in slots that are read as one text."""
    texts = [slot.text for slot in slots]
    spans = words.spans("".join(texts))
    for start, end, instead in reversed(spans):
        at = 0
        first = True
        for number, text in enumerate(texts):
            low, high = max(start - at, 0), min(end - at, len(slots[number].text))
            at += len(slots[number].text)
            if low >= high or low >= len(text) + 1:
                continue
            texts[number] = text[:low] + (instead if first else "") + text[high:]
            first = False
    if spans:
        for slot, text in zip(slots, texts, strict=True):
            slot.put(text)


def own_slots(block: etree._Element, blocks: frozenset[str]) -> list[Slot]:
    """Return the slots of a block that belong to no block inside it, in the order of reading."""
    return list(_slots(block, blocks))


def _slots(element: etree._Element, blocks: frozenset[str]) -> Iterator[Slot]:
    yield Slot(element, tail=False)
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if etree.QName(child).localname not in blocks:
            yield from _slots(child, blocks)
        yield Slot(child, tail=True)


def replace_in_attributes(root: etree._Element, words: Words) -> None:
    """Replace the words in every attribute: descriptions of pictures, tooltips, links."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if words.spans(str(value)):
                element.set(name, words.out_of(str(value)))


def texts_of(root: etree._Element, blocks: frozenset[str]) -> Iterator[str]:
    """Yield the text of each block as a reader would join it, and every attribute."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield str(element.text or "")  # a comment of the XML
            continue
        yield from map(str, element.attrib.values())
        if etree.QName(element).localname in blocks:
            yield "".join(slot.text for slot in own_slots(element, blocks))
    yield " ".join(root.itertext(etree.Element))


def blocks_in(root: etree._Element, blocks: frozenset[str]) -> Iterable[etree._Element]:
    """Return the elements whose text is read as one."""
    return [
        element for element in root.iter(etree.Element) if etree.QName(element).localname in blocks
    ]
