"""`kb audit`: what happened, who did it, and proof that nobody changed that list."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import library_of

app = typer.Typer(no_args_is_help=True, help="See what happened, and check that nobody changed it.")

RecordOption = Annotated[int | None, typer.Option("--record", help="Only about this record.")]
By = Annotated[str, typer.Option(help="Only what this person did.")]
Verb = Annotated[str, typer.Option(help="Only this, such as edited or published.")]
Since = Annotated[datetime | None, typer.Option(help="Only since this day, such as 2026-11-01.")]


@app.command("list")
def list_events(
    context: typer.Context,
    *,
    record: RecordOption = None,
    by: By = "",
    verb: Verb = "",
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
) -> None:
    """List what happened, the newest first."""
    from kb import audit
    from web import terminal

    with library_of(context).reading() as session:
        terminal.show_events(
            audit.found(session, record_id=record, by=by, verb=verb, since=_utc(since), limit=limit)
        )


@app.command("export")
def export_events(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A .jsonl or .csv file to write.")],
    *,
    record: RecordOption = None,
    by: By = "",
    verb: Verb = "",
    since: Since = None,
) -> None:
    """Write what happened to a file, the newest first: JSON Lines, or CSV for a spreadsheet."""
    from kb import audit
    from kb.errors import InvalidError
    from kb.packing import writing

    suffix = path.suffix.lower()
    if suffix not in {".jsonl", ".csv"}:
        raise InvalidError(
            f"{path.name} is neither JSON Lines nor CSV.", hint="Name it .jsonl or .csv."
        )
    library = library_of(context)
    with library.reading() as session, writing(path), path.open("w", encoding="utf-8") as file:
        events = audit.found(session, record_id=record, by=by, verb=verb, since=_utc(since))
        if suffix == ".csv":
            audit.write_csv(events, file)
        else:
            file.writelines(f"{line}\n" for line in audit.lines(events))
    typer.echo(f"{len(events)} events written to {path}.")


@app.command("verify")
def verify_events(
    context: typer.Context,
    noted: Annotated[
        str, typer.Option(help="The hash that an earlier run printed: it has to be there still.")
    ] = "",
) -> None:
    """Check that no event was changed, taken out or slipped in, and no version either."""
    from kb import audit

    with library_of(context).reading() as session:
        checked = audit.verify(session, noted=noted)
    if checked.broken is not None:
        where = f"at event {checked.broken.event_id}" if checked.broken.event_id else "at the end"
        typer.echo(f"The chain is broken {where}. {checked.broken.what}", err=True)
        typer.echo("Compare with your backup: docs/history.md says how.", err=True)
        raise typer.Exit(code=1)
    typer.echo(f"The chain holds: {checked.events} events, {checked.versions} versions.")
    if checked.unsealed:
        typer.echo(f"{checked.unsealed} versions have no event that speaks for them.")
    typer.echo(f"Note this elsewhere, for --noted: {checked.head}")


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day is not None else None
