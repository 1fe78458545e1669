"""The library for harvesters: OAI-PMH 2.0 at /oai, asked by its address or by a form."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from web.deps import LibraryDep, ReadingDep
from web.oai.answering import Harvest, Pairs
from web.oai.answers import page_of
from web.render import address
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

MOST_BYTES = 8_000  # of a form: far more than any request says


async def _pairs(request: Request) -> Pairs:
    """Return what is said in the address or in the form, in its order, repeated or not."""
    if request.method != "POST":
        return parse_qsl(request.url.query, keep_blank_values=True)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return []
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


PairsDep = Annotated[Pairs, Depends(_pairs)]


@router.get("/oai")
def harvest_by_address(
    request: Request, session: ReadingDep, library: LibraryDep, pairs: PairsDep
) -> Response:
    """Answer a harvester; a person who opens the address in a browser gets a page.

    Only a browser says that it wants a document. `Accept` tells nothing: some harvesters ask for
    text/html as well.
    """
    answer = Harvest(session, library, address(request, "")).answer(pairs)
    shown = _xml(answer)
    if request.headers.get("sec-fetch-dest") == "document":
        shown = HTMLResponse(page_of(answer))
    shown.headers["Vary"] = "Sec-Fetch-Dest"
    return shown


@router.post("/oai")
def harvest_by_form(
    request: Request, session: ReadingDep, library: LibraryDep, pairs: PairsDep
) -> Response:
    """Answer a harvester that sends its question as a form; nothing is changed."""
    return _xml(Harvest(session, library, address(request, "")).answer(pairs))


def _xml(answer: bytes) -> Response:
    return Response(answer, media_type="text/xml; charset=utf-8")
