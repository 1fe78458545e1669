"""The guided templates as files: four kinds, six languages, Word and Excel, always the same."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ingest.document import Format
from ingest.questions import LANGUAGES, Kind, kinds
from ingest.templates import sheet, word
from kb.errors import NotFoundError
from kb.wording import marked

FORMATS = (Format.DOCX, Format.XLSX)


class Template(NamedTuple):
    """Which template: its kind, language and format."""

    kind: Kind
    language: str
    format: Format

    @property
    def name(self) -> str:
        """Return the name of the file."""
        return f"{self.kind.name}-{self.language}.{self.format}"


def every() -> Iterator[Template]:
    """Yield the templates, by kind, then language, then format."""
    for kind in kinds().values():
        for language in LANGUAGES:
            for form in FORMATS:
                yield Template(kind, language, form)


def named(name: str) -> Template:
    """Return the template of a file name.

    Raises:
        NotFoundError: there is none of that name.
    """
    found = next((one for one in every() if one.name == name), None)
    if found is None:
        raise NotFoundError(
            marked("There is no template %(name)s.", name=name),
            hint=marked("Choose one of the list."),
        )
    return found


@cache
def made(template_name: str) -> bytes:
    """Return the file of that name; made once in a process.

    Raises:
        NotFoundError: there is none of that name.
    """
    template = named(template_name)
    write = word.write if template.format is Format.DOCX else sheet.write
    return write(template.kind, template.language)
