"""Serve the pages of a library until it is stopped."""

import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Final
from wsgiref.simple_server import WSGIServer

import typer
import uvicorn
from fastapi import FastAPI
from prometheus_client import start_http_server
from uvicorn.supervisors import Multiprocess

from kb.errors import NotReadyError
from kb.settings import Settings
from web import logs
from web.app import create_app
from web.library import Library, open_library
from web.ticking import Clock

# For which a thread holds Python while others wait. A fifth of what is usual: who only passes on
# what is kept waits behind a page that is being made, several times for each answer.
TURN_S: Final = 0.001
# For which a connection is kept that nobody uses. Longer than the minute that proxies keep theirs:
# who ends it first must not be us, or what is sent in that moment is lost.
QUIET_S: Final = 75
WAITING: Final = 2048  # connections that nobody has taken yet, as uvicorn has it
SILENT_S: Final = 60  # after which a process that says nothing is replaced


def run_server(library: Library, *, host: str, port: int, desk: bool = False) -> None:
    """Listen on `host` and `port` until Ctrl-C; `desk` opens the curator's pages too.

    Raises:
        NotReadyError: another program listens there, or where metrics are to be told.
    """
    settings = library.settings
    several = settings.workers > 1 and not desk
    listener = _listen(host, port)
    if not several:
        library.get_ready()
    listener.listen(WAITING)  # who comes while pages are made ready waits, instead of being refused
    port = listener.getsockname()[1]
    path = "/desk" if desk else ""
    typer.echo(f"{library.site.name} is open on http://{host}:{port}{path}  (Ctrl-C closes it)")
    clock = Clock(library) if settings.clock and not desk else None
    if clock:
        clock.start()
    try:
        if several:
            _serve_by_several(settings, listener)
        else:
            _serve(library, listener, desk=desk)
    finally:
        if clock:
            clock.stop()


def _serve(library: Library, listener: socket.socket, *, desk: bool) -> None:
    app = _begun(library, desk=desk)
    told = _tell(app, library.settings)
    try:
        uvicorn.Server(_config(app, library.settings, desk=desk)).run(sockets=[listener])
    finally:
        if told:
            told.shutdown()
            told.server_close()


def _serve_by_several(settings: Settings, listener: socket.socket) -> None:
    """Let several processes answer; one that dies is replaced."""
    config = _config(partial(serving, settings), settings, desk=False)
    config.factory, config.workers = True, settings.workers
    config.timeout_worker_healthcheck = SILENT_S
    Multiprocess(config, sockets=[listener]).run()


def serving(settings: Settings) -> FastAPI:
    """Return the application of one of several processes: each opens the library itself."""
    library = open_library(settings)
    library.get_ready()
    app = _begun(library, desk=False)
    _tell(app, settings)  # until the process ends
    return app


def _begun(library: Library, *, desk: bool) -> FastAPI:
    """Return the application, and tell this process how to write and how to take turns."""
    if library.settings.log == "json":
        logs.begin()
    sys.setswitchinterval(TURN_S)
    app = create_app(library, desk=desk)
    app.state.templates.get_ready()
    return app


def _config(
    app: FastAPI | Callable[[], FastAPI], settings: Settings, *, desk: bool
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        log_config=None if settings.log == "json" else uvicorn.config.LOGGING_CONFIG,
        access_log=False,
        timeout_keep_alive=QUIET_S,
        proxy_headers=not desk,  # who sits here is told by the connection, not by a header
    )


def _tell(app: FastAPI, settings: Settings) -> WSGIServer | None:
    """Answer Prometheus on a thread of its own: each of several processes at a port of its own.

    They are those from KB_METRICS on; whoever comes in the place of one that died takes its port.
    """
    if not settings.metrics:
        return None
    host, _, first = settings.metrics.rpartition(":")
    registry = app.state.measures.registry
    for port in range(int(first), int(first) + settings.workers):
        try:
            return start_http_server(port, host.strip("[]"), registry=registry)[0]
        except (OSError, OverflowError) as error:
            refused = error
    raise NotReadyError(
        f"Metrics cannot be told at {settings.metrics}: {refused}.",
        hint="Set KB_METRICS to an address of this computer and a free port, or to nothing.",
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, for only then asyncio sends a short rest of an answer at once, and not 40 ms later.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
