"""The packages of a copy: each collection as the files in which readers take it with them.

A file is written anew only when the book that it is made from changed; the same book is the same
bytes. Books are read as everybody may read them today, so what was taken back is in none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from sqlalchemy.orm import Session

from kb.errors import NotReadyError
from web.binding import paper
from web.binding.book import Book
from web.binding.forms import FORMS, Form
from web.collected import public_collection
from web.i18n import FIELD
from web.library import Library
from web.names import Names
from web.pages.collections import bind
from web.publish.copying import Copy
from web.publish.stamps import Digest, digest, of_program

FOLDER: Final = "packages"
PRESSED: Final = "pdf"  # the form that needs more than the library brings
INSTALL: Final = (
    'Install it with: pip install "maktaba[paper]", and: apt-get install libpango-1.0-0 '
    "libpangoft2-1.0-0 libharfbuzz-subset0. Then run the same command again."
)


@dataclass
class Packages:
    """What the packages of a run came to, while they are written."""

    # Path in the library → where it lies in the copy; another language of it by its address.
    files: dict[str, str] = field(default_factory=dict)
    # Bytes, by what a file is called in the library, the language of the page that offers it, form.
    sizes: dict[tuple[str, str, str], int] = field(default_factory=dict)
    stamps: dict[str, Digest] = field(default_factory=dict)  # file → what it was made from
    # Path of a page → what it says of them: which there are, and how large.
    said: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)  # what could not be made and why, to be said


def put_packages(
    copy: Copy,
    session: Session,
    library: Library,
    *,
    wanted: Mapping[int, tuple[str, ...]],
    tongues: tuple[str, ...],
    before: Mapping[str, Any],
) -> Packages:
    """Write the newest edition of each collection into the copy, in the languages `wanted` of it.

    Pages are there in `tongues`; one that is in no language of its package offers the first.
    `before` is what an earlier run was made from. A form that cannot be made is left out, and said
    to be.
    """
    put = Packages()
    press = _press(put) if wanted else ""
    program = digest(of_program(), press)
    forms = [form for form in FORMS.values() if press or form.name != PRESSED]
    for number, language, book in _books(session, library, wanted):
        stamp, first = digest(program, book), language == wanted[number][0]
        folder, query = (FOLDER, "") if first else (f"{language}/{FOLDER}", f"?{FIELD}={language}")
        offered = [one for one in tongues if first and one not in wanted[number]] + [language]
        for form in forms:
            file = f"{folder}/package-{number}.{form.name}"
            size = _put(copy, put, form, book, file, same=before.get(file) == stamp)
            if not size:
                continue
            put.stamps[file] = stamp
            put.files[f"/collections/{number}/package.{form.name}{query}"] = file
            said = put.said.setdefault(f"/collections/{number}", [])
            said += ((one, form.name, size) for one in offered)
            put.sizes |= {(book.name, one, form.name): size for one in offered}
    return put


def _books(
    session: Session, library: Library, wanted: Mapping[int, tuple[str, ...]]
) -> Iterator[tuple[int, str, Book]]:
    home = library.settings.base_url.rstrip("/")
    for number, languages in wanted.items():
        collection = public_collection(session, number)
        for language in languages:
            names = Names(library.taxonomy, language)
            yield number, language, bind(session, library, names, collection, home)


def _press(put: Packages) -> str:
    """Return what PDFs are made with, as far as it changes their bytes; nothing without it."""
    try:
        paper.try_out()
        return version("weasyprint")
    except (NotReadyError, PackageNotFoundError) as error:
        put.left_out.append(
            f"The packages are without PDF, and their Word files tell charts in words: {error}\n"
            f"{INSTALL}"
        )
        return ""


def _put(copy: Copy, put: Packages, form: Form, book: Book, file: str, *, same: bool) -> int:
    """Write one file, if it is not there as it is to be; return its bytes, 0 where it failed."""
    if same and copy.keep(file):
        return (copy.folder / file).stat().st_size
    try:
        content = form.write(book)
    except NotReadyError as error:
        put.left_out.append(f"“{book.title}” is without its {form.label}: {error}\n{error.hint}")
        return 0
    copy.write(file, content)
    return len(content)
