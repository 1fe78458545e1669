"""The library for programs: search, records and taxonomy as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
from web.api.tables import CONCEPTS, RECORDS, table
from web.asking import FIELDS, LAST_PAGE, AskedDep
from web.catalogue import PublicRecord, public_records, published
from web.deps import IndexDep, LibraryDep, ReadingDep, RecordId, Typed
from web.errors import documented
from web.render import address
from web.rules import OPEN
from web.speaking import ALSO_CSV, SPEAKS, CsvDep

router = APIRouter(prefix="/api/v1", dependencies=[OPEN, SPEAKS])

PER_PAGE = 20
MOST = 100

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[int, Query(ge=0, le=2**31 - 1, description="Records after this number.")]
Before = Annotated[
    int | None,
    Query(ge=1, le=2**31 - 1, description="Records before this number, in place of `cursor`."),
]
Notation = Annotated[str, Path(max_length=80)]


@router.get(
    "/search",
    tags=["search"],
    response_model=Answer,
    responses=ALSO_CSV | documented(422, 503),
)
def search_records(
    request: Request,
    response: Response,
    session: ReadingDep,
    index: IndexDep,
    *,
    asked: AskedDep,
    as_csv: CsvDep,
) -> Any:
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
    more = asked.page * PER_PAGE < results.total and asked.page < LAST_PAGE
    response.headers["Link"] = _links(
        first=_at(request, page=1),
        prev=_at(request, page=asked.page - 1) if asked.page > 1 else None,
        next=_at(request, page=asked.page + 1) if more else None,
    )
    if as_csv:
        found = (records.get(hit.record_id) for hit in results.hits)
        return table((_summary(request, one) for one in found if one), RECORDS, response.headers)
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


@router.get(
    "/records",
    tags=["records"],
    response_model=Records,
    responses=ALSO_CSV | documented(422, 503),
)
def list_records(
    request: Request,
    response: Response,
    session: ReadingDep,
    *,
    as_csv: CsvDep,
    cursor: Cursor = 0,
    before: Before = None,
    limit: Limit = PER_PAGE,
) -> Any:
    """List all public records in the order of their numbers, a stretch at a time."""
    stretch = _stretch(session, cursor=cursor, before=before, limit=limit)
    records = public_records(session, stretch.ids)
    after = _at(request, limit=limit, cursor=stretch.ids[-1]) if stretch.more_after else None
    response.headers["Link"] = _links(
        first=_at(request, limit=limit),
        prev=_at(request, limit=limit, before=stretch.ids[0]) if stretch.more_before else None,
        next=after,
    )
    found = [_summary(request, records[i]) for i in stretch.ids if i in records]
    if as_csv:
        return table(found, RECORDS, response.headers)
    total = session.scalar(select(func.count()).select_from(Row).where(in_scope(Scope.PUBLIC)))
    return Records(records=found, next=after, total=total or 0)


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


@router.get(
    "/taxonomy",
    tags=["taxonomy"],
    response_model=Taxonomy,
    responses=ALSO_CSV | documented(422),
)
def whole_taxonomy(library: LibraryDep, as_csv: CsvDep) -> Any:
    """Return both concept schemes, topics and interventions; as SKOS they are at /taxonomy.ttl."""
    terms = library.taxonomy
    concepts = [concept_of(terms, term) for term in terms]
    return (
        table(concepts, CONCEPTS) if as_csv else Taxonomy(version=terms.version, concepts=concepts)
    )


@router.get("/taxonomy/{notation}", tags=["taxonomy"], responses=documented(404, 422))
def one_concept(library: LibraryDep, notation: Notation) -> Concept:
    """Return one concept with its labels and links."""
    if notation not in library.taxonomy.terms:
        raise NotFoundError(
            f"There is no concept “{notation}”.", hint="/api/v1/taxonomy has all of them."
        )
    return concept_of(library.taxonomy, library.taxonomy[notation])


class _Stretch(NamedTuple):
    """Numbers of records in their order, and whether there are more on either side."""

    ids: Sequence[int]
    more_before: bool
    more_after: bool


def _stretch(session: Session, *, cursor: int, before: int | None, limit: int) -> _Stretch:
    query = select(Row.id).where(in_scope(Scope.PUBLIC))
    if before is None:
        after = query.where(Row.id > cursor).order_by(Row.id).limit(limit + 1)
        found = session.scalars(after).all()
        ids, more_after = found[:limit], len(found) > limit
        edge = query.where(Row.id <= cursor).limit(1)
        return _Stretch(ids, bool(ids) and session.scalar(edge) is not None, more_after)
    back = query.where(Row.id < before).order_by(Row.id.desc()).limit(limit + 1)
    found = session.scalars(back).all()
    ids = found[:limit][::-1]
    edge = query.where(Row.id >= before).limit(1)
    return _Stretch(ids, len(found) > limit, bool(ids) and session.scalar(edge) is not None)


def _at(request: Request, **changed: int) -> str:
    """Return this address with other places in the list, and what else was asked."""
    kept = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"cursor", "before", "limit", "page"}
    ]
    query = urlencode([*kept, *changed.items()])
    return f"{address(request)}?{query}" if query else address(request)


def _links(**addresses: str | None) -> str:
    """Return the value of the header Link; RFC 8288."""
    return ", ".join(f'<{there}>; rel="{rel}"' for rel, there in addresses.items() if there)


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
