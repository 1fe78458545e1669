"""`kb upgrade`: the tables of this version, from those of any earlier one."""

import typer

from web.commands.opening import library_of, settings_of


def upgrade(context: typer.Context) -> None:
    """Bring a library of any earlier version to this one; make a backup before."""
    from kb import schema
    from kb.db import connect

    engine = connect(settings_of(context).database_url)
    with engine.execution_options(readonly=True).connect() as connection:
        before = schema.revision_of(connection)
    engine.dispose()
    library = library_of(context)
    if before == schema.head():
        typer.echo(f"The library is at {before} already: nothing is to do.")
        return
    with library.reading() as session:
        now = schema.revision_of(session.connection())
    typer.echo(f"The library was at {before or 'nothing'}, and is at {now}.")
    typer.echo("Run `kb index` now: what is searched may be made anew.")
