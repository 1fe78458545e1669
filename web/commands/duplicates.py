"""`kb duplicates`: the records that tell the same, side by side, and what is decided about them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from kb.models import Likeness
    from kb.sidebyside import Pair, Span
    from web.library import Library

RecordId = Annotated[
    int | None, typer.Argument(help="Record whose pairs are shown with their differences.")
]
Pairs = list[int] | None


def duplicates(
    context: typer.Context,
    record_id: RecordId = None,
    *,
    same: Annotated[
        Pairs, typer.Option(help="Pair that tells the same: the lesser record is retired.")
    ] = None,
    different: Annotated[Pairs, typer.Option(help="Pair of two stories.")] = None,
    reopen: Annotated[Pairs, typer.Option(help="Pair to decide again.")] = None,
) -> None:
    """List the records that tell the same, show where they differ, decide about them."""
    from kb.vocabulary import LikenessState

    library = library_of(context)
    _catch_up(library)
    decisions = [
        (pair, state)
        for pairs, state in (
            (same, LikenessState.SAME),
            (different, LikenessState.DIFFERENT),
            (reopen, LikenessState.OPEN),
        )
        for pair in pairs or ()
    ]
    for pair, state in decisions:
        _decide(library, pair, state)
    if record_id is not None:
        _show_differences(library, record_id)
    elif not decisions:
        _list(library)


def _catch_up(library: "Library") -> None:
    """Compare the records that nobody compared, in a library made before this was done."""
    from ingest.duplicates import Shelf, unsigned

    with library.reading() as session:
        if not unsigned(session):
            return
    with library.writing() as session:
        Shelf.load(session)
        session.commit()


def _decide(library: "Library", pair: int, state: str) -> None:
    from kb import likenesses
    from kb.vocabulary import LikenessState

    with library.writing() as session:
        likeness = likenesses.decide(
            session, pair, LikenessState(state), by=library.settings.curator
        )
        said = _line(session, likeness)
        session.commit()
    typer.echo(f"{state}: {said}")


def _list(library: "Library") -> None:
    from kb import likenesses

    with library.reading() as session:
        pairs = likenesses.open_ones(session)
        for likeness in pairs:
            typer.echo(_line(session, likeness))
    typer.echo(
        f"{len(pairs)} pairs wait. `kb duplicates ID` shows where the pairs of a record differ; "
        "decide with --same PAIR or --different PAIR."
        if pairs
        else "No two records tell the same, or all such pairs are decided."
    )


def _show_differences(library: "Library", record_id: int) -> None:
    from kb import likenesses, records
    from kb.sidebyside import side_by_side
    from web.terminal import console

    with library.reading() as session:
        records.get(session, record_id)  # says so when there is none
        pairs = likenesses.of(session, record_id)
        for likeness in pairs:
            console.print(_line(session, likeness), style="bold", markup=False)
            older, newer = (
                records.read(records.get(session, one))
                for one in (likeness.other_id, likeness.record_id)
            )
            _show_pairs(side_by_side(older, newer))
    if not pairs:
        typer.echo(f"No record tells the same as record {record_id}.")


def _line(session: "Session", likeness: "Likeness") -> str:
    from kb import records

    newer = records.get(session, likeness.record_id)
    older = records.get(session, likeness.other_id)
    earlier = f", earlier: record {likeness.earlier_id}" if likeness.earlier_id else ""
    return (
        f"pair {likeness.id}: {likeness.kind}, {likeness.score:.0%} in common{earlier}; "
        f"record {older.id} “{older.title}” ({older.status}) and "
        f"record {newer.id} “{newer.title}” ({newer.status})"
        + (f"; decided: {likeness.state}" if likeness.decided else "")
    )


def _show_pairs(pairs: "Sequence[Pair]") -> None:
    """Print what differs: `-` is the older record, `+` the newer, […] the words that changed."""
    from rich.text import Text

    from web.terminal import console

    alike = 0
    for pair in pairs:
        if pair.same and not pair.moved:
            alike += 1
            continue
        if pair.moved:
            console.print(Text("  ~ moved: " + _told(pair.left), style="dim"))
            continue
        if pair.left:
            console.print(Text("  - " + _told(pair.left)))
        if pair.right:
            console.print(Text("  + " + _told(pair.right)))
    console.print(f"  {alike} paragraphs are the same.\n")


def _told(spans: "Sequence[Span]") -> str:
    marked = (f"[{span.text}]" if span.differs else span.text for span in spans)
    return " ".join("".join(marked).split())
