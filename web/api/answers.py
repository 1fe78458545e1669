"""What the API answers with: only what every reader may see."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from kb import content
from kb.taxonomy import Taxonomy as Terms
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
from search.diversity import Fold
from search.suggest import Kind
from web.catalogue import PublicRecord


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
    total: int = Field(description="All public records.")


class Span(BaseModel):
    """Characters of a text, the end not included."""

    start: int
    end: int


class Folded(BaseModel):
    """A record that stands behind a hit instead of in the list."""

    id: int
    title: str
    why: Fold = Field(description="It tells the same, or comes from the same facility.")


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
    folded: list[Folded] = Field(description="Empty with `every=true`.")


class Count(BaseModel):
    """How many records have one value of a filter."""

    value: str
    count: int


class Understood(BaseModel):
    """A concept that the question names."""

    notation: str
    label: str
    text: str


class Correction(BaseModel):
    """A word that the library does not know, and the words searched beside it."""

    typed: str
    meant: list[str]


class Offer(BaseModel):
    """A filter that the question names; it is offered, not set."""

    filter: str = Field(description="What the address calls it, such as `country`.")
    value: str
    text: str = Field(description="As it stands in the question.")


class Broader(BaseModel):
    """A search that finds more."""

    url: str
    count: int


class Answer(BaseModel):
    """One page of the answers to a question."""

    question: str
    language: str = Field(description="BCP 47; empty when there is too little to tell.")
    concepts: list[Understood]
    without: list[str] = Field(description="Concepts that were taken away by `without`.")
    phrases: list[str] = Field(description="Quoted in the question: every hit has them.")
    excluded: list[str] = Field(description="After a minus: no hit has them.")
    corrections: list[Correction]
    suggestion: str = Field(description="The question without its misspellings; may be empty.")
    offers: list[Offer]
    total: int = Field(description="Records that match; more may match when `more` is true.")
    more: bool
    page: int
    hits: list[Hit]
    facets: dict[str, list[Count]]
    facets_about: bool = Field(description="Counting took too long: the counts are estimates.")
    broader: list[Broader] = Field(description="Searches that find more, where little was found.")


class Suggestion(BaseModel):
    """A title or a concept of which every typed word begins a word."""

    text: str
    kind: Kind
    language: str = Field(description="BCP 47, of the text.")
    record_id: int | None = Field(description="Of a title.")
    notation: str | None = Field(description="Of a concept.")


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


def concept_of(taxonomy: Terms, term: Term) -> Concept:
    """Return a term as the API shows it."""
    return Concept(
        notation=term.notation,
        scheme=term.scheme,
        pref_label=dict(term.pref),
        alt_label={language: list(labels) for language, labels in term.alt.items()},
        broader=list(term.broader),
        narrower=[t.notation for t in taxonomy.narrower(term.notation)],
        related=list(term.related),
        exact_match=list(term.exact_match),
        deprecated=term.deprecated,
        replaced_by=term.replaced_by,
    )


def summary_of(record: PublicRecord, url: str) -> RecordSummary:
    """Return a record as it stands in a list; `url` is that of its page."""
    said, found = record.said, record.strength
    return RecordSummary(
        id=record.record_id,
        url=url,
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


def record_of(record: PublicRecord, url: str) -> Record:
    """Return a whole record."""
    said = record.said
    return Record(
        **summary_of(record, url).model_dump(),
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
