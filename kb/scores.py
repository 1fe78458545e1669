"""Two separate scores: how strong the data are (0-10), and could someone else do it (0-12).

They are never merged, never block publication, and no verdict is inferred from them.
Source of the five criteria: Lattof et al., BMJ Global Health 2022;7:e008664.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from kb import content
from kb.card import NARRATIVE
from kb.vocabulary import (
    Cadence,
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
CADENCE_DAYS = {
    Cadence.DAY: 1,
    Cadence.WEEK: 7,
    Cadence.FORTNIGHT: 14,
    Cadence.MONTH: 30.44,
    Cadence.QUARTER: 91.3,
}
SUPPORT_CEILING = 2  # counts of visits or of people trained say nothing about patients
COUNTED = frozenset({Unit.COUNT, Unit.DAYS, Unit.MINUTES})  # units that need no denominator
YEAR = re.compile(r"\b(?:19|20)\d\d\b")  # the one part of a date that every language writes alike
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
    filled = _filled(measure)
    return Strength(
        objective=_objective(measure, filled),
        patient_outcome=_patient_outcome(measure),
        many_points=_many_points(filled, first_change),
        frequent=_frequent(measure, filled),
        reliable=_reliable(measure, filled),
        ceiling=10 if _patient_outcome(measure) else SUPPORT_CEILING,
    )


def record_strength(record: content.Record) -> Strength | None:
    """Return the strength of the record's best patient-level measure; None without a measure.

    Only a record without any measure of what patients received or became is scored by what
    was counted instead: visits, trainings, equipment.
    """
    started = [idea.started for idea in record.change_ideas if idea.started]
    first_change = min(started, default=None)
    scored = [strength(measure, first_change=first_change) for measure in record.measures]
    patient_level = [one for one in scored if one.patient_outcome]
    best = patient_level or scored
    return max(best, key=lambda one: (one.total, one.patient_outcome), default=None)


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
    if found is None or not found.patient_outcome:
        return True
    return found.objective == 0 or found.many_points == 0


def completeness(record: content.Record) -> Completeness:
    """Return which of the twelve points of "could someone else do this?" are answered."""
    answers = _answers(record)
    return Completeness(
        present=tuple(name for name, answered in answers.items() if answered),
        missing=tuple(name for name, answered in answers.items() if not answered),
    )


def _filled(measure: content.Measure) -> list[content.Point]:
    return [point for point in measure.points if point.counted(measure.unit)]


def _objective(measure: content.Measure, filled: Sequence[content.Point]) -> int:
    if not filled:
        return 0
    # A number that is kept back was counted all the same.
    both = all(p.suppressed or (p.numerator is not None and p.denominator) for p in filled)
    defined_count = measure.unit in COUNTED and bool(measure.numerator_text)
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
    if checked and filled and _missing_share(measure, filled) <= MISSING_SHARE:
        return 2
    return int(bool(measure.collector_role and measure.source))


def _missing_share(measure: content.Measure, filled: Sequence[content.Point]) -> float:
    """Return the share of periods without a number, those without a row included.

    A period that has several rows (one for each ward, say) counts once.
    """
    days = sorted({point.period for point in measure.points})
    counted = {point.period for point in filled}
    gaps = [(b - a).days for a, b in pairwise(days)]
    if measure.cadence is not None:
        step = CADENCE_DAYS[measure.cadence]
    elif gaps:
        step = median(gaps)
    else:
        return 0
    expected = round((days[-1] - days[0]).days / step) + 1
    return 1 - len(counted) / max(expected, len(days))


def _answers(record: content.Record) -> dict[str, bool]:
    told: dict[SectionRole, str] = defaultdict(str)
    for section in record.sections:
        if section.body.strip():
            told[section.role] += f"{section.body}\n"
    for passage in record.evidence:  # of a text whose headings do not say what stands below
        if passage.field in NARRATIVE:
            told[NARRATIVE[passage.field]] += f"{passage.quote}\n"
    organised = [part for part in ("who", "when", "where") if record.logistics.get(part)]
    return {
        "the problem with a number": _has_number(told[SectionRole.PROBLEM])
        or _is_counted(record.baseline),
        "an aim with an amount and a date": _aims_at_an_amount_and_a_date(
            record.aim or content.Aim(), told[SectionRole.AIM]
        ),
        "the context: type, size, staff": bool(record.context_numbers or told[SectionRole.CONTEXT]),
        "who was in the team": bool(record.team_roles or told[SectionRole.TEAM]),
        "a change idea with its steps": any(idea.steps.strip() for idea in record.change_ideas),
        "who did it, when and where": bool(len(organised) > 1 or told[SectionRole.LOGISTICS]),
        "how it was kept going": bool(
            told[SectionRole.SUSTAINABILITY] or record.logistics.get("everyone_included")
        ),
        "a result for patients": _has_amount(told[SectionRole.RESULTS])
        or any(_patient_outcome(m) and _filled(m) for m in record.measures),
        "what did not work": bool(told[SectionRole.DID_NOT_WORK]),
        "what it cost or needed": bool(
            record.resource_need or record.cost or told[SectionRole.COST]
        ),
        "help received or needed": bool(
            record.support_requests or record.support_received or told[SectionRole.SUPPORT]
        ),
        "a contact or a tool to take": bool(record.contact or record.offer),
    }


def _aims_at_an_amount_and_a_date(aim: content.Aim, section: str) -> bool:
    text = f"{aim.text} {section}"
    amount = _has_number(f"{aim.start} {aim.target}") or _has_amount(text)
    return amount and bool(aim.by_when or YEAR.search(text))


def _is_counted(baseline: content.Baseline | None) -> bool:
    return baseline is not None and (baseline.value, baseline.numerator) != (None, None)


def _has_amount(text: str) -> bool:
    return _has_number(YEAR.sub("", text))


def _has_number(text: str) -> bool:
    return any(character.isdigit() for character in text)
