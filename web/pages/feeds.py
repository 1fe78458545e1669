"""What is new, for feed readers: of the whole library, of any search, of collections."""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from kb.markup import to_text
from search.filters import Scope
from search.index import Index
from search.query import Sort, search
from web import feeds
from web.asking import Asked, AskedDep
from web.catalogue import public_records
from web.collected import public_collections
from web.deps import IndexDep, LibraryDep, NamesDep, ReadingDep
from web.feeds import Entry
from web.library import Library
from web.metadata.described import Described, described
from web.names import Names
from web.render import address
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

MOST = 50  # entries


@router.get("/feeds/recent.atom")
def recent_feed(
    request: Request, session: ReadingDep, index: IndexDep, library: LibraryDep, names: NamesDep
) -> Response:
    """Send the newest records."""
    return _of_search(request, session, index, library, names, asked=Asked())


@router.get("/search.atom")
def search_feed(
    request: Request,
    session: ReadingDep,
    index: IndexDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    asked: AskedDep,
) -> Response:
    """Send what a search finds, the newest first: a search that one keeps and is told about."""
    return _of_search(request, session, index, library, names, asked=asked)


@router.get("/collections.atom")
def collections_feed(
    request: Request, session: ReadingDep, library: LibraryDep, names: NamesDep
) -> Response:
    """Send the newest editions of collections."""
    entries = [
        Entry(
            key=f"collections/{one.about.collection_id}/editions/{one.about.number}",
            title=one.said.title,
            link=address(request, f"/collections/{one.about.collection_id}"),
            at=one.about.at,
            text=one.about.note or to_text(one.said.purpose),
            lang=one.said.language,
        )
        for one in public_collections(session, most=MOST)
    ]
    return _feed(request, library, names, names.gettext("Collections"), entries)


def _of_search(
    request: Request,
    session: Session,
    index: Index,
    library: Library,
    names: Names,
    *,
    asked: Asked,
) -> Response:
    found = search(
        session,
        index,
        asked.q,
        filters=asked.filters,
        scope=Scope.PUBLIC,
        limit=MOST,
        without=asked.without,
        sort=Sort.NEWEST,
        diverse=False,
    )
    records = public_records(session, (hit.record_id for hit in found.hits))
    home = address(request, "")
    shown = (
        described(records[hit.record_id], library, names, home)
        for hit in found.hits
        if hit.record_id in records
    )
    title = asked.q or ", ".join(str(names.of(group, value)) for group, value in asked.chosen)
    return _feed(request, library, names, title, map(_entry, shown))


def _entry(said: Described) -> Entry:
    return Entry(
        key=f"records/{said.record_id}",
        title=said.title,
        link=said.address,
        at=said.updated,
        text=said.abstract,
        authors=said.authors,
        about=tuple((one.address, one.label) for one in said.subjects),
        lang=said.language,
    )


def _feed(
    request: Request, library: Library, names: Names, title: str, entries: Iterable[Entry]
) -> Response:
    name = library.site.called(names.language)
    query = f"?{request.url.query}" if request.url.query else ""
    here = f"{address(request)}{query}"
    body = feeds.atom(
        title=f"{title} – {name}" if title else name,
        author=name,
        home=address(request, ""),
        key=f"{request.url.path.lstrip('/')}{query}",
        lang=names.language,
        entries=entries,
        here=here,
    )
    return Response(body, media_type=feeds.MEDIA_TYPE)
