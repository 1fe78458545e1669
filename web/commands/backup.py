"""`kb backup` and `kb restore`: a whole library in one bag, and back."""

from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import settings_of

STOPPED = "The backup is as it was, and was not compared."


def backup(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Argument(help="New folder, or new .zip, on another disk; else one in KB_BACKUPS."),
    ] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore it somewhere else for a moment, and compare.")
    ] = False,
) -> None:
    """Write everything of the library to one place, while it is used: it holds personal data."""
    from kb import backups, proofs
    from web import terminal

    settings = settings_of(context)
    out = out or proofs.place(_folder(settings.backups))
    with terminal.progress("Writing the backup", terminal.ANEW) as step:
        done = backups.write(out, settings=settings, step=step)
    typer.echo(f"{out}: {done.rows} rows, {done.files} files, {done.size / 1_000_000:.1f} MB.")
    for line in done.damaged:
        typer.echo(f"  {line}: bring it back from an earlier backup.")
    if done.secrets:
        typer.echo(f"Not in it, keep them elsewhere: {', '.join(done.secrets)}.")
    if verify:
        _verify(out)
    raise typer.Exit(code=1 if done.damaged else 0)


def restore(
    context: typer.Context,
    backup_: Annotated[Path, typer.Argument(metavar="BACKUP", help="What `kb backup` wrote.")],
    *,
    into: Annotated[
        Path | None, typer.Option(help="Folder of the library to make: a new or empty one.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only try it, and compare; nothing is kept.")
    ] = False,
) -> None:
    """Make a library again from a backup, in an empty folder."""
    from kb import backups
    from kb.errors import InvalidError
    from web import terminal

    if dry_run:
        _verify(backup_)
        return
    if into is None:
        raise InvalidError("Where to?", hint="Name an empty folder: --into DIR.")
    database = settings_of(context).database
    with terminal.progress("Restoring", terminal.ANEW) as step:
        done = backups.restore(backup_, into, database=database, step=step)
    typer.echo(f"{done.folder} is a library again: {done.rows} rows in {done.database}.")
    for name, value in done.settings.items():
        typer.echo(f"  {name} was {value}")
    for path in done.named:
        typer.echo(f"  a file that a setting named: {path}")
    typer.echo(f"Now run kb --data {done.folder} index, then look: kb --data {done.folder} serve")


def prove(context: typer.Context) -> None:
    """Restore the newest backup of KB_BACKUPS for a moment, compare it, and keep the result."""
    from kb import proofs
    from kb.db import utcnow
    from web import terminal

    folder = _folder(settings_of(context).backups)
    with terminal.progress("Comparing", STOPPED) as step:
        proof = proofs.prove(folder, step=step)
    if proof.failed:
        typer.echo(f"{proof.backup} does not come back: {proof.failed}", err=True)
        typer.echo("Make a new backup now: kb backup --verify", err=True)
        raise typer.Exit(code=1)
    typer.echo(f"{proof.backup} was restored and is equal: {proof.rows} rows.")
    if trouble := proofs.trouble(folder, utcnow()):
        typer.echo(f"Warning: {trouble} Look at what makes them each night.", err=True)


def _folder(named: Path | None) -> Path:
    from kb.errors import InvalidError

    if named is None:
        raise InvalidError(
            "Where are the backups?", hint="Set KB_BACKUPS to a folder on another disk."
        )
    return named


def _verify(path: Path) -> None:
    from kb import backups
    from web import terminal

    with terminal.progress("Comparing", STOPPED) as step:
        done = backups.verify(path, step=step)
    typer.echo(f"{path} was restored and is equal: {done.rows} rows, {done.files} files.")
