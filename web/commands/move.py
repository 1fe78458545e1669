"""`kb move`: a library from SQLite to PostgreSQL, and back."""

from typing import Annotated

import typer

PLACE = "A database (postgresql+psycopg://…), or the folder of a library on SQLite."


def move(
    source: Annotated[str, typer.Argument(help=PLACE)],
    target: Annotated[str, typer.Argument(help="The same; an empty one.")],
) -> None:
    """Carry the database of a library into an empty one, and compare every row; stop it before."""
    from kb import moving
    from kb.errors import InvalidError
    from web import terminal

    if "://" not in source and "://" not in target:
        raise InvalidError(
            "Both are folders.",
            hint="`kb backup` and `kb restore` carry a library to another folder, with its files.",
        )
    here, there = moving.url_of(source), moving.url_of(target)
    with terminal.progress("Moving", "Nothing was moved; the same command begins anew.") as step:
        done = moving.move(here, there, step=step)
    rows = sum(done.rows.values())
    typer.echo(f"{moving.shown(there)} holds the library: {len(done.rows)} tables, {rows} rows.")
    typer.echo(f"Every row was compared. The audit: {done.events} events, {done.head or 'none'}.")
    if done.broken:
        typer.echo(f"Its chain is broken, as it was before: {done.broken}", err=True)
    typer.echo(f"{moving.shown(here)} is as it was. Originals and photos stay in the data folder:")
    typer.echo("let KB_DATA and KB_DATABASE name both, then run `kb index`.")
