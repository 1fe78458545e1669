"""What a record says, as one value: made by ingest, edited by people, kept as a version.

`kb.records` turns a `Record` of this module into rows and back; a version in the history is
its JSON. Nothing here knows a database.
"""

from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from kb.vocabulary import (
    Cadence,
    DataSource,
    Decision,
    Direction,
    FacilityType,
    Level,
    MeasureType,
    Naming,
    Ownership,
    RecordType,
    ResourceNeed,
    SectionRole,
    SourceKind,
    Stage,
    Suppressed,
    TagSource,
    TagStatus,
    Unit,
    Validation,
    Verdict,
    Visibility,
)

TITLE_LENGTH = 120  # characters
SUMMARY_LENGTH = 600  # characters
MOST_COUNTED = 2**31 - 1  # that a column of whole numbers holds in every database

Line = Annotated[str, StringConstraints(strip_whitespace=True)]
CountryCode = Annotated[str, StringConstraints(pattern="^([A-Z]{3})?$")]  # ISO 3166-1 alpha-3
LanguageTag = Annotated[
    str, StringConstraints(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]  # BCP 47
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]


class Value(BaseModel):
    """A part of a record: never changed, only replaced; an unknown field is an error.

    A number that is none, or without end, is an error, too: nothing can be computed with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Section(Value):
    """One part of the narrative, in Markdown, as the source has it."""

    role: SectionRole = SectionRole.OTHER
    heading: Line = ""
    body: str = ""


class Tag(Value):
    """A concept of the taxonomy on a record, and why it stands there."""

    notation: str
    source: TagSource = TagSource.CURATOR
    confidence: float = Field(default=1.0, ge=0, le=1)
    evidence: str = ""  # the sentence that says so
    section: str = ""  # heading of the section where it stands, or such as “page 3”
    neighbour: Line = ""  # title of the confirmed record that suggested it
    status: TagStatus = TagStatus.SUGGESTED
    confirmed_by: str = ""
    at: datetime | None = None  # when it was confirmed or rejected


class ChangeIdea(Value):
    """One thing that was tried: the atom people search for."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    interventions: tuple[str, ...] = ()  # notations
    steps: str = ""
    who_did_it: str = ""
    started: date | None = None
    ended: date | None = None
    tests: str = ""  # how often it was tried, and what changed in between
    resource_need: ResourceNeed | None = None
    decision: Decision = Decision.PENDING
    verdict: Verdict = Verdict.NOT_REPORTED
    evidence_note: str = ""
    n_sites_tested: Count | None = None
    attachment: str = ""  # sha256 of a picture of the job aid

    @field_validator("interventions")
    @classmethod
    def _once_each(cls, notations: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(notations))


class Point(Value):
    """One period of a measure. A period without a value is a gap, not a zero."""

    period: date  # first day
    label: str = ""  # the period in the source's own words
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None  # in the measure's unit, where no numerator and denominator say it
    note: str = ""
    provisional: bool = False
    suppressed: Suppressed = Suppressed.NOTHING  # numbers that are kept back are None

    def exact(self, unit: Unit) -> Fraction | None:
        """Return the value in `unit` without rounding, or None for a gap.

        Numerator and denominator win, except for a rate: per 1,000 or per 100,000, only the
        value knows.
        """
        return _exact(unit, self.numerator, self.denominator, self.value)

    def counted(self, unit: Unit) -> bool:
        """Tell whether somebody counted, though the number may be kept back."""
        return self.suppressed is not Suppressed.NOTHING or self.exact(unit) is not None


# Pages ask the same of a point again and again: for scores, numbers, charts.
@lru_cache(maxsize=10_000)
def _exact(
    unit: Unit, numerator: float | None, denominator: float | None, value: float | None
) -> Fraction | None:
    if unit is Unit.RATE and value is not None:
        return Fraction(str(value))
    if numerator is not None and denominator is not None:
        if not denominator:  # nobody to count: a gap, not 0 %
            return None
        share = Fraction(str(numerator)) / Fraction(str(denominator))
        return share * 100 if unit is Unit.PERCENT else share
    if value is not None:
        return Fraction(str(value))
    return Fraction(str(numerator)) if numerator is not None else None


