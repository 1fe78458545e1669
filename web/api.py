"""The library for programs: search, records and taxonomy as JSON. Only what readers may see."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from kb import content
from kb.models import Record as Row
from kb.taxonomy import Term
from kb.vocabulary import (
    Level,
    RecordType,
    ResourceNeed,
    Scheme,
    SectionRole,
    Stage,
    StrengthBand,
    Verdict,
)
from search.filters import Scope, in_scope
from search.query import search
from search.similar import similar
from web.asking import AskedDep
from web.catalogue import PublicRecord, public_records, published
from web.deps import IndexDep, LibraryDep, ReadingDep, RecordId
from web.errors import documented
from web.render import address

router = APIRouter(prefix="/api/v1")

PER_PAGE = 20
MOST = 100

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[
    int, Query(ge=0, le=2**31 - 1, description="Where the last answer's `next` left off.")
]
Notation = Annotated[str, Path(max_length=80)]


class Strength(BaseModel):
    """How strong the data are: five criteria of 0, 1 or 2, and their sum."""

    objective: int
    patient_outcome: int
    many_points: int
    frequent: int
    reliable: int
    total: int = Field(description="0 to 10")


class Tag(BaseModel):
    """A confirmed concept of the taxonomy."""

    notation: str
    evidence: str = Field(description="The sentence that says so; may be empty.")


class RecordSummary(BaseModel):
    """A record in a list."""

    id: int
    url: str
    title: str
    summary: str
    language: str = Field(description="BCP 47")
    record_type: RecordType
    level: Level
    places: list[content.Place] = Field(description="As the facility allows them to be shown.")
    start_date: date | None
    end_date: date | None
    verdict: Verdict
    team_judgement_only: bool = Field(description="“Worked” rests on the team's word.")
    strength: Strength | None
    strength_band: StrengthBand
    tags: list[Tag]
    licence: str = Field(description="SPDX identifier; may be empty.")
    published: datetime
    updated: datetime
    version: int


class Record(RecordSummary):
    """A whole record."""

    sections: list[content.Section]
    change_ideas: list[content.ChangeIdea]
    measures: list[content.Measure]
    support_activities: list[content.SupportActivity]
    support_requests: list[content.SupportRequest]
    aim: content.Aim | None
    baseline: content.Baseline | None
    keywords: list[str]
    verdict_reason: str
    stage: Stage | None
    resource_need: ResourceNeed | None
    still_running: bool
    n_facilities: int | None
    n_districts: int | None
    completeness: int = Field(description="0 to 12: could another team do this?")
    missing: list[str]
    authors: list[str] = Field(description="Only where they want credit.")
    credit_line: str
    offer: str
    source_citation: str
    source_url: str
    doi: str


class Records(BaseModel):
    """A stretch of all public records, in the order of their numbers."""

    records: list[RecordSummary]
    next: str | None = Field(description="Address of the next stretch; also in the Link header.")


class Span(BaseModel):
    """Characters of a text, the end not included."""

    start: int
    end: int


class Hit(BaseModel):
    """One record offered as an answer, and why."""

    record: RecordSummary
    section: SectionRole
    heading: str
    passage: str = Field(description="Markdown, as it stands in the record.")
    score: float = Field(description="Orders this one list; not comparable between questions.")
    meaning: float
    words: float
    concepts: float
    matched_words: list[str]
    matched_concepts: list[str]
    highlights: list[Span] = Field(description="Of matched words in `passage`.")


class Count(BaseModel):
    """How many records have one value of a filter."""

    value: str
    count: int


class Understood(BaseModel):
    """A concept that the question names."""

    notation: str
    label: str
    text: str


class Answer(BaseModel):
    """One page of the answers to a question."""

    question: str
    language: str = Field(description="BCP 47; empty when there is too little to tell.")
    concepts: list[Understood]
    total: int
    page: int
    hits: list[Hit]
    facets: dict[str, list[Count]]


class Similar(BaseModel):
    """A record like another one, and why."""

    record: RecordSummary
    score: float
    concepts: list[str]
    passage: str
    other_passage: str
    elsewhere: bool = Field(description="In another country.")


class Concept(BaseModel):
    """A skos:Concept."""

    notation: str
    scheme: Scheme
    pref_label: dict[str, str] = Field(description="By language.")
    alt_label: dict[str, list[str]]
    broader: list[str]
    narrower: list[str]
    related: list[str]
    exact_match: list[str]
    deprecated: bool
    replaced_by: str | None


class Taxonomy(BaseModel):
    """Both schemes."""

    version: str
    concepts: list[Concept]


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
    )
    records = public_records(session, (hit.record_id for hit in results.hits))
    return Answer(
        question=results.question.text,
        language=results.question.language,
        concepts=[
            Understood(notation=m.notation, label=m.label, text=m.text)
            for m in results.question.concepts
        ],
        total=results.total,
        page=asked.page,
        hits=[
            Hit(
                record=_summary(request, records[hit.record_id]),
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
            )
            for hit in results.hits
            if hit.record_id in records
        ],
        facets={
            name: [Count(value=c.value, count=c.count) for c in counts]
            for name, counts in results.facets.items()
        },
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


@router.get("/records/{record_id}", tags=["records"], responses=documented(404, 410, 503))
def get_record(request: Request, session: ReadingDep, record_id: RecordId) -> Record:
    """Return one public record."""
    record = published(session, record_id)
    said = record.said
    return Record(
        **_summary(request, record).model_dump(),
        sections=list(said.sections),
        change_ideas=list(said.change_ideas),
        measures=list(said.measures),
        support_activities=list(said.support_activities),
        support_requests=list(said.support_requests),
        aim=said.aim,
        baseline=said.baseline,
        keywords=list(said.keywords),
        verdict_reason=said.verdict_reason,
        stage=said.stage,
        resource_need=said.resource_need,
        still_running=said.still_running,
        n_facilities=said.n_facilities,
        n_districts=said.n_districts,
        completeness=record.completeness.total,
        missing=list(record.completeness.missing),
        authors=list(said.authors),
        credit_line=said.credit_line,
        offer=said.offer,
        source_citation=said.source_citation,
        source_url=said.source_url,
        doi=said.doi,
    )


@router.get(
    "/records/{record_id}/similar", tags=["records"], responses=documented(404, 410, 422, 503)
)
def similar_records(
    request: Request,
    session: ReadingDep,
    index: IndexDep,
    record_id: RecordId,
    limit: Limit = 5,
) -> list[Similar]:
    """Return public records like this one, those from other countries first."""
    published(session, record_id)
    alike = similar(session, index, record_id, scope=Scope.PUBLIC, limit=limit)
    records = public_records(session, (other.record_id for other in alike))
    return [
        Similar(
            record=_summary(request, records[other.record_id]),
            score=other.score,
            concepts=list(other.concepts),
            passage=other.passage,
            other_passage=other.other_passage,
            elsewhere=other.elsewhere,
        )
        for other in alike
        if other.record_id in records
    ]


@router.get("/taxonomy", tags=["taxonomy"])
def whole_taxonomy(library: LibraryDep) -> Taxonomy:
    """Return both concept schemes, topics and interventions."""
    terms = library.taxonomy
    return Taxonomy(
        version=terms.version,
        concepts=[_concept(library, term) for term in terms.terms.values()],
    )


@router.get("/taxonomy/{notation}", tags=["taxonomy"], responses=documented(404))
def one_concept(library: LibraryDep, notation: Notation) -> Concept:
    """Return one concept with its labels and links."""
    return _concept(library, library.taxonomy[notation])


def _concept(library: LibraryDep, term: Term) -> Concept:
    return Concept(
        notation=term.notation,
        scheme=term.scheme,
        pref_label=dict(term.pref),
        alt_label={language: list(labels) for language, labels in term.alt.items()},
        broader=list(term.broader),
        narrower=[t.notation for t in library.taxonomy.narrower(term.notation)],
        related=list(term.related),
        exact_match=list(term.exact_match),
        deprecated=term.deprecated,
        replaced_by=term.replaced_by,
    )


def _summary(request: Request, record: PublicRecord) -> RecordSummary:
    said, found = record.said, record.strength
    return RecordSummary(
        id=record.record_id,
        url=address(request, f"/records/{record.record_id}"),
        title=said.title,
        summary=said.summary,
        language=said.language,
        record_type=said.record_type,
        level=said.level,
        places=list(said.places),
        start_date=said.start_date,
        end_date=said.end_date,
        verdict=said.verdict,
        team_judgement_only=record.team_only,
        strength=Strength(
            objective=found.objective,
            patient_outcome=found.patient_outcome,
            many_points=found.many_points,
            frequent=found.frequent,
            reliable=found.reliable,
            total=found.total,
        )
        if found
        else None,
        strength_band=record.band,
        tags=[Tag(notation=tag.notation, evidence=tag.evidence) for tag in said.tags],
        licence=said.licence,
        published=record.published,
        updated=record.updated,
        version=record.version,
    )
