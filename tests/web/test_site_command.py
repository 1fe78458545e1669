"""`kb site`: the file to begin with, and what is said of it."""

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kb.errors import InvalidError
from kb.site import read
from web.cli import app
from web.commands.site import START
from web.i18n import LANGUAGES


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def kb(folder):
    """Run `kb` on a library of its own."""
    return lambda *arguments: CliRunner().invoke(app, ["--data", str(folder), *arguments])


def test_a_new_file_changes_nothing_until_somebody_does(kb, folder) -> None:
    assert "There is no site.toml" in kb("site", "check").output
    assert "site.toml is written" in kb("site", "new").output
    said = kb("site", "check").output
    assert "site.toml is in order." in said
    assert "name: Maktaba" in said
    assert not read(folder / "site.toml", LANGUAGES).has_own_colours
    assert not (folder / "kb.sqlite").exists()


def test_a_file_that_is_there_is_not_overwritten(kb, folder) -> None:
    kb("site", "new")
    (folder / "site.toml").write_text('name = "Ours"', encoding="utf-8")
    refused = kb("site", "new")
    assert isinstance(refused.exception, InvalidError)
    assert read(folder / "site.toml").name == "Ours"


def test_every_line_of_the_new_file_can_be_taken_as_it_stands(folder) -> None:
    folder.mkdir()
    started = START.read_text(encoding="utf-8")
    taken = re.sub(r'^#(?=\w+ = |\[|"""|[A-Z])', "", started, flags=re.MULTILINE)
    # Files that a ministry has and this test has not.
    taken = re.sub(r"^(logo|taxonomy|facets) = .*", "", taken, flags=re.MULTILINE)
    (folder / "site.toml").write_text(taken, encoding="utf-8")
    site = read(folder / "site.toml", LANGUAGES)
    assert site.called("fr").startswith("Bibliothèque")
    assert site.texts["en"].home_examples
    assert "Terms of use" in (site.texts["en"].terms or "")


def test_what_is_set_is_shown_with_who_sees_another_language(kb, folder, monkeypatch) -> None:
    folder.mkdir()
    (folder / "site.toml").write_text(
        'name = "Ours"\nlanguages = ["fr", "en"]\n[colours]\naccent = "#0a6b3d"\n'
        '[texts.fr]\nhome_title = "Qui ?"\n[texts.en]\nname = "Ours in English"',
        encoding="utf-8",
    )
    said = kb("site", "check").output
    assert "accent on light pages: #0a6b3d, contrast 5.8" in said
    assert "home_title: fr (en: readers see fr)" in said
    assert "name: en (fr: readers see the name above)" in said
    monkeypatch.setenv("KB_NAME", "A trial")
    assert "name: A trial (KB_NAME, which goes before the file)" in kb("site", "check").output


def test_a_wrong_file_is_told_without_a_traceback(folder) -> None:
    folder.mkdir()
    (folder / "site.toml").write_text('[colours]\naccent = "yellow"', encoding="utf-8")
    code = f"import sys; sys.argv = ['kb', '--data', {str(folder)!r}, 'serve']; "
    code += "import web.cli; web.cli.run()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "site.toml: colours.accent: write a colour as #0b5c6b" in done.stderr
    assert "`kb site check` reads it again" in done.stderr
    assert "Traceback" not in done.stderr
