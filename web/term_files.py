"""The taxonomy as a file to take away, and a file that somebody sends."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from kb import term_sheet, term_skos
from kb.errors import InvalidError
from kb.taxonomy import Taxonomy
from kb.term_import import Read
from kb.wording import marked

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SKOS = ("ttl", "nt")


def written(terms: Taxonomy, form: str, *, base: str = "") -> bytes:
    """Return the taxonomy as `ttl` or `xlsx`; `base` is the public address of the library.

    Raises:
        InvalidError: it is written in no such form.
    """
    if form == "xlsx":
        return term_sheet.write(terms)
    if form == "ttl":
        return term_skos.write(terms, base=base).encode()
    raise _unknown(form)


def read(name: str, data: bytes) -> Read:
    """Return what a file says, by the end of its name: .xlsx, .ttl or .nt.

    Raises:
        InvalidError: it is none of these.
    """
    form = PurePath(name).suffix.lower().lstrip(".")
    if form == "xlsx":
        return term_sheet.read(data)
    if form in _SKOS:
        return term_skos.read(data)
    raise _unknown(form)


def _unknown(form: str) -> InvalidError:
    return InvalidError(
        marked("A taxonomy is no “.%(form)s” file.", form=form),
        hint=marked("Save it as .xlsx, or as SKOS in Turtle (.ttl) or N-Triples (.nt)."),
    )
