"""A record and its parts, its files, and how it stands to others."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, Moment, UTCDateTime
from kb.models.concepts import Concept
from kb.vocabulary import (
    Cadence,
    DataSource,
    Decision,
    Direction,
    FaceRuling,
    FacilityType,
    Ground,
    Level,
    LinkKind,
    MeasureType,
    Naming,
    Ownership,
    RecordType,
    ReportState,
    ResourceNeed,
    SectionRole,
    SourceKind,
    Stage,
    Status,
    StrengthBand,
    Suppressed,
    TagSource,
    TagStatus,
    Unit,
    Validation,
    Verdict,
    Visibility,
)


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
    # When everybody could first read it: from then on copies may lie anywhere. Nothing undoes it.
    public_since: Mapped[datetime | None] = mapped_column(UTCDateTime())
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    submitted: Mapped[datetime | None] = mapped_column(UTCDateTime())  # sent in by its author
    library: Mapped[str] = mapped_column(default="", server_default="")  # its home, if not this one

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

    # What readers see, computed by kb.privacy at every edit: without names that are kept back.
    shown_title: Mapped[str] = mapped_column(server_default="")
    shown_summary: Mapped[str] = mapped_column(server_default="")
    shown_naming: Mapped[Naming] = mapped_column(server_default=Naming.ANONYMOUS)

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
    suppressed: Mapped[Suppressed] = mapped_column(server_default="")  # by whoever sent it here


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
    has_faces: Mapped[bool | None]  # as its team says
    face_ruling: Mapped[FaceRuling] = mapped_column(default=FaceRuling.OPEN)
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
    ground: Mapped[Ground]
    note: Mapped[str]  # where it is written down, or who said so
    agreed_by_role: Mapped[str]  # such as “in-charge”; no name
    agreed_on: Mapped[date]
    terms_version: Mapped[str]
    visibility: Mapped[Visibility]
    naming: Mapped[Naming]
    photos: Mapped[bool]
    translation: Mapped[bool]
    ai_processing: Mapped[bool]
    patient_voice: Mapped[bool]  # whoever is quoted as a patient or relative agreed too
    recorded: Mapped[Moment]
    recorded_by: Mapped[str]
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
    __table_args__ = (
        CheckConstraint(
            "before_n is null or before_n between 0 and before_of", name="before_share"
        ),
        CheckConstraint("after_n is null or after_n between 0 and after_of", name="after_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), index=True)
    at: Mapped[Moment]
    by: Mapped[str]
    where: Mapped[str]
    adapted_how: Mapped[str]
    verdict: Mapped[Verdict]
    numbers: Mapped[str]
    country: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-3
    # How many of how many, before and after.
    before_n: Mapped[int | None]
    before_of: Mapped[int | None]
    after_n: Mapped[int | None]
    after_of: Mapped[int | None]
    story_id: Mapped[int | None] = mapped_column(  # the reporters' own story of it
        ForeignKey("record.id", ondelete="SET NULL"), index=True
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    state: Mapped[ReportState] = mapped_column(default=ReportState.NEW)
    reason: Mapped[str] = mapped_column(default="")  # why it is hidden, for who wrote it
    decided_by: Mapped[str] = mapped_column(default="")
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime())
