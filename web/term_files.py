"""The taxonomy as a file to take away, and a file that somebody sends."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from kb import term_sheet, term_skos
from kb.errors import InvalidError
from kb.taxonomy import Taxonomy
from kb.term_import import Read
from kb.term_skos import Syntax
from kb.vocabulary import Scheme
from kb.wording import marked

# SKOS for other systems, by the end of the address.
SKOS: Final[Mapping[str, tuple[str, Syntax]]] = {
    "ttl": ("text/turtle", Syntax.TURTLE),
    "rdf": ("application/rdf+xml", Syntax.RDF_XML),
    "jsonld": ("application/ld+json", Syntax.JSON_LD),
}
MEDIA_TYPES: Final[Mapping[str, str]] = {
    **{form: media_type for form, (media_type, _) in SKOS.items()},
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_READ = ("ttl", "nt")
_MOST_KEPT = 24


class Kept:
    """The files of whole schemes, as they stand and under one address: one takes a second."""

    def __init__(self) -> None:
        self._of: Taxonomy | None = None
        self._files: dict[tuple[str, str, Scheme | None], str] = {}

    def skos(self, terms: Taxonomy, form: str, *, base: str, scheme: Scheme | None = None) -> str:
        """Return the concepts of one scheme, or all, in one of the forms of `SKOS`."""
        if self._of is not terms or len(self._files) > _MOST_KEPT:
            self._of, self._files = terms, {}
        files, only = self._files, terms.scheme(scheme) if scheme else None
        if (form, base, scheme) not in files:
            written_ = term_skos.write(terms, base=base, syntax=SKOS[form][1], only=only)
            files[form, base, scheme] = written_
        return files[form, base, scheme]


def written(terms: Taxonomy, form: str, *, base: str = "") -> bytes:
    """Return the taxonomy as SKOS or as `xlsx`; `base` is the public address of the library.

    Raises:
        InvalidError: it is written in no such form.
    """
    if form == "xlsx":
        return term_sheet.write(terms)
    if form in SKOS:
        return term_skos.write(terms, base=base, syntax=SKOS[form][1]).encode()
    raise _unknown(form)


def read(name: str, data: bytes) -> Read:
    """Return what a file says, by the end of its name: .xlsx, .ttl or .nt.

    Raises:
        InvalidError: it is none of these.
    """
    form = PurePath(name).suffix.lower().lstrip(".")
    if form == "xlsx":
        return term_sheet.read(data)
    if form in _READ:
        return term_skos.read(data)
    raise _unknown(form)


def _unknown(form: str) -> InvalidError:
    return InvalidError(
        marked("A taxonomy is no “.%(form)s” file.", form=form),
        hint=marked("Save it as .xlsx, or as SKOS in Turtle (.ttl) or N-Triples (.nt)."),
    )
