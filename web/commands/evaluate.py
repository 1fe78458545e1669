"""`kb evaluate`: how good the search is on judged questions, and what has changed."""

from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import settings_of, taxonomy_of


def evaluate(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Judged set in BEIR layout.")],
    *,
    by: Annotated[
        str | None,
        typer.Option(help="Fields of the questions to group by, such as kind,language; else all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Measure the search on judged questions, beside the last run of another version."""
    from search import trend
    from search.encoder import find_encoder
    from search.evaluate import evaluate as measure
    from web import terminal

    settings = settings_of(context)
    encoder, taxonomy = find_encoder(settings), taxonomy_of(context)
    kept = settings.data / "evaluations"
    with terminal.progress("Indexing") as step:
        found = measure(folder, encoder, taxonomy=taxonomy, cache=kept, step=step)
    run = trend.run_of(folder, found, encoder=encoder, taxonomy=taxonomy)
    earlier = trend.before(kept, run)
    names = [name.strip() for name in by.split(",")] if by else found.fields
    groups = {name: trend.groups(found, name) for name in names if name}
    trend.remember(kept, run)
    terminal.show_evaluation(
        found.as_dict(),
        groups,
        trend.compare(run, earlier) if earlier else None,
        as_json=as_json,
    )
