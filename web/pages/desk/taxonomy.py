"""What this library calls things: the concepts, one of them, and each change looked at before."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from kb import batches, term_changes, users
from kb.concept_file import LABELS
from kb.errors import ForbiddenError, InvalidError, KBError, NotFoundError
from kb.people import Person
from kb.taxonomy import FALLBACK, Term
from kb.term_changes import Add, Label, Retire, Said, Unlabel, Wish
from kb.term_import import Import, Read
from kb.vocabulary import BatchKind, Role, Scheme
from kb.wording import marked
from search.filters import Scope
from search.query import search
from web import filling
from web.deps import IndexDep, LibraryDep, NamesDep, PersonDep, ReadingDep, WritingDep
from web.errors import STATUS
from web.forms import Form, FormDep
from web.library import Library
from web.names import Names
from web.pages.browse import branches, counted, way_to
from web.render import page, shown_next
from web.rules import needs
from web.term_files import MEDIA_TYPES, read, written
from web.uploads import FormWithFile, Upload, UploadDep

HOME = "/desk/taxonomy"
# Offered; any other may be typed.
TONGUES = ("en", "fr", "es", "pt", "sw", "ar", "am", "ha", "hi", "bn", "om", "rw", "so", "ur", "yo")
MOST_FOUND = 60
MOST_CHANGES = 12
MOST_SHOWN = 100  # records of a preview, statements of an import

router = APIRouter(prefix=HOME, include_in_schema=False, dependencies=[needs(Role.CURATOR)])


def _is_whole(person: Person) -> bool:
    """Tell whether all of the library is entrusted to `person`, and not some places only."""
    return person.has(Role.CURATOR, at=())


def _whole(person: PersonDep) -> None:
    """Refuse whom only a part of the library is entrusted to: the taxonomy is everybody’s.

    Raises:
        ForbiddenError: they curate in some places only.
    """
    if not _is_whole(person):
        raise ForbiddenError(
            marked("The taxonomy is changed by who curates the whole library."),
            hint=marked("Ask whoever looks after the accounts of this library."),
        )


WHOLE = Depends(_whole)


@router.get("")
def taxonomy_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    index: IndexDep,
    *,
    names: NamesDep,
    person: PersonDep,
    q: Annotated[str, Query(max_length=200)] = "",
    scheme: Scheme = Scheme.TOPICS,
) -> Response:
    """Show the concepts as a tree with how many records each has, or those that are looked for."""
    counts = counts_of(session, index, scheme, person)
    changes = batches.of_kind(session, BatchKind.TAXONOMY, limit=MOST_CHANGES)
    return page(
        request,
        "desk/taxonomy.html",
        whole=_is_whole(person),
        q=q.strip(),
        scheme=scheme,
        found=_found(q, names) if q.strip() else [],
        tree=branches(names.taxonomy.roots(scheme), names.taxonomy, counts),
        standing=library.standing,
        retired=[term for term in names.taxonomy.scheme(scheme) if term.deprecated],
        changes=changes,
        called=users.called(session, (batch.by for batch in changes), person),
    )


@router.get("/concepts/{notation}")
def concept_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    index: IndexDep,
    *,
    person: PersonDep,
    notation: str,
) -> Response:
    """Show one concept: its labels, its records, and what can be done with it."""
    return _concept(request, session, library, index, person, notation)


@router.get("/change", dependencies=[WHOLE])
def change_page(
    request: Request, session: ReadingDep, library: LibraryDep, index: IndexDep, person: PersonDep
) -> Response:
    """Show what a change would do, before it is made: it names every record that it touches."""
    query = request.query_params
    form = Form({name: query.getlist(name) for name in query})
    try:
        wish = _wish(form, library)
        effect = term_changes.preview(session, library.standing, wish)
    except KBError as error:
        if form.text("concept") not in library.taxonomy.terms:
            raise
        concept = form.text("concept")
        return _concept(request, session, library, index, person, concept, form, error)
    return page(
        request,
        "desk/taxonomy_change.html",
        effect=effect,
        fields=[(name, value) for name, values in form.fields.items() for value in values],
        concept=form.text("concept"),
        most=MOST_SHOWN,
    )


@router.post("/change", dependencies=[WHOLE])
def change(
    session: WritingDep, request: Request, library: LibraryDep, person: PersonDep, form: FormDep
) -> Response:
    """Make a change."""
    return _made(request, session, library, _wish(form, library), by=person.by)


@router.get("/export.{form}")
def export(library: LibraryDep, form: str) -> Response:
    """Send all concepts, as SKOS or as a sheet."""
    if form not in MEDIA_TYPES:
        raise NotFoundError(marked("The taxonomy is not written as .%(form)s.", form=form))
    data = written(library.taxonomy, form, base=library.settings.base_url)
    named = {"Content-Disposition": f'attachment; filename="taxonomy.{form}"'}
    return Response(data, media_type=MEDIA_TYPES[form], headers=named)


@router.get("/import")
def import_page(request: Request) -> Response:
    """Ask for a file."""
    return page(request, "desk/taxonomy_import.html", error=None)


@router.post("/import", dependencies=[WHOLE])
def import_(
    session: WritingDep, request: Request, library: LibraryDep, person: PersonDep, sent: UploadDep
) -> Response:
    """Show what a file would change; where that was seen, change it."""
    filters = library.site.facets
    try:
        if said := sent.form.text("said"):
            wish = Import(_seen(said), sent.form.text("name"), filters)
            return _made(request, session, library, wish, by=person.by)
        file = _chosen(sent)
        wish = Import(read(file.name, file.data), file.name, filters)
        effect = term_changes.preview(session, library.standing, wish)
    except InvalidError as error:
        return page(request, "desk/taxonomy_import.html", error=error, status=STATUS[InvalidError])
    return page(
        request,
        "desk/taxonomy_import.html",
        error=None,
        effect=effect,
        said=json.dumps(effect.plan.adds, ensure_ascii=False),
        name=file.name,
        most=MOST_SHOWN,
    )


def _chosen(sent: FormWithFile) -> Upload:
    file = sent.file("file")
    if file is None:
        raise InvalidError(marked("No file was chosen."), hint=marked("Choose one, and send."))
    return file


def counts_of(session: Session, index: Any, scheme: Scheme, person: Person) -> dict[str, int]:
    """Return how many records each concept has with all below it.

    Drafts count too for whoever curates the whole library; for others what everybody reads.
    """
    scope = Scope.ALL if _is_whole(person) else Scope.PUBLIC
    everything = search(session, index, "", scope=scope, limit=1, facets=True)
    return counted(everything, scheme.value)


def _concept(  # noqa: PLR0917  what was typed, and what was wrong with it, come last
    request: Request,
    session: Session,
    library: Library,
    index: Any,
    person: Person,
    notation: str,
    typed: Form | None = None,
    error: KBError | None = None,
) -> Response:
    taxonomy = library.taxonomy
    if notation not in taxonomy.terms:
        raise NotFoundError(
            marked("The taxonomy has no concept “%(concept)s”.", concept=notation),
            hint=marked("Look for it by one of its labels."),
        )
    term = taxonomy[notation]
    counts = counts_of(session, index, term.scheme, person)
    own = [said for said in library.standing.kept if said.subject == notation]
    return page(
        request,
        "desk/taxonomy_concept.html",
        term=term,
        way=way_to(notation, taxonomy),
        narrower=branches(taxonomy.narrower(notation), taxonomy, counts),
        count=counts.get(notation, 0),
        labels=_by_language(term),
        added={(said.predicate, said.key, said.value) for said in own},
        is_own=library.standing.is_own(notation),
        current=taxonomy.current(notation),
        others=[t for t in taxonomy.scheme(term.scheme) if not t.deprecated and t is not term],
        kinds=LABELS,
        tongues=TONGUES,
        typed=typed or Form({}),
        error=error,
        done=request.query_params.get("done", ""),
        status=STATUS[type(error)] if error else 200,
    )


def _made(request: Request, session: Session, library: Library, wish: Wish, *, by: str) -> Response:
    batch = term_changes.make(session, library.files, wish, by=by)
    done, number = batch.asked, batch.id
    session.commit()
    library.look()
    filling.index(library, step=filling.quietly)
    if done[0] == "import":
        return shown_next(request, f"/desk/batches/{number}")
    return shown_next(request, f"{HOME}/concepts/{done[1]}?done={number}")


def _wish(form: Form, library: Library) -> Wish:
    """Return what a form asks for.

    Raises:
        InvalidError: it asks for nothing that can be done.
    """
    concept, act = form.text("concept"), form.text("act")
    label = concept, form.text("kind"), form.text("language"), form.text("text")
    if act == "add":
        return Add((concept,), _labels(form), form.text("notation"))
    if act == "label":
        return Label(*label)
    if act == "unlabel":
        return Unlabel(*label)
    filters = library.site.facets
    if act == "merge":
        scheme = library.taxonomy[concept].scheme
        into = notation_in(form.text("into"), scheme, library)
        if not into:
            raise InvalidError(
                marked("It is not said what takes its place."),
                hint=marked("Choose a concept from the list."),
            )
        return Retire(concept, into, filters)
    if act == "retire":
        return Retire(concept, filters=filters)
    raise InvalidError(
        marked("“%(act)s” is nothing that can be done.", act=act),
        hint=marked("Load the page, send again."),
    )


def _labels(form: Form) -> dict[str, str]:
    """Return the labels of a new concept: the English one, and one in the curator's language."""
    labels, text, language = (
        {FALLBACK: form.text("english")},
        form.text("text"),
        form.text("language"),
    )
    if text and language in labels:
        raise InvalidError(
            marked("It is not said in which language “%(label)s” is.", label=text),
            hint=marked("Write its code, such as fr, sw or pt-MZ."),
        )
    return labels | ({language: text} if text else {})


