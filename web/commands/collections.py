"""`kb collections`: records put together for a purpose, and shown to readers as one."""

from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from kb.models import Collection

app = typer.Typer(no_args_is_help=True, help="Put records together for a purpose.")

Number = Annotated[int, typer.Argument(metavar="COLLECTION", help="Number of the collection.")]
Records = Annotated[list[int], typer.Argument(metavar="RECORD…", help="Numbers of records.")]
Note = Annotated[str, typer.Option(help="The curator's words about it, in Markdown.")]


@app.command("list")
def list_(context: typer.Context) -> None:
    """List all collections, newest first, also those that readers do not see yet."""
    from kb import collections

    with library_of(context).reading() as session:
        found = collections.listed(session)
        for collection in found:
            typer.echo(_line(collection))
    if not found:
        typer.echo("There is no collection yet: kb collections new TITLE.")


@app.command()
def show(context: typer.Context, collection: Number) -> None:
    """Show a collection with its records, and say which of them readers do not find in it."""
    from kb import collections

    with library_of(context).reading() as session:
        found = collections.get(session, collection)
        typer.echo(_line(found))
        if found.purpose:
            typer.echo(f"\n{found.purpose}\n")
        for item in found.items:
            seen = "" if collections.is_shown(item.record) else _unseen(item.record.status)
            typer.echo(f"{item.record_id:>6}  {item.record.title}{seen}")
            if item.note:
                typer.echo(f"        {item.note}")


@app.command()
def new(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What somebody would look for.")],
    *,
    purpose: Annotated[str, typer.Option(help="What it is for, in Markdown.")] = "",
    language: Annotated[str, typer.Option(help="Language of your words: en, fr, …")] = "en",
) -> None:
    """Begin a collection."""
    from kb import collections

    with library_of(context).writing() as session:
        begun = collections.create(session, title, purpose=purpose, language=language, by="cli")
        typer.echo(_line(begun))
        session.commit()


@app.command()
def describe(
    context: typer.Context,
    collection: Number,
    *,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Other words on what it is for.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of your words.")] = None,
) -> None:
    """Give a collection another title, purpose or language."""
    from kb import collections

    with library_of(context).writing() as session:
        changed = collections.describe(
            session, collection, title=title, purpose=purpose, language=language
        )
        typer.echo(_line(changed))
        session.commit()


@app.command()
def add(context: typer.Context, collection: Number, records: Records, *, note: Note = "") -> None:
    """Put records at the end of a collection; a note is for one of them."""
    from kb import collections

    with library_of(context).writing() as session:
        _refuse_one_note_for_many(records, note)
        for record_id in records:
            changed = collections.add(session, collection, record_id, note=note)
        typer.echo(_line(changed))
        session.commit()


@app.command()
def annotate(
    context: typer.Context,
    collection: Number,
    record: Annotated[int, typer.Argument(help="Number of the record.")],
    note: Annotated[str, typer.Argument(help="Your words about it; empty takes them away.")],
) -> None:
    """Change the words about a record of a collection."""
    from kb import collections

    with library_of(context).writing() as session:
        typer.echo(_line(collections.annotate(session, collection, record, note)))
        session.commit()


@app.command()
def order(context: typer.Context, collection: Number, records: Records) -> None:
    """Let these records come first, in this order."""
    from kb import collections

    with library_of(context).writing() as session:
        typer.echo(_line(collections.order(session, collection, records)))
        session.commit()


@app.command()
def remove(context: typer.Context, collection: Number, records: Records) -> None:
    """Take records out of a collection; the records themselves stay."""
    from kb import collections

    with library_of(context).writing() as session:
        for record_id in records:
            changed = collections.remove(session, collection, record_id)
        typer.echo(_line(changed))
        session.commit()


@app.command()
def publish(context: typer.Context, collection: Number) -> None:
    """Show a collection to every reader."""
    from kb import collections

    with library_of(context).writing() as session:
        typer.echo(_line(collections.publish(session, collection, by="cli")))
        session.commit()


@app.command()
def withdraw(
    context: typer.Context,
    collection: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")],
) -> None:
    """Take a collection away from readers; its records stay."""
    from kb import collections

    with library_of(context).writing() as session:
        typer.echo(_line(collections.withdraw(session, collection, by="cli", reason=reason)))
        session.commit()


def _refuse_one_note_for_many(records: list[int], note: str) -> None:
    from kb.errors import InvalidError

    if note and len(records) > 1:
        raise InvalidError(
            "A note is about one record.", hint="Add them one by one, each with its note."
        )


def _line(collection: "Collection") -> str:
    from kb import collections

    n, unseen = len(collection.items), len(collections.not_shown(collection))
    hidden = f", {unseen} not shown to readers" if unseen else ""
    return (
        f"{collection.id:>6}  {collection.title}  "
        f"({collection.status}, {n} {'record' if n == 1 else 'records'}{hidden})"
    )


def _unseen(status: str) -> str:
    return f"  (not shown to readers: {status})"
