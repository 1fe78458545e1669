"""A record in the order that somebody needs who wants to do the same: why, what, how, at what cost.

Its sections stay as their source has them; here they find their place on the page.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kb import content, markup
from kb.folding import plain
from kb.vocabulary import Naming, SectionRole
from kb.wording import marked

SAME_START = 200  # characters: a summary section that begins like the summary says it again
LEAD = 240  # characters of a summary that the text below says again
SENTENCES = re.compile(r"(?<=[.!?؟।።])\s+")
WHY = (SectionRole.PROBLEM, SectionRole.AIM)
NOT_WORKED = (SectionRole.DID_NOT_WORK,)
HOW = (SectionRole.TEAM, SectionRole.LOGISTICS)
COST = (SectionRole.COST,)
SUPPORT = (SectionRole.SUPPORT,)

# What to add to a record, by what `kb.scores.completeness` calls it.
ADVICE = {
    "the problem with a number": marked("Say how big the problem was, with a number."),
    "an aim with an amount and a date": marked("Say what the team wanted to reach, and by when."),
    "the context: type, size, staff": marked("Say what kind of place it is, its size and staff."),
    "who was in the team": marked("Say who was in the team."),
    "a change idea with its steps": marked("Say how one idea was done, step by step."),
    "who did it, when and where": marked("Say who did it, when and where."),
    "how it was kept going": marked("Say what keeps it going."),
    "a result for patients": marked("Say what changed for patients."),
    "what did not work": marked("Say what did not work."),
    "what it cost or needed": marked("Say what it cost."),
    "help received or needed": marked("Say which help the team got, or needs."),
    "a contact or a tool to take": marked("Give a contact, or a tool to take."),
}
# What the logistics of a record are called, in the order of the questions people ask.
LOGISTICS = {
    "who": marked("Who did it"),
    "when": marked("When"),
    "where": marked("Where"),
    "how_long": marked("How long it took"),
    "materials": marked("What they used"),
    "everyone_included": marked("How everyone took part"),
}
# What is put together from several fields, and what it is called; `blocks` says which are there.
BLOCKS = {
    "tried": marked("What was tried"),
    "not-worked": marked("What did not work"),
    "how": marked("How exactly"),
    "cost": marked("What it cost"),
    "support": marked("Help given and needed"),
}
SIZES = {
    "monthly_births": marked("Births in a month"),
    "beds": marked("Beds"),
    "staff": marked("Staff"),
    "catchment": marked("People served"),
}


class Told(NamedTuple):
    """A section and where a link on the page finds it."""

    anchor: str
    section: content.Section


@dataclass(frozen=True, slots=True)
class Parts:
    """The sections of a record by what a reader wants from them, each in one place only."""

    why: tuple[Told, ...]
    not_worked: tuple[Told, ...]
    how: tuple[Told, ...]
    cost: tuple[Told, ...]
    support: tuple[Told, ...]
    rest: tuple[Told, ...]


class Support(NamedTuple):
    """Help that a team got, and help that it asks for."""

    received: tuple[content.SupportReceived, ...]
    requests: tuple[content.SupportRequest, ...]


class Extent(NamedTuple):
    """How far the numbers of a measure reach: periods, points, and how many were counted."""

    first: date
    last: date
    n_points: int
    n_counted: float | None  # sum of the denominators; None where one is missing


def lead(said: content.Record, *, length: int = LEAD) -> str:
    """Return the summary; its first sentences where a section has the same words.

    >>> told = content.Section(body="Babies were cold. Now they are not. We moved the scale.")
    >>> lead(content.Record(title="Warm", summary=told.body, sections=(told,)), length=20)
    'Babies were cold.'
    """
    start = _letters(said.summary)
    again = any(start in _letters(one.body) for one in narrative(said))
    if not again or len(said.summary) <= length:
        return said.summary
    first, *others = SENTENCES.split(said.summary.strip())
    for sentence in others:
        if len(first) + len(sentence) >= length:
            break
        first = f"{first} {sentence}"
    return first


def parts(said: content.Record) -> Parts:
    """Return the sections that are worth reading, in their places."""
    told = [Told(f"text-{n}", one) for n, one in enumerate(narrative(said), start=1)]

    def of(*roles: SectionRole) -> tuple[Told, ...]:
        return tuple(one for one in told if one.section.role in roles)

    placed = {*WHY, *NOT_WORKED, *HOW, *COST, *SUPPORT}
    return Parts(
        why=of(*WHY),
        not_worked=of(*NOT_WORKED),
        how=of(*HOW),
        cost=of(*COST),
        support=of(*SUPPORT),
        rest=of(*(role for role in SectionRole if role not in placed)),
    )


def narrative(said: content.Record) -> list[content.Section]:
    """Return the sections to read: not the empty ones, nor one that is the summary once more."""
    start = said.summary[:SAME_START].strip()
    return [
        section
        for section in said.sections
        if section.body.strip()
        and not (
            section.role is SectionRole.SUMMARY
            and start
            and markup.to_text(section.body).strip().startswith(start)
        )
    ]


def blocks(said: content.Record, told: Parts) -> dict[str, str]:
    """Return the headings of the blocks that have something in them, by their anchors."""
    filled = {
        "tried": bool(said.change_ideas),
        "not-worked": bool(told.not_worked),
        "how": bool(logistics(said) or said.team_roles or said.team_lead_role or told.how),
        "cost": bool(_has_cost(said) or told.cost),
        "support": bool(
            said.support_activities
            or said.support_received
            or said.support_requests
            or told.support
        ),
    }
    return {anchor: heading for anchor, heading in BLOCKS.items() if filled[anchor]}


def logistics(said: content.Record) -> list[tuple[str, str]]:
    """Return what is said of who, when and where: the name of each in English, and the words."""
    return [
        (name, said.logistics[key]) for key, name in LOGISTICS.items() if said.logistics.get(key)
    ]


def sizes(said: content.Record) -> list[tuple[str, str]]:
    """Return how large the place is, where it is named: its numbers tell which place it is."""
    if said.naming is not Naming.NAMED:
        return []
    numbers = said.context_numbers
    return [(name, numbers[key]) for key, name in SIZES.items() if numbers.get(key)]


def cost_text(said: content.Record, told: Parts) -> str:
    """Return what the team says of the cost, unless a section on the page says it anyway."""
    return said.cost.text if said.cost and not _told(said.cost.text, told.cost) else ""


def support(said: content.Record, told: Parts) -> Support:
    """Return the help that no section on the page tells of in the same words."""
    return Support(
        tuple(one for one in said.support_received if not _told(one.what, told.support)),
        tuple(one for one in said.support_requests if not _told(one.text, told.support)),
    )


def extent(measure: content.Measure) -> Extent | None:
    """Return how far the numbers of a measure reach; None where it has none."""
    filled = [point for point in measure.points if point.counted(measure.unit)]
    if not filled:
        return None
    counted = [point.denominator for point in filled]
    whole = [n for n in counted if n is not None]
    n_counted = sum(whole) if len(whole) == len(counted) else None
    return Extent(filled[0].period, filled[-1].period, len(filled), n_counted)


def _has_cost(said: content.Record) -> bool:
    cost = said.cost
    return bool(said.resource_need or (cost and (cost.text or cost.amount is not None)))


def _told(text: str, sections: tuple[Told, ...]) -> bool:
    words = _letters(text)
    return any(words in _letters(one.section.body) for one in sections)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, plain(text)))
