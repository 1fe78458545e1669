"""The tables: a record and its parts, concepts, original files, people, and what happened."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.vocabulary import (
    BatchKind,
    Became,
    Cadence,
    DataSource,
    Decision,
    Direction,
    FacilityType,
    FindingState,
    IdentifierKind,
    JudgementState,
    Level,
    LikenessKind,
    LikenessState,
    LinkKind,
    MeasureType,
    Naming,
    Ownership,
    RecordType,
    ResourceNeed,
    Role,
    Scheme,
    SectionRole,
    SourceKind,
    Stage,
    Status,
    StrengthBand,
    TagSource,
    TagStatus,
    Unit,
    Validation,
    Verdict,
    Visibility,
)


class Concept(Base):
    """A skos:Concept of taxonomy.yaml; `notation` never changes, labels may."""

    __tablename__ = "concept"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[Scheme] = mapped_column(index=True)
    notation: Mapped[str] = mapped_column(unique=True)
    pref_label: Mapped[str]  # in English; the other languages stand in the file
    deprecated: Mapped[bool] = mapped_column(default=False)
    replaced_by: Mapped[str | None]  # notation


class Record(Base):
    """One story, case study or report. Columns for what is filtered and sorted by.

    The fields of `kb.content.Record` have the same names here; `kb.records` carries them over.
    """

    __tablename__ = "record"
    # An id outlives its row: it stands in links, versions and exports.
    __table_args__ = (
        CheckConstraint("title <> ''", name="title_not_empty"),
        CheckConstraint("strength is null or strength between 0 and 10", name="strength_range"),
        CheckConstraint("completeness between 0 and 12", name="completeness_range"),
        Index("ix_record_status_version", "status", "version"),  # all that staleness asks for
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # counts edits, guards against lost ones
    created: Mapped[Moment]
    updated: Mapped[Moment]
    status: Mapped[Status] = mapped_column(default=Status.INBOX)
    published: Mapped[datetime | None] = mapped_column(UTCDateTime(), index=True)

    record_type: Mapped[RecordType] = mapped_column(index=True)
    level: Mapped[Level] = mapped_column(index=True)
    title: Mapped[str]
    summary: Mapped[str]
    language: Mapped[str] = mapped_column(index=True)  # BCP 47
    summary_languages: Mapped[list[str]] = mapped_column(JSON)
    keywords: Mapped[list[str]] = mapped_column(JSON)

    start_date: Mapped[date | None] = mapped_column(index=True)
    end_date: Mapped[date | None]
    still_running: Mapped[bool]
    aim: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    baseline: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cost: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    context_numbers: Mapped[dict[str, str]] = mapped_column(JSON)
    logistics: Mapped[dict[str, str]] = mapped_column(JSON)
    team_roles: Mapped[list[str]] = mapped_column(JSON)
    team_lead_role: Mapped[str]
    team_size: Mapped[int | None]

    verdict: Mapped[Verdict] = mapped_column(index=True)
    verdict_reason: Mapped[str]
    stage: Mapped[Stage | None]
    resource_need: Mapped[ResourceNeed | None]
    n_facilities: Mapped[int | None]
    n_districts: Mapped[int | None]

    naming: Mapped[Naming]
    visibility: Mapped[Visibility] = mapped_column(index=True)
    authors: Mapped[list[str]] = mapped_column(JSON)
    credit_line: Mapped[str]
    credit_wanted: Mapped[bool]
    contact: Mapped[str]
    offer: Mapped[str]

    source_kind: Mapped[SourceKind]
    source_citation: Mapped[str]
    source_url: Mapped[str]
    doi: Mapped[str]
    licence: Mapped[str]
    origin: Mapped[str] = mapped_column(index=True)
    evidence_note: Mapped[str]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    doubts: Mapped[list[str]] = mapped_column(JSON)
    review_due: Mapped[date | None]

    # Computed by kb.scores at every edit.
    strength: Mapped[int | None] = mapped_column(index=True)  # 0-10
    strength_band: Mapped[StrengthBand] = mapped_column(index=True)
    completeness: Mapped[int]  # 0-12

    sections: Mapped[list["Section"]] = relationship(
        cascade="all, delete-orphan", order_by="Section.position"
    )
    change_ideas: Mapped[list["ChangeIdea"]] = relationship(
        cascade="all, delete-orphan", order_by="ChangeIdea.position"
    )
    measures: Mapped[list["Measure"]] = relationship(
        cascade="all, delete-orphan", order_by="Measure.position"
    )
    support_activities: Mapped[list["SupportActivity"]] = relationship(
        cascade="all, delete-orphan", order_by="SupportActivity.position"
    )
    support_received: Mapped[list["SupportReceived"]] = relationship(
        cascade="all, delete-orphan", order_by="SupportReceived.position"
    )
    support_requests: Mapped[list["SupportRequest"]] = relationship(
        cascade="all, delete-orphan", order_by="SupportRequest.position"
    )
    places: Mapped[list["Place"]] = relationship(
        cascade="all, delete-orphan", order_by="Place.position"
    )
    tags: Mapped[list["Tag"]] = relationship(cascade="all, delete-orphan", order_by="Tag.id")
    facets: Mapped[list["Facet"]] = relationship(
        cascade="all, delete-orphan", order_by="Facet.name, Facet.value"
    )
    attachments: Mapped[list["Attachment"]] = relationship(
        cascade="all, delete-orphan", order_by="Attachment.id"
    )
    consent: Mapped["Consent | None"] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's name


class Part:
    """A row that belongs to a record and has its place among its like."""

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]


class Section(Part, Base):
    """One part of the narrative, in Markdown; the source of every passage."""

    __tablename__ = "section"

    role: Mapped[SectionRole]
    heading: Mapped[str]
    body: Mapped[str]


class ChangeIdea(Part, Base):
    """One thing that was tried, and what became of it."""

    __tablename__ = "change_idea"

    text: Mapped[str]
    steps: Mapped[str]
    who_did_it: Mapped[str]
    started: Mapped[date | None]
    ended: Mapped[date | None]
    tests: Mapped[str]
    resource_need: Mapped[ResourceNeed | None]
    decision: Mapped[Decision]
    verdict: Mapped[Verdict] = mapped_column(index=True)
    evidence_note: Mapped[str]
    n_sites_tested: Mapped[int | None]

    attachment: Mapped[str]  # sha256, or empty

    interventions: Mapped[list["IdeaConcept"]] = relationship(
        cascade="all, delete-orphan", order_by="IdeaConcept.position"
    )


class IdeaConcept(Base):
    """An intervention that a change idea belongs to, in the curator's order."""

    __tablename__ = "change_idea_concept"

    change_idea_id: Mapped[int] = mapped_column(
        ForeignKey("change_idea.id", ondelete="CASCADE"), primary_key=True
    )
    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id"), primary_key=True, index=True)
    position: Mapped[int]

    concept: Mapped[Concept] = relationship()


