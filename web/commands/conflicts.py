"""`kb conflicts`: records that were changed at their home and here, and what becomes of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from kb.borrowing import Open
    from kb.models import BorrowedCollection, Collection, Conflict, Record


def conflicts(
    context: typer.Context,
    conflict_id: Annotated[
        int | None, typer.Argument(metavar="[CONFLICT]", help="Show both texts of this one.")
    ] = None,
    *,
    keep: Annotated[
        Literal["ours", "theirs"] | None, typer.Option(help="Decide it: keep this text.")
    ] = None,
    decided: Annotated[bool, typer.Option("--all", help="List decided ones, too.")] = False,
) -> None:
    """List records that were changed at their home and here, show both texts, or decide."""
    from kb import borrowing
    from kb import conflicts as both_changed
    from kb.people import operator
    from web import filling, terminal

    library = library_of(context)
    if conflict_id is None:
        with library.reading() as session:
            waiting = both_changed.waiting(session, operator(library.settings.curator))
            _list(borrowing.conflicts(session, all_of_them=decided), waiting.collections)
        return
    if keep is None:
        with library.reading() as session:
            _show(borrowing.conflict(session, conflict_id))
        return
    with library.writing() as session:
        batch = both_changed.decide(session, conflict_id, keep, by=library.settings.curator)
        record_id = borrowing.conflict(session, conflict_id).record.id
        told = (
            f"Record {record_id} keeps {'our' if keep == 'ours' else 'their'} text. "
            f"This is batch {batch.id}; `kb undo {batch.id}` takes it back."
        )
        session.commit()
    with terminal.progress("Indexing") as step:
        filling.index(library, step=step)
    typer.echo(told)


def _list(
    found: "Sequence[tuple[Conflict, Record]]",
    packages: "Sequence[tuple[BorrowedCollection, Collection]]",
) -> None:
    """List records and collections that were changed at their home and here."""
    from rich.markup import escape

    from web.terminal import console

    for conflict, record in found:
        said = f"  [dim]{conflict.decision}, {escape(conflict.decided_by)}[/dim]"
        console.print(
            f"{conflict.id:>5}  record {record.id}, from {escape(record.library)}: "
            f"{escape(record.title)}{said if conflict.decision else ''}"
        )
    for row, collection in packages:
        console.print(
            f"       collection {collection.id}, from {escape(row.library)}: "
            f"{escape(collection.title)}  [dim]decide at the desk[/dim]"
        )
    if not found and not packages:
        console.print("Nothing was changed in two places.")


def _show(found: "Open") -> None:
    """Show both texts of a record where they differ, and how to decide."""
    from rich.markup import escape

    from kb.diff import diff
    from web.terminal import console

    console.print(f"Record {found.record.id}: {escape(found.record.title)}")
    for difference in diff(found.ours, found.theirs):
        console.print(f"\n[bold]{escape(difference.field)}[/bold] {escape(difference.name)}")
        for changed in difference.fields:
            console.print(f"   ours:   {escape(changed.value.old) or '–'}")
            console.print(f"   theirs: {escape(changed.value.new) or '–'}")
        for point in difference.points:
            console.print(
                f"   {point.label or point.period}: {point.old or '–'}, {point.new or '–'}"
            )
    number = found.conflict.id
    console.print(f"\nDecide: kb conflicts {number} --keep ours, or --keep theirs.")
