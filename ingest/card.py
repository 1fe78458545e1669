"""The story card of a document: its fields, and for each the passages that say it.

Nothing is filled without a passage; a passage is word for word a part of the section it names.
What the story does not tell stays empty: `kb.card.missing` lists it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from ingest import aims, baselines, costs, logistics, support, teams
from ingest.narrative import Encode, Narrative
from ingest.told import told_of
from kb.content import (
    Aim,
    Baseline,
    Cost,
    Evidence,
    Section,
    SupportReceived,
    SupportRequest,
)


@dataclass(frozen=True, slots=True)
class Card:
    """What the fields of a record's card are filled with, and from where."""

    aim: Aim | None = None
    baseline: Baseline | None = None
    team: teams.Team = field(default_factory=teams.Team)
    logistics: dict[str, str] = field(default_factory=dict)
    cost: Cost | None = None
    support_received: tuple[SupportReceived, ...] = ()
    support_requests: tuple[SupportRequest, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class CardReader:
    """Reads the card of a story; with an encoder also where no heading and no word tells it."""

    def __init__(self, encode: Encode | None = None) -> None:
        self._narrative = Narrative(encode)

    def __call__(self, sections: Sequence[Section], *, language: str, country: str = "") -> Card:
        """Return the card; `country` (ISO 3166-1 alpha-3) says whose francs are meant."""
        told = told_of(sections)
        aim = aims.aim_of(told, language=language)
        start = baselines.baseline_of(told, aim.aim, aim.evidence)
        team = teams.team_of(told, language=language)
        how = logistics.logistics_of(told, language=language)
        cost = costs.cost_of(told, language=language, country=country)
        help_ = support.support_of(told, language=language)
        parts = (
            self._narrative(told, language=language),
            aim.evidence,
            start.evidence,
            team.evidence,
            how.evidence,
            cost.evidence,
            help_.evidence,
        )
        return Card(
            aim=aim.aim,
            baseline=start.baseline,
            team=team,
            logistics=how.said,
            cost=cost.cost,
            support_received=help_.received,
            support_requests=help_.requests,
            evidence=tuple(chain.from_iterable(parts)),
        )
