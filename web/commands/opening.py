"""What a command works on: its settings, its library, its taxonomy; loaded when asked for."""

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

    given: dict[str, Any] = {} if context.obj is None else {"data": context.obj}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(
            f"KB_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        )
        raise InvalidError(
            f"A setting is wrong: {wrong}.", hint="docs/settings.md lists what each may be."
        ) from error


def library_of(context: typer.Context) -> "Library":
    """Open the library that the command is about."""
    from web.library import open_library

    return open_library(settings_of(context))


def taxonomy_of(context: typer.Context) -> "Taxonomy":
    """Return the taxonomy with national and site files; needs no library."""
    from kb.site import terms_of
    from web.i18n import LANGUAGES

    return terms_of(settings_of(context), LANGUAGES)
