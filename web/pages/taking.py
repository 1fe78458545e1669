"""Take stories along: as a message, as a picture, on paper, by a short address."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy.orm import Session

from kb.db import utcnow
from kb.errors import InvalidError, NotFoundError
from kb.wording import marked
from web.binding.paper import SHEETS, pdf
from web.caching import is_known
from web.catalogue import public_records, published
from web.deps import LibraryDep, NamesDep, ReadingDep, RecordId
from web.link_picture import LinkPicture, of_library, of_record, png
from web.names import Names
from web.one_page import one_page
from web.pages.files import as_file
from web.render import address, page
from web.rules import OPEN
from web.sharing import share_text

router = APIRouter(dependencies=[OPEN])

MOST = 20  # stories in a pack
DIGITS = 9  # of a number that may be one of a record
# Not longer, because a story may be taken back.
FOR_TEN_MINUTES = "public, max-age=600"


@router.get("/r/{record_id}")
def short_address(session: ReadingDep, record_id: RecordId) -> Response:
    """Lead from the address on paper to the record."""
    record = published(session, record_id)
    return RedirectResponse(f"/records/{record.record_id}", 301)


@router.get("/records/{record_id}/share.txt")
def share_page(
    request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId
) -> Response:
    """Send the record as a message of at most 700 characters."""
    record = published(session, record_id)
    text = share_text(record, names, address(request, f"/records/{record_id}"))
    return PlainTextResponse(text, headers={"Cache-Control": "no-cache"})


@router.get("/records/{record_id}/print")
def print_page(
    request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId
) -> Response:
    """Show the record as one page of A4."""
    return page(request, "print.html", **_sheet(request, session, names, record_id))


@router.get("/records/{record_id}/one-page.pdf")
def one_page_pdf(
    request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId
) -> Response:
    """Send the record as one page of A4, ready to print."""
    told = _sheet(request, session, names, record_id)
    return _printed(request, "print.html", told, f"record-{record_id}.pdf")


@router.get("/print")
def pack_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    ids: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Show a pack for a session: a cover, then each chosen story on its page."""
    return page(request, "print_pack.html", **_pack(request, session, names, _wanted(ids or [])))


@router.get("/print.pdf")
def pack_pdf(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    ids: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Send a pack for a session, ready to print."""
    told = _pack(request, session, names, _wanted(ids or []))
    return _printed(request, "print_pack.html", told, "stories.pdf")


@router.get("/records/{record_id}/card.png")
def record_picture(
    request: Request, session: ReadingDep, library: LibraryDep, record_id: RecordId
) -> Response:
    """Draw what a link to the record shows in a message."""
    record = published(session, record_id)
    return _png(request, of_record(record, library.taxonomy, library.site))


@router.get("/card.png")
def library_picture(request: Request, library: LibraryDep, names: NamesDep) -> Response:
    """Draw what a link to the library shows in a message."""
    return _png(request, of_library(library.site, names))


def _sheet(request: Request, session: Session, names: Names, record_id: int) -> dict[str, Any]:
    """Return what the page of one story is made of."""
    record = published(session, record_id)
    return {
        "told": one_page(record, names, short=address(request, f"/r/{record_id}")),
        "story": address(request, f"/records/{record_id}"),
        "pdf": f"/records/{record_id}/one-page.pdf",
    }


def _pack(request: Request, session: Session, names: Names, wanted: list[int]) -> dict[str, Any]:
    """Return what a pack is made of.

    Raises:
        NotFoundError: none of the stories may be read.
    """
    found = public_records(session, wanted)
    if not found:
        raise NotFoundError(
            marked("None of these stories is here."), hint=marked("Choose others in the search.")
        )
    return {
        "told": [
            one_page(found[record_id], names, short=address(request, f"/r/{record_id}"))
            for record_id in wanted
            if record_id in found
        ],
        "missing": [record_id for record_id in wanted if record_id not in found],
        "today": utcnow().date(),
        "pdf": f"/print.pdf?ids={','.join(map(str, wanted))}",
    }


def _printed(request: Request, template: str, told: Mapping[str, Any], name: str) -> Response:
    html = bytes(page(request, template, **told, paper=True).body).decode()
    return as_file(request, pdf(html, SHEETS), "application/pdf", name)


def _png(request: Request, picture: LinkPicture) -> Response:
    headers = {"ETag": picture.etag, "Cache-Control": FOR_TEN_MINUTES}
    if is_known(picture.etag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(png(picture), media_type="image/png", headers=headers)


def _wanted(ids: list[str]) -> list[int]:
    """Return the numbers of an address, each once: `ids=1,2` and `ids=1&ids=2` say the same.

    Raises:
        InvalidError: there are none, too many, or something that is no number.
    """
    said = [one.strip() for part in ids for one in part.split(",") if one.strip()]
    odd = [one for one in said if not (one.isascii() and one.isdigit() and len(one) <= DIGITS)]
    choose = marked("Choose stories in the search, then print them.")
    if odd:
        raise InvalidError(
            marked("“%(said)s” is not the number of a story.", said=odd[0][:DIGITS]), hint=choose
        )
    wanted = list(dict.fromkeys(map(int, said)))
    if not wanted:
        raise InvalidError(marked("No stories were chosen."), hint=choose)
    if len(wanted) > MOST:
        raise InvalidError(
            marked(
                "%(many)s stories were chosen. A pack has %(most)s at most.",
                many=len(wanted),
                most=MOST,
            ),
            hint=marked("Print them as two packs."),
        )
    return wanted
