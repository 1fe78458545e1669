"""`kb user`: accounts and their roles; the first admin is made here."""

from typing import TYPE_CHECKING, Annotated

import typer

from kb.vocabulary import Role
from web.commands.opening import library_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from kb.models import User
    from kb.people import Grant
    from web.library import Library

app = typer.Typer(no_args_is_help=True, help="Open and close accounts, give and take roles.")

Email = Annotated[str, typer.Argument(metavar="E-MAIL", help="Address of the account.")]
RoleName = Annotated[Role, typer.Argument(help="What they may do.")]
Country = Annotated[str, typer.Option(help="Only in this country: its three letters.")]
Region = Annotated[str, typer.Option(help="Only in this region.")]
District = Annotated[str, typer.Option(help="Only in this district.")]
Facility = Annotated[str, typer.Option(help="Only at this facility.")]


@app.command()
def add(
    context: typer.Context,
    email: Email,
    *,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.READER,
    name: Annotated[str, typer.Option(help="What they are called.")] = "",
    country: Country = "",
    region: Region = "",
    district: District = "",
    facility: Facility = "",
) -> None:
    """Open an account, and print the link by which its owner chooses a password."""
    from kb import users

    library = library_of(context)
    with library.writing() as session:
        grant = _grant(role, country, region, district, facility)
        user = users.add(session, email, name=name, grants=[grant], by=_me(library))
        typer.echo(_line(user))
        _print_link(library, session, user)
        session.commit()


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the accounts with their roles."""
    from kb import users

    with library_of(context).reading() as session:
        found = users.all_of(session)
        for user in found:
            typer.echo(_line(user))
    if not found:
        typer.echo("Nobody has an account yet: kb user add E-MAIL --role admin.")


@app.command()
def grant(
    context: typer.Context,
    email: Email,
    role: RoleName,
    *,
    country: Country = "",
    region: Region = "",
    district: District = "",
    facility: Facility = "",
) -> None:
    """Give an account a role, everywhere or within a place."""
    from kb import users

    library = library_of(context)
    with library.writing() as session:
        user = users.by_email(session, email)
        new = _grant(role, country, region, district, facility)
        users.grant(session, user, new, by=_me(library))
        typer.echo(_line(user))
        session.commit()


@app.command()
def take(
    context: typer.Context,
    email: Email,
    role: RoleName,
    *,
    country: Country = "",
    region: Region = "",
    district: District = "",
    facility: Facility = "",
) -> None:
    """Take a role from an account, named as `kb user list` names it."""
    from kb import users

    library = library_of(context)
    with library.writing() as session:
        user = users.by_email(session, email)
        old = _grant(role, country, region, district, facility)
        users.take(session, user, old, by=_me(library))
        typer.echo(_line(user))
        session.commit()


@app.command()
def close(
    context: typer.Context,
    email: Email,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")] = "",
) -> None:
    """Close an account: whoever is signed in with it is out at once. What they wrote stays."""
    from kb import users

    library = library_of(context)
    with library.writing() as session:
        user = users.by_email(session, email)
        users.disable(session, user, by=_me(library), reason=reason)
        typer.echo(_line(user))
        session.commit()


@app.command("open")
def open_(context: typer.Context, email: Email) -> None:
    """Open a closed account again."""
    from kb import users

    library = library_of(context)
    with library.writing() as session:
        user = users.by_email(session, email)
        users.enable(session, user, by=_me(library))
        typer.echo(_line(user))
        session.commit()


@app.command()
def link(
    context: typer.Context,
    email: Email,
    *,
    no_codes: Annotated[
        bool, typer.Option(help="Ask for no one-time codes any more: the phone is lost.")
    ] = False,
) -> None:
    """Print a link by which the owner of an account chooses a new password."""
    from kb import sign_in, users

    library = library_of(context)
    with library.writing() as session:
        user = users.by_email(session, email)
        if no_codes:
            sign_in.end_codes(session, user, by=_me(library))
        _print_link(library, session, user)
        session.commit()


def _print_link(library: "Library", session: "Session", user: "User") -> None:
    from kb import tickets
    from kb.vocabulary import Errand

    secret = tickets.issue(session, Errand.RESET, user=user, by=_me(library))
    base = library.settings.address
    minutes = round(tickets.LASTS[Errand.RESET].total_seconds() / 60)
    typer.echo(f"\nTo choose a password, within {minutes} minutes, once:\n{base}/password/{secret}")


def _grant(role: Role, country: str, region: str, district: str, facility: str) -> "Grant":
    from kb.people import Grant

    return Grant(role, country=country, admin1=region, admin2=district, facility=facility)


def _me(library: "Library") -> str:
    return library.settings.curator


def _line(user: "User") -> str:
    from kb import users

    roles = "; ".join(map(users.told, users.grants_of(user))) or "no role"
    closed = f"  (closed on {user.disabled:%Y-%m-%d})" if user.disabled else ""
    return f"{user.email}  {user.name or '–'}  {roles}{closed}"
