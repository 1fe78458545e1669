"""Replace words in XML, also where they are spread over several runs of letters."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from lxml import etree

from ingest.order import Words

# Of a text, a slide, a sheet or a web page; and the attributes in which people write.
_PARAGRAPHS = frozenset(
    {"p", "h", "si", "is", "li", "td", "th", "div", "dd", "dt", "pre", "caption", "h1", "h2", "h3",
     "h4", "h5", "h6", "blockquote", "title"}
)  # fmt: skip
_DESCRIPTIONS = frozenset({"descr", "title", "alt", "tooltip", "prompt", "promptTitle", "error",
                           "errorTitle", "string-value", "help-message"})  # fmt: skip
_GAPS = frozenset({"br", "cr", "tab", "noBreakHyphen", "line-break", "s", "hr", "ptab"})


class Slot(NamedTuple):
    """One piece of text of an element: its own, or what follows it."""

    element: etree._Element
    tail: bool

    @property
    def text(self) -> str:
        """What stands there."""
        return (self.element.tail if self.tail else self.element.text) or ""

    @property
    def read(self) -> str:
        """What a reader sees there: the end of a line or a tab parts two words."""
        gap = not self.tail and etree.QName(self.element).localname in _GAPS
        return self.text or (" " if gap else "")

    def put(self, text: str) -> None:
        """Let something else stand there."""
        if self.tail:
            self.element.tail = text
        else:
            self.element.text = text


def replace_in(root: etree._Element, blocks: frozenset[str], words: Words) -> None:
    """Replace the words in all text of the tree, that of each block read as one, and attributes."""
    for block in blocks_in(root, blocks):
        _replace_in_slots(own_slots(block, blocks), words)
    for element in root.iter(etree.Element):  # what stands in no block, such as a chart's labels
        for slot in (Slot(element, tail=False), Slot(element, tail=True)):
            if words.spans(slot.text):
                slot.put(words.out_of(slot.text))
        for name, value in element.attrib.items():
            if words.spans(str(value)):
                element.set(name, words.out_of(str(value)))


def _replace_in_slots(slots: Sequence[Slot], words: Words) -> None:
    texts = [slot.read for slot in slots]
    starts = list(accumulate(map(len, texts), initial=0))
    changed = list(texts)
    for start, end, instead in reversed(words.spans("".join(texts))):
        first = True
        for number in range(bisect_right(starts, start) - 1, len(texts)):
            low = max(start - starts[number], 0)
            high = min(end - starts[number], len(texts[number]))
            if starts[number] >= end:
                break
            if low < high:
                text = changed[number]
                changed[number] = text[:low] + (instead if first else "") + text[high:]
                first = False
    for slot, text, new in zip(slots, texts, changed, strict=True):
        if slot.text and new != text:
            slot.put(new)


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


def texts_of(root: etree._Element, blocks: frozenset[str]) -> Iterator[str]:
    """Yield the text of each block as a reader would join it, and every attribute."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield str(element.text or "")  # a comment of the XML
            continue
        yield from map(str, element.attrib.values())
        if etree.QName(element).localname in blocks:
            yield "".join(slot.read for slot in own_slots(element, blocks))
    yield " ".join(root.itertext(etree.Element))


def said_in(root: etree._Element) -> Iterator[str]:
    """Yield what people wrote in a tree: each paragraph, all outside of any, and descriptions."""
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        if name in _PARAGRAPHS:
            yield "".join(slot.read for slot in own_slots(element, _PARAGRAPHS))
        yield from (str(v) for k, v in element.attrib.items() if _bare(str(k)) in _DESCRIPTIONS)
    loose = [slot.text for slot in own_slots(root, _PARAGRAPHS)]
    yield from filter(str.strip, loose)


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def blocks_in(root: etree._Element, blocks: frozenset[str]) -> Iterable[etree._Element]:
    """Return the elements whose text is read as one."""
    return [
        element for element in root.iter(etree.Element) if etree.QName(element).localname in blocks
    ]
