"""Plain text and Markdown."""

import re

from ingest.readers.content import Content
from ingest.readers.decoding import decode
from ingest.readers.limits import Limits
from ingest.readers.pipetable import tabulate

_INDENT = re.compile(r"^[ \t]{4,}", re.MULTILINE)
_UNDERLINED = re.compile(r"^(\S.*)\n(=|-)\2{2,}[ \t]*$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:(.*)$", re.MULTILINE | re.IGNORECASE)


def read_text(data: bytes, limits: Limits) -> Content:
    """Read plain text; tab-separated lines become tables, indented lines stay text."""
    text, doubts = _decoded(data, limits)
    # four spaces would make a code block of it
    text = _INDENT.sub("   ", tabulate(text, "\t"))
    return Content(markdown=_ruled_headings(text), doubts=doubts)


def read_markdown(data: bytes, limits: Limits) -> Content:
    """Read Markdown as it is; a title in its front matter counts, the rest of it is dropped."""
    text, doubts = _decoded(data, limits)
    front = _FRONT_MATTER.match(text)
    title = _FRONT_TITLE.search(front.group(1)) if front else None
    return Content(
        markdown=_ruled_headings(text[front.end() :] if front else text),
        title=title.group(1).strip(" \t\"'") if title else "",
        doubts=doubts,
    )


def _decoded(data: bytes, limits: Limits) -> tuple[str, tuple[str, ...]]:
    text = decode(data[: limits.text_bytes]).replace("\r\n", "\n").replace("\r", "\n")
    cut = len(data) > limits.text_bytes
    return text, (f"Cut after {limits.text_bytes:,} bytes.",) if cut else ()


def _ruled_headings(text: str) -> str:
    """Write headings underlined with === or --- the one way that later steps look for."""
    return _UNDERLINED.sub(lambda found: f"{'#' if found[2] == '=' else '##'} {found[1]}", text)
