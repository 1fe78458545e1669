"""`kb collections`: records put together for a purpose, and shown to readers as one."""

from typing import TYPE_CHECKING, Annotated

import typer

from kb.vocabulary import Audience, Clearance, CollectionKind, PartKind
from web.commands.opening import library_of

if TYPE_CHECKING:
    from kb.clearance import Doubt
    from kb.models import Collection

app = typer.Typer(no_args_is_help=True, help="Put records together for a purpose.")

Number = Annotated[int, typer.Argument(metavar="COLLECTION", help="Number of the collection.")]
Records = Annotated[list[int], typer.Argument(metavar="RECORD…", help="Numbers of records.")]
Note = Annotated[str, typer.Option(help="The curator's words about it, in Markdown.")]
Part = Annotated[int, typer.Argument(metavar="PART", help="Number of the part, of `show`.")]


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
    """Show a collection part by part, and say what readers do not find in it."""
    from kb import borrowed_collections, clearance, collections

    library = library_of(context)
    with library.reading() as session:
        found = collections.get(session, collection)
        typer.echo(_line(found))
        if found.purpose:
            typer.echo(f"\n{found.purpose}\n")
        for part in found.parts:
            record = part.record
            what = record.title if record else part.heading or part.kind.value
            seen = "" if record is None or collections.is_shown(record) else _unseen(record.status)
            named = f"{part.record_id:>6}" if record else " " * 6
            typer.echo(f"{named}  {what}{seen}  [{part.id}]")
            if part.text:
                typer.echo(f"        {part.text}")
        own = borrowed_collections.own_licence(session, found.id, library.site.licence)
        for doubt in clearance.doubts(session, found, own_licence=own):
            typer.echo(f"{doubt.title}: {doubt.licence or 'no licence'} – {_decided(doubt)}")


@app.command()
def new(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What somebody would look for.")],
    *,
    kind: Annotated[
        CollectionKind, typer.Option(help="What it is for.")
    ] = CollectionKind.READING_LIST,
    purpose: Annotated[str, typer.Option(help="What it is for, in Markdown.")] = "",
    language: Annotated[str, typer.Option(help="Language of your words: en, fr, …")] = "en",
) -> None:
    """Begin a reading list, a change package or a synthesis brief."""
    from kb import collections

    library = library_of(context)
    with library.writing() as session:
        begun = collections.create(
            session,
            title,
            purpose=purpose,
            language=language,
            kind=kind,
            by=library.settings.curator,
        )
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
    kind: Annotated[CollectionKind | None, typer.Option(help="Another kind.")] = None,
    audience: Annotated[
        list[Audience] | None, typer.Option(help="For whom; may be given several times.")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the whole: CC-BY-4.0, …")] = None,
    thanks: Annotated[str | None, typer.Option(help="Whom to thank, in Markdown.")] = None,
    least_places: Annotated[
        int | None, typer.Option(help="Places that kept a kind of change, to show its ideas.")
    ] = None,
) -> None:
    """Say anew what a collection is: its title, purpose, language, kind, readers or licence."""
    from kb import collections

    with library_of(context).writing() as session:
        changed = collections.describe(
            session,
            collection,
            title=title,
            purpose=purpose,
            language=language,
            kind=kind,
            audience=audience or None,
            licence=licence,
            thanks=thanks,
            least_places=least_places,
        )
        typer.echo(_line(changed))
        session.commit()


@app.command()
def say(
    context: typer.Context,
    collection: Number,
    text: Annotated[str, typer.Argument(help="Your words, in Markdown.")] = "",
    *,
    kind: Annotated[PartKind, typer.Option(help="What the part is.")] = PartKind.WORDS,
    heading: Annotated[str, typer.Option(help="What stands above it.")] = "",
    part: Annotated[int | None, typer.Option(help="Change this part instead.")] = None,
) -> None:
    """Put words at the end of a collection, or a part made from its records."""
    from kb import collections, parts

    with library_of(context).writing() as session:
        if part is None:
            parts.say(session, collection, kind=kind, heading=heading, text=text)
        else:
            parts.write(session, collection, part, heading=heading or None, text=text)
        typer.echo(_line(collections.get(session, collection)))
        session.commit()


@app.command()
def move(
    context: typer.Context,
    collection: Number,
    part: Part,
    by: Annotated[int, typer.Option(help="So many places down; up below 0.")] = 1,
) -> None:
    """Move a part of a collection up or down."""
    from kb import parts

    with library_of(context).writing() as session:
        typer.echo(_line(parts.move(session, collection, part, by=by)))
        session.commit()


