"""`kb work`: read the files that wait, beside others who do."""

import os
import signal
from threading import Event
from typing import Annotated

import typer

from web.commands.opening import library_of


def work(
    context: typer.Context,
    *,
    batch: Annotated[
        int | None,
        typer.Option(help="Only the files of this batch; ends with whoever started it."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="End when nothing waits, instead of waiting for more.")
    ] = False,
) -> None:
    """Read files that wait, as one of any number of workers, until Ctrl-C."""
    from web import filling, terminal

    library = library_of(context)
    ended, started_by = Event(), os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())  # what is in hand is read to its end

    def stopping() -> bool:
        return ended.is_set() or (batch is not None and os.getppid() != started_by)

    with terminal.interrupted("What was in hand is left to other workers."):
        filling.work(
            library,
            batch_id=batch,
            once=once,
            stopping=stopping,
            told=lambda outcome: typer.echo(filling.line(outcome)),
        )
