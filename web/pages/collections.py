"""Collections: what curators have put together, and one of them to read, keep and print."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from kb import adapting, borrowed_collections, editions
from kb.editions import Published
from kb.errors import NotFoundError
from kb.licences import known
from kb.wording import marked
from web import collected
from web.binding.book import Book, bound, name_of
from web.binding.forms import FORMS
from web.binding.page import POLICY
from web.collected import KINDS, PARTS, PublicCollection, public_collection, public_collections
from web.deps import LibraryDep, NamesDep, ReadingDep, RecordId
from web.library import Library
from web.names import Names
from web.pages.answer import where
from web.pages.files import as_file
from web.pages.taking import MOST as MOST_PRINTED
from web.render import address, environment, page
from web.rules import OPEN

FormName = Annotated[str, Path(max_length=20)]

router = APIRouter(prefix="/collections", dependencies=[OPEN])


@router.get("")
def collections_page(request: Request, session: ReadingDep) -> Response:
    """Show the published collections, newest first."""
    return page(request, "collections.html", collections=public_collections(session), kinds=KINDS)


@router.get("/{collection_id}")
def collection_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    collection_id: RecordId,
) -> Response:
    """Show the newest edition of a collection, in the curator's order."""
    collection = public_collection(session, collection_id)
    context = shown(session, library, names, collection)
    about = collection.about
    earlier = about.number - 1
    return page(
        request,
        "collection.html",
        **context,
        **_others(session, collection),
        news=_news(session, about, earlier) if earlier else None,
        sizes=_sizes(request, about, names),
        keep_with=[f"/records/{record_id}" for record_id in collection.record_ids],
    )


@router.get("/{collection_id}/editions/{number}")
def edition_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    collection_id: RecordId,
    number: RecordId,
) -> Response:
    """Show one edition of a collection, and what changed since."""
    collection = public_collection(session, collection_id, number)
    about = collection.about
    newest = public_collection(session, collection_id).about
    return page(
        request,
        "collection.html",
        **shown(session, library, names, collection),
        **_others(session, collection),
        news=collected.news(session, about, newest) if about.number < newest.number else None,
        sizes=_sizes(request, about, names),
        keep_with=[],
    )


@router.get("/{collection_id}/package.{form}")
def package(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    collection_id: RecordId,
    form: FormName,
) -> Response:
    """Send the newest edition of a collection whole, in one of the forms of `web.binding`."""
    collection = public_collection(session, collection_id)
    return _taken(request, bind(session, library, names, collection, _home(request)), form)


@router.get("/{collection_id}/editions/{number}/package.{form}")
def package_edition(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    collection_id: RecordId,
    number: RecordId,
    form: FormName,
) -> Response:
    """Send one edition of a collection whole."""
    collection = public_collection(session, collection_id, number)
    return _taken(request, bind(session, library, names, collection, _home(request)), form)


def _home(request: Request) -> str:
    return address(request, "/").rstrip("/")


def _taken(request: Request, book: Book, form: str) -> Response:
    if form not in FORMS:
        raise NotFoundError(
            marked("A package is not offered as “%(form)s”.", form=form),
            hint=marked("Choose among: %(forms)s.", forms=", ".join(FORMS)),
        )
    kind = FORMS[form]
    written = kind.write(book)
    request.app.state.sizes[book.name, book.language, form] = len(written)
    answer = as_file(request, written, kind.media_type, f"{book.name}.{form}")
    if form == "html":
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Content-Disposition"] = "inline"
    return answer


def _sizes(request: Request, about: Published, names: Names) -> dict[str, int]:
    """Return how many bytes each form of an edition had when it was last made; not all were."""
    made, name = request.app.state.sizes, name_of(about)
    return {form: made.get((name, names.language, form), 0) for form in FORMS}


def shown(
    session: Session, library: Library, names: Names, collection: PublicCollection
) -> dict[str, Any]:
    """Return an edition as its page wants it."""
    said = collection.said
    items = collected.collected(session, said)
    told = collected.told(session, said, library.taxonomy)
    accounts = told.accounts if told else ()
    number, own = collection.about.collection_id, library.site.licence
    licence = said.licence or borrowed_collections.own_licence(session, number, own)
    return {
        "home": borrowed_collections.home(session, number),
        "collection": collection,
        "said": said,
        "kind": KINDS[said.kind],
        "part_names": PARTS,
        "items": items,
        "blocks": collected.blocks(said, items),
        "verdicts": Counter(item.record.said.verdict for item in items),
        "made": told,
        "told": {account.record_id: account for account in accounts},
        "where": {account.record_id: where(account, names) for account in accounts},
        "licence": known(licence),
        "spdx": licence,
        "licences": {
            item.record.record_id: library.site.licence_of(
                item.record.said.licence, item.record.said.origin
            )
            for item in items
        },
        "most_printed": MOST_PRINTED,
        "forms": tuple(FORMS.values()),
    }


def bind(
    session: Session, library: Library, names: Names, collection: PublicCollection, home: str
) -> Book:
    """Return an edition as a book, as everybody may read it today."""
    about = collection.about
    context = shown(session, library, names, collection) | _others(session, collection)
    context["news"] = _news(session, about, about.number - 1) if about.number > 1 else None
    templates = environment(library, names.language)
    return bound(collection, context, library, names=names, templates=templates, home=home)


def _others(session: Session, collection: PublicCollection) -> dict[str, Any]:
    """Return what leads to its other editions, to its origin, and to what was made of it."""
    number = collection.about.collection_id
    return {
        "editions": editions.all_of(session, number),
        "origin": adapting.origin_of(session, collection.said),
        "adapted": adapting.adapted(session, number),
    }


def _news(session: Session, about: Published, earlier: int) -> collected.News | None:
    """Return what is new since the edition before; None where nothing of that may be read."""
    before = editions.find(session, about.collection_id, earlier)
    return collected.news(session, before, about) if before else None
