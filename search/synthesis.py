"""What records tell that answer a question, counted and quoted: what was tried, where, how it went.

No sentence is made here: there are numbers, each with the records behind it, and words of records.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

from kb.taxonomy import Taxonomy
from kb.vocabulary import Decision, FacilityType, Level, Scheme, SectionRole, Verdict
from search.accounts import Account, records_of
from search.effects import Effect, effects
from search.quotes import NOT_NEAR, Near, Quote, best, opening, why
from search.understand import Question

QUOTED = 12  # records, the nearest, that quotes are looked for in
EXPLAINED = 30  # ideas, the nearest, whose failure is explained

KEPT = frozenset({Decision.ADOPTED, Decision.ADAPTED})
FAILED = frozenset({Verdict.DID_NOT_WORK, Verdict.HARMED, Verdict.WORKED_THEN_LOST})
FELL_SHORT = FAILED | {Verdict.PARTLY}
UNJUDGED = frozenset({Verdict.NOT_REPORTED, Verdict.NOT_APPLICABLE, Verdict.TOO_EARLY})
GIVES_CARE = tuple(kind for kind in FacilityType if kind is not FacilityType.ADMINISTRATIVE)
LEVELS = tuple(level for level in Level if level is not Level.GLOBAL)
HAPPENED = frozenset({SectionRole.SUMMARY, SectionRole.RESULTS, SectionRole.CONCLUSION})

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tally(Generic[T]):
    """How often one value was met, and the records in which."""

    value: T
    count: int
    records: tuple[int, ...]  # ascending, each once


@dataclass(frozen=True, slots=True)
class Tried:
    """A change idea of a record, in the record's words."""

    record_id: int
    position: int  # in the record
    text: str
    interventions: tuple[str, ...]
    decision: Decision
    verdict: Verdict
    near: float  # cosine to the question; 0 without one

    @property
    def kept(self) -> bool:
        """Whether the team went on with it, and nothing says that it did not work."""
        return self.decision in KEPT and self.verdict not in FAILED

    @property
    def dropped(self) -> bool:
        """Whether the team gave it up, or it did not work, did harm or did not last."""
        return self.decision is Decision.ABANDONED or self.verdict in FAILED


@dataclass(frozen=True, slots=True)
class Group:
    """The ideas of one intervention, and where they were tried."""

    intervention: str  # notation; empty for ideas that nobody classified yet
    ideas: tuple[Tried, ...]  # the first of each record, then the second of each, and so on
    records: tuple[int, ...]
    n_places: int  # facilities and districts, as far as they may be known
    countries: tuple[Tally[str], ...]
    levels: tuple[Tally[Level], ...]
    decisions: tuple[Tally[Decision], ...]  # of ideas
    verdicts: tuple[Tally[Verdict], ...]  # of ideas
    effects: tuple[Effect, ...]  # of the records that kept an idea; of all they changed together
    strongest: int  # 0 to 10, of the data of its records


@dataclass(frozen=True, slots=True)
class Dropped:
    """An idea that was given up or did not work, and what its record says of it."""

    idea: Tried
    why: Quote | None


@dataclass(frozen=True, slots=True)
class FellShort:
    """A record whose work did not do what it should, or not all of it, and why."""

    record_id: int
    verdict: Verdict
    why: Quote | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """What these records do not tell."""

    levels: tuple[Level, ...]  # that none is from
    facility_types: tuple[FacilityType, ...]  # that none says it is from
    countries: tuple[str, ...]  # that the library has records from, but none of these
    interventions: tuple[str, ...]  # top concepts of which none has an idea
    unmeasured: tuple[int, ...]  # records without a measure of two points
    weak: tuple[int, ...]  # with a measure, but neither good nor compelling data
    unjudged: tuple[int, ...]  # that do not say whether it worked
    uncosted: tuple[int, ...]  # that do not say what it cost or needed
    open_ideas: Tally[str]  # ideas whose team has not decided or not said how they went


@dataclass(frozen=True, slots=True)
class Synthesis:
    """How others did it: the records that answer, and what can be counted of them."""

    question: Question
    concept: str  # notation, or empty
    own: tuple[str, ...]  # interventions whose ideas alone are summed up; empty: all ideas are
    total: int  # records that match, of which the good ones are summed up
    more: bool  # whether more than `total` match
    accounts: tuple[Account, ...]  # those summed up, best answer first
    n_places: int
    countries: tuple[Tally[str], ...]
    levels: tuple[Tally[Level], ...]
    verdicts: tuple[Tally[Verdict], ...]  # of records
    idea_verdicts: tuple[Tally[Verdict], ...]  # of ideas
    groups: tuple[Group, ...]
    effects: tuple[Effect, ...]  # over all the records; of interventions, over those that kept one
    happened: tuple[Quote, ...]
    advice: tuple[Quote, ...]
    dropped: tuple[Dropped, ...]
    fell_short: tuple[FellShort, ...]
    unknown: Unknown

    @property
    def records(self) -> tuple[int, ...]:
        """The records that are summed up, best answer first."""
        return tuple(account.record_id for account in self.accounts)


