"""`kb similar`: who did something like it, of a record, a text or a draft."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from search.index import Index
    from search.similar import LikeText


def similar(
    context: typer.Context,
    record_id: Annotated[
        int | None, typer.Argument(metavar="RECORD", help="Number of the record.")
    ] = None,
    *,
    text: Annotated[str | None, typer.Option(help="What you plan, in your words.")] = None,
    file: Annotated[Path | None, typer.Option(help="A draft of what you plan.")] = None,
    like_mine: Annotated[
        bool, typer.Option("--like-mine", help="Places like that of the record first.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many answers at most.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Find records like this one, or like what you plan, elsewhere first; drafts too."""
    from kb.errors import InvalidError
    from search.filters import Scope
    from search.similar import similar as alike
    from web import terminal

    if sum(one is not None for one in (record_id, text, file)) != 1:
        raise InvalidError(
            "What is it to be like?",
            hint='Name one: kb similar RECORD, kb similar --text "…" or kb similar --file FILE.',
        )
    library = library_of(context)
    with library.reading() as session:
        index = library.index(session)
        if record_id is None:
            plan = _like_plan(session, index, text, file, limit=limit)
            terminal.show_like_text(plan, library.taxonomy, as_json=as_json)
        else:
            found = alike(
                session, index, record_id, scope=Scope.ALL, limit=limit, like_mine=like_mine
            )
            terminal.show_similar(found, library.taxonomy, as_json=as_json)


def _like_plan(
    session: "Session", index: "Index", text: str | None, file: Path | None, *, limit: int
) -> "LikeText":
    from search.filters import Scope
    from search.similar import similar_to_sections, similar_to_text

    if file is None:
        return similar_to_text(session, index, text or "", scope=Scope.ALL, limit=limit)
    from ingest import structure
    from ingest.sandbox import read_safely
    from kb.errors import NotFoundError

    if not file.is_file():
        raise NotFoundError(f"There is no file {file}.", hint="Check the name and the folder.")
    draft = read_safely(file)
    told = structure.read(draft.markdown, title=draft.title)
    return similar_to_sections(
        session, index, told.sections, title=told.title, scope=Scope.ALL, limit=limit
    )
