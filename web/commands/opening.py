"""What a command works on: its settings, its library, its taxonomy; loaded when asked for."""

import os
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from kb.settings import Settings
    from kb.taxonomy import Taxonomy
    from web.library import Library


def settings_of(context: typer.Context) -> "Settings":
    """Return the settings of this call: the environment, and `--data`."""
    from pydantic import ValidationError

    from kb.errors import InvalidError
    from kb.settings import Settings

    _name_unknown(context)
    given: dict[str, Any] = {} if context.obj is None else {"data": context.obj}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(
            f"KB_{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        raise InvalidError(
            f"A setting is wrong: {wrong}.", hint="docs/settings.md lists what each may be."
        ) from error


def _name_unknown(context: typer.Context) -> None:
    """Say once which variables do nothing: a library without its backups is seen too late."""
    from kb.settings import unknown

    if context.meta.get("named unknown"):
        return
    context.meta["named unknown"] = True
    for name, meant in unknown(os.environ).items():
        hint = f"Did you mean {meant}?" if meant else "docs/settings.md lists them."
        typer.echo(f"Warning: {name} is no setting, and does nothing. {hint}", err=True)


def library_of(context: typer.Context) -> "Library":
    """Open the library that the command is about."""
    from web.library import open_library

    return open_library(settings_of(context))


def taxonomy_of(context: typer.Context) -> "Taxonomy":
    """Return the taxonomy with national and site files; needs no library."""
    from kb.site import terms_of
    from web.i18n import LANGUAGES

    return terms_of(settings_of(context), LANGUAGES)
