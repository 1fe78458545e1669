import re
from pathlib import Path

import pytest
import typer

from kb import errors
from kb.settings import Settings
from kb.site import Colours, Site, Texts
from web.cli import app, terms_app
from web.commands import publish
from web.commands import site as site_command

ROOT = Path(__file__).parents[1]


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `KB_(\w+)`", text, flags=re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("keys", "place"), [(Site, ""), (Colours, "colours."), (Texts, "texts.LANGUAGE.")]
)
def test_every_key_of_the_site_file_is_documented_and_stands_in_the_one_to_begin_with(
    keys, place
) -> None:
    text = (ROOT / "docs/site.md").read_text(encoding="utf-8")
    documented = set(re.findall(rf"^\| `{re.escape(place)}(\w+)`", text, flags=re.MULTILINE))
    assert documented == set(keys.model_fields) - {"colours", "texts"}
    start = site_command.START.read_text(encoding="utf-8")
    for key in documented - {"short_name"}:
        assert re.search(rf"^#{key} = ", start, flags=re.MULTILINE)


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for prefix, commands in (
        ("kb", app),
        ("kb taxonomy", terms_app),
        ("kb site", site_command.app),
        ("kb publish", publish.app),
    ):
        for command in commands.registered_commands:
            assert command.callback is not None
            assert command.callback.__doc__
            name = command.name or command.callback.__name__
            assert f"`{prefix} {name}" in readme


PAGES = [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md", ROOT / "SECURITY.md"]
CALLED = re.compile(r"(?:^|[\s/])kb ([^#;|]+)")  # within `…`, or on a line that is set in


def _called(page: Path) -> list[list[str]]:
    """Return the words after each `kb` that a page tells somebody to type."""
    text = page.read_text(encoding="utf-8")
    said = re.findall(r"`([^`\n]+)`|^ {4,}(\S.*)$|^(kb .+)$", text, flags=re.MULTILINE)
    found = (CALLED.search("".join(one)) for one in said)
    return [one[1].split() for one in found if one]


def _unknown(words: list[str]) -> str:
    """Return the first word that is neither a command nor an option of the one before it."""
    command, words = typer.main.get_command(app), [*words]
    while words:
        word = words.pop(0)
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        below = getattr(command, "commands", {})
        if word.startswith("-"):
            if word.partition("=")[0].rstrip(",.") not in {*known, "--help"}:
                return word
            if word == "--data":
                words.pop(0)
        elif word in below:
            command = below[word]
        elif publish.RECORDS in below:  # `kb publish 7`
            command = below[publish.RECORDS]
        elif below and re.fullmatch("[a-z]+", word):
            return word
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_is_named_is_there(page: Path) -> None:
    assert [words for words in _called(page) if _unknown(words)] == []


def test_a_command_or_option_that_is_not_there_is_found() -> None:
    for wrong in ("ingest --quickly x", "restor x", "--data x backup --prove", "publish site --no"):
        assert _unknown(wrong.split())


def test_every_error_stands_in_the_tree() -> None:
    tree = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.KBError):
            assert name in tree


@pytest.mark.parametrize("page", [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"], ids=str)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(
        r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")
    ):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
