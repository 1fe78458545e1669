"""Up to four records side by side: what is the same in all of them, and what differs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kb import content, markup
from kb.taxonomy import Taxonomy
from kb.vocabulary import Scheme, SectionRole
from search.context import Context
from web.catalogue import PublicRecord
from web.names import Names

MOST = 4  # columns that a reader can keep apart, and that fit on a sheet of paper
LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the records: its letter, what it tells in plain text, and the address without it."""

    letter: str
    record: PublicRecord
    away: str
    problem: str
    did_not_work: str
    cost: str
    tried: tuple[tuple[str, bool], ...]  # interventions, and whether another one here has it too


@dataclass(frozen=True, slots=True)
class Row:
    """A trait of every record in a few words; an empty one was not told."""

    label: str
    values: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether all records say the same, and say something."""
        return len(self.values) > 1 and len(set(self.values)) == 1 and bool(self.values[0])


def address(record_ids: Sequence[int]) -> str:
    """Return the address of these records side by side.

    >>> address((7, 9))
    '/compare?ids=7,9'
    """
    return f"/compare?ids={','.join(map(str, record_ids))}"


def sides(records: Sequence[PublicRecord], names: Names) -> tuple[Side, ...]:
    """Return the records with their letters, in their order."""
    ids = [record.record_id for record in records]
    tried = [_interventions(record.said, names.taxonomy) for record in records]
    times = Counter(notation for notations in tried for notation in notations)
    return tuple(
        Side(
            letter,
            record,
            away=address([one for one in ids if one != record.record_id]),
            problem=_told(record.said, SectionRole.PROBLEM) or record.said.summary,
            did_not_work=_told(record.said, SectionRole.DID_NOT_WORK),
            cost=_cost(record.said, names),
            tried=tuple(
                (notation, times[notation] > 1)
                for notation in sorted(own, key=lambda one: -times[one])
            ),
        )
        for letter, record, own in zip(LETTERS, records, tried, strict=False)
    )


def rows(
    records: Sequence[PublicRecord], contexts: Mapping[int, Context], names: Names
) -> tuple[Row, ...]:
    """Return where each happened and what it needed, as far as any of the records tells."""
    columns = [dict(_traits(record, contexts[record.record_id], names)) for record in records]
    labels = dict.fromkeys(label for column in columns for label in column)
    found = (Row(label, tuple(column[label] for column in columns)) for label in labels)
    return tuple(row for row in found if any(row.values))


def _traits(record: PublicRecord, context: Context, names: Names) -> Iterator[tuple[str, str]]:
    """Yield the traits of a record by their labels, in the order in which they are read."""
    said, place, _ = record.said, record.place, names.gettext
    kinds = dict.fromkeys(one.facility_type for one in said.places if one.facility_type)
    yield _("Country"), names.country(place.country) if place.country else ""
    yield _("Level"), names.facet("level", said.level)
    yield _("Kind of facility"), names.listed(names.facet("facility_type", kind) for kind in kinds)
    yield _("Size"), ", ".join(_size(said, context, names))
    yield _("Period"), _period(said, names)
    need = said.resource_need
    yield _("What it needed"), names.facet("resource_need", need) if need else ""
    stage = said.stage
    yield _("How far it has come"), names.facet("implementation_stage", stage) if stage else ""
    yield _("Language"), names.tongue(said.language)


def _size(said: content.Record, context: Context, names: Names) -> Iterator[str]:
    if said.n_facilities:
        message = names.ngettext("%(num)s facility", "%(num)s facilities", said.n_facilities)
        yield message % {"num": names.number(said.n_facilities)}
    if context.births:
        births = round(context.births)
        message = names.ngettext(
            "about %(num)s birth a month", "about %(num)s births a month", births
        )
        yield message % {"num": names.number(births)}


def _period(said: content.Record, names: Names) -> str:
    if said.start_date is None:
        return ""
    begin = names.month(said.start_date)
    if said.still_running:
        return names.gettext("%(month)s, still running") % {"month": begin}
    return f"{begin} – {names.month(said.end_date)}" if said.end_date else begin


def _interventions(said: content.Record, taxonomy: Taxonomy) -> list[str]:
    """Return what kinds of change its tags and its ideas name, each once."""
    named = [tag.notation for tag in said.tags]
    named += [notation for idea in said.change_ideas for notation in idea.interventions]
    terms = taxonomy.terms
    return [
        notation
        for notation in dict.fromkeys(named)
        if notation in terms and terms[notation].scheme is Scheme.INTERVENTIONS
    ]


def _told(said: content.Record, role: SectionRole) -> str:
    bodies = (section.body for section in said.sections if section.role is role)
    return "\n".join(filter(None, map(markup.to_text, bodies)))


def _cost(said: content.Record, names: Names) -> str:
    cost = said.cost or content.Cost()
    return cost.text or names.amount(cost) or _told(said, SectionRole.COST)
