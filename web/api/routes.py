"""The library for programs: search, records and taxonomy as JSON."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import select

from kb.errors import NotFoundError
from kb.models import Record as Row
from search.filters import Scope, in_scope
from search.query import Hit as Found
from search.query import search
from search.suggest import suggest
from web.api.answers import (
    Answer,
    Broader,
    Concept,
    Correction,
    Count,
    Folded,
    Hit,
    Offer,
    Record,
    Records,
    RecordSummary,
    Span,
    Suggestion,
    Taxonomy,
    Understood,
    concept_of,
    record_of,
    summary_of,
)
from web.asking import FIELDS, AskedDep
from web.catalogue import PublicRecord, public_records, published
from web.deps import IndexDep, LibraryDep, ReadingDep, RecordId, Typed
from web.errors import documented
from web.render import address
from web.rules import OPEN

router = APIRouter(prefix="/api/v1", dependencies=[OPEN])

PER_PAGE = 20
MOST = 100

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[
    int, Query(ge=0, le=2**31 - 1, description="Where the last answer's `next` left off.")
]
Notation = Annotated[str, Path(max_length=80)]


@router.get("/search", tags=["search"], responses=documented(422, 503))
def search_records(
    request: Request, session: ReadingDep, index: IndexDep, asked: AskedDep
) -> Answer:
    """Find the public records that answer a question, best first; an empty one lists the newest."""
    results = search(
        session,
        index,
        asked.q,
        filters=asked.filters,
        scope=Scope.PUBLIC,
        limit=PER_PAGE,
        offset=(asked.page - 1) * PER_PAGE,
        facets=True,
        without=asked.without,
        sort=asked.sort,
        diverse=not asked.every,
    )
    records = public_records(session, (hit.record_id for hit in results.hits))
    question = results.question
    return Answer(
        question=question.text,
        language=question.language,
        concepts=[
            Understood(notation=m.notation, label=m.label, text=m.text) for m in question.concepts
        ],
        without=list(question.dropped),
        phrases=list(question.phrases),
        excluded=list(question.excluded),
        corrections=[Correction(typed=c.typed, meant=list(c.meant)) for c in question.corrections],
        suggestion=question.suggestion,
        offers=[Offer(filter=FIELDS[o.field], value=o.value, text=o.text) for o in question.offers],
        total=results.total,
        more=results.more,
        page=asked.page,
        hits=[
            _hit(hit, _summary(request, records[hit.record_id]))
            for hit in results.hits
            if hit.record_id in records
        ],
        facets={
            name: [Count(value=c.value, count=c.count) for c in counts]
            for name, counts in results.facets.items()
        },
        facets_about=results.about,
        broader=[
            Broader(
                url=address(request, "/api/v1")
                + asked.filtered(one.filters, keep_question=one.asked),
                count=one.count,
            )
            for one in results.broaden
        ],
    )


@router.get("/records", tags=["records"], responses=documented(422, 503))
def list_records(
    request: Request,
    response: Response,
    session: ReadingDep,
    cursor: Cursor = 0,
    limit: Limit = PER_PAGE,
) -> Records:
    """List all public records in the order of their numbers, a stretch at a time."""
    query = select(Row.id).where(in_scope(Scope.PUBLIC), Row.id > cursor).order_by(Row.id)
    ids = session.scalars(query.limit(limit + 1)).all()
    records = public_records(session, ids[:limit])
    after = None
    if len(ids) > limit:
        after = f"{address(request)}?cursor={ids[limit - 1]}&limit={limit}"
        response.headers["Link"] = f'<{after}>; rel="next"'
    return Records(
        records=[_summary(request, records[i]) for i in ids[:limit] if i in records], next=after
    )


@router.get("/records/{record_id}", tags=["records"], responses=documented(404, 410, 422, 503))
def get_record(request: Request, session: ReadingDep, record_id: RecordId) -> Record:
    """Return one public record."""
    record = published(session, record_id)
    return record_of(record, _url(request, record))


@router.get("/suggest", tags=["search"], responses=documented(422, 503))
def suggest_while_typing(
    session: ReadingDep, index: IndexDep, typed: Typed = ""
) -> list[Suggestion]:
    """Suggest titles of public records and concepts for what is typed so far."""
    return [Suggestion(**asdict(one)) for one in suggest(session, index, typed)]


@router.get("/taxonomy", tags=["taxonomy"])
def whole_taxonomy(library: LibraryDep) -> Taxonomy:
    """Return both concept schemes, topics and interventions."""
    terms = library.taxonomy
    return Taxonomy(
        version=terms.version,
        concepts=[concept_of(library.taxonomy, term) for term in terms.terms.values()],
    )


@router.get("/taxonomy/{notation}", tags=["taxonomy"], responses=documented(404, 422))
def one_concept(library: LibraryDep, notation: Notation) -> Concept:
    """Return one concept with its labels and links."""
    if notation not in library.taxonomy.terms:
        raise NotFoundError(
            f"There is no concept “{notation}”.", hint="/api/v1/taxonomy has all of them."
        )
    return concept_of(library.taxonomy, library.taxonomy[notation])


def _hit(hit: Found, record: RecordSummary) -> Hit:
    return Hit(
        record=record,
        section=hit.section,
        heading=hit.heading,
        passage=hit.passage,
        score=hit.score,
        meaning=hit.parts.meaning,
        words=hit.parts.words,
        concepts=hit.parts.concepts,
        matched_words=list(hit.words),
        matched_concepts=list(hit.concepts),
        highlights=[Span(start=start, end=end) for start, end in hit.highlights],
        folded=[Folded(id=f.record_id, title=f.title, why=f.why) for f in hit.folded],
    )


def _summary(request: Request, record: PublicRecord) -> RecordSummary:
    return summary_of(record, _url(request, record))


def _url(request: Request, record: PublicRecord) -> str:
    return address(request, f"/records/{record.record_id}")
