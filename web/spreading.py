"""How an idea spread: a story, who tried it too, and who took it from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from kb import content, reuse
from kb.reuse import Report, Share
from kb.vocabulary import Verdict
from web.catalogue import PublicRecord, public_records

MOST = 200  # stories and reports in one tree
DEEP = 6  # steps from the story; further down is told on the page of the last one


@dataclass(frozen=True)
class Branch:
    """Who tried it: a report, a story, or a report with the story of the same team."""

    report: Report | None = None
    record: PublicRecord | None = None
    branches: list["Branch"] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The place in the team's own words; a team with a story shows it as its story does."""
        return self.report.where if self.report and self.report.story_id is None else ""

    @property
    def place(self) -> content.Place:
        """The place as far as it may be shown: of the story, else the country of the report."""
        if self.record is not None:
            return self.record.place
        own = self.report if self.report and self.report.story_id is None else None
        return content.Place(country=own.country if own else "")

    @property
    def verdict(self) -> Verdict:
        """What became of it there."""
        if self.report is not None:
            return self.report.verdict
        return self.record.said.verdict if self.record else Verdict.NOT_REPORTED

    @property
    def year(self) -> int | None:
        """The year it began there, or else was reported."""
        began = self.record.said.start_date if self.record else None
        if began is not None:
            return began.year
        return self.report.at.year if self.report else None

    @property
    def at(self) -> datetime | None:
        """When it was reported."""
        return self.report.at if self.report else None

    @property
    def shares(self) -> tuple[Share, Share] | None:
        """Before and after, where the report tells both."""
        one = self.report
        return (one.before, one.after) if one and one.before and one.after else None


class Row(NamedTuple):
    """A branch of the table: how many steps from the story, and what it was taken from."""

    depth: int
    branch: Branch
    parent: Branch


@dataclass(frozen=True)
class Tree:
    """A story with what grew from it, and the stories it grew from itself."""

    root: Branch
    origins: tuple[PublicRecord, ...]

    @property
    def rows(self) -> list[Row]:
        """All branches, each below what it was taken from."""
        return list(_rows(self.root, 1))

    @property
    def countries(self) -> list[str]:
        """The countries that it is known to have reached, each once."""
        places = [self.root.place, *(row.branch.place for row in self.rows)]
        return list(dict.fromkeys(place.country for place in places if place.country))

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """How many teams say what, in the order of the verdicts."""
        said = [row.branch.verdict for row in self.rows]
        return {verdict: said.count(verdict) for verdict in Verdict if verdict in said}


def shown(session: Session, reports: Sequence[Report]) -> list[Branch]:
    """Return reports as readers see them, each with the story of its team where all may read it."""
    ids = [report.story_id for report in reports if report.story_id is not None]
    stories = public_records(session, ids) if ids else {}
    return [Branch(one, stories.get(one.story_id) if one.story_id else None) for one in reports]


def tree(session: Session, record: PublicRecord) -> Tree:
    """Return how the idea of a record spread, in three queries for each step away from it."""
    root = Branch(record=record)
    seen, edge, left = {record.record_id}, [root], MOST
    for _ in range(DEEP):
        stories = {one.record.record_id: one for one in edge if one.record is not None}
        if not stories or left <= 0:
            break
        reports = reuse.reports_on(session, list(stories))
        later = reuse.replications(session, list(stories))
        ids = {r.story_id for some in reports.values() for r in some if r.story_id is not None}
        ids |= {n for some in later.values() for n in some}
        known = public_records(session, ids - seen) if ids - seen else {}
        edge = []
        for record_id, parent in stories.items():
            grown = _grown(reports.get(record_id, ()), later.get(record_id, []), known, seen)
            parent.branches.extend(grown[:left])
            left -= len(grown)
            edge += grown
    origins = public_records(session, reuse.taken_from(session, record.record_id))
    return Tree(root, tuple(origins.values()))


def _grown(
    reports: Sequence[Report], later: Sequence[int], known: dict[int, PublicRecord], seen: set[int]
) -> list[Branch]:
    """Return who tried what one story tells; no story stands in the tree twice."""
    grown = []
    for report in reversed(reports):  # the earliest first
        story = known.get(report.story_id) if report.story_id else None
        story = story if story and story.record_id not in seen else None
        seen |= {story.record_id} if story else set()
        grown.append(Branch(report, story))
    for record_id in later:
        if record_id in known and record_id not in seen:
            seen.add(record_id)
            grown.append(Branch(record=known[record_id]))
    return grown


def _rows(parent: Branch, depth: int) -> Iterator[Row]:
    for branch in parent.branches:
        yield Row(depth, branch, parent)
        yield from _rows(branch, depth + 1)
