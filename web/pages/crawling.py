"""What programs ask a site first: where it may be read, how it is searched, whom to warn.

Sources: RFC 9309 (robots.txt), RFC 9116 (security.txt), OpenSearch 1.1,
https://www.sitemaps.org/protocol.html
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import PlainTextResponse
from lxml import etree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import collections
from kb.db import utcnow
from kb.errors import NotFoundError
from kb.models import Record
from kb.wording import marked
from search.filters import Scope, in_scope
from web.deps import LibraryDep, ReadingDep
from web.metadata.xml import document, element
from web.oai import harvest
from web.render import address
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
OPEN_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
HOLDS = timedelta(days=90)  # what security.txt says: less than a year, says its standard
PER_MAP = 5_000  # records: with a link for each language, far below the 50 MB that are allowed
XML = "application/xml"
# Answers without end, and what is somebody's own.
NOT_FOR_ROBOTS: Final = (
    "/search?",
    "/answer",
    "/similar",
    "/compare",
    "/print",
    "/suggest",
    "/judgements",
    "/api/",
    "/desk",
    "/tell",
    "/boards",
    "/account",
    "/sign-in",
    "/people",
)
STANDING: Final = (
    "/",
    "/topics",
    "/interventions",
    "/countries",
    "/facility-types",
    "/collections",
    "/explore",
    "/about",
    "/licence",
    "/privacy",
    "/accessibility",
    "/templates",
)

Part = Annotated[int, Path(ge=1, le=10_000)]


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """Say what robots need not ask for, and where the list of pages is."""
    refused = "".join(f"Disallow: {path}\n" for path in NOT_FOR_ROBOTS)
    allowed = "Allow: /search.atom\n"
    lists = f"Sitemap: {address(request, '/sitemap.xml')}\n"
    return PlainTextResponse(f"User-agent: *\n{allowed}{refused}\n{lists}")


@router.get("/.well-known/security.txt")
def security(request: Request, library: LibraryDep) -> Response:
    """Say whom to tell of a weakness; it holds as long as the library is there to say so.

    Raises:
        NotFoundError: the library says no contact.
    """
    contact = library.site.contact
    if not contact:
        raise NotFoundError(
            marked("This library names nobody to tell of a weakness."),
            hint=marked("Who runs it can write a contact into site.toml."),
        )
    told = {
        "Contact": contact if contact.startswith("https://") else f"mailto:{contact}",
        "Expires": f"{utcnow().date() + HOLDS}T00:00:00Z",
        "Preferred-Languages": ", ".join(library.site.languages),
        "Canonical": address(request, "/.well-known/security.txt"),
    }
    return PlainTextResponse("".join(f"{name}: {said}\n" for name, said in told.items()))


@router.get("/sitemap.xml")
def sitemap(request: Request, session: ReadingDep) -> Response:
    """List the lists of pages."""
    count = session.scalar(select(func.count()).where(in_scope(Scope.PUBLIC))) or 0
    root = etree.Element(f"{{{SITEMAP}}}sitemapindex", nsmap={None: SITEMAP})
    parts = range(1, -(-count // PER_MAP) + 1)
    lists = ["/sitemap-pages.xml", *(f"/sitemap-records-{part}.xml" for part in parts)]
    for path in lists:
        one = element(root, f"{{{SITEMAP}}}sitemap")
        element(one, f"{{{SITEMAP}}}loc", address(request, path))
    return _xml(root)


@router.get("/sitemap-pages.xml")
def sitemap_of_pages(request: Request, session: ReadingDep, library: LibraryDep) -> Response:
    """List the pages that are no records."""
    paths = [(path, None) for path in (*STANDING, *_shelves(session))]
    return _xml(_pages(request, library.site.languages, paths))


@router.get("/sitemap-records-{part}.xml")
def sitemap_of_records(
    request: Request, session: ReadingDep, library: LibraryDep, *, part: Part
) -> Response:
    """List the pages of records, and when each changed last."""
    query = select(Record.id, Record.updated).where(in_scope(Scope.PUBLIC)).order_by(Record.id)
    rows = session.execute(query.offset((part - 1) * PER_MAP).limit(PER_MAP)).all()
    if not rows:
        raise NotFoundError(
            marked("There is no such list of pages."), hint=marked("Begin at /sitemap.xml.")
        )
    paths = [(f"/records/{number}", updated.date()) for number, updated in rows]
    return _xml(_pages(request, library.site.languages, paths))


@router.get("/opensearch.xml")
def open_search(request: Request, library: LibraryDep) -> Response:
    """Say to browsers and other programs how the library is asked."""
    root = etree.Element(f"{{{OPEN_SEARCH}}}OpenSearchDescription", nsmap={None: OPEN_SEARCH})
    name = library.site.name
    element(root, f"{{{OPEN_SEARCH}}}ShortName", name[:16])
    element(root, f"{{{OPEN_SEARCH}}}LongName", name[:48])
    element(root, f"{{{OPEN_SEARCH}}}Description", f"Search {name}")
    for kind, template in (
        ("text/html", "/search?q={searchTerms}&page={startPage?}"),
        ("application/atom+xml", "/search.atom?q={searchTerms}"),
        ("application/json", "/api/v1/search?q={searchTerms}&page={startPage?}"),
    ):
        element(
            root,
            f"{{{OPEN_SEARCH}}}Url",
            type=kind,
            template=address(request, "") + template,
        )
    element(root, f"{{{OPEN_SEARCH}}}InputEncoding", "UTF-8")
    return Response(document(root), media_type="application/opensearchdescription+xml")


def _shelves(session: Session) -> Iterator[str]:
    for scheme, notation in sorted(harvest.used_concepts(session)):
        yield f"/{scheme}/{notation}"
    for code in harvest.used_countries(session):
        yield f"/countries/{code}"
    for one in collections.published(session):
        yield f"/collections/{one.collection_id}"


def _pages(
    request: Request, languages: Iterable[str], paths: Iterable[tuple[str, date | None]]
) -> etree._Element:
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "xhtml": XHTML})
    spoken = list(languages)
    for path, changed in paths:
        url, here = element(root, f"{{{SITEMAP}}}url"), address(request, path)
        element(url, f"{{{SITEMAP}}}loc", here)
        if changed:
            element(url, f"{{{SITEMAP}}}lastmod", changed.isoformat())
        for language in spoken if len(spoken) > 1 else ():
            link = {"rel": "alternate", "hreflang": language, "href": f"{here}?lang={language}"}
            element(url, f"{{{XHTML}}}link", **link)
    return root


def _xml(root: etree._Element) -> Response:
    return Response(document(root), media_type=XML)