class Measure(Part, Base):
    """A number followed over time."""

    __tablename__ = "measure"

    name: Mapped[str]
    type: Mapped[MeasureType]
    numerator_text: Mapped[str]
    denominator_text: Mapped[str]
    unit: Mapped[Unit]
    direction: Mapped[Direction | None]
    source: Mapped[DataSource | None]
    collector_role: Mapped[str]
    validated_how: Mapped[Validation | None]
    cadence: Mapped[Cadence | None]
    sampling: Mapped[str]
    target: Mapped[float | None]
    standard_indicator: Mapped[str]
    baseline_points: Mapped[int | None]
    phases: Mapped[list[int]] = mapped_column(JSON)

    points: Mapped[list["Point"]] = relationship(
        cascade="all, delete-orphan", order_by="Point.position"
    )


class Point(Base):
    """One period of a measure; without numbers it is a gap."""

    __tablename__ = "point"

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(
        ForeignKey("measure.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    period: Mapped[date]  # first day
    label: Mapped[str]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float | None]
    note: Mapped[str]
    provisional: Mapped[bool]


class SupportActivity(Part, Base):
    """What a district or a ministry did for others."""

    __tablename__ = "support_activity"

    activity: Mapped[str]
    intervention: Mapped[str | None] = mapped_column(ForeignKey("concept.notation"))
    n_facilities: Mapped[int | None]
    dose: Mapped[str]
    frequency: Mapped[str]
    period: Mapped[str]
    who: Mapped[str]


class SupportReceived(Part, Base):
    """Help that a team got, and how useful it was."""

    __tablename__ = "support_received"

    what: Mapped[str]
    from_whom: Mapped[str]
    usefulness: Mapped[int | None]  # 1 not at all … 4 very


class SupportRequest(Part, Base):
    """Help asked of a level above."""

    __tablename__ = "support_request"

    text: Mapped[str]
    from_level: Mapped[Level]
    state: Mapped[str] = mapped_column(index=True)  # open, answered or closed


class Place(Part, Base):
    """Where it happened; `Record.naming` says what of it may be shown."""

    __tablename__ = "place"

    country: Mapped[str] = mapped_column(index=True)  # ISO 3166-1 alpha-3, or empty
    admin1: Mapped[str]
    admin2: Mapped[str]
    facility: Mapped[str]
    facility_code: Mapped[str]
    facility_type: Mapped[FacilityType | None] = mapped_column(index=True)
    ownership: Mapped[Ownership | None]


class Tag(Base):
    """A concept on a record: who proposed it, how sure, from which sentence, who confirmed it."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("record_id", "concept_id"),
        CheckConstraint("confidence between 0 and 1", name="confidence_range"),
        Index("ix_tag_concept_id_status", "concept_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id"))
    source: Mapped[TagSource]
    confidence: Mapped[float]
    evidence: Mapped[str]
    section: Mapped[str]
    neighbour: Mapped[str]
    status: Mapped[TagStatus]
    confirmed_by: Mapped[str]
    at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    concept: Mapped[Concept] = relationship()


class Facet(Base):
    """A value of a facet that a record may have several of (setting, audience, …)."""

    __tablename__ = "facet"
    __table_args__ = (UniqueConstraint("record_id", "name", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    value: Mapped[str]


class SourceFile(Base):
    """A file as it came; its bytes lie in the originals under their sha256, never changed."""

    __tablename__ = "source_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)  # hex
    name: Mapped[str]  # as the sender called it
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    added: Mapped[Moment]


class Attachment(Base):
    """A file that belongs to a record; `original` marks the one the record was made from."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("record_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("source_file.sha256"), index=True)
    original: Mapped[bool]
    has_faces: Mapped[bool | None]
    caption: Mapped[str]
    alt_text: Mapped[str]
    clean: Mapped[str | None]  # sha256 of the copy for readers, without what identifies people
    clean_note: Mapped[str]  # why there is no such copy, or what was taken out

    file: Mapped[SourceFile] = relationship()


