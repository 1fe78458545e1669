"""`kb import` and `kb export`: records from lists and other libraries, and out to them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.vocabulary import Visibility
from web.commands.opening import library_of

if TYPE_CHECKING:
    from web.exchanging import Imported
    from web.library import Library


def import_(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(help="CSV, Excel, RIS, BibTeX, or another library's bag, .zip or .jsonl."),
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
    origin: Annotated[
        str, typer.Option(help="What the other library is called here, the same each time.")
    ] = "",
    concepts: Annotated[
        Path | None,
        typer.Option(help="CSV of two columns: a concept of theirs, and ours or nothing."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be read, and how.")
    ] = False,
) -> None:
    """Make a draft record of each row of a list, or of each record of another library."""
    from web import exchanging, federating, terminal

    library = library_of(context)
    if federating.is_export(path):
        with terminal.progress("Looking at every file") as step:
            offer = federating.offered(library, path, name=origin, chosen=concepts, step=step)
        terminal.show_plan(offer.plan)
        terminal.show_collections(offer.collections)
        terminal.show_strange(offer.strange)
        if not dry_run:
            with terminal.progress("Importing") as step:
                _tell(library, federating.borrow(library, offer, step=step))
        return
    planned = exchanging.plan(
        library, path, chosen=exchanging.pairs(maps or []), given=exchanging.pairs(given or [])
    )
    terminal.show_plan(planned)
    if not dry_run:
        with terminal.progress("Importing") as step:
            done = exchanging.bring_in(library, planned, step=step)
        _tell(library, done)


def _tell(library: "Library", done: "Imported") -> None:
    from web import filling, terminal

    terminal.show_imported(done)
    with terminal.progress("Indexing") as step:
        filling.index(library, step=step)
    raise typer.Exit(code=1 if any(one.reason for one in done.brought) else 0)


def export(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(help="A .jsonl, or a new folder or .zip for a bag with checksums.")
    ],
    *,
    originals: Annotated[
        bool, typer.Option("--originals", help="With photos and files that readers may take home.")
    ] = False,
    circle: Annotated[
        Visibility, typer.Option(help="Also what is published within this circle only.")
    ] = Visibility.PUBLIC,
    permitted: Annotated[
        str, typer.Option(help="Who permitted more than what everybody may see, and when.")
    ] = "",
) -> None:
    """Write every published record for another library to import, as a bag or as lines of JSON."""
    from kb.errors import InvalidError
    from web import federating, terminal

    library = library_of(context)
    if federating.is_lines(path):
        if originals or permitted or circle is not Visibility.PUBLIC:
            raise InvalidError(
                "Lines of JSON hold what everybody may see, and no files.",
                hint="Name a new folder or a .zip: a bag holds more.",
            )
        typer.echo(f"{federating.export(library, path)} records written to {path}.")
        return
    with terminal.progress("Packing", terminal.ANEW) as step:
        done = federating.lend(
            library,
            path,
            files=originals,
            circle=circle,
            permitted=permitted,
            by=library.settings.curator,
            step=step,
        )
    size = f"{done.size / 1_000_000:.1f} MB"
    typer.echo(f"{done.records} records and {done.files} files written to {path}, {size}.")
