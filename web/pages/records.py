"""Read one record, and take home the file it was made from."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from kb import content, copies, markup
from kb.errors import NotFoundError, NotReadyError
from kb.taxonomy import Term
from kb.vocabulary import Scheme, SectionRole
from search.filters import Scope
from search.index import Index
from search.similar import Similar, similar
from web.catalogue import public_records, published
from web.deps import IndexDep, LibraryDep, NamesDep, ReadingDep, RecordId
from web.followed import followed
from web.render import page

router = APIRouter(prefix="/records")

SIMILAR = 4
SAME_START = 200  # characters: a summary section that begins like the summary says it again
# A file of strangers: shown nowhere, run by nobody, only saved.
FOR_SAVING = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
}


@router.get("/{record_id}")
def record_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    index: IndexDep,
    names: NamesDep,
    *,
    record_id: RecordId,
) -> Response:
    """Show one record."""
    record = published(session, record_id)
    alike = _alike(session, index, record_id)
    others = public_records(session, (other.record_id for other in alike))
    terms = library.taxonomy.terms
    return page(
        request,
        "record.html",
        record=record,
        said=record.said,
        measures=followed(record.said, names),
        sections=narrative(record.said),
        topics=tagged(record.said, Scheme.TOPICS, terms),
        interventions=tagged(record.said, Scheme.INTERVENTIONS, terms),
        alike=[(other, others[other.record_id]) for other in alike if other.record_id in others],
        copy_offered=record.copy_offered(library.settings.share_originals),
    )


def _alike(session: Session, index: Index, record_id: int) -> tuple[Similar, ...]:
    """Return similar records; none where nothing can be searched: the record is there to read."""
    try:
        return similar(session, index, record_id, scope=Scope.PUBLIC, limit=SIMILAR)
    except NotReadyError:
        return ()


@router.get("/{record_id}/file")
def copy_of_file(session: ReadingDep, library: LibraryDep, record_id: RecordId) -> Response:
    """Send the copy of the file the record was made from, where the library shares it."""
    record = published(session, record_id)
    original = record.original
    if original is None or not record.copy_offered(library.settings.share_originals):
        raise NotFoundError(
            f"The file of record {record_id} is not offered here.",
            hint="Read the record, or ask the library for the file.",
        )
    assert original.copy is not None
    return FileResponse(
        copies.find(library.settings.copies, original.copy),
        filename=f"record-{record_id}.{original.kind.lower()}",  # its own name may name people
        media_type=original.media_type,
        headers=FOR_SAVING,
    )


def narrative(said: content.Record) -> list[content.Section]:
    """Return the sections to read: not the empty ones, nor one that is the summary once more."""
    start = said.summary[:SAME_START].strip()
    return [
        section
        for section in said.sections
        if section.body.strip()
        and not (
            section.role is SectionRole.SUMMARY
            and start
            and markup.to_text(section.body).strip().startswith(start)
        )
    ]


def tagged(said: content.Record, scheme: Scheme, terms: Mapping[str, Term]) -> list[str]:
    """Return the notations of the record's tags in `scheme` that the taxonomy still has."""
    return [
        tag.notation
        for tag in said.tags
        if tag.notation in terms and terms[tag.notation].scheme is scheme
    ]
