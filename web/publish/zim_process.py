"""Write a ZIM file of what comes on standard input: a process of its own, run by web.publish.zim.

libzim is GPL-3.0-or-later. Nothing of Maktaba imports it but this file, and nothing imports this
file: it is started as a program, and gets lines of JSON.

    python -m web.publish.zim_process OUT.zim < lines
"""

import json
import sys
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unicodedata import category, normalize

from libzim.writer import (
    Compression,
    Creator,
    FileProvider,
    Hint,
    IndexData,
    Item,
    StringProvider,
)

ILLUSTRATION = 48  # pixels; the size that every reader of ZIM files asks for
HTML = "text/html"


class Words(IndexData):
    """What the search of a reader finds a page by."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = unaccented(title), unaccented(text)

    def has_indexdata(self) -> bool:
        """Whether the page is to be found."""
        return bool(self._text)

    def get_title(self) -> str:
        """Return the title of the page."""
        return self._title

    def get_content(self) -> str:
        """Return the words of the page, without what stands around every page."""
        return self._text

    def get_keywords(self) -> str:
        """Return nothing: titles and words do."""
        return ""

    def get_wordcount(self) -> int:
        """Return how many words there are."""
        return self._text.count(" ") + 1

    def get_position(self) -> tuple[bool, float, float] | None:
        """Return no place on a map."""
        return None


def unaccented(text: str) -> str:
    """Return the text as libzim asks for it: it takes accents off the question, not off this.

    Source: removeAccents of libzim, which is ICU's "Lower; NFD; [:M:] remove; NFC".
    """
    apart = normalize("NFD", text.lower())
    return normalize("NFC", "".join(one for one in apart if not category(one).startswith("M")))


class Entry(Item):
    """A file of the copy, in the ZIM file."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__()
        self._said = said

    def get_path(self) -> str:
        """Return where it lies."""
        return str(self._said["path"])

    def get_title(self) -> str:
        """Return what readers see in suggestions."""
        return str(self._said["title"])

    def get_mimetype(self) -> str:
        """Return its media type."""
        return str(self._said["type"])

    def get_hints(self) -> dict[Hint, int]:
        """Say whether it is one of the pages that are suggested and counted."""
        return {Hint.FRONT_ARTICLE: int(bool(self._said["title"]))}

    def get_contentprovider(self) -> FileProvider | StringProvider:
        """Return its bytes."""
        return FileProvider(Path(self._said["file"]))

    def get_indexdata(self) -> IndexData:
        """Return what it is found by."""
        return Words(self._said["title"], self._said["text"])


def write(out: Path, lines: Iterable[str]) -> None:
    """Write the file: the first line says what it is, each further one is an entry or redirect."""
    incoming = iter(lines)
    head = json.loads(next(incoming))
    creator = Creator(out).config_indexing(True, head["language"])
    creator.config_compression(Compression.zstd).config_nbworkers(2)
    creator.set_mainpath(head["main"])
    with creator:
        for line in incoming:
            said = json.loads(line)
            if to := said.get("to"):
                hints = {Hint.FRONT_ARTICLE: int(said["suggested"])}
                creator.add_redirection(said["path"], said["title"], to, hints)
            else:
                creator.add_item(Entry(said))
        for name, value in head["metadata"].items():
            creator.add_metadata(name, value)
        creator.add_illustration(ILLUSTRATION, b64decode(head["illustration"]))


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.stdin)
