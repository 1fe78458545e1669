"""`kb desk`: the library's pages with the curator's, for whoever sits at this computer."""

from typing import Annotated

import typer

from web.commands.opening import library_of

HOST = "127.0.0.1"


def desk(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on (else KB_PORT).")
    ] = None,
) -> None:
    """Open the curator's desk, on this computer only, until Ctrl-C."""
    from web.server import run_server

    library = library_of(context)
    chosen = library.settings.port if port is None else port
    run_server(library, host=HOST, port=chosen, desk=True)
