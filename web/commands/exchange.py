"""`kb import` and `kb export`: records from lists and other libraries, and out to them."""

from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import library_of


def import_(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(help="CSV, Excel, RIS, BibTeX, or the .jsonl export of a library.")
    ],
    *,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help='Take a column for a field: "Titre=title"; "Notes=-" leaves out.'
        ),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help='Fill a field of every record: "licence=CC-BY-4.0".'),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show how the columns would be read.")
    ] = False,
) -> None:
    """Make a draft record of each row of a list, or of each record of another library."""
    from web import exchanging, filling, terminal

    library = library_of(context)
    planned = exchanging.plan(
        library, path, chosen=exchanging.pairs(maps or []), given=exchanging.pairs(given or [])
    )
    terminal.show_plan(planned)
    if dry_run:
        return
    with terminal.progress("Importing") as step:
        done = exchanging.bring_in(library, planned, step=step)
    terminal.show_imported(done)
    with terminal.progress("Indexing") as step:
        filling.index(library, step=step)
    raise typer.Exit(code=1 if any(one.reason for one in done.brought) else 0)


def export(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="File to write, such as library.jsonl.")],
) -> None:
    """Write every published record, one a line of JSON, for another library to import."""
    from web import exchanging

    count = exchanging.export(library_of(context), path)
    typer.echo(f"{count} records written to {path}.")
