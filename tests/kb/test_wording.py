"""What errors say: marked, so that the page that shows it can translate it."""

import ast
from pathlib import Path

import pytest

KB = Path(__file__).parents[2] / "kb"
# The modules of which pages show every error. The others still raise some in English alone: whoever
# marks the last one of a module adds it here.
MARKED = ("collections", "editions", "parts", "permissions", "support", "term_changes", "threads")


def unmarked(source: str) -> list[int]:
    """Return the lines that raise an error with a plain text, or with one that is put together."""
    raised = [
        one.exc
        for one in ast.walk(ast.parse(source))
        if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)
    ]
    return [
        call.lineno
        for call in raised
        if any(isinstance(said, ast.Constant | ast.JoinedStr) for said in call.args[:1])
    ]


@pytest.mark.parametrize("module", MARKED)
def test_every_error_of_these_modules_can_be_translated(module) -> None:
    assert unmarked((KB / f"{module}.py").read_text(encoding="utf-8")) == []


def test_an_error_that_cannot_be_translated_is_noticed() -> None:
    assert unmarked('raise InvalidError("No.")\nraise InvalidError(f"{x}.")') == [1, 2]
    assert unmarked('raise InvalidError(marked("No."))\nraise\nraise error') == []
