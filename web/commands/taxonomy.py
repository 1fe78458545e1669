"""`kb taxonomy`: look at the concepts, check them, and change what this library calls things."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.vocabulary import Scheme
from web.commands.opening import library_of, settings_of, taxonomy_of

if TYPE_CHECKING:
    from kb.taxonomy import Taxonomy
    from kb.term_changes import Effect, Wish

app = typer.Typer(no_args_is_help=True, help="Look at the taxonomy, check it and add to it.")

Notation = Annotated[str, typer.Argument(help="Such as kangaroo-mother-care.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]


@app.command("check")
def check_taxonomy(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="National and site files.")] = None,
) -> None:
    """Check the taxonomy files against the rules of SKOS, naming file, line and concept."""
    from kb.taxonomy import load, shipped

    terms = load(shipped(), *files) if files else taxonomy_of(context)
    counts = ", ".join(f"{len(list(terms.scheme(s)))} {s}" for s in ("topics", "interventions"))
    typer.echo(f"The taxonomy keeps its rules: {counts}.")
    if not files and settings_of(context).data.exists():
        for problem in library_of(context).standing.left_aside:
            typer.echo(f"Left aside, of what was added here: {problem.concept}: {problem.message}")


@app.command("list")
def list_taxonomy(
    context: typer.Context,
    scheme: Annotated[Scheme | None, typer.Argument(help="Both schemes if left out.")] = None,
    language: Annotated[str, typer.Option(help="Language of the labels.")] = "en",
) -> None:
    """List the concepts, narrower ones below broader ones."""
    from web import terminal

    terminal.list_concepts(_terms(context), scheme, language)


@app.command("show")
def show_taxonomy(context: typer.Context, notation: Notation) -> None:
    """Show one concept: its labels, what is broader, narrower and related."""
    from web import terminal

    terminal.show_concept(_terms(context), notation)


@app.command("add")
def add_concept(
    context: typer.Context,
    label: Annotated[str, typer.Argument(help="What it is called in English.")],
    *,
    under: Annotated[list[str], typer.Option(help="The concept that is broader (notation).")],
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="In another language: fr=Maison d’attente.")
    ] = None,
    notation: Annotated[str, typer.Option(help="For ever; else made of the English label.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Add a concept that is narrower than one that stands."""
    from kb.errors import InvalidError
    from kb.term_changes import Add

    pref = {"en": label}
    for one in labels or ():
        language, equals, text = one.partition("=")
        if not equals:
            raise InvalidError(
                f"“{one}” does not say its language.", hint="Write it as fr=Maison d’attente."
            )
        pref[language.strip()] = text
    _change(context, Add(tuple(under), pref, notation), dry_run=dry_run)


@app.command("label")
def label_concept(
    context: typer.Context,
    notation: Notation,
    text: Annotated[str, typer.Argument(help="What people call it.")],
    *,
    language: Annotated[str, typer.Option(help="Of the label, such as sw.")],
    kind: Annotated[str, typer.Option(help="pref, alt, abbr, hidden or asked.")] = "alt",
    remove: Annotated[
        bool, typer.Option("--remove", help="Take it away again, where it was added here.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Add a label to a concept, or set another preferred one."""
    from kb.term_changes import Label, Unlabel

    wish = Unlabel if remove else Label
    _change(context, wish(notation, kind, language, text), dry_run=dry_run)


@app.command("merge")
def merge_concepts(
    context: typer.Context,
    notation: Notation,
    into: Annotated[str, typer.Argument(help="The concept that takes its place.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Retire a concept for another one; all that carries it is tagged anew."""
    from kb.term_changes import Retire

    _change(context, Retire(notation, into, library_of(context).site.facets), dry_run=dry_run)


@app.command("retire")
def retire_concept(context: typer.Context, notation: Notation, *, dry_run: DryRun = False) -> None:
    """Retire a concept that nothing replaces; records keep it, nobody is offered it."""
    from kb.term_changes import Retire

    filters = library_of(context).site.facets
    _change(context, Retire(notation, filters=filters), dry_run=dry_run)


@app.command("undo")
def undo_change(
    context: typer.Context,
    batch_id: Annotated[int, typer.Argument(metavar="BATCH", help="Number of the change.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Take a change of the taxonomy back, with all that it tagged anew; as `kb undo` does."""
    from web.commands.batches import undo

    undo(context, batch_id, dry_run=dry_run)


@app.command("export")
def export_taxonomy(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help="To write: .ttl, .rdf or .jsonld (SKOS) or .xlsx.", dir_okay=False),
    ],
) -> None:
    """Write all concepts to a file, as SKOS or as a sheet with one row a concept."""
    from kb.errors import InvalidError
    from kb.packing import writing
    from web.term_files import MEDIA_TYPES, written

    form = file.suffix.lower().lstrip(".")
    if form not in MEDIA_TYPES:
        known = ", ".join(f".{one}" for one in MEDIA_TYPES)
        raise InvalidError(f"A taxonomy is no “.{form}” file.", hint=f"Name it {known}.")
    data = written(_terms(context), form, base=settings_of(context).base_url)
    with writing(file):
        file.write_bytes(data)
    typer.echo(f"{file} holds the taxonomy ({MEDIA_TYPES[form]}).")


@app.command("import")
def import_taxonomy(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=".ttl, .nt or .xlsx.", exists=True, dir_okay=False)],
    *,
    dry_run: DryRun = False,
) -> None:
    """Add what a file says and the library does not; nothing unless all of it is right."""
    from kb.term_import import Import
    from web.term_files import read

    filters = library_of(context).site.facets
    wish = Import(read(file.name, file.read_bytes()), file.name, filters)
    _change(context, wish, dry_run=dry_run)


def _terms(context: typer.Context) -> "Taxonomy":
    """Return the taxonomy as it stands; of the files alone where there is no library yet."""
    there = settings_of(context).data.exists()
    return library_of(context).taxonomy if there else taxonomy_of(context)


def _change(context: typer.Context, wish: "Wish", *, dry_run: bool) -> None:
    from kb import term_changes
    from web import filling

    library = library_of(context)
    with library.reading() as session:
        effect = term_changes.preview(session, library.standing, wish)
    _show(effect)
    if dry_run:
        return
    with library.writing() as session:
        batch_id = term_changes.make(session, library.files, wish, by=library.settings.curator).id
        session.commit()
    filling.index(library, step=filling.quietly)
    typer.echo(f"Done, as batch {batch_id}: `kb taxonomy undo {batch_id}` takes it back.")


def _show(effect: "Effect") -> None:
    """Print what a change does: statement by statement, and to which records."""
    for said in effect.plan.adds:
        key = f" {said.key}" if said.key else ""
        typer.echo(f"+ {said.subject}: {said.predicate}{key} {said.value}")
    if effect.plan.takes:
        typer.echo(f"- {len(effect.plan.takes)} of what was said here before")
    for old, new in effect.plan.moves.items():
        typer.echo(f"  {old} → {new}: {len(effect.records)} records are tagged anew")
    for touched in effect.records:
        typer.echo(f"  record {touched.record_id}: {touched.title}")