class Consent(Base):
    """Who agreed to what, when; a record is shown to nobody beyond that."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), unique=True)
    agreed_by_role: Mapped[str]
    agreed_on: Mapped[date]
    terms_version: Mapped[str]
    visibility: Mapped[Visibility]
    naming: Mapped[Naming]
    photos: Mapped[bool]
    translation: Mapped[bool]
    ai_processing: Mapped[bool]
    withdrawn: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Link(Base):
    """How one record stands to another."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("record_id", "other_id", "kind"),
        CheckConstraint("record_id <> other_id", name="two_records"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    kind: Mapped[LinkKind]


class Reuse(Base):
    """A report of a team that tried it too."""

    __tablename__ = "reuse"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    at: Mapped[Moment]
    by: Mapped[str]
    where: Mapped[str]
    adapted_how: Mapped[str]
    verdict: Mapped[Verdict]
    numbers: Mapped[str]


class Review(Base):
    """What a reviewer decided about a version of a record, and asked of its author."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[Moment]
    reviewer: Mapped[str]
    outcome: Mapped[Status]  # where the record went: returned, in review, published, …
    questions: Mapped[list[str]] = mapped_column(JSON)


class RecordVersion(Base):
    """What a record said at one version: the JSON of `kb.content.Record`. Never changed."""

    __tablename__ = "record_version"
    __table_args__ = (UniqueConstraint("record_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[Moment]
    by: Mapped[str]
    note: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class Collection(Base):
    """Records put together for a purpose: a change package, a reading list."""

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[Moment]
    title: Mapped[str]
    purpose: Mapped[str]  # Markdown
    language: Mapped[str]  # BCP 47, of the curator's words
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    published: Mapped[datetime | None] = mapped_column(UTCDateTime())

    items: Mapped[list["CollectionItem"]] = relationship(
        cascade="all, delete-orphan", order_by="CollectionItem.position"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's name


class CollectionItem(Base):
    """A record's place in a collection, with the curator's words about it."""

    __tablename__ = "collection_item"
    __table_args__ = (UniqueConstraint("collection_id", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), index=True
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    position: Mapped[int]
    note: Mapped[str]  # Markdown

    record: Mapped[Record] = relationship()


class User(Base):
    """A person who signs in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str | None]
    created: Mapped[Moment]
    disabled: Mapped[bool] = mapped_column(default=False)


