"""`kb templates`: write the guided templates, to hand out and to be filled in offline."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer


def templates(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write them to.")],
    *,
    language: Annotated[
        list[str] | None, typer.Option(help="Only this language (en, fr, es, pt, sw).")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only this kind (facility, district, national, brief).")
    ] = None,
    form: Annotated[
        list[str] | None, typer.Option("--format", help="Only this format (docx, xlsx).")
    ] = None,
) -> None:
    """Write the guided templates: four kinds, six languages, Word and Excel."""
    from ingest import templates as known
    from ingest.questions import LANGUAGES, kinds
    from kb.packing import writing

    _check(language, LANGUAGES, "language")
    _check(kind, kinds(), "kind")
    _check(form, known.FORMATS, "format")
    wanted = [
        one
        for one in known.every()
        if one.language in (language or LANGUAGES)
        and one.kind.name in (kind or kinds())
        and one.format in (form or known.FORMATS)
    ]
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for one in wanted:
            (out / one.name).write_bytes(known.made(one.name))
    count = len(wanted)
    typer.echo(f"{count} template{'' if count == 1 else 's'} written to {out}.")


def _check(asked: list[str] | None, known: Collection[str], what: str) -> None:
    from kb.errors import InvalidError

    for one in asked or ():
        if one not in known:
            hint = f"Choose of: {', '.join(known)}."
            raise InvalidError(f"There is no template of {what} “{one}”.", hint=hint)
