"""What the records of a package tell together: its table of change ideas, and what became of them.

Counted as everywhere (`search.synthesis`); a rule and the curator's choices say which ideas
stand in the table, and what does not stand in it is named with the reason.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy.orm import Session

from kb import content, editions
from kb.editions import Choice, Content, Place
from kb.privacy import public
from kb.taxonomy import Taxonomy
from kb.vocabulary import Clearance, Decision, Verdict
from search.accounts import Account, accounts
from search.filters import Scope
from search.synthesis import Group, Synthesis, Tried, n_places, sum_up
from search.understand import Question

Key: TypeAlias = tuple[int, str]  # a record, and the text of one of its ideas
Stands: TypeAlias = Callable[[Key, content.ChangeIdea], bool]

# What an edition keeps of an idea; and the words of a measure, which it does not keep.
FACTS = (
    "interventions",
    "started",
    "ended",
    "resource_need",
    "decision",
    "verdict",
    "n_sites_tested",
)
WORDS = ("numerator_text", "denominator_text", "collector_role", "sampling", "standard_indicator")
UNSAID = "…"  # stands for an idea that its record words anew, or no longer names


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change idea that a curator left out of the table, and why."""

    record_id: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """The change ideas of a package by intervention, and what does not stand among them."""

    groups: tuple[Group, ...]
    least_places: int  # in which a kind of change was kept, to stand here by the rule
    notes: Mapping[Key, str]  # the curator's, by record and idea
    taken_in: frozenset[Key]  # against the rule
    left_out: tuple[LeftOut, ...]
    below: tuple[Group, ...]  # kinds of change that were kept in fewer places
    linked: tuple[int, ...]  # records whose licence allows a link only

    def note(self, idea: Tried) -> str:
        """Return the curator's note to an idea; empty without one."""
        return self.notes.get((idea.record_id, idea.text), "")


@dataclass(frozen=True, slots=True)
class Told:
    """All that is made from the records of a package."""

    accounts: tuple[Account, ...]
    table: Table
    found: Synthesis  # of the records whose words may be used, whatever stands in the table


@dataclass(frozen=True, slots=True)
class Became:
    """What a team said of an idea in two editions."""

    record_id: int
    text: str
    before: tuple[Decision, Verdict]
    after: tuple[Decision, Verdict]


def told(session: Session, said: Content, *, taxonomy: Taxonomy | None = None) -> Told:
    """Return what the records of an edition told, as far as readers may know it today."""
    found = accounts_of(session, said)
    return Told(
        accounts=tuple(found),
        table=change_ideas(found, said),
        found=_summed(_usable(found, said), taxonomy, quoted=True),
    )


def accounts_of(session: Session, said: Content) -> list[Account]:
    """Return the accounts of an edition's records, in its order."""
    then = editions.said_then(session, said)
    now = accounts(session, list(said.record_ids), Scope.PUBLIC)
    return [as_of(one, then[one.record_id]) if one.record_id in then else one for one in now]


def as_of(now: Account, then: content.Record) -> Account:
    """Return the account as the record said it `then`, in words that it still says.

    What was taken out of a text since does not come back with an older edition: of an idea that
    is worded anew only the facts stay, of a measure that is gone nothing. What no reader is told
    of numbers and places, they are not told of an older version either.
    """
    told = public(then)
    ideas = {idea.text: idea for idea in now.ideas}
    measures = {measure.name: measure for measure in now.measures}
    same = now.verdict is then.verdict
    return replace(
        now,
        verdict=then.verdict,
        verdict_reason=now.verdict_reason if same else "",
        ideas=tuple(_idea_then(idea, ideas.get(idea.text)) for idea in told.change_ideas),
        measures=tuple(
            _measure_then(one, measures[one.name]) for one in told.measures if one.name in measures
        ),
    )


