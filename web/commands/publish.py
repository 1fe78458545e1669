"""`kb publish`: records to every reader, and the library out of the house."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from kb.vocabulary import Ground
from web.commands.opening import library_of

RECORDS = "records"
STOPPED = "An earlier copy is as it was; the same command writes it anew."

# What a copy holds, however it is written.
Languages = Annotated[
    list[str] | None,
    typer.Option(help="Pages in this language (fr); the first is the front. Else all."),
]
Packages = Annotated[
    bool, typer.Option("--packages", help="With each collection as PDF, Word, EPUB and HTML.")
]
EveryLanguage = Annotated[
    bool, typer.Option("--every-language", help="Stories in each language of the pages.")
]
Originals = Annotated[
    bool, typer.Option("--originals", help="With the files that readers may take home.")
]
Photos = Annotated[
    bool, typer.Option("--photos", help="With the photos that each team agreed to show.")
]


class OrRecords(TyperGroup):
    """Commands of which one is meant where none is named: `kb publish 7` publishes record 7."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, with the name of that command put in before numbers."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [RECORDS, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=OrRecords, no_args_is_help=True, help="Show records to readers; write copies for them."
)


@app.command(RECORDS)
def records(
    context: typer.Context,
    record_ids: Annotated[list[int], typer.Argument(help="Records to show to every reader.")],
    accept: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="First confirm the suggested tags of this confidence, turn down the others.",
        ),
    ] = None,
    ground: Annotated[
        Ground | None, typer.Option(help="Why it may be shown, where its team was not asked here.")
    ] = None,
    note: Annotated[str, typer.Option(help="Where that is written down.")] = "",
) -> None:
    """Publish records; a record needs a summary, a text, a confirmed topic and consent."""
    from web import filling

    library = library_of(context)
    for record_id in record_ids:
        title = filling.publish(library, record_id, accept=accept, ground=ground, note=note)
        typer.echo(f"Published {record_id}: {title}")


@app.command("site")
def site(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(help="Folder of the copy: a new one, or an earlier copy.")],
    *,
    language: Languages = None,
    every_language: EveryLanguage = False,
    prints: Annotated[
        bool, typer.Option("--print", help="With each story on one page of A4.")
    ] = False,
    originals: Originals = False,
    photos: Photos = False,
    packages: Packages = False,
    zipped: Annotated[bool, typer.Option("--zip", help="Also as one file, OUT.zip.")] = False,
) -> None:
    """Write the public library as plain files with search, for any web host or a USB stick."""
    from kb.packing import writing
    from web import terminal
    from web.publish.copying import packed
    from web.publish.site import Wanted, publish_site

    wanted = Wanted(
        languages=tuple(language or ()),
        every_language=every_language,
        prints=prints,
        originals=originals,
        photos=photos,
        packages=packages,
    )
    library, today = library_of(context), datetime.now(UTC).date()
    with terminal.progress("Writing the copy", STOPPED) as step, writing(out):
        done = publish_site(library, out, wanted=wanted, today=today, step=step)
    typer.echo(
        f"{out} holds {done.files} files, {done.size / 1_000_000:.1f} MB: "
        f"{done.changed} written, {done.removed} removed."
    )
    if done.delta:
        typer.echo(f"What changed since the last run is in {done.delta}.")
    if zipped:
        with writing(out.with_name(f"{out.name}.zip")):
            bundle = packed(out)
        typer.echo(f"{bundle} is {bundle.stat().st_size / 1_000_000:.1f} MB.")
    _warn(done.left_out)


@app.command("zim")
def zim(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(help="The file, such as library.zim.")],
    *,
    language: Languages = None,
    every_language: EveryLanguage = False,
    originals: Originals = False,
    photos: Photos = False,
    packages: Packages = False,
    copy: Annotated[
        Path | None,
        typer.Option(help="Keep the pages in this folder: the next run is quicker for it."),
    ] = None,
) -> None:
    """Write the public library as one ZIM file with search, for Kiwix."""
    from tempfile import TemporaryDirectory

    from kb.packing import writing
    from web import terminal
    from web.publish.site import Wanted
    from web.publish.zim import publish_zim

    wanted = Wanted(
        languages=tuple(language or ()),
        every_language=every_language,
        originals=originals,
        photos=photos,
        packages=packages,
    )
    library, today = library_of(context), datetime.now(UTC).date()
    with TemporaryDirectory() as aside, terminal.progress("Writing the pages", STOPPED) as step:
        folder = copy or Path(aside) / "pages"
        with writing(out):
            done = publish_zim(library, out, folder, wanted=wanted, today=today, step=step)
    typer.echo(f"{out} is {out.stat().st_size / 1_000_000:.1f} MB.")
    _warn(done.left_out)


def _warn(left_out: Iterable[str]) -> None:
    """Say at the end what was asked for and is not there."""
    for one in left_out:
        typer.echo(f"Warning: {one}", err=True)


@app.command("package")
def package(
    context: typer.Context,
    collection: Annotated[int, typer.Argument(metavar="COLLECTION", help="A published package.")],
    out: Annotated[Path, typer.Argument(help="Folder to write the files into.")],
    *,
    form: Annotated[
        list[str] | None, typer.Option(help="Only this form: pdf, docx, epub, html.")
    ] = None,
    language: Annotated[str, typer.Option(help="What the library says itself in it.")] = "en",
    edition: Annotated[int | None, typer.Option(help="This edition; else the newest.")] = None,
) -> None:
    """Write a package whole as PDF, Word, EPUB and HTML, with credits, licence and citations."""
    from kb.errors import InvalidError
    from kb.packing import writing
    from web.binding.forms import FORMS
    from web.collected import public_collection
    from web.names import Names
    from web.pages.collections import bind

    library = library_of(context)
    wanted = form or list(FORMS)
    if unknown := [one for one in wanted if one not in FORMS]:
        raise InvalidError(
            f"A package is not written as {unknown[0]}.", hint=f"Choose among {', '.join(FORMS)}."
        )
    if language not in library.site.languages:
        raise InvalidError(
            f"The library has no pages in {language}.",
            hint=f"It has them in {', '.join(library.site.languages)}.",
        )
    home = library.settings.base_url.rstrip("/")
    with library.reading() as session:
        chosen = public_collection(session, collection, edition)
        book = bind(session, library, Names(library.taxonomy, language), chosen, home)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        file = out / f"{book.name}-{language}.{name}"
        made = FORMS[name].write(book)
        with writing(file):
            file.write_bytes(made)
        typer.echo(f"{file}: {file.stat().st_size / 1000:.0f} kB")
