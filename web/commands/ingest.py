"""`kb ingest`: files become drafts; looked at before, watched for, reported."""

from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import library_of


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of each file.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Then wait for new files, until Ctrl-C.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write what became of each file here, as JSON.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes of this computer that read.")
    ] = 1,
) -> None:
    """Make a draft record of each new file, and say what became of every one."""
    from ingest.ocr import ocr_status
    from ingest.pipeline import files_in
    from kb.errors import InvalidError
    from web import filling, reporting, terminal, watching

    if dry_run and watch:
        raise InvalidError(
            "--dry-run and --watch do not go together.", hint="Look first, then watch."
        )
    if watch and (files := [path for path in paths if path.is_file()]):
        raise InvalidError(
            f"{files[0]} is a file: only folders can be watched.", hint="Name the folder it is in."
        )
    library = library_of(context)

    def run(asked: list[Path]) -> filling.Report:
        with terminal.progress("Reading") as step:
            if dry_run:
                done = filling.preview(library, asked, step=step)
            else:
                done = filling.ingest(library, asked, step=step, workers=workers)
        terminal.show_report(done)
        if report is not None:
            reporting.write(done, asked, report)
        if not dry_run:
            with terminal.progress("Indexing") as step:  # an interrupted run may have left some
                filling.index(library, step=step)
        return done

    terminal.console.print(f"[dim]{ocr_status(wanted=library.settings.ocr)}[/dim]")
    there = files_in(paths)
    first = run(paths)
    if watch:
        terminal.console.print("Watching for new files; Ctrl-C ends it.")
        watching.watch(paths, run, known=there)
    raise typer.Exit(code=1 if first.failed else 0)


def suggest(
    context: typer.Context,
    record_ids: Annotated[
        list[int] | None, typer.Argument(help="Only these drafts; else all with open suggestions.")
    ] = None,
) -> None:
    """Suggest tags for drafts again, with what curators have decided since."""
    from web import filling, terminal

    library = library_of(context)
    with terminal.progress("Suggesting") as step:
        changed = filling.suggest_again(library, record_ids or (), step=step)
    with terminal.progress("Indexing") as step:
        filling.index(library, step=step)
    typer.echo(f"The suggestions of {changed} drafts changed.")
