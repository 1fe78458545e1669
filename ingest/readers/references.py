"""Lists of references (RIS, BibTeX) as one table: a row a reference, a column a field."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import get_default_latex_context_db as _macros

from ingest.readers.content import Content
from ingest.readers.decoding import decode
from ingest.readers.limits import Limits
from ingest.readers.pipetable import pipe_table
from ingest.readers.refusal import Reason, UnreadableError

BETWEEN = "; "  # authors and keywords of one reference
A_LIST = "A list of references was read; `kb import` makes a record of each."
# The columns, in the words of `ingest/columns.yaml`; what is not among them keeps its own name.
_RIS = {
    "primary_title": "title", "title": "title", "first_authors": "authors", "authors": "authors",
    "abstract": "abstract", "notes_abstract": "abstract", "keywords": "keywords", "doi": "doi",
    "urls": "url", "year": "year", "publication_year": "year", "language": "language",
    "journal_name": "journal", "secondary_title": "journal", "volume": "volume",
    "number": "number", "start_page": "pages", "publisher": "publisher", "notes": "notes",
    "type_of_reference": "type", "id": "id", "access_date": "accessed",
    "reference_id": "id",
}  # fmt: skip
_BIBTEX = {"author": "authors", "annote": "notes", "note": "notes", "langid": "language"}
_BRACES = re.compile(r"[{}]")
# What TeX may read as other than itself; all the rest it shows as it stands.
_TEX = re.compile(r"[\\{}$%~&#_^`\[\]]|--|''|\n\s*\n")


class _Decoder(LatexNodes2Text):  # type: ignore[misc]  # untyped
    """TeX to text, as the middleware does by itself, which learns TeX anew for every field."""

    def __init__(self) -> None:
        shown = get_default_latex_context_db()
        shown.add_context_category("ours", prepend=True, macros=[MacroTextSpec("url", "%s")])
        super().__init__(latex_context=shown, math_mode="verbatim")
        self.macros = _macros()

    def latex_to_text(self, latex: str, **flags: Any) -> str:
        if not _TEX.search(latex):
            return latex
        return str(super().latex_to_text(latex, latex_context=self.macros, **flags))


decoder = functools.cache(_Decoder)


def read_ris(data: bytes, limits: Limits) -> Content:
    """Read a RIS file.

    Raises:
        UnreadableError: it holds no reference.
    """
    text = decode(data[: limits.text_bytes])
    try:
        found = rispy.loads(text, skip_unknown_tags=True, enforce_list_tags=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableError(Reason.CORRUPT, detail=f"its RIS is broken: {error}") from error
    return _table((_named(one, _RIS) for one in found), limits)


def read_bibtex(data: bytes, limits: Limits) -> Content:
    """Read a BibTeX file; entries that are broken are counted in a doubt.

    Raises:
        UnreadableError: it holds no entry.
    """
    library = parse_string(
        decode(data[: limits.text_bytes]),
        append_middleware=[LatexDecodingMiddleware(decoder=decoder())],
    )
    rows = (
        _named(
            {"id": entry.key, "type": entry.entry_type}
            | {
                field.key.lower(): _BRACES.sub("", str(field.value)).replace(" and ", BETWEEN)
                if field.key.lower() in {"author", "editor"}
                else _BRACES.sub("", str(field.value))
                for field in entry.fields
            },
            _BIBTEX,
        )
        for entry in library.entries
    )
    broken = len(library.failed_blocks)
    return _table(rows, limits, f"{broken} entries are broken and were left out." if broken else "")


def _named(fields: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for name, value in fields.items():
        text = BETWEEN.join(map(str, value)) if isinstance(value, list) else str(value)
        row.setdefault(names.get(name, name), " ".join(text.split()))
    return row


def _table(rows: Iterable[dict[str, str]], limits: Limits, *doubts: str) -> Content:
    kept = [row for row in rows if any(row.values())]
    if not kept:
        raise UnreadableError(Reason.CORRUPT, detail="it holds no reference")
    cut = f"Only the first {limits.rows:,} references were read." if len(kept) > limits.rows else ""
    columns = dict.fromkeys(name for row in kept for name in row)
    table = [list(columns), *([row.get(name, "") for name in columns] for row in kept)]
    return Content(
        markdown=pipe_table(table[: limits.rows + 1]),
        doubts=tuple(filter(None, (A_LIST, *doubts, cut))),
    )
