"""`kb needs`: what readers asked for and did not find."""

from typing import Annotated

import typer

from web.commands.opening import library_of

UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}  # days
DIGITS = 4


def needs(
    context: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(help="How far back: 30d, 12w, 6m, 1y.", metavar="TIME")
    ] = "30d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """List the questions that found nothing good, by concept; nobody who asked is in it."""
    from datetime import timedelta

    from kb import needs as kept
    from kb.db import utcnow
    from search.filters import Scope
    from search.query import search
    from web import terminal
    from web.pages.desk.needs import on_shelf

    library = library_of(context)
    with library.reading() as session:
        groups = kept.report(session, since=utcnow().date() - timedelta(days=_days(since)))
        everything = search(
            session, library.index(session), "", scope=Scope.PUBLIC, limit=1, facets=True
        )
    terminal.show_needs(groups, on_shelf(everything), library.taxonomy, as_json=as_json)


def _days(said: str) -> int:
    from kb.errors import InvalidError
    from kb.needs import KEPT

    number, unit = said[:-1], said[-1:]
    if not (number.isascii() and number.isdigit() and unit in UNITS and len(number) <= DIGITS):
        raise InvalidError(f"“{said}” is no time.", hint="Say 30d, 12w, 6m or 1y.")
    return min(int(number) * UNITS[unit], KEPT.days)
