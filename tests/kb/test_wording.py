"""What errors say: marked, so that the page that shows it can translate it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

KB = Path(__file__).parents[2] / "kb"
MODULES = sorted(str(file.relative_to(KB)) for file in KB.rglob("*.py"))
ERRORS = frozenset(
    {"KBError", "NotFoundError", "InvalidError", "ConflictError", "ForbiddenError", "NotReadyError"}
)
# No page shows these. They are for whoever runs commands or starts the server, in English as all
# commands are; a line of a file is named by its own words.
ENGLISH_ALONE = {
    "audit.py": "`kb audit verify` alone reads a hash.",
    "backups.py": "`kb backup` and `kb restore` alone make and read backups.",
    "bags.py": "They and `kb import` alone read bags.",
    "borrowed_collections.py": "`kb import` alone reads an export.",
    "borrowing.py": "`kb conflicts` alone lists and decides conflicts.",
    "concept_file.py": "The taxonomy is read when the server starts.",
    "db.py": "The driver of KB_DATABASE is looked for when the server starts.",
    "exchange.py": "`kb import` alone reads an export.",
    "jobs.py": "Programs ask for jobs, and the API is in English.",
    "lending.py": "`kb export` and `kb import` alone pack and open a library.",
    "matching.py": "`kb import` alone matches the concepts of another library.",
    "moving.py": "`kb move` alone moves a library.",
    "packing.py": "Commands alone write folders and zips.",
    "proofs.py": "`kb prove` and the clock alone try a backup.",
    "replicas.py": "KB_DATABASE_READ is read when the server starts.",
    "runlimits.py": "No caller asks for a series without points.",
    "schema.py": "The schema is looked at when the server starts.",
    "site.py": "site.toml is read when the server starts.",
    "tables.py": "`kb restore` alone fills a database.",
    "taxonomy.py": "The lines of a taxonomy file that `kb taxonomy check` finds wrong.",
    "term_changes.py": "The lines that the check of the taxonomy finds wrong.",
    "term_import.py": "The lines of a list of concepts that are wrong.",
}


def unmarked(source: str) -> list[int]:
    """Return the lines that raise an error with a message or a hint that no page can translate."""
    tree = ast.parse(source)
    raised = (
        one.exc
        for one in ast.walk(tree)
        if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)
    )
    return sorted(
        call.lineno
        for call in raised
        if ast.unparse(call.func) in ERRORS
        and not all(_is_marked(said, tree) for said in _sayings(call))
    )


def _sayings(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args[:1]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "hint")


def _is_marked(said: ast.expr, tree: ast.Module) -> bool:
    match said:
        case ast.Call(func=ast.Name("marked")):
            return True
        case ast.IfExp():
            return _is_marked(said.body, tree) and _is_marked(said.orelse, tree)
        case ast.Name():  # a constant of the module
            given = (one for one in tree.body if isinstance(one, ast.Assign))
            return any(
                ast.unparse(one.targets[0]) == said.id and _is_marked(one.value, tree)
                for one in given
            )
    return False


def test_every_error_of_kb_can_be_translated() -> None:
    left = {name: unmarked((KB / name).read_text(encoding="utf-8")) for name in MODULES}
    assert {
        name: lines for name, lines in left.items() if lines and name not in ENGLISH_ALONE
    } == {}


@pytest.mark.parametrize("name", ["taxonomy.py", "term_changes.py", "term_import.py"])
def test_a_module_that_pages_show_keeps_one_error_in_english_alone(name) -> None:
    assert len(unmarked((KB / name).read_text(encoding="utf-8"))) == 1


def test_no_exception_is_left_over() -> None:
    assert all(unmarked((KB / name).read_text(encoding="utf-8")) for name in ENGLISH_ALONE)


def test_an_error_that_cannot_be_translated_is_noticed() -> None:
    assert unmarked('raise InvalidError("No.")\nraise InvalidError(f"{x}.")') == [1, 2]
    assert unmarked('raise InvalidError(marked("No."), hint="Do.")\nraise InvalidError(X)') == [
        1,
        2,
    ]
    assert unmarked('X = marked("No.")\nraise InvalidError(X, hint=X if y else X)') == []
    assert unmarked('raise InvalidError(marked("No."))\nraise\nraise error') == []
