"""`kb newsletter`: a letter as files, for a library that sends no mail."""

from pathlib import Path
from typing import Annotated

import typer

from web.commands.opening import library_of


def newsletter(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
    *,
    letter: Annotated[
        int, typer.Option(help="Number of a letter; else what is new since the last one.")
    ] = 0,
    language: Annotated[str, typer.Option(help="Of the headings; else the library's first.")] = "",
) -> None:
    """Write a letter of new stories as HTML and as text, to send it by any program for mail."""
    from kb import newsletters
    from kb.db import utcnow
    from kb.models import Newsletter
    from kb.packing import writing
    from web import newsletter as shapes
    from web.telling_people import names_for

    library = library_of(context)
    spoken = language if language in library.site.languages else library.site.languages[0]
    names = names_for(library, spoken)
    with library.reading() as session:
        if letter:
            told = newsletters.get(session, letter, sent=False)
        else:
            new = [one.record_id for one in newsletters.proposed(session, utcnow())]
            title = names.gettext("New in the library")
            told = Newsletter(title=title, words="", language=spoken, record_ids=new)
        parts = [("", shapes.shown(session, told))]
        said = shapes.written(told, parts, library, names, library.settings.address)
    name = f"letter-{letter}" if letter else "letter"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.html").write_text(shapes.as_html(said, ""), encoding="utf-8")
        (folder / f"{name}.txt").write_text(shapes.as_text(said, ""), encoding="utf-8")
    typer.echo(f"{len(said.parts[0][1])} stories in {folder / name}.html and .txt")
