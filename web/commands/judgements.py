"""`kb judgements`: what readers missed and curators confirmed, as a judged set."""

from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import library_of


def judgements(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="New folder for the judged set.")],
) -> None:
    """Write the confirmed judgements of readers as a judged set that `kb evaluate` takes."""
    from kb.packing import writing
    from search.judged import write

    library = library_of(context)
    with library.reading() as session, writing(folder):
        questions = write(session, folder)
    typer.echo(f"{questions} judged questions; kb evaluate {folder} measures the search by them.")