@app.command()
def drop(context: typer.Context, collection: Number, part: Part) -> None:
    """Take a part out of a collection."""
    from kb import parts

    with library_of(context).writing() as session:
        typer.echo(_line(parts.drop(session, collection, part)))
        session.commit()


@app.command()
def clear(
    context: typer.Context,
    collection: Number,
    part: Part,
    clearance: Annotated[Clearance, typer.Argument(help="What becomes of the record.")],
    *,
    note: Annotated[str, typer.Option(help="Who permitted it, and when.")] = "",
) -> None:
    """Decide about a record whose licence does not allow what the package does."""
    from kb import collections, parts

    with library_of(context).writing() as session:
        parts.clear(session, collection, part, clearance, note=note)
        typer.echo(_line(collections.get(session, collection)))
        session.commit()


@app.command()
def idea(
    context: typer.Context,
    collection: Number,
    record: Annotated[int, typer.Argument(help="Number of the record.")],
    text: Annotated[str, typer.Argument(help="The change idea, word for word.")],
    *,
    why: Annotated[str, typer.Option(help="Why, or a note; readers see it. Empty undoes it.")] = "",
    leave_out: Annotated[bool, typer.Option(help="It does not stand in the table.")] = False,
    take_in: Annotated[bool, typer.Option(help="It stands there against the rule.")] = False,
) -> None:
    """Leave a change idea out of the table, take it in, or write a note to it."""
    from kb import parts
    from kb.editions import Choice, Place

    place = Place.LEFT_OUT if leave_out else Place.TAKEN_IN if take_in else Place.BY_RULE
    with library_of(context).writing() as session:
        choice = Choice(record_id=record, text=text, place=place, why=why)
        typer.echo(_line(parts.choose(session, collection, choice)))
        session.commit()


@app.command()
def editions(context: typer.Context, collection: Number) -> None:
    """List the editions of a published collection."""
    from kb import editions as of

    with library_of(context).reading() as session:
        for edition in of.all_of(session, collection):
            typer.echo(f"{edition.number:>6}  {edition.at:%Y-%m-%d}  {edition.note}")


@app.command()
def adapt(context: typer.Context, collection: Number) -> None:
    """Begin a collection with all that a published one says, to make it your own."""
    from kb import adapting

    library = library_of(context)
    with library.writing() as session:
        typer.echo(_line(adapting.adapt(session, collection, by=library.settings.curator)))
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
def publish(
    context: typer.Context,
    collection: Number,
    *,
    note: Annotated[str, typer.Option(help="What is new in this edition.")] = "",
) -> None:
    """Show a collection to every reader, as its next edition."""
    from kb import borrowed_collections, collections

    library = library_of(context)
    with library.writing() as session:
        own = borrowed_collections.own_licence(session, collection, library.site.licence)
        published = collections.publish(
            session, collection, by=library.settings.curator, note=note, own_licence=own
        )
        typer.echo(_line(published))
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

    library = library_of(context)
    with library.writing() as session:
        typer.echo(
            _line(
                collections.withdraw(
                    session, collection, by=library.settings.curator, reason=reason
                )
            )
        )
        session.commit()


@app.command()
def discard(
    context: typer.Context,
    collection: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")] = "",
) -> None:
    """Throw a collection away that no reader ever saw, for good; its records stay."""
    from kb import collections

    library = library_of(context)
    with library.writing() as session:
        title = collections.get(session, collection).title
        collections.discard(session, collection, by=library.settings.curator, reason=reason)
        session.commit()
    typer.echo(f"{collection:>6}  {title}  (thrown away)")


def _refuse_one_note_for_many(records: list[int], note: str) -> None:
    from kb.errors import InvalidError

    if note and len(records) > 1:
        raise InvalidError(
            "A note is about one record.", hint="Add them one by one, each with its note."
        )


def _line(collection: "Collection") -> str:
    from kb import collections

    n, unseen = len(collections.records_of(collection)), len(collections.not_shown(collection))
    hidden = f", {unseen} not shown to readers" if unseen else ""
    return (
        f"{collection.id:>6}  {collection.title}  "
        f"({collection.status}, {n} {'record' if n == 1 else 'records'}{hidden})"
    )


def _unseen(status: str) -> str:
    return f"  (not shown to readers: {status})"


def _decided(doubt: "Doubt") -> str:
    if doubt.open:
        return f"{doubt.obstacle}: decide with `kb collections clear`"
    return f"{doubt.clearance}. {doubt.note}".strip()
