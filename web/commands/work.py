"""`kb work`: read the files that wait, beside others who do."""

import logging
import os
import signal
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import library_of, settings_of

if TYPE_CHECKING:
    from ingest.pipeline import Outcome

log = logging.getLogger(__name__)


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
    from web import filling, logs, terminal

    settings = settings_of(context)
    in_lines = settings.log == "json" and batch is None  # else its lines are another's
    if in_lines:
        logs.begin()
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
            told=_log if in_lines else lambda outcome: typer.echo(filling.line(outcome)),
        )


def _log(outcome: "Outcome") -> None:
    """Say what became of a file, but neither its name nor its title: those may name somebody."""
    said = {"became": outcome.became.value, "record": outcome.record_id, "code": outcome.code}
    log.info("read", extra={"said": {name: value for name, value in said.items() if value}})
