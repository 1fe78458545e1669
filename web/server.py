"""Serve the pages of a library until it is stopped."""

import socket

import typer
import uvicorn

from kb.errors import NotReadyError
from web.app import create_app
from web.library import Library
from web.ticking import Clock


def run_server(library: Library, *, host: str, port: int, desk: bool = False) -> None:
    """Listen on `host` and `port` until Ctrl-C; `desk` opens the curator's pages too.

    Raises:
        NotReadyError: another program listens there.
    """
    listener = _listen(host, port)
    library.get_ready()
    port = listener.getsockname()[1]
    path = "/desk" if desk else ""
    typer.echo(f"{library.site.name} is open on http://{host}:{port}{path}  (Ctrl-C closes it)")
    config = uvicorn.Config(
        create_app(library, desk=desk),
        log_level="warning",
        access_log=False,
        proxy_headers=not desk,  # who sits here is told by the connection, not by a header
    )
    clock = Clock(library) if library.settings.clock and not desk else None
    if clock:
        clock.start()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        if clock:
            clock.stop()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise NotReadyError(
            f"{host}:{port} cannot be listened on: {error.strerror}.",
            hint="Choose another port: PORT=8001 make demo, or kb serve --port 8001; "
            "an address must be one of this computer's.",
        ) from error
    return listener
