"""Two separate scores: how strong the data are (0-10), and could someone else do it (0-12).

They are never merged, never block publication, and no verdict is inferred from them.
Source of the five criteria: Lattof et al., BMJ Global Health 2022;7:e008664.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from kb import content
from kb.vocabulary import (
    DataSource,
    MeasureType,
    SectionRole,
    StrengthBand,
    Unit,
    Validation,
    Verdict,
)

MANY_POINTS = 10
WEEKLY_DAYS = 10  # a median gap of at most this many days is weekly or better
MONTHLY_DAYS = 31
QUARTERLY_DAYS = 92
MISSING_SHARE = 0.10  # of the periods
ACTIVITY_CEILING = 2  # counts of visits alone say nothing about patients
PATIENT_LEVEL = frozenset({MeasureType.OUTCOME, MeasureType.EXPERIENCE})


@dataclass(frozen=True, slots=True)
class Strength:
    """The five criteria of one measure, each 0, 1 or 2."""

    objective: int
    patient_outcome: int
    many_points: int
    frequent: int
    reliable: int
    ceiling: int = 10

    @property
    def lights(self) -> tuple[int, int, int, int, int]:
        """The five criteria in the order of the paper."""
        return (
            self.objective,
            self.patient_outcome,
            self.many_points,
            self.frequent,
            self.reliable,
        )

    @property
    def total(self) -> int:
        """0 to 10; a measure of support activity alone reaches no more than 2."""
        return min(sum(self.lights), self.ceiling)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Which of the twelve things another team needs are there."""

    present: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """0 to 12."""
        return len(self.present)


def strength(measure: content.Measure, *, first_change: date | None = None) -> Strength:
    """Return the strength of one measure's data; `first_change` is when the first idea started."""
    filled = [p for p in measure.points if p.exact(measure.unit) is not None]
    return Strength(
        objective=_objective(measure, filled),
        patient_outcome=_patient_outcome(measure),
        many_points=_many_points(filled, first_change),
        frequent=_frequent(measure, filled),
        reliable=_reliable(measure, filled),
        ceiling=ACTIVITY_CEILING if measure.type is MeasureType.ACTIVITY else 10,
    )


def record_strength(record: content.Record) -> Strength | None:
    """Return the strength of the record's best measure, patient-level ones first; None without."""
    started = [idea.started for idea in record.change_ideas if idea.started]
    first_change = min(started, default=None)
    scored = [(m, strength(m, first_change=first_change)) for m in record.measures]
    best = max(scored, key=lambda pair: (pair[1].total, pair[1].patient_outcome), default=None)
    return best[1] if best else None


def band(total: int | None) -> StrengthBand:
    """Return the band of a strength total.

    >>> [str(band(n)) for n in (None, 2, 3, 6, 9)]
    ['not-assessed', 'story-only', 'emerging', 'good', 'compelling']
    """
    if total is None:
        return StrengthBand.NOT_ASSESSED
    for least, name in (
        (9, StrengthBand.COMPELLING),
        (6, StrengthBand.GOOD),
        (3, StrengthBand.EMERGING),
    ):
        if total >= least:
            return name
    return StrengthBand.STORY_ONLY


def judged_by_team_only(record: content.Record) -> bool:
    """Tell whether "worked" rests on the team's word: no objective number, or no two points."""
    if record.verdict is not Verdict.WORKED:
        return False
    found = record_strength(record)
    return found is None or found.objective == 0 or found.many_points == 0


def completeness(record: content.Record) -> Completeness:
    """Return which of the twelve points of "could someone else do this?" are answered."""
    answers = _answers(record)
    return Completeness(
        present=tuple(name for name, answered in answers.items() if answered),
        missing=tuple(name for name, answered in answers.items() if not answered),
    )


def _objective(measure: content.Measure, filled: Sequence[content.Point]) -> int:
    if not filled:
        return 0
    both = all(p.numerator is not None and p.denominator for p in filled)
    defined_count = measure.unit is not Unit.PERCENT and bool(measure.numerator_text)
    if (both or defined_count) and measure.source in {
        DataSource.REGISTER,
        DataSource.HMIS,
        DataSource.OBSERVATION,
        DataSource.INTERVIEW,
    }:
        return 2
    return 1


def _patient_outcome(measure: content.Measure) -> int:
    if measure.type in PATIENT_LEVEL:
        return 2
    return int(measure.type in {MeasureType.PROCESS, MeasureType.BALANCING})


def _many_points(filled: Sequence[content.Point], first_change: date | None) -> int:
    if len(filled) < 2:  # noqa: PLR2004  before and after
        return 0
    before = first_change is not None and filled[0].period < first_change
    return 2 if len(filled) >= MANY_POINTS and before else 1


def _frequent(measure: content.Measure, filled: Sequence[content.Point]) -> int:
    gaps = [(b.period - a.period).days for a, b in pairwise(filled)]
    if not gaps:
        return 0
    gap = median(gaps)
    often, seldom = (
        (MONTHLY_DAYS, QUARTERLY_DAYS)
        if measure.type in PATIENT_LEVEL
        else (WEEKLY_DAYS, MONTHLY_DAYS)
    )
    return int(gap <= often) + int(gap <= seldom)


def _reliable(measure: content.Measure, filled: Sequence[content.Point]) -> int:
    checked = measure.validated_how not in {None, Validation.NONE}
    missing = len(measure.points) - len(filled)
    if checked and filled and missing <= MISSING_SHARE * len(measure.points):
        return 2
    return int(bool(measure.collector_role and measure.source))


def _answers(record: content.Record) -> dict[str, bool]:
    told = {section.role: section.body for section in record.sections if section.body.strip()}
    problem = told.get(SectionRole.PROBLEM, "")
    aim = record.aim.text if record.aim else told.get(SectionRole.AIM, "")
    dated = bool(record.aim and record.aim.by_when) or _has_number(aim)
    return {
        "the problem with a number": _has_number(problem) or record.baseline is not None,
        "an aim with an amount and a date": _has_number(aim) and dated,
        "the context: type, size, staff": bool(record.context_numbers)
        or SectionRole.CONTEXT in told,
        "who was in the team": bool(record.team_roles) or SectionRole.TEAM in told,
        "a change idea with its steps": any(idea.steps.strip() for idea in record.change_ideas),
        "who did it, when and where": bool(record.logistics) or SectionRole.LOGISTICS in told,
        "how it was kept going": SectionRole.SUSTAINABILITY in told
        or bool(record.logistics.get("how_everyone_included")),
        "a result for patients": any(
            m.type not in {MeasureType.ACTIVITY, MeasureType.STRUCTURE} and m.points
            for m in record.measures
        ),
        "what did not work": SectionRole.DID_NOT_WORK in told,
        "what it cost or needed": record.resource_need is not None or SectionRole.COST in told,
        "help received or needed": bool(record.support_requests) or SectionRole.SUPPORT in told,
        "a contact or a tool to take": bool(record.contact or record.offer),
    }


def _has_number(text: str) -> bool:
    return any(character.isdigit() for character in text)
