"""Take home how a record is cited, for a reference manager."""

from fastapi import APIRouter, Request, Response

from web.catalogue import PublicRecord, published
from web.citing import BIBTEX, RIS, Citation, bibtex, ris
from web.deps import LibraryDep, NamesDep, ReadingDep, RecordId
from web.library import Library
from web.names import Names
from web.render import address
from web.rules import OPEN

router = APIRouter(prefix="/records", dependencies=[OPEN])


@router.get("/{record_id}/cite.bib")
def cite_in_bibtex(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    record_id: RecordId,
) -> Response:
    """Send the record as a BibTeX entry."""
    cited = citation(request, library, names, published(session, record_id))
    return _file(bibtex(cited), BIBTEX, f"record-{record_id}.bib")


@router.get("/{record_id}/cite.ris")
def cite_in_ris(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    names: NamesDep,
    *,
    record_id: RecordId,
) -> Response:
    """Send the record in RIS."""
    cited = citation(request, library, names, published(session, record_id))
    return _file(ris(cited), RIS, f"record-{record_id}.ris")


def citation(request: Request, library: Library, names: Names, record: PublicRecord) -> Citation:
    """Return what is cited of the record: its authors, or else the team that wants credit."""
    said = record.said
    team = (said.credit_line,) if said.credit_line else ()
    return Citation(
        record_id=record.record_id,
        record_type=said.record_type,
        title=said.title,
        authors=said.authors or team,
        published=record.published.date(),
        library=library.site.name,
        address=address(request, f"/records/{record.record_id}"),
        language=said.language,
        abstract=said.summary,
        keywords=(*(names.concept(tag.notation) for tag in said.tags), *said.keywords),
        doi=said.doi,
    )


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)
