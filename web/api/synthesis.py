"""How others did it, as JSON: every count with the records behind it."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field

from kb import content
from kb.scores import band
from kb.vocabulary import (
    Decision,
    Direction,
    FacilityType,
    Level,
    SectionRole,
    StrengthBand,
    Unit,
    Verdict,
)
from search import synthesis
from search.accounts import Account, Measured
from search.effects import Effect
from search.quotes import Quote
from web.names import Names


class CountOf(BaseModel):
    """How often a value was met, and in which records."""

    value: str
    count: int
    records: list[int] = Field(description="Numbers of the records, each once.")


class Words(BaseModel):
    """Words of a record, exactly as they stand there, without Markdown."""

    record: int
    section: SectionRole
    text: str


class MeasureOf(BaseModel):
    """The main measure of a record in two numbers."""

    record: int
    name: str
    unit: Unit
    direction: Direction | None = Field(description="Which way is better, where that was said.")
    before: float = Field(description="Median of the first `n_before` points, in the unit.")
    after: float = Field(description="Median of the last `n_after` points, in the unit.")
    n_before: int
    n_after: int
    before_the_change: bool = Field(description="Else the first points are simply the first.")
    better: bool | None = Field(description="Null where little moved or nobody can tell.")
    strength: int = Field(description="0 to 10, of this measure's data.")
    strength_band: StrengthBand


class EffectOf(BaseModel):
    """Measures of one unit and one good direction, side by side.

    Counts and rates are side by side only under one name. The result is that of all a team
    changed together, never of one change alone.
    """

    unit: Unit
    direction: Direction | None
    name: str = Field(description="Of a count or a rate; empty for other units.")
    before: float = Field(description="Median over the measures.")
    after: float = Field(description="Median over the measures.")
    better: bool | None
    measures: list[MeasureOf]


class IdeaOf(BaseModel):
    """A change idea, in the words of its record."""

    record: int
    text: str
    interventions: list[str] = Field(description="Notations.")
    decision: Decision
    verdict: Verdict


class FailedIdea(IdeaOf):
    """An idea that was given up, did not work, did harm or did not last."""

    why: Words | None = Field(description="What the record says of it; null where it says nothing.")


class FellShortOf(BaseModel):
    """A record whose work did not do what it should, or not all of it."""

    record: int
    verdict: Verdict
    why: Words | None


class GroupOf(BaseModel):
    """The ideas of one intervention, and where they were tried."""

    intervention: str = Field(description="Notation; empty for ideas not yet classified.")
    label: str
    ideas: list[IdeaOf]
    records: list[int]
    places: int = Field(description="Facilities and districts, as far as they may be known.")
    countries: list[CountOf]
    levels: list[CountOf]
    decisions: list[CountOf] = Field(description="Counted in ideas.")
    verdicts: list[CountOf] = Field(description="Counted in ideas.")
    effects: list[EffectOf] = Field(description="Of the records that kept an idea of this kind.")


class Gaps(BaseModel):
    """What these records do not tell."""

    levels: list[Level]
    facility_types: list[FacilityType]
    countries: list[str] = Field(description="Of the library, without a record here.")
    interventions: list[str] = Field(description="Top concepts of which no idea is.")
    unmeasured: list[int] = Field(description="Records without a measure of two points.")
    weak: list[int] = Field(description="Records with a measure, but weak data.")
    unjudged: list[int] = Field(description="Records that do not say whether it worked.")
    uncosted: list[int] = Field(description="Records that do not say what it cost or needed.")
    open_ideas: int = Field(description="Ideas still being tested or not judged.")
    open_ideas_records: list[int]


class SourceOf(BaseModel):
    """A record that is summed up."""

    id: int
    title: str
    language: str = Field(description="BCP 47")
    level: Level
    verdict: Verdict
    places: list[content.Place] = Field(description="As the facility allows them to be shown.")


class HowOthersDidIt(BaseModel):
    """What the records that answer a question tried and what became of it, counted and quoted."""

    question: str
    concept: str = Field(description="Notation, where one is asked for without a question.")
    concepts: list[str] = Field(description="Notations that the question names.")
    own: list[str] = Field(
        description="Interventions whose ideas alone are summed up; empty: all ideas are."
    )
    total: int = Field(description="Records that match; those that answer best are summed up.")
    records: list[SourceOf] = Field(description="Those summed up, best answer first.")
    places: int
    countries: list[CountOf]
    levels: list[CountOf]
    verdicts: list[CountOf] = Field(description="Counted in records.")
    idea_verdicts: list[CountOf] = Field(description="Counted in ideas.")
    tried: list[GroupOf]
    effects: list[EffectOf]
    happened: list[Words]
    advice: list[Words]
    did_not_work: list[FailedIdea]
    fell_short: list[FellShortOf]
    not_known: Gaps


def answer_of(found: synthesis.Synthesis, names: Names) -> HowOthersDidIt:
    """Return a summing-up as the API and `kb answer --json` show it."""
    return HowOthersDidIt(
        question=found.question.text,
        concept=found.concept,
        concepts=list(found.question.notations),
        own=list(found.own),
        total=found.total,
        records=[_source(account) for account in found.accounts],
        places=found.n_places,
        countries=_counts(found.countries),
        levels=_counts(found.levels),
        verdicts=_counts(found.verdicts),
        idea_verdicts=_counts(found.idea_verdicts),
        tried=[group_of(group, names) for group in found.groups],
        effects=[_effect(effect) for effect in found.effects],
        happened=[_words(quote) for quote in found.happened],
        advice=[_words(quote) for quote in found.advice],
        did_not_work=[
            FailedIdea(**_idea(one.idea).model_dump(), why=_words(one.why) if one.why else None)
            for one in found.dropped
        ],
        fell_short=[
            FellShortOf(
                record=one.record_id,
                verdict=one.verdict,
                why=_words(one.why) if one.why else None,
            )
            for one in found.fell_short
        ],
        not_known=_gaps(found.unknown),
    )


def _counts(tallies: Iterable[synthesis.Tally[Any]]) -> list[CountOf]:
    return [CountOf(value=t.value, count=t.count, records=list(t.records)) for t in tallies]


def _words(quote: Quote) -> Words:
    return Words(record=quote.record_id, section=quote.section, text=quote.text)


def _source(account: Account) -> SourceOf:
    return SourceOf(
        id=account.record_id,
        title=account.title,
        language=account.language,
        level=account.level,
        verdict=account.verdict,
        places=list(account.places),
    )


def _idea(tried: synthesis.Tried) -> IdeaOf:
    return IdeaOf(
        record=tried.record_id,
        text=tried.text,
        interventions=list(tried.interventions),
        decision=tried.decision,
        verdict=tried.verdict,
    )


def _measure(measured: Measured) -> MeasureOf:
    result = measured.result
    return MeasureOf(
        record=measured.record_id,
        name=result.name,
        unit=result.unit,
        direction=measured.direction,
        before=float(result.before),
        after=float(result.after),
        n_before=result.n_before,
        n_after=result.n_after,
        before_the_change=result.before_the_change,
        better=result.better,
        strength=measured.strength,
        strength_band=band(measured.strength),
    )


def _effect(effect: Effect) -> EffectOf:
    return EffectOf(
        unit=effect.unit,
        direction=effect.direction,
        name=effect.name,
        before=float(effect.before),
        after=float(effect.after),
        better=effect.better,
        measures=[_measure(measured) for measured in effect.measured],
    )


def group_of(group: synthesis.Group, names: Names) -> GroupOf:
    """Return the ideas of one intervention as JSON shows them."""
    notation = group.intervention
    return GroupOf(
        intervention=notation,
        label=names.concept(notation) if notation else "",
        ideas=[_idea(tried) for tried in group.ideas],
        records=list(group.records),
        places=group.n_places,
        countries=_counts(group.countries),
        levels=_counts(group.levels),
        decisions=_counts(group.decisions),
        verdicts=_counts(group.verdicts),
        effects=[_effect(effect) for effect in group.effects],
    )


def _gaps(unknown: synthesis.Unknown) -> Gaps:
    return Gaps(
        levels=list(unknown.levels),
        facility_types=list(unknown.facility_types),
        countries=list(unknown.countries),
        interventions=list(unknown.interventions),
        unmeasured=list(unknown.unmeasured),
        weak=list(unknown.weak),
        unjudged=list(unknown.unjudged),
        uncosted=list(unknown.uncosted),
        open_ideas=unknown.open_ideas.count,
        open_ideas_records=list(unknown.open_ideas.records),
    )