def change_ideas(found: Sequence[Account], said: Content) -> Table:
    """Return the table: by the rule, without what was left out and with what was taken in."""
    usable = _usable(found, said)
    # What a record no longer says is not shown out of a choice about it either.
    standing = {(one.record_id, idea.text) for one in usable for idea in one.ideas}
    choices = {key: one for one in said.choices if (key := (one.record_id, one.text)) in standing}
    left = {key for key, choice in choices.items() if choice.place is Place.LEFT_OUT}
    taken = frozenset(key for key, choice in choices.items() if choice.place is Place.TAKEN_IN)

    offered = _only(usable, lambda key, _: key not in left)
    kinds = _summed(offered).groups
    by_id = {one.record_id: one for one in offered}
    by_rule = {g.intervention for g in kinds if _kept_in(g, by_id) >= said.least_places}
    chosen = _only(offered, lambda key, idea: key in taken or not by_rule.isdisjoint(_kinds(idea)))
    groups = [
        group
        for group in _summed(chosen).groups
        if group.intervention in by_rule or any(_key(idea) in taken for idea in group.ideas)
    ]
    shown = {group.intervention for group in groups}
    return Table(
        groups=tuple(groups),
        least_places=said.least_places,
        notes={key: choice.why for key, choice in choices.items() if key not in left},
        taken_in=taken,
        left_out=tuple(_left_out(usable, choices, left)),
        below=tuple(group for group in kinds if group.intervention not in shown),
        linked=tuple(_linked(said)),
    )


def became(old: Iterable[Account], new: Iterable[Account]) -> tuple[Became, ...]:
    """Return the ideas of which their team says something else in the later accounts."""
    before = {
        (account.record_id, idea.text): (idea.decision, idea.verdict)
        for account in old
        for idea in account.ideas
        if idea.text != UNSAID
    }
    return tuple(
        Became(account.record_id, idea.text, was, (idea.decision, idea.verdict))
        for account in new
        for idea in account.ideas
        if (was := before.get((account.record_id, idea.text)))
        and was != (idea.decision, idea.verdict)
    )


def _linked(said: Content) -> list[int]:
    """Return the records whose licence allows a link, and no more."""
    parts = (part for part in said.parts if part.clearance is Clearance.LINKED)
    return [part.record_id for part in parts if part.record_id is not None]


def _usable(found: Sequence[Account], said: Content) -> list[Account]:
    linked = _linked(said)
    return [one for one in found if one.record_id not in linked]


def _summed(
    found: Sequence[Account], taxonomy: Taxonomy | None = None, *, quoted: bool = False
) -> Synthesis:
    return sum_up(found, question=Question(""), total=len(found), taxonomy=taxonomy, quoted=quoted)


def _idea_then(then: content.ChangeIdea, now: content.ChangeIdea | None) -> content.ChangeIdea:
    words = now or content.ChangeIdea(text=UNSAID)
    return words.model_copy(update={name: getattr(then, name) for name in FACTS})


def _measure_then(then: content.Measure, now: content.Measure) -> content.Measure:
    words = {name: getattr(now, name) for name in WORDS}
    points = tuple(one.model_copy(update={"label": "", "note": ""}) for one in then.points)
    return then.model_copy(update=words | {"points": points})


def _only(found: Iterable[Account], stands: Stands) -> list[Account]:
    """Return the accounts with those of their ideas only that stand."""
    return [
        replace(
            account,
            ideas=tuple(i for i in account.ideas if stands((account.record_id, i.text), i)),
        )
        for account in found
    ]


def _kept_in(group: Group, by_id: Mapping[int, Account]) -> int:
    """Return in how many places an idea of the group was kept."""
    return n_places(by_id[idea.record_id] for idea in group.ideas if idea.kept)


def _kinds(idea: content.ChangeIdea) -> Collection[str]:
    return idea.interventions or ("",)


def _key(idea: Tried) -> Key:
    return idea.record_id, idea.text


def _left_out(
    found: Iterable[Account],
    choices: Mapping[Key, Choice],
    left: Collection[Key],
) -> Iterable[LeftOut]:
    """Yield what was left out of the table, as far as its record still says it."""
    for account in found:
        for idea in account.ideas:
            key = (account.record_id, idea.text)
            if key in left:
                yield LeftOut(*key, choices[key].why)
