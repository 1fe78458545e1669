"""Read one record, and take home the file it was made from."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from kb import content, copies, permissions, relay, reuse, support, usage
from kb.db import utcnow
from kb.errors import NotFoundError, NotReadyError
from kb.licences import KNOWN
from kb.permissions import Act
from kb.taxonomy import Term
from kb.vocabulary import Counted, Scheme
from kb.wording import marked
from search.filters import Scope
from search.index import Index
from search.similar import Similar, similar
from web import citing, photos, spreading, telling
from web.api.answers import record_of
from web.caching import is_known
from web.catalogue import PublicRecord, public_records, published, shown_to
from web.deps import IndexDep, LibraryDep, NamesDep, PersonDep, ReadingDep, RecordId
from web.followed import followed
from web.library import Library
from web.metadata import signposting
from web.metadata.described import Described
from web.metadata.schema_org import schema_org
from web.pages.citations import description, in_wanted_form
from web.render import address, page
from web.rules import OPEN

router = APIRouter(prefix="/records", dependencies=[OPEN])

SIMILAR = 4
# A file of strangers: shown nowhere, run by nobody, only saved.
FOR_SAVING = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
}


class ToTake(NamedTuple):
    """What a reader may take home of a record, and how many bytes each is."""

    cited: citing.Citation
    sentence: str
    bibtex: int
    ris: int
    json: int
    copy: bool  # of the original; the record knows its size


@router.get("/{record_id}")
def record_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    index: IndexDep,
    names: NamesDep,
    *,
    person: PersonDep,
    record_id: RecordId,
) -> Response:
    """Show one record."""
    record, circle = shown_to(session, person, record_id)
    if circle is not None:
        request.state.unkept = True  # not everybody's: no browser keeps it
    elif other := in_wanted_form(request, library, names, record):
        return other
    described = description(request, library, names, record)
    said, parts = record.said, telling.parts(record.said)
    alike = _alike(session, index, record_id)
    others = public_records(session, (other.record_id for other in alike))
    terms = library.taxonomy.terms
    reports = reuse.reports(session, record_id)
    tried = spreading.shown(session, reports)
    spdx = library.site.licence_of(said.licence, said.origin)
    counts = request.app.state.counting is not None  # a copy would tell what was, for ever
    answer = page(
        request,
        "record.html",
        record=record,
        linked=schema_org(described),
        follows=person.known and permissions.may(session, person, Act.FOLLOW, record_id),
        circle=circle,
        said=said,
        lead=telling.lead(said),
        measures=followed(said, names),
        photos=photos.sized(session, record_id, library.settings.copies),
        parts=parts,
        blocks=telling.blocks(said, parts),
        logistics=telling.logistics(said),
        sizes=telling.sizes(said),
        support=telling.support(said, parts),
        cost_text=telling.cost_text(said, parts),
        advice=[telling.ADVICE[thing] for thing in record.completeness.missing],
        topics=tagged(said, Scheme.TOPICS, terms),
        interventions=tagged(said, Scheme.INTERVENTIONS, terms),
        alike=[(other, others[other.record_id]) for other in alike if other.record_id in others],
        tried=tried,
        tried_verdicts=reuse.verdicts(reports),
        team_offered=relay.offered(session, record_id),
        asked=support.states(session, record_id),
        spdx=spdx,
        licence=KNOWN.get(spdx),
        to_take=_to_take(library, described, record),
        used=_used(session, record_id) if library.site.show_use and counts else None,
    )
    answer.headers.append("Vary", "Accept")
    if circle is None:
        answer.headers["Link"] = signposting.header(described)
    return answer


def _to_take(library: Library, cited: Described, record: PublicRecord) -> ToTake:
    """Weigh what may be taken home; the page says it before anybody pays for it."""
    return ToTake(
        cited=cited,
        sentence=citing.sentence(cited),
        bibtex=len(citing.bibtex(cited).encode()),
        ris=len(citing.ris(cited).encode()),
        json=len(record_of(record, cited.address).model_dump_json().encode()),
        copy=record.copy_offered(library.settings.share_originals),
    )


def _used(session: Session, record_id: int) -> usage.Used:
    """Return how often the record was looked at and taken home in the last year."""
    since = utcnow().date() - timedelta(days=365)
    return usage.of_one(session, Counted.RECORD, record_id, since=since)


def _alike(session: Session, index: Index, record_id: int) -> tuple[Similar, ...]:
    """Return similar records; none where nothing can be searched: the record is there to read."""
    try:
        return similar(session, index, record_id, scope=Scope.PUBLIC, limit=SIMILAR)
    except NotReadyError:
        return ()


@router.get("/{record_id}/file")
def copy_of_file(
    request: Request, session: ReadingDep, library: LibraryDep, record_id: RecordId
) -> Response:
    """Send the copy of the file the record was made from, where the library shares it."""
    record = published(session, record_id)
    original = record.original
    if original is None or not record.copy_offered(library.settings.share_originals):
        raise NotFoundError(
            marked("The file of record %(number)s is not offered here.", number=str(record_id)),
            hint=marked("Read the record, or ask the library for the file."),
        )
    assert original.copy is not None
    return FileResponse(
        copies.find(library.settings.copies, original.copy),
        filename=f"record-{record_id}.{original.kind.lower()}",  # its own name may name people
        media_type=original.media_type,
        headers=FOR_SAVING
        | {"Link": f'<{address(request, f"/records/{record_id}")}>; rel="collection"'},
    )


@router.get("/{record_id}/photos/{number}")
def photo(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    person: PersonDep,
    *,
    record_id: RecordId,
    number: Annotated[int, Path(ge=1, le=999)],
) -> Response:
    """Send a photo of the record, small, to whoever may read the record."""
    _, circle = shown_to(session, person, record_id)
    if circle is not None:
        request.state.unkept = True
    found = photos.sized(session, record_id, library.settings.copies)
    if number > len(found):
        raise NotFoundError(
            marked("This story has no such photo."), hint=marked("Look at its photos.")
        )
    sha256 = found[number - 1].photo.sha256
    # Asked for again each time: a team may take it away.
    headers = FOR_SAVING | {"ETag": f'"{sha256}"'}
    if is_known(headers["ETag"], request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    data = photos.small(copies.find(library.settings.copies, sha256))
    return Response(data, media_type="image/jpeg", headers=headers)


def tagged(said: content.Record, scheme: Scheme, terms: Mapping[str, Term]) -> list[str]:
    """Return the notations of the record's tags in `scheme` that the taxonomy still has."""
    return [
        tag.notation
        for tag in said.tags
        if tag.notation in terms and terms[tag.notation].scheme is scheme
    ]
