"""Take home how a record is cited and described, for reference managers and other systems."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from kb.errors import NotFoundError
from kb.wording import marked
from web.api.answers import record_of
from web.catalogue import PublicRecord, published
from web.deps import LibraryDep, NamesDep, ReadingDep, RecordId
from web.library import Library
from web.metadata import signposting
from web.metadata.described import Described, described
from web.metadata.formats import BY_NAME, BY_TYPE, HTML, JSON, Format
from web.metadata.negotiation import best
from web.metadata.signposting import LINKSET, LINKSET_JSON
from web.names import Names
from web.render import address
from web.rules import OPEN

router = APIRouter(prefix="/records", dependencies=[OPEN])

FormatName = Annotated[str, Path(max_length=20)]


@router.get("/{record_id}/cite.{form}")
def cite(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    record_id: RecordId,
    form: FormatName,
) -> Response:
    """Send the record in one of the forms of `web.metadata.formats`."""
    if form not in BY_NAME:
        raise NotFoundError(
            marked("A record is not offered as “%(form)s”.", form=form),
            hint=marked("Choose among: %(forms)s.", forms=", ".join(BY_NAME)),
        )
    said = description(request, library, names, published(session, record_id))
    answer = in_form(said, BY_NAME[form])
    name = f"record-{record_id}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@router.get("/{record_id}/linkset")
def linkset(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    record_id: RecordId,
) -> Response:
    """Send the signs of the record, its file and its descriptions."""
    said = description(request, library, names, published(session, record_id))
    return as_linkset(said)


@router.get("/{record_id}/linkset.json")
def linkset_json(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    record_id: RecordId,
) -> Response:
    """Send the same as JSON."""
    said = description(request, library, names, published(session, record_id))
    return as_linkset_json(said)


def description(
    request: Request, library: Library, names: Names, record: PublicRecord
) -> Described:
    """Describe the record as it stands at the addresses of this library."""
    return described(record, library, names, address(request, ""))


def in_wanted_form(
    request: Request, library: Library, names: Names, record: PublicRecord
) -> Response | None:
    """Return the record in the form that the program asks for; None for the page."""
    offered = (HTML, *BY_TYPE, JSON, LINKSET_JSON, LINKSET)
    wanted = best(request.headers.get("accept", ""), offered)
    if wanted == HTML:
        return None
    if wanted is None:
        told = "This record is offered as:\n" + "".join(f"{kind}\n" for kind in offered)
        return PlainTextResponse(told, 406, headers={"Vary": "Accept"})
    said = description(request, library, names, record)
    answer = _in(wanted, said, record)
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


def _in(kind: str, said: Described, record: PublicRecord) -> Response:
    """Return the record as this media type, which is one of those offered."""
    if kind == JSON:
        return JSONResponse(record_of(record, said.address).model_dump(mode="json"))
    if kind == LINKSET:
        return as_linkset(said)
    if kind == LINKSET_JSON:
        return as_linkset_json(said)
    answer = in_form(said, BY_TYPE[kind])
    answer.headers["Content-Location"] = f"{said.address}/cite.{BY_TYPE[kind].name}"
    return answer


def as_linkset(said: Described) -> Response:
    """Return the signs of the record as `application/linkset`."""
    return Response(signposting.linkset(signposting.of_all(said)), media_type=LINKSET)


def as_linkset_json(said: Described) -> Response:
    """Return the signs of the record as `application/linkset+json`."""
    told = signposting.linkset_json(signposting.of_all(said))
    return JSONResponse(told, media_type=LINKSET_JSON)


def in_form(said: Described, form: Format) -> Response:
    """Return the record in a form, and which page it describes."""
    headers = {"Link": f'<{said.address}>; rel="describes"; type="text/html"'}
    kind = f"{form.media_type}; charset=utf-8"
    return Response(form.write(said), media_type=kind, headers=headers)
