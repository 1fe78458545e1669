"""The `kb` command: fill, ask and serve a library. Heavy imports wait until they are needed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from web.commands import (
    answer,
    assistants,
    audit,
    backup,
    batches,
    collections,
    conflicts,
    desk,
    duplicates,
    edit,
    evaluate,
    exchange,
    ingest,
    judgements,
    move,
    needs,
    newsletter,
    privacy,
    publish,
    similar,
    site,
    statistics,
    taxonomy,
    templates,
    tick,
    upgrade,
    users,
    work,
)
from web.commands.opening import library_of, settings_of

if TYPE_CHECKING:
    from kb.errors import KBError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
terms_app = taxonomy.app
app.add_typer(terms_app, name="taxonomy")
app.add_typer(site.app, name="site")
app.add_typer(collections.app, name="collections")
app.add_typer(users.app, name="user")
app.add_typer(publish.app, name="publish")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port to listen on (else KB_PORT).")
]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many answers at most.")]


@app.callback()
def main(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the library (else KB_DATA, else var/library)."),
    ] = None,
) -> None:
    """Maktaba: a library of what was tried to improve care, that can be asked."""
    context.obj = data


app.command()(ingest.ingest)
app.command()(work.work)
app.command()(ingest.suggest)
app.command()(batches.batches)
app.command()(duplicates.duplicates)
app.command()(batches.undo)
app.command()(edit.edit)
app.add_typer(audit.app, name="audit")
app.command()(privacy.privacy)
app.command("import")(exchange.import_)
app.command()(exchange.export)
app.command()(conflicts.conflicts)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(backup.prove)
app.command()(move.move)
app.command()(upgrade.upgrade)
app.command()(answer.answer)
app.command()(desk.desk)
app.command()(templates.templates)
app.command()(evaluate.evaluate)
app.command()(needs.needs)
app.command()(statistics.statistics)
app.command()(judgements.judgements)
app.command()(similar.similar)
app.command()(tick.tick)
app.command()(newsletter.newsletter)
app.command()(assistants.mcp)


@app.command()
def index(context: typer.Context) -> None:
    """Bring what is searched up to date with the records."""
    from web import filling, terminal

    library = library_of(context)
    with terminal.progress("Indexing") as step:
        done = filling.index(library, step=step, all_asked=True)
    typer.echo(f"{done} records indexed." if done else "The index is up to date.")


@app.command()
def search(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="As you would ask a colleague.")],
    *,
    limit: Limit = 10,
    topic: Annotated[list[str] | None, typer.Option(help="Only this topic (notation).")] = None,
    intervention: Annotated[
        list[str] | None, typer.Option(help="Only this kind of change.")
    ] = None,
    country: Annotated[list[str] | None, typer.Option(help="Only this country (TZA).")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only this language (fr).")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Not about this concept that the question names.")
    ] = None,
    sort: Annotated[
        Literal["relevance", "newest", "strength"], typer.Option(help="What comes first.")
    ] = "relevance",
    every: Annotated[
        bool, typer.Option("--every", help="List every record, also several of one facility.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find records that answer a question, drafts too, and say why each one does."""
    from search.filters import Filters, Scope
    from search.query import Sort
    from search.query import search as ask
    from web import terminal

    library = library_of(context)
    filters = Filters(
        topics=tuple(topic or ()),
        interventions=tuple(intervention or ()),
        countries=tuple(country or ()),
        languages=tuple(language or ()),
    )
    with library.reading() as session:
        results = ask(
            session,
            library.index(session),
            question,
            filters=filters,
            scope=Scope.ALL,
            limit=limit,
            without=tuple(without or ()),
            sort=Sort(sort),
            diverse=not every,
        )
    terminal.show_results(results, library.taxonomy, as_json=as_json)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on (else KB_HOST).")] = None,
    port: Port = None,
) -> None:
    """Open the library's pages in this process until Ctrl-C."""
    from web.server import run_server, write_lines

    settings = settings_of(context)
    write_lines(settings)  # also what is said while the library is opened
    library = library_of(context)
    run_server(library, host=host or settings.host, port=settings.port if port is None else port)


@app.command()
def demo(
    context: typer.Context,
    port: Port = None,
    *,
    serving: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Open its pages when it is filled.")
    ] = True,
) -> None:
    """Fill a library with sixty illustrative stories and open it."""
    from web import demo as samples
    from web import terminal
    from web.server import run_server

    library = samples.open_demo(settings_of(context), asked_for=context.obj)
    with terminal.progress("Reading the sample stories") as step:
        filled = samples.fill(library, step=step, words_only=serving)
    terminal.show_filled(filled)
    if serving:
        settings = library.settings
        with samples.encoding_meanwhile(library, told=typer.echo):
            run_server(library, host=settings.host, port=settings.port if port is None else port)


def run() -> None:
    """Run the command; what can be acted on is a message and a hint, not a traceback."""
    from kb.errors import KBError

    try:
        app()
    except KBError as error:
        _stop(error)
    except Exception as error:
        from web.library import explained

        told = explained(error)
        if told is None:
            raise
        _stop(told)


def _stop(error: "KBError") -> NoReturn:
    typer.echo(f"Error: {error}\n{error.hint}".rstrip(), err=True)
    sys.exit(1)
