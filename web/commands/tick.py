"""`kb tick`: what happens because time passes."""

import typer

from web.commands.opening import library_of


def tick(context: typer.Context) -> None:
    """Hand requests on, write digests and send mails that are due, once; `kb serve` does it too."""
    from web.ticking import tick as do_all

    for name, number in do_all(library_of(context)).items():
        typer.echo(f"{number:>6}  {name}")
