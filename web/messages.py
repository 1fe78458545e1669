"""Gather the messages of the pages into the catalogues: `python -m web.messages`.

Translators edit `web/locale/<language>.po`; what the pages say is read from templates and code.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.i18n import CATALOGUES, ENGLISH, LANGUAGES

ROOT = Path(__file__).parents[1]
PACKAGES = ("kb", "ingest", "search", "web")
READERS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
# Beside the usual ones: `marked` names a constant that is translated where it is shown.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
# What is said only to people who have signed in, and may be English for a while: docs/web.md says
# why. What readers see is in every language, always.
SIGNED_IN = (
    "kb/",
    "ingest/",
    "web/pages/boards.py",
    "web/pages/desk/",
    "web/pages/history.py",
    "web/pages/loop/",
    "web/pages/people/",
    "web/rules.py",
    "web/templates/boards/",
    "web/templates/desk/",
    "web/templates/history/",
    "web/templates/loop/",
    "web/templates/people/",
)
OPTIONS = {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}
WIDTH = 100  # characters of a line in a catalogue
HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"Plural-Forms: {plurals}\n"
"Content-Type: text/plain; charset=utf-8\n"

"""


def found() -> Iterator[tuple[str, int, Any, list[str]]]:
    """Yield file, line, message and comments of each place where the program says something."""
    for package in PACKAGES:
        places = extract_from_dir(
            ROOT / package, READERS, OPTIONS, KEYWORDS, comment_tags=("Translators:",)
        )
        for file, line, message, comments, _context in sorted(places, key=lambda one: one[:2]):
            yield f"{package}/{file}", line, message, comments


def said() -> Catalog:
    """Return all messages that stand in the code and templates of the pages."""
    catalogue = Catalog(charset="utf-8")
    for file, line, message, comments in found():
        catalogue.add(message, locations=[(file, line)], auto_comments=comments)
    return catalogue


def translated(language: str) -> Catalog:
    """Return the catalogue of a language, an empty one where there is none yet."""
    file = CATALOGUES / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language, project="Maktaba", charset="utf-8", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def brought_up_to_date(language: str) -> Catalog:
    """Return the catalogue of a language with all messages of the pages, and no other ones."""
    catalogue = translated(language)
    # A translation is never guessed from a similar message: what is new stays empty.
    catalogue.update(said(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as its file has it: by message, without line numbers that move."""
    stream = BytesIO()
    write_po(stream, catalogue, width=WIDTH, no_location=True, omit_header=True, sort_output=True)
    head = HEADER.format(language=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    return head.encode() + stream.getvalue().lstrip()


def missing(catalogue: Catalog, *, for_readers: bool = False) -> Iterator[str]:
    """Return the messages that have no translation, or one that nobody has confirmed.

    `for_readers` leaves out what is said only to who has signed in (`SIGNED_IN`).
    """
    for message in catalogue:
        if not message.id or (for_readers and _is_for_who_signed_in(message)):
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(strings):
            yield message.id if isinstance(message.id, str) else message.id[0]


def _is_for_who_signed_in(message: Message) -> bool:
    return all(file.startswith(SIGNED_IN) for file, _line in message.locations)


def main() -> None:
    """Write the catalogues anew and say what is left to translate."""
    CATALOGUES.mkdir(exist_ok=True)
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        catalogue = brought_up_to_date(language)
        (CATALOGUES / f"{language}.po").write_bytes(written(catalogue))
        left, first = (len(list(missing(catalogue, for_readers=some))) for some in (False, True))
        sys.stdout.write(
            f"{language}: {len(catalogue)} messages, {left} to translate, "
            f"{first} of them for readers\n"
        )


if __name__ == "__main__":
    main()
