"""Serve the pages of a library until it is stopped."""

import socket
from wsgiref.simple_server import WSGIServer

import typer
import uvicorn
from fastapi import FastAPI
from prometheus_client import start_http_server

from kb.errors import NotReadyError
from web import logs
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
    in_json = library.settings.log == "json"
    if in_json:
        logs.begin()
    app = create_app(library, desk=desk)
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None if in_json else uvicorn.config.LOGGING_CONFIG,
        access_log=False,
        proxy_headers=not desk,  # who sits here is told by the connection, not by a header
    )
    told = _tell(library.settings.metrics, app) if library.settings.metrics else None
    clock = Clock(library) if library.settings.clock and not desk else None
    if clock:
        clock.start()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        if clock:
            clock.stop()
        if told:
            told.shutdown()
            told.server_close()


def _tell(address: str, app: FastAPI) -> WSGIServer:
    """Answer Prometheus at `address`, on a thread of its own."""
    host, _, port = address.rpartition(":")
    try:
        server, _thread = start_http_server(
            int(port), host.strip("[]"), registry=app.state.measures.registry
        )
    except (OSError, OverflowError) as error:
        raise NotReadyError(
            f"Metrics cannot be told at {address}: {error}.",
            hint="Set KB_METRICS to an address of this computer and a free port, or to nothing.",
        ) from error
    return server


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