def notation_in(text: str, scheme: Scheme, library: Library) -> str:
    """Return the concept that is meant by a notation or by one of its labels; else the text."""
    if text in library.taxonomy.terms:
        return text
    wanted = text.casefold()
    for term in library.taxonomy.scheme(scheme):
        labels = (label.casefold() for _, _, label in term_changes.all_labels(term))
        if not term.deprecated and wanted in labels:
            return term.notation
    return text


def _found(q: str, names: Names) -> list[Term]:
    """Return the concepts with a label, or a notation, that has these letters in it."""
    wanted = q.strip().casefold()
    found = [
        term
        for term in names.taxonomy
        if wanted in term.notation
        or any(wanted in label.casefold() for _, _, label in term_changes.all_labels(term))
    ]
    return found[:MOST_FOUND]


def _by_language(term: Term) -> Mapping[str, dict[str, list[str]]]:
    """Return the labels of a concept by language and kind."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, language, text in term_changes.all_labels(term):
        found.setdefault(language, {}).setdefault(kind, []).append(text)
    return found


def _seen(said: str) -> Read:
    """Return the statements of an import as its preview had them.

    Raises:
        InvalidError: somebody changed them on the way.
    """
    try:
        return Read(tuple(Said(*map(str, one)) for one in json.loads(said)))
    except (ValueError, TypeError) as error:
        raise InvalidError(
            marked("The form cannot be read."), hint=marked("Send the file again.")
        ) from error
