"""`kb privacy`: what may tell who people are, shown where it stands, and decided."""

from typing import Annotated

import typer

from web.commands.opening import library_of


def privacy(
    context: typer.Context,
    record_id: Annotated[
        int | None, typer.Argument(metavar="[RECORD]", help="Show the findings of this record.")
    ] = None,
    *,
    redact: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Take this finding out; may be repeated."),
    ] = None,
    replace: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Write a role instead, such as “a mother”."),
    ] = None,
    keep: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="It identifies nobody, or they agreed."),
    ] = None,
    role: Annotated[
        str, typer.Option("--with", metavar="WORDS", help="The role that --replace writes.")
    ] = "",
    all_same: Annotated[
        bool, typer.Option("--all-same", help="Decide all findings of the same text.")
    ] = False,
) -> None:
    """List records that may name people, or show and decide what was found in one."""
    from kb import findings, records
    from kb.errors import InvalidError
    from kb.vocabulary import FindingState
    from web import filling, terminal

    library = library_of(context)
    asked = {
        FindingState.REDACTED: redact or [],
        FindingState.REPLACED: replace or [],
        FindingState.KEPT: keep or [],
    }
    if record_id is None and any(asked.values()):
        raise InvalidError("Say which record is meant.", hint="For example: kb privacy 7 --keep 3")
    if record_id is None:
        with library.reading() as session:
            terminal.show_waiting(findings.waiting(session))
        return
    with library.writing() as session:
        for state, numbers in asked.items():
            if numbers:
                findings.decide(
                    session,
                    record_id,
                    numbers,
                    state,
                    version=records.get(session, record_id).version,
                    by=library.settings.curator,
                    replacement=role,
                    same=all_same,
                )
        session.commit()
    with terminal.progress("Indexing") as step:  # what was taken out goes from the search, too
        filling.index(library, step=step)
    with library.reading() as session:
        terminal.show_findings(
            records.get(session, record_id), findings.in_context(session, record_id)
        )
