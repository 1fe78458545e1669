"""`kb site`: write the file that makes a library your own, and say what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.settings import Settings
    from kb.site import Site

app = typer.Typer(no_args_is_help=True, help="Give the library your name, logo, colours and words.")

START = Path(__file__).parents[1] / "site.toml"


@app.command("new")
def new(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to; else site.toml in the data folder."),
    ] = None,
) -> None:
    """Write a site.toml with every key explained; nothing that is there is overwritten."""
    from kb.errors import InvalidError
    from kb.packing import writing
    from kb.site import FILE

    settings = settings_of(context)
    path = out or settings.site or settings.data / FILE
    if path.exists():
        raise InvalidError(f"{path} is there already.", hint="`kb site check` says what it sets.")
    text = START.read_text(encoding="utf-8")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{path} is written. Take the # away where you change a line; then `kb site check`.")


@app.command("check")
def check(context: typer.Context) -> None:
    """Say what is wrong with site.toml, or else what it sets."""
    from kb.site import file_of, site_of, terms_of
    from web.i18n import LANGUAGES

    settings = settings_of(context)
    site = site_of(settings, LANGUAGES)
    terms_of(settings, LANGUAGES)
    path = file_of(settings)
    if path is None:
        typer.echo("There is no site.toml: the library is as it comes. `kb site new` writes one.")
        return
    typer.echo(f"{path} is in order.")
    for line in _set(site, settings):
        typer.echo(f"  {line}")


def _set(site: "Site", settings: "Settings") -> "Iterator[str]":
    """Return what the file sets, a line each, and which readers see another language."""
    from kb.palette import DARK, LIGHT

    from_elsewhere = " (KB_NAME, which goes before the file)"
    yield f"name: {site.name}{from_elsewhere if 'name' in settings.model_fields_set else ''}"
    yield f"languages: {', '.join(site.languages)}"
    if site.has_own_colours:
        for theme, accent in ((LIGHT, site.colours.accent), (DARK, site.colours.dark)):
            yield f"accent on {theme.name} pages: {accent}, contrast {theme.contrast(accent):.1f}"
    for key in ("logo", "licence", "contact", "taxonomy", "facets"):
        if value := getattr(site, key):
            several = isinstance(value, tuple)
            yield f"{key}: {', '.join(map(str, value)) if several else value}"
    yield from _texts(site)


def _texts(site: "Site") -> "Iterator[str]":
    from kb.site import Texts

    for key in Texts.model_fields:
        written = [tag for tag, own in site.texts.items() if getattr(own, key)]
        if not written:
            continue
        line = f"{key}: {', '.join(written)}"
        if missing := [tag for tag in site.languages if tag not in written]:
            seen = "the name above" if "name" in key else next(iter(_in_order(site, written)))
            line += f" ({', '.join(missing)}: readers see {seen})"
        yield line


def _in_order(site: "Site", written: list[str]) -> list[str]:
    return [tag for tag in (*site.languages, *written) if tag in written]