class Measure(Value):
    """A number followed over time."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    type: MeasureType = MeasureType.PROCESS
    numerator_text: str = ""
    denominator_text: str = ""
    unit: Unit = Unit.PERCENT
    direction: Direction | None = None
    source: DataSource | None = None
    collector_role: str = ""
    validated_how: Validation | None = None
    cadence: Cadence | None = None
    sampling: str = ""
    target: float | None = None
    standard_indicator: str = ""
    baseline_points: Count | None = None
    phases: tuple[int, ...] = ()  # indexes of the points where people began a new phase
    points: tuple[Point, ...] = ()  # oldest first

    @field_validator("points")
    @classmethod
    def _in_order_of_time(cls, points: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple(sorted(points, key=lambda point: point.period))


class SupportActivity(Value):
    """What a district or a ministry did for others."""

    activity: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    intervention: str | None = None  # notation
    n_facilities: Count | None = None
    dose: str = ""
    frequency: str = ""
    period: str = ""
    who: str = ""


class SupportReceived(Value):
    """Help that a team got."""

    what: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    from_whom: str = ""
    usefulness: int | None = Field(default=None, ge=1, le=4)


class SupportRequest(Value):
    """Help that is asked of a level above, which can answer it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    from_level: Level = Level.DISTRICT
    state: Annotated[str, StringConstraints(pattern="^(open|answered|closed)$")] = "open"


class Place(Value):
    """Where it happened. What of it is shown is `Record.naming`'s affair."""

    country: CountryCode = ""
    admin1: Line = ""
    admin2: Line = ""
    facility: Line = ""
    facility_code: Line = ""  # of the national registry
    facility_type: FacilityType | None = None
    ownership: Ownership | None = None


class Aim(Value):
    """What the team wanted to reach."""

    text: str = ""
    what: str = ""
    for_whom: str = ""
    start: str = ""
    target: str = ""
    by_when: str = ""


class Baseline(Value):
    """How bad it was at the start."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    period: str = ""


class Cost(Value):
    """What it cost, in the team's words; an amount only where one was said."""

    text: str = ""
    amount: float | None = Field(default=None, ge=0)
    currency: Annotated[str, StringConstraints(pattern="^([A-Z]{3})?$")] = ""  # ISO 4217


class Evidence(Value):
    """The passage that a field of the record was read from.

    Where the section has changed since, `quote` still says what was read.
    """

    field: str  # such as "aim.target" or "change_ideas.0.decision"
    section: int = Field(default=-1, ge=-1)  # position among the sections; -1 is the title
    quote: str  # word for word


class Facet(Value):
    """A value of one of the facets that a record may have several of (setting, audience, …)."""

    name: str
    value: str


class Record(Value):
    """All that people write and edit about one story, case study or report."""

    record_type: RecordType = RecordType.IMPROVEMENT_STORY
    level: Level = Level.FACILITY
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    summary: str = ""
    language: LanguageTag = "en"
    summary_languages: tuple[LanguageTag, ...] = ()

    sections: tuple[Section, ...] = ()
    change_ideas: tuple[ChangeIdea, ...] = ()
    measures: tuple[Measure, ...] = ()
    support_activities: tuple[SupportActivity, ...] = ()
    support_received: tuple[SupportReceived, ...] = ()
    support_requests: tuple[SupportRequest, ...] = ()
    places: tuple[Place, ...] = ()
    tags: tuple[Tag, ...] = ()
    facets: tuple[Facet, ...] = ()
    keywords: tuple[str, ...] = ()

    start_date: date | None = None  # first day of the month
    end_date: date | None = None
    still_running: bool = False
    aim: Aim | None = None
    baseline: Baseline | None = None
    cost: Cost | None = None
    context_numbers: dict[str, str] = Field(default_factory=dict)
    logistics: dict[str, str] = Field(default_factory=dict)
    team_roles: tuple[str, ...] = ()
    team_lead_role: Line = ""
    team_size: Count | None = Field(default=None, ge=1)

    verdict: Verdict = Verdict.NOT_REPORTED
    verdict_reason: str = ""
    stage: Stage | None = None
    resource_need: ResourceNeed | None = None
    n_facilities: Count | None = None
    n_districts: Count | None = None

    naming: Naming = Naming.TYPE_AND_DISTRICT
    visibility: Visibility = Visibility.TEAM
    authors: tuple[str, ...] = ()
    credit_line: str = ""
    credit_wanted: bool = False
    contact: str = ""
    offer: str = ""  # what the team can offer: a visit, a tool, a call

    source_kind: SourceKind = SourceKind.AUTHORED
    source_citation: str = ""
    source_url: str = ""
    doi: str = ""
    licence: str = ""  # SPDX identifier
    origin: Line = ""  # where another library has it: its address, or library and number
    evidence_note: str = ""  # the curator's, on how it agrees with guidance
    evidence: tuple[Evidence, ...] = ()  # what ingest read each field from
    doubts: tuple[str, ...] = ()  # what ingest was not sure of, for the curator
    review_due: date | None = None

    @field_validator("facets")
    @classmethod
    def _sorted_once_each(cls, facets: tuple[Facet, ...]) -> tuple[Facet, ...]:
        return tuple(sorted(set(facets), key=lambda facet: (facet.name, facet.value)))