def sum_up(
    told: Sequence[Account],
    *,
    question: Question,
    total: int,
    more: bool = False,
    concept: str = "",
    own: AbstractSet[str] | None = None,
    first: Collection[str] = (),
    near: Near = NOT_NEAR,
    wanted: Collection[str] = (),
    countries: Collection[str] = (),
    taxonomy: Taxonomy | None = None,
    quoted: bool = True,
) -> Synthesis:
    """Count and quote what these records tell.

    `own` are the interventions whose ideas alone are summed up, None for all, and by which alone
    records are given credit or are said to fall short; `first` those
    that stand before all others; `wanted` the folded words that a quote should have; `countries`
    those of the whole library.
    """
    ideas = _ideas(told, near, own)
    by_id = {account.record_id: account for account in told}
    kept = records_of(idea for idea in ideas if idea.kept)
    dropped = records_of(idea for idea in ideas if idea.dropped)
    quotable = told[:QUOTED] if quoted else ()
    return Synthesis(
        question=question,
        concept=concept,
        own=tuple(sorted(own or ())),
        total=total,
        more=more,
        accounts=tuple(told),
        n_places=n_places(told),
        countries=_in_countries(told),
        levels=tally((account.level, account.record_id) for account in told),
        verdicts=tally((account.verdict, account.record_id) for account in told),
        idea_verdicts=tally((idea.verdict, idea.record_id) for idea in ideas),
        groups=_groups(ideas, by_id, own, first),
        effects=effects(told if own is None else (by_id[id_] for id_ in kept)),
        happened=_happened(quotable, near, wanted),
        advice=tuple(filter(None, (opening(one, SectionRole.ADVICE) for one in quotable))),
        dropped=_dropped(ideas, by_id, quoted=quoted),
        fell_short=tuple(
            FellShort(account.record_id, account.verdict, _reason(account) if quoted else None)
            for account in told
            if account.verdict in FELL_SHORT and (own is None or account.record_id in dropped)
        ),
        unknown=_unknown(told, ideas, countries, taxonomy),
    )


def tally(met: Iterable[tuple[T, int]]) -> tuple[Tally[T], ...]:
    """Count values that were met in records, most first, of equals in the order of the value.

    >>> [(one.value, one.count, one.records) for one in tally([("b", 7), ("a", 2), ("a", 2)])]
    [('a', 2, (2,)), ('b', 1, (7,))]
    """
    found: defaultdict[T, list[int]] = defaultdict(list)
    for value, record_id in met:
        found[value].append(record_id)
    counted = (Tally(value, len(ids), tuple(sorted(set(ids)))) for value, ids in found.items())
    return tuple(sorted(counted, key=lambda one: (-one.count, str(one.value))))


def _ideas(told: Iterable[Account], near: Near, own: AbstractSet[str] | None) -> tuple[Tried, ...]:
    """Return the ideas, records as given: of each the nearest first, dropped ones last."""
    found: list[Tried] = []
    for account in told:
        mine = [
            Tried(
                record_id=account.record_id,
                position=position,
                text=idea.text,
                interventions=idea.interventions,
                decision=idea.decision,
                verdict=idea.verdict,
                near=near.idea(account.record_id, idea),
            )
            for position, idea in enumerate(account.ideas)
            if own is None or not own.isdisjoint(idea.interventions)
        ]
        found += sorted(mine, key=lambda idea: (idea.dropped, -idea.near))
    return tuple(found)


def _groups(
    ideas: Iterable[Tried],
    by_id: dict[int, Account],
    own: AbstractSet[str] | None,
    first: Collection[str],
) -> tuple[Group, ...]:
    """Return the ideas by intervention: those asked for first, then most places, then strength.

    Of equals the one with the nearest idea. An idea stands under each of its interventions;
    ideas without any stand last.
    """
    by_intervention: defaultdict[str, list[Tried]] = defaultdict(list)
    for idea in ideas:
        for notation in idea.interventions or ("",):
            if own is None or notation in own:
                by_intervention[notation].append(idea)
    found = [_group(notation, tried, by_id) for notation, tried in by_intervention.items()]

    def order(group: Group) -> tuple[bool, bool, int, int, float, str]:
        notation = group.intervention
        asked = notation in first
        nearest = max(idea.near for idea in group.ideas)
        return not notation, not asked, -group.n_places, -group.strongest, -nearest, notation

    return tuple(sorted(found, key=order))


