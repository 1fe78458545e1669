"""How much it is worth to look at a record now: what the desk's queue is ordered by. Pure.

Four things count, each for a reason:

- **Age**, 40 points for each `overdue` days of waiting, without an end. Nothing else can grow so
  far: a record that has waited `STARVED` times the overdue days longer than another stands before
  it, whatever else is said of the two. So nobody's story starves.
- **Demand**, up to 30: how often its concepts were asked for in vain. Half of it is reached after
  5 questions, so that one loud topic does not fill the desk.
- **Gap**, up to 20: how few published records tell of its topic and its kind of change together.
  The first record on a pair is worth more than the twentieth.
- **Doubt**, up to 10: how unsure its suggested tags are. A person's answer teaches most where the
  rules know least (uncertainty sampling; Lewis and Gale 1994, doi:10.1007/978-1-4471-2099-5_1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

AGE = 40.0  # points for each `overdue` days
DEMAND, HALF_OF_DEMAND = 30.0, 5  # points at most; questions for half of them
GAP = 20.0
DOUBT = 10.0
STARVED = (DEMAND + GAP + DOUBT) / AGE  # in overdue days: 1.5


class Pair(NamedTuple):
    """A topic and an intervention, and how many published records tell of both."""

    topic: str
    intervention: str
    published: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a record that waits."""

    days: float  # since it came
    asked: int = 0  # questions in vain about the most wanted of its concepts
    wanted: str = ""  # that concept
    rarest: Pair | None = None  # of its pairs
    confidences: tuple[float, ...] = ()  # of its open suggestions, in [0, 1]


@dataclass(frozen=True, slots=True)
class Worth:
    """The points of a record, and what they come from."""

    age: float
    demand: float
    gap: float
    doubt: float
    facts: Facts

    @property
    def total(self) -> float:
        """All points together."""
        return self.age + self.demand + self.gap + self.doubt


def worth(facts: Facts, *, overdue: int) -> Worth:
    """Return the points of a record; `overdue` days of waiting are 40.

    >>> told = worth(Facts(days=15, asked=5, rarest=Pair("a", "b", 1)), overdue=30)
    >>> told.age, told.demand, told.gap, told.doubt, told.total
    (20.0, 15.0, 10.0, 0.0, 45.0)
    """
    return Worth(
        age=AGE * max(facts.days, 0) / overdue,
        demand=DEMAND * facts.asked / (facts.asked + HALF_OF_DEMAND),
        gap=GAP / (1 + facts.rarest.published) if facts.rarest else 0.0,
        doubt=DOUBT * _doubt(facts.confidences),
        facts=facts,
    )


def rarest(
    topics: Iterable[str], interventions: Sequence[str], published: dict[tuple[str, str], int]
) -> Pair | None:
    """Return the pair of which the fewest published records tell, the first of several.

    >>> rarest(["cord-care"], ["checklists", "audit"], {("cord-care", "checklists"): 3})
    Pair(topic='cord-care', intervention='audit', published=0)
    """
    pairs = (Pair(t, i, published.get((t, i), 0)) for t in topics for i in interventions)
    return min(pairs, key=lambda pair: pair.published, default=None)


def _doubt(confidences: Sequence[float]) -> float:
    """Return 0 where all suggestions are sure, either way, and 1 where all stand at one half."""
    if not confidences:
        return 0.0
    return sum(1 - abs(2 * confidence - 1) for confidence in confidences) / len(confidences)