class Event(Base):
    """Something that happened to a record: who, what, when. Only ever added."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    verb: Mapped[str]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Batch(Base):
    """One run that made or changed many records; it can be undone as one."""

    __tablename__ = "batch"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    by: Mapped[str]
    kind: Mapped[BatchKind]
    asked: Mapped[list[str]] = mapped_column(JSON)  # files and folders as they were named
    finished: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone_by: Mapped[str]

    items: Mapped[list["BatchItem"]] = relationship(
        cascade="all, delete-orphan", order_by="BatchItem.position"
    )


class BatchItem(Base):
    """What became of one file of a batch, and why."""

    __tablename__ = "batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]  # path of the file, or the row of an import
    sha256: Mapped[str]  # hex, empty where the file could not be opened
    became: Mapped[Became]
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    before: Mapped[int | None]  # version of the record before the batch; None for a new one
    after: Mapped[int | None]  # version the batch left
    title: Mapped[str]
    reason: Mapped[str]  # why it failed, in a sentence with what to do
    doubts: Mapped[list[str]] = mapped_column(JSON)


class Finding(Base):
    """Something in a record or its files that may identify a person, and what was decided."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_record_id_state", "record_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    kind: Mapped[IdentifierKind]
    field: Mapped[str]  # such as "sections.2.body", "title", or "file:docProps/core.xml"
    start: Mapped[int]  # of the field's text, in characters; 0 for a file
    end: Mapped[int]
    text: Mapped[str]  # what was found, word for word
    confidence: Mapped[float]  # in [0, 1]
    state: Mapped[FindingState]
    replacement: Mapped[str]
    decided_by: Mapped[str]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Likeness(Base):
    """Two records that tell the same, and what a curator said of it; `record_id` is the newer."""

    __tablename__ = "likeness"
    __table_args__ = (
        UniqueConstraint("record_id", "other_id"),
        CheckConstraint("other_id < record_id", name="newer_first"),
        CheckConstraint("score between 0 and 1", name="score_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    kind: Mapped[LikenessKind]
    score: Mapped[float]  # share of the text they have in common, in [0, 1]
    # Which of the two is the earlier version, by the marks in file names or by dates.
    earlier_id: Mapped[int | None] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    state: Mapped[LikenessState]
    decided_by: Mapped[str]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())


class TextSignature(Base):
    """What is compared to find records that tell the same; derived, may be made again."""

    __tablename__ = "text_signature"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    record_version: Mapped[int]  # that was signed; text of an edited record is compared again
    text_sha256: Mapped[str] = mapped_column(index=True)  # of the words, without layout
    minhash: Mapped[bytes] = mapped_column(LargeBinary)
    modified: Mapped[date | None]  # as the file itself says


class Need(Base):
    """What was asked on one day and found nothing good: of nobody in particular, ever."""

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("day", "question", "language", "concepts"),
        CheckConstraint("times > 0", name="times_positive"),
        CheckConstraint("question <> '' or concepts <> ''", name="says_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    question: Mapped[str]  # lower case, at most 200 characters; empty where it may name somebody
    language: Mapped[str]  # BCP 47, empty when there is too little to tell
    concepts: Mapped[str]  # notations in order of the alphabet, a space between two
    times: Mapped[int]


class Judgement(Base):
    """That a record answers a question: proposed by a reader, decided by a curator."""

    __tablename__ = "judgement"
    __table_args__ = (
        UniqueConstraint("folded", "record_id"),
        CheckConstraint("grade between 1 and 3", name="grade_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str]
    folded: Mapped[str]  # the question without case: what tells two questions apart
    language: Mapped[str]  # of the question, BCP 47; empty when there is too little to tell
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    proposed: Mapped[date] = mapped_column(index=True)
    state: Mapped[JudgementState]
    grade: Mapped[int | None]  # 3 answers it, 2 is useful, 1 touches it
    decided_by: Mapped[str]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())
