"""`kb batches` and `kb undo`: what each run did, and taking it back."""

from typing import Annotated

import typer

from web.commands.opening import library_of


def batches(
    context: typer.Context,
    batch_id: Annotated[
        int | None, typer.Argument(metavar="[BATCH]", help="Show this one file by file.")
    ] = None,
) -> None:
    """List the batches of ingest and import, newest first, or one of them file by file."""
    from kb import batches as kept
    from web import terminal

    library = library_of(context)
    with library.reading() as session:
        if batch_id is None:
            terminal.show_batches(kept.all_of(session))
        else:
            terminal.show_batch(kept.get(session, batch_id))


def undo(
    context: typer.Context,
    batch_id: Annotated[int, typer.Argument(metavar="BATCH", help="Number of the batch.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be taken back.")
    ] = False,
) -> None:
    """Take a batch back; records that somebody has worked on since stay, and are named."""
    from web import filling, terminal

    library = library_of(context)
    undone = filling.undo(library, batch_id, by=library.settings.curator, dry_run=dry_run)
    terminal.show_undone(undone, dry_run=dry_run)
    raise typer.Exit(code=1 if undone.conflicts else 0)