def _group(notation: str, ideas: Sequence[Tried], by_id: dict[int, Account]) -> Group:
    told = [by_id[record_id] for record_id in records_of(ideas)]
    kept = records_of(idea for idea in ideas if idea.kept)
    return Group(
        intervention=notation,
        ideas=_in_turns(ideas),
        records=tuple(account.record_id for account in told),
        n_places=n_places(told),
        countries=_in_countries(told),
        levels=tally((account.level, account.record_id) for account in told),
        decisions=tally((idea.decision, idea.record_id) for idea in ideas),
        verdicts=tally((idea.verdict, idea.record_id) for idea in ideas),
        effects=effects(by_id[record_id] for record_id in kept),
        strongest=max(account.strength for account in told),
    )


def _in_turns(ideas: Iterable[Tried]) -> tuple[Tried, ...]:
    """Return the first idea of each record, then the second of each: no record fills the top."""
    turn: Counter[int] = Counter()
    turns: list[tuple[int, Tried]] = []
    for idea in ideas:
        turns.append((turn[idea.record_id], idea))
        turn[idea.record_id] += 1
    return tuple(idea for _, idea in sorted(turns, key=lambda one: one[0]))


def n_places(told: Iterable[Account]) -> int:
    """Return in how many facilities and districts they happened, as far as may be known."""
    return len(frozenset().union(*(account.where for account in told)))


def _in_countries(told: Iterable[Account]) -> tuple[Tally[str], ...]:
    """Return how many records are from each country."""
    shown = {(p.country, account.record_id) for account in told for p in account.places}
    return tally((country, record_id) for country, record_id in shown if country)


def _happened(told: Iterable[Account], near: Near, wanted: Collection[str]) -> tuple[Quote, ...]:
    """Return of each record the sentence of its results that answers best, nearest first."""
    found = [said for account in told if (said := best(account, HAPPENED, near, wanted))]
    found.sort(key=lambda one: -one[0])
    return tuple(quote for _, quote in found)


def _dropped(
    ideas: Iterable[Tried], by_id: dict[int, Account], *, quoted: bool
) -> tuple[Dropped, ...]:
    dropped = [idea for idea in ideas if idea.dropped]
    explained = EXPLAINED if quoted else 0
    return tuple(
        Dropped(idea, _why(idea, by_id[idea.record_id]) if n < explained else None)
        for n, idea in enumerate(dropped)
    )


def _why(idea: Tried, account: Account) -> Quote | None:
    return why(account, account.ideas[idea.position])


def _reason(account: Account) -> Quote | None:
    """Return why the work fell short: the verdict's reason, else what the record says first."""
    if reason := account.verdict_reason.strip():
        return Quote(account.record_id, SectionRole.RESULTS, reason)
    return opening(account, SectionRole.DID_NOT_WORK)


def _unknown(
    told: Sequence[Account],
    ideas: Iterable[Tried],
    countries: Collection[str],
    taxonomy: Taxonomy | None,
) -> Unknown:
    levels = {account.level for account in told}
    kinds = {place.facility_type for account in told for place in account.places}
    here = {place.country for account in told for place in account.places}
    tried = {notation for idea in ideas for notation in idea.interventions}
    undecided = [
        ("", idea.record_id)
        for idea in ideas
        if idea.decision is Decision.PENDING or idea.verdict in UNJUDGED
    ]
    return Unknown(
        levels=tuple(level for level in LEVELS if level not in levels),
        facility_types=tuple(kind for kind in GIVES_CARE if kind not in kinds),
        countries=tuple(sorted(set(countries) - here)),
        interventions=_untried(taxonomy, tried),
        unmeasured=records_of(one for one in told if not one.followed),
        weak=records_of(one for one in told if one.measured and not one.measured.strong),
        unjudged=records_of(one for one in told if one.verdict in UNJUDGED),
        uncosted=records_of(one for one in told if not one.cost_said),
        open_ideas=next(iter(tally(undecided)), Tally("", 0, ())),
    )


def _untried(taxonomy: Taxonomy | None, tried: set[str]) -> tuple[str, ...]:
    """Return the top interventions of which no idea is, in the order of the taxonomy."""
    if taxonomy is None:
        return ()
    return tuple(
        root.notation
        for root in taxonomy.roots(Scheme.INTERVENTIONS)
        if not root.deprecated
        and tried.isdisjoint((root.notation, *taxonomy.narrower_transitive(root.notation)))
    )
