"""`kb edit`: the same change to many records, as one batch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from kb.bulk import Where

CONDITIONS = (
    "status",
    "concept",
    "country",
    "language",
    "record-type",
    "level",
    "words",
    "batch",
)


def edit(
    context: typer.Context,
    record_ids: Annotated[
        list[int] | None, typer.Argument(metavar="[RECORD]...", help="Only these records.")
    ] = None,
    *,
    where: Annotated[
        list[str] | None,
        typer.Option(help=f"Only records like this: {', '.join(CONDITIONS)}, as in country=TZA."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="What to change, as in level=district or add-tag=hand-hygiene."),
    ] = None,
    why: Annotated[str, typer.Option(help="Kept in the history of each record.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say which would change, and how.")
    ] = False,
) -> None:
    """Make the same change to many records, as one batch that `kb undo` takes back."""
    from kb import bulk, bulk_steps
    from kb.errors import InvalidError
    from kb.people import operator
    from web import filling, terminal

    library = library_of(context)
    steps = [bulk_steps.step(text) for text in set_ or ()]
    if not record_ids and not where:
        raise InvalidError(
            "No records are named.", hint="Give their numbers, or --where, as in status=draft."
        )
    person = operator(library.settings.curator)
    with library.reading() as session:
        ids = bulk.chosen(session, _where(record_ids or (), where or ()), person)
        plan = bulk.plan(session, ids, steps, person)
    terminal.show_change(plan)
    if dry_run or not plan.change:
        return
    filling.index(library, step=filling.quietly)
    with library.writing() as session:
        batch = bulk.carry_out(session, plan.versions, steps, person, why=why)
        number = batch.id if batch else None
        session.commit()
    filling.index(library, step=filling.quietly)
    if number is not None:
        typer.echo(f"This is batch {number}; `kb undo {number}` takes it back.")


def _where(record_ids: Sequence[int], conditions: Sequence[str]) -> "Where":
    from kb.bulk import Where
    from kb.errors import InvalidError
    from kb.vocabulary import Level, RecordType, Status

    given = dict(text.partition("=")[::2] for text in conditions)
    unknown = sorted(set(given) - set(CONDITIONS))
    if unknown:
        raise InvalidError(
            f"Records cannot be chosen by {', '.join(unknown)}.",
            hint=f"By these: {', '.join(CONDITIONS)}; write one as country=TZA.",
        )
    try:
        return Where(
            ids=tuple(record_ids),
            status=Status(given["status"]) if "status" in given else None,
            concept=given.get("concept", ""),
            country=given.get("country", ""),
            language=given.get("language", ""),
            record_type=RecordType(given["record-type"]) if "record-type" in given else None,
            level=Level(given["level"]) if "level" in given else None,
            words=given.get("words", ""),
            batch=int(given["batch"]) if "batch" in given else None,
        )
    except ValueError as error:
        raise InvalidError(
            f"A condition cannot be: {error}.", hint="docs/batches.md lists what each may be."
        ) from error
