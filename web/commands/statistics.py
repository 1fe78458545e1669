"""`kb statistics`: how much the library is used."""

from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from datetime import date


def statistics(
    context: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(help="First day, 2026-01-31; else a year ago.", metavar="DAY")
    ] = "",
    until: Annotated[str, typer.Option(help="Last day; else today.", metavar="DAY")] = "",
    report: Annotated[
        str,
        typer.Option(help="PR, DR, TR or IR: tab-separated like COUNTER 5.1; else CSV by day."),
    ] = "",
) -> None:
    """Print how often things were looked at, taken home and searched for, on which days."""
    from datetime import timedelta

    from kb import usage
    from kb.db import utcnow
    from kb.errors import InvalidError
    from web import counter_reports as reports
    from web.counted import about

    kind = report.upper()
    if kind and kind not in reports.REPORTS:
        raise InvalidError(
            f"There is no report “{report}”.", hint=f"Say one of {', '.join(reports.REPORTS)}."
        )
    now, library = utcnow(), library_of(context)
    last = _day(until) if until else now.date()
    first = _day(since) if since else last - timedelta(days=365)
    with library.reading() as session:
        rows = usage.by_day(session, since=first, until=last)
        said = about(session, rows, home=library.settings.address)
        if not kind:
            typer.echo(reports.days(rows, said), nl=False)
            return
        name, period = library.site.name, (first, last)
        told = reports.report(kind, rows, said, library=name, period=period, now=now)
        typer.echo(told, nl=False)


def _day(said: str) -> "date":
    from datetime import date

    from kb.errors import InvalidError

    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise InvalidError(f"“{said}” is no day.", hint="Write it as 2026-01-31.") from error
