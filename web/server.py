"""Serve the pages of a library until it is stopped."""

import logging
import socket
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Final

import typer
import uvicorn
from fastapi import FastAPI
from prometheus_client import make_asgi_app
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from kb.errors import NotReadyError
from kb.settings import Settings, address_of
from web import logs
from web.app import create_app
from web.library import Library, open_library
from web.limiting import limits_of
from web.shared_pages import SharedPages, folder_to_share, opened
from web.ticking import Clock

# For which a thread holds Python while others wait. A fifth of what is usual: who only passes on
# what is kept waits behind a page that is being made, several times for each answer.
TURN_S: Final = 0.001
# For which a connection is kept that nobody uses. Longer than the minute that proxies keep theirs:
# who ends it first must not be us, or what is sent in that moment is lost.
QUIET_S: Final = 75
WAITING: Final = 2048  # connections that nobody has taken yet, as uvicorn has it
SILENT_S: Final = 60  # after which a process that says nothing is replaced

log = logging.getLogger(__name__)


def run_server(library: Library, *, host: str, port: int, desk: bool = False) -> None:
    """Listen on `host` and `port` until Ctrl-C; `desk` opens the curator's pages too.

    Raises:
        InvalidError: a limit of the API cannot be read.
        NotReadyError: another program listens there, or where metrics are to be told.
    """
    settings = library.settings
    write_lines(settings)
    for said in (settings.api_guests, settings.api_people):
        limits_of(said)  # a wrong one is said now, and not to whoever asks first
    several = settings.workers > 1 and not desk
    listeners = listen(host, port, several=settings.workers if several else 1)
    told = listen_for_metrics(settings, several=len(listeners))
    if not several:
        library.get_ready()
    for one in listeners:
        one.listen(WAITING)  # who comes while pages are made ready waits, not to be refused
    port = listeners[0].getsockname()[1]
    path = "/desk" if desk else ""
    place = address_of(host, port)
    typer.echo(f"{library.site.name} is open on {place}{path}  (Ctrl-C closes it)")
    clock = Clock(library) if settings.clock and not desk else None
    if clock:
        clock.start()
    try:
        if several:
            _serve_by_several(settings, listeners, told)
        else:
            app = _begun(library, desk=desk)
            tell(app, told[0])
            uvicorn.Server(_config(app, settings, desk=desk)).run(sockets=listeners)
    finally:
        if clock:
            clock.stop()


class _Spread(Multiprocess):
    """Processes that have a socket each, so that the system deals out who comes.

    On one socket whoever is ready first takes all who wait, and keeps them: the first of two did
    three quarters of the work of ten minutes.
    """

    def __init__(self, configs: list[uvicorn.Config], listeners: list[socket.socket]) -> None:
        super().__init__(configs[0], listeners)
        self._places = list(zip(configs, listeners, strict=True))

    def init_processes(self) -> None:
        """Start one for each socket."""
        for config, listener in self._places:
            process = Process(config, [listener])
            process.start()
            self.processes.append(process)

    def keep_subprocess_alive(self) -> None:
        """Replace those that died, and say so: whoever reads the log may know why."""
        before = list(self.processes)
        self._one_by_one(super().keep_subprocess_alive)
        for old, new in zip(before, self.processes, strict=True):
            if new is not old:
                log.warning("A process of the server died or hung, and was replaced.")

    def restart_all(self) -> None:
        """Replace all, each once another one is ready; where one is not, the others stay."""
        self._one_by_one(super().restart_all)

    def handle_ttin(self) -> None:
        """Stay as many as there are sockets."""
        log.warning("KB_WORKERS says how many processes there are.")

    handle_ttou = handle_ttin

    def _one_by_one(self, act: Callable[[], None]) -> None:
        """Let each process, and whoever takes its place, have the sockets that are its own."""
        every = self.processes
        try:
            for number, (config, listener) in enumerate(self._places):
                self.processes = every[number : number + 1]
                self.config, self.sockets = config, [listener]
                act()
                every[number : number + 1] = self.processes
        finally:
            self.processes = every


def _serve_by_several(
    settings: Settings,
    listeners: list[socket.socket],
    told: list[socket.socket | None],
) -> None:
    """Let several processes answer; one that dies is replaced."""
    with folder_to_share() if settings.keep_s else nullcontext() as folder:
        configs = []
        for one in told:
            config = _config(partial(serving, settings, folder, one), settings, desk=False)
            config.factory, config.workers = True, settings.workers
            config.timeout_worker_healthcheck = SILENT_S
            configs.append(config)
        _Spread(configs, listeners).run()


def serving(settings: Settings, folder: Path | None, told: socket.socket | None) -> FastAPI:
    """Return the application of one of several processes: each opens the library itself.

    The pages they keep they share in the folder; each tells its metrics on a socket of its own.
    """
    write_lines(settings)
    library = open_library(settings)
    library.get_ready()
    app = _begun(library, desk=False, shared=opened(folder, library) if folder else None)
    tell(app, told)
    return app


def write_lines(settings: Settings) -> None:
    """Tell this process how to write, before it says anything."""
    if settings.log == "json":
        logs.begin()


def _begun(library: Library, *, desk: bool, shared: SharedPages | None = None) -> FastAPI:
    """Return the application, and tell this process how to take turns."""
    sys.setswitchinterval(TURN_S)
    app = create_app(library, desk=desk, shared=shared)
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


def tell(app: FastAPI, listener: socket.socket | None) -> None:
    """Answer Prometheus on a thread of its own until the process ends; without a socket, nobody."""
    if listener is None:
        return
    metrics = make_asgi_app(app.state.measures.registry)
    config = uvicorn.Config(metrics, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    Thread(target=server.run, args=([listener],), name="metrics", daemon=True).start()


def listen_for_metrics(settings: Settings, *, several: int) -> list[socket.socket | None]:
    """Return where each of several processes tells its metrics; nowhere without KB_METRICS.

    They are the ports from there on, held as long as any process lives: whoever comes in the
    place of one has its port, and Prometheus never finds another program there.

    Raises:
        NotReadyError: another program has one of them, or it is no address of this computer.
    """
    if not settings.metrics:
        return [None] * several
    host, _, first = settings.metrics.rpartition(":")
    try:
        return [_bound(host.strip("[]"), int(first) + number) for number in range(several)]
    except (OSError, OverflowError) as error:
        raise NotReadyError(
            f"Metrics cannot be told at {settings.metrics}: {_reason(error)}.",
            hint="Set KB_METRICS to an address of this computer and a free port, or to nothing.",
        ) from error


def listen(host: str, port: int, *, several: int) -> list[socket.socket]:
    """Return so many sockets of one address; where systems know no such thing, one so many times.

    The first is bound as if it were the only one: a port that another program has is refused.

    Raises:
        NotReadyError: another program has it, or it is no address of this computer.
    """
    try:
        first = _bound(host, port)
        if several == 1 or sys.platform != "linux":  # elsewhere the last of them would get all
            return [first] * several
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        port = first.getsockname()[1]
        return [first, *(_bound(host, port, beside=True) for _ in range(several - 1))]
    except OSError as error:
        raise NotReadyError(
            f"{host}:{port} cannot be listened on: {_reason(error)}.",
            hint="Choose another port: PORT=8001 make demo, or kb serve --port 8001; "
            "an address must be one of this computer's.",
        ) from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).rstrip(".")


def _bound(host: str, port: int, *, beside: bool = False) -> socket.socket:
    """Return a socket that is bound; `beside` another one that allows it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, for only then asyncio sends a short rest of an answer at once, and not 40 ms later.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if beside:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
