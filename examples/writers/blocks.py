"""Markdown as blocks that every writer understands: headings, paragraphs, list items, tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode


@dataclass(frozen=True)
class Span:
    """A stretch of text in one face; a line break is a line feed in `text`."""

    text: str
    bold: bool = False
    italic: bool = False


Spans: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; `level` 1 is the title of the document."""

    level: int
    spans: Spans


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, set off from the rest when it is quoted."""

    spans: Spans
    quoted: bool = False


@dataclass(frozen=True)
class Item:
    """A list item; `number` is None for a bullet, `level` 0 for the outer list."""

    spans: Spans
    level: int
    number: int | None


@dataclass(frozen=True)
class Table:
    """A table; the first row holds the column titles."""

    rows: tuple[tuple[Spans, ...], ...]


Block: TypeAlias = Heading | Paragraph | Item | Table


def markdown() -> MarkdownIt:
    """Return the reader of the dialect the sources are written in: CommonMark with tables."""
    return MarkdownIt("commonmark").enable("table")


def blocks(body: str) -> list[Block]:
    """Return the blocks of a Markdown text, in order.

    Raises:
        ValueError: the text uses something the writers have no form for, such as raw HTML.
    """
    root = SyntaxTreeNode(markdown().parse(body))
    return [block for node in root.children for block in _blocks(node)]


def plain(spans: Spans) -> str:
    """Return the text of the spans without their faces."""
    return "".join(span.text for span in spans)


def _blocks(node: SyntaxTreeNode) -> Iterator[Block]:
    match node.type:
        case "heading":
            yield Heading(int(node.tag[1:]), _spans(node))
        case "paragraph":
            yield Paragraph(_spans(node))
        case "blockquote":
            for child in node.children:
                yield Paragraph(_spans(child), quoted=True)
        case "bullet_list" | "ordered_list":
            yield from _items(node, level=0)
        case "table":
            yield Table(tuple(tuple(_spans(cell) for cell in row.children) for row in _rows(node)))
        case _:
            raise ValueError(f"No writer knows what to do with the Markdown of a {node.type}.")


def _items(node: SyntaxTreeNode, *, level: int) -> Iterator[Item]:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    for place, item in enumerate(node.children):
        number = None if first is None else first + place
        for child in item.children:
            if child.type in {"bullet_list", "ordered_list"}:
                yield from _items(child, level=level + 1)
            else:
                yield Item(_spans(child), level, number)


def _rows(table: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return [row for part in table.children for row in part.children]


def _spans(node: SyntaxTreeNode, *, bold: bool = False, italic: bool = False) -> Spans:
    found: list[Span] = []
    for child in node.children:
        if child.type in {"text", "code_inline"}:
            found.append(Span(child.content, bold, italic))
        elif child.type in {"softbreak", "hardbreak"}:
            found.append(Span(" " if child.type == "softbreak" else "\n", bold, italic))
        else:
            found += _spans(
                child,
                bold=bold or child.type == "strong",
                italic=italic or child.type == "em",
            )
    return tuple(span for span in found if span.text)
