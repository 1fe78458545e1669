"""The card of a record: each field with the passages it was read from, and what is missing.

The narrative fields (problem, results, what did not work, what the community says) have no text
of their own: their passages, or else the sections of that role, are the field.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kb import content
from kb.vocabulary import Decision, SectionRole, Verdict

NARRATIVE: Mapping[str, SectionRole] = {
    "problem": SectionRole.PROBLEM,
    "results": SectionRole.RESULTS,
    "did_not_work": SectionRole.DID_NOT_WORK,
    "community": SectionRole.COMMUNITY,
}
AIM = ("what", "for_whom", "start", "target", "by_when")
LOGISTICS = ("when", "where", "who", "how_long", "materials", "everyone_included")
# What a card has, in the order of the questions that a team is asked.
FIELDS: tuple[str, ...] = (
    "problem",
    "baseline",
    *(f"aim.{part}" for part in AIM),
    "team_roles",
    "team_lead_role",
    "team_size",
    "change_ideas",
    "results",
    "did_not_work",
    *(f"logistics.{part}" for part in LOGISTICS),
    "cost",
    "support_received",
    "support_requests",
    "community",
)
_IDEA = ("text", "steps", "who_did_it", "started", "ended", "decision", "verdict")
_NOT_SAID = {Decision.PENDING, Verdict.NOT_REPORTED, None, ""}


class CardField(NamedTuple):
    """A filled field: its name, such as "aim.target", what it says, and where that was read."""

    name: str
    value: str
    evidence: tuple[content.Evidence, ...] = ()


def card(said: content.Record) -> tuple[CardField, ...]:
    """Return the filled fields in the order of `FIELDS`; each change idea has fields of its own.

    A field that a person filled has no evidence.
    """
    by_field: dict[str, list[content.Evidence]] = defaultdict(list)
    for one in said.evidence:
        by_field[one.field].append(one)
    return tuple(
        CardField(name, value, tuple(_evidence(name, by_field))) for name, value in _values(said)
    )


def missing(said: content.Record) -> tuple[str, ...]:
    """Return the fields of `FIELDS` that the record does not tell, in that order."""
    filled = {".".join(one.name.split(".")[:2]) for one in card(said)}
    filled |= {name.partition(".")[0] for name in filled}
    return tuple(name for name in FIELDS if name not in filled)


def _values(said: content.Record) -> Iterator[tuple[str, str]]:
    values = {**_narrative(said), **_plain(said)}
    for name in FIELDS:
        if name == "change_ideas":
            yield from _of_ideas(said)
        elif value := values.get(name, ""):
            yield name, value


def _narrative(said: content.Record) -> dict[str, str]:
    told = {}
    for name, role in NARRATIVE.items():
        quotes = [one.quote for one in said.evidence if one.field == name]
        bodies = [section.body.strip() for section in said.sections if section.role is role]
        told[name] = "\n\n".join(quotes or filter(None, bodies))
    return told


def _plain(said: content.Record) -> dict[str, str]:
    aim = said.aim or content.Aim()
    return {
        "baseline": _baseline(said.baseline),
        **{f"aim.{part}": getattr(aim, part) for part in AIM},
        "team_roles": ", ".join(said.team_roles),
        "team_lead_role": said.team_lead_role,
        "team_size": str(said.team_size or ""),
        **{f"logistics.{part}": said.logistics.get(part, "") for part in LOGISTICS},
        "cost": _cost(said.cost),
        "support_received": _lines(one.what for one in said.support_received),
        "support_requests": _lines(one.text for one in said.support_requests),
    }


def _of_ideas(said: content.Record) -> Iterator[tuple[str, str]]:
    for number, idea in enumerate(said.change_ideas):
        for part in _IDEA:
            value = getattr(idea, part)
            if value not in _NOT_SAID:
                yield f"change_ideas.{number}.{part}", str(value)


def _baseline(baseline: content.Baseline | None) -> str:
    """The counts, the percent and the period in one line: "59 of 170, 35 %, January"."""
    if baseline is None:
        return ""
    counts = (baseline.numerator, baseline.denominator)
    told = [
        f"{counts[0]:g} / {counts[1]:g}" if None not in counts else "",
        f"{baseline.value:g} %" if baseline.value is not None else "",
        baseline.period,
    ]
    return ", ".join(filter(None, told))


def _cost(cost: content.Cost | None) -> str:
    if cost is None:
        return ""
    amount = "" if cost.amount is None else f"{cost.amount:,.0f} {cost.currency}".strip()
    return cost.text or amount


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, texts))


def _evidence(
    name: str, by_field: Mapping[str, list[content.Evidence]]
) -> Iterator[content.Evidence]:
    """The passages of the field itself and of its parts, each passage once."""
    seen = set()
    for field, found in by_field.items():
        if field == name or field.startswith(f"{name}."):
            for one in found:
                if (one.section, one.quote) not in seen:
                    seen.add((one.section, one.quote))
                    yield one
