"""Markdown to safe HTML, and Markdown to plain text."""

import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

# No images: a picture in a document could call home. No styles: the page has its own.
TAGS = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "dd",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"scope"}}
SCHEMES = frozenset({"http", "https", "mailto"})
TOP_HEADING = 3  # a page has its h1, a section its h2; headings inside begin below


def to_html(markdown: str) -> str:
    """Return `markdown` as HTML that may stand in a page: no scripts, styles, images or forms.

    Headings are moved below those of the page, and no level is left out between them; tables get
    header cells with a scope.
    """
    parser = _parser()
    tokens = parser.parse(markdown)
    ranks = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, ranks.index(token.tag) + TOP_HEADING)}"
        if token.type == "th_open":
            token.attrSet("scope", "col")
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="nofollow noopener",
    )


def to_text(markdown: str) -> str:
    r"""Return the words of `markdown`: a line for each block, cells of a row apart by " | ".

    >>> to_text("## Aim\n\nFrom **34 %** to 80 %\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    'Aim\nFrom 34 % to 80 %\na | b\n1 | 2'
    """
    lines: list[str] = []
    row: list[str] | None = None
    for token in _parser().parse(markdown):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            lines.append(" | ".join(row))
            row = None
        elif token.type == "inline":
            (lines if row is None else row).append(_words(token))
        elif token.type in {"fence", "code_block"}:
            lines.append(token.content.rstrip())
    return "\n".join(lines)


def row_to_text(row: str) -> str:
    r"""Return the words of one row of a table, cells apart by " | "; none of the line of dashes.

    >>> row_to_text("| **Mubende** | 12 |  |"), row_to_text("|---|:-:|")
    ('Mubende | 12', '')
    """
    if not re.search(r"[^|:\s-]", row):
        return ""
    head = "|" + "|".join(["-"] * len(_cells(row))) + "|"
    return to_text(f"{row}\n{head}").rstrip(" |")


def _cells(row: str) -> list[str]:
    return re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|"))


def _words(inline: Token) -> str:
    breaks = {"softbreak", "hardbreak"}
    return "".join(
        " " if token.type in breaks else token.content for token in inline.children or ()
    ).strip()


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
