"""Notes of versions: what the library writes itself is said in the reader's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from web.names import Names
from web.noted import noted

ROOT = Path(__file__).parents[2]
# Of other things than versions of a record, or said by a person.
OTHERS = {"kb/agreement.py", "kb/clearance.py", "kb/collections.py", "kb/consent.py"}


def written() -> Iterator[tuple[str, str]]:
    """Yield the file and each text that is passed as a note there, with 7 for what is put in."""
    for package in ("kb", "ingest", "web"):
        for file in (ROOT / package).rglob("*.py"):
            for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(one, ast.keyword) and one.arg == "note":
                    said = re.fullmatch(r"f?(['\"])(.+)\1", ast.unparse(one.value))
                    if said:
                        yield str(file.relative_to(ROOT)), re.sub(r"\{.*?\}", "7", said[2])


def test_every_note_that_the_library_writes_is_known() -> None:
    states = ("kept", "redacted", "replaced", "open")
    said = {note for file, note in written() if file not in OTHERS}
    said = said - {"findings 7"} | {f"findings {state}" for state in states}
    assert len(said) > 10  # the search finds them
    assert {note for note in said if noted(note) is note} == set()


def test_a_note_is_read_in_the_reader_s_language_and_a_person_s_as_it_is(terms) -> None:
    spanish = Names(terms, "es")
    assert spanish.told(noted("ingested from story 2.docx")) == "cargada de story 2.docx"
    assert spanish.told(noted("restored from version 3")) == "restaurada de la versión 3"
    assert spanish.told(noted("as the Ministry asked")).lang == "en"
