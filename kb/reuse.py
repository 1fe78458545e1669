"""“We tried this too”: what teams report who did elsewhere what a record tells of."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kb import addressees, countries, history, identifiers, notices, records
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.identifiers import Identifier
from kb.models import Link, Record, Reuse
from kb.people import Person
from kb.permissions import Act, allowed, may, require
from kb.vocabulary import LinkKind, NoticeKind, ReportState, Verdict
from kb.wording import marked

SHOWN: Final = (ReportState.NEW, ReportState.KEPT)
# What became of it. Nobody reports what they cannot say.
VERDICTS: Final = tuple(
    verdict for verdict in Verdict if verdict not in {Verdict.NOT_REPORTED, Verdict.NOT_APPLICABLE}
)
LONGEST: Final = {"where": 200, "adapted_how": 1_000, "numbers": 600}  # characters
A_DAY = 20  # reports of one person
SMALL = 5  # below, a number of people may tell who they were


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    n: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent; None where so few people may be recognised, or nobody was."""
        return None if self.is_small or not self.of else round(100 * self.n / self.of)

    @property
    def is_small(self) -> bool:
        """Tell whether a number in it is so small that a reader gets “fewer than 5”."""
        return 0 < self.n < SMALL or 0 < self.of < SMALL


@dataclass(frozen=True, slots=True)
class Tried:
    """What a team fills in."""

    where: str
    verdict: Verdict
    adapted_how: str = ""
    numbers: str = ""
    country: str = ""  # ISO 3166-1 alpha-3
    before: Share | None = None
    after: Share | None = None
    story_id: int | None = None  # their own story of it


@dataclass(frozen=True, slots=True)
class Report:
    """What one team reports. Who sent it is not part of it: that may be a person's name."""

    at: datetime
    where: str
    adapted_how: str
    verdict: Verdict
    numbers: str
    country: str = ""
    before: Share | None = None
    after: Share | None = None
    story_id: int | None = None  # in the library, but not for every reader
    state: ReportState = ReportState.KEPT

    @property
    def reviewed(self) -> bool:
        """Tell whether a curator has looked at it."""
        return self.state is ReportState.KEPT


def reports(session: Session, record_id: int) -> tuple[Report, ...]:
    """Return the reports on the record that readers see, the newest first."""
    return reports_on(session, [record_id]).get(record_id, ())


def reports_on(session: Session, record_ids: Collection[int]) -> dict[int, tuple[Report, ...]]:
    """Return the reports that readers see by their records, in one query for all."""
    query = (
        select(Reuse)
        .where(Reuse.record_id.in_(record_ids), Reuse.state.in_(SHOWN))
        .order_by(Reuse.at.desc(), Reuse.id.desc())
    )
    found: dict[int, tuple[Report, ...]] = {}
    for row in session.scalars(query):
        found[row.record_id] = (*found.get(row.record_id, ()), _report(row))
    return found


def verdicts(some: Iterable[Report]) -> dict[Verdict, int]:
    """Return how many teams say what, in the order of the verdicts."""
    counted = Counter(report.verdict for report in some)
    return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}


def years(session: Session) -> list[tuple[int, int]]:
    """Return the record and the year of every report that readers see, the earliest first."""
    query = select(Reuse.record_id, Reuse.at).where(Reuse.state.in_(SHOWN))
    rows = session.execute(query.order_by(Reuse.at, Reuse.id))
    return [(record_id, at.year) for record_id, at in rows]


def numbers(
    session: Session, record_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, int]:
    """Return how many reports on each of the records readers see since then."""
    query = (
        select(Reuse.record_id, func.count())
        .where(
            Reuse.record_id.in_(record_ids),
            Reuse.state.in_(SHOWN),
            Reuse.at > since,
            Reuse.at <= until,
        )
        .group_by(Reuse.record_id)
    )
    return {record_id: number for record_id, number in session.execute(query)}  # noqa: C416


def report(session: Session, person: Person, record_id: int, tried: Tried) -> Reuse:
    """Attach to the record what another team says of trying it, and tell the record's team.

    It is shown at once, as not yet reviewed; where something in it may name somebody, a curator
    looks first, and the team is told then.

    Raises:
        NotFoundError: the person may not see the record, or the story that they call their own.
        InvalidError: something is missing, too long, or cannot be.
        ConflictError: they sent too many reports today.
    """
    require(session, person, Act.READ, record_id)
    record = records.get(session, record_id)
    tried = _checked(tried)
    _refuse_too_many(session, person)
    if tried.story_id is not None:
        _link(session, person, tried.story_id, record_id)
    row = _row(person, record_id, tried)
    session.add(row)
    session.flush()
    history.happened(session, "reported", by=person.by, record=record, report=str(row.id))
    notices.write(
        session,
        addressees.curators(session, record_id),
        NoticeKind.REPORT_TO_REVIEW,
        link="/desk/reports",
        record_id=record_id,
        without=person.user_id,
    )
    if row.state is ReportState.NEW:
        _tell_team(session, row)
    return row


def waiting(
    session: Session, person: Person, *, decided: bool = False, limit: int = 100
) -> Sequence[Reuse]:
    """Return the reports that nobody decided, held ones first; or those decided, the last first.

    Only on records that the person is a curator of.
    """
    query = select(Reuse).where(_theirs(person))
    if decided:
        query = query.where(Reuse.decided.is_not(None)).order_by(Reuse.decided.desc())
    else:
        open_ = (ReportState.HELD, ReportState.NEW)
        held_first = Reuse.state != ReportState.HELD
        query = query.where(Reuse.state.in_(open_)).order_by(held_first, Reuse.id)
    return session.scalars(query.limit(limit)).all()


def own(session: Session, person: Person, record_id: int) -> Sequence[Reuse]:
    """Return what the person reported on the record, hidden or not."""
    if person.user_id is None:
        return ()
    query = select(Reuse).filter_by(record_id=record_id, by_id=person.user_id)
    return session.scalars(query.order_by(Reuse.id.desc())).all()


def decide(
    session: Session, person: Person, report_id: int, *, keep: bool, reason: str = ""
) -> Reuse:
    """Keep the report for readers, or hide it; who wrote it can read why it is hidden.

    Raises:
        NotFoundError: no such report, or the person is no curator of its record.
        InvalidError: it is hidden without a reason.
    """
    row = session.scalar(select(Reuse).where(Reuse.id == report_id, _theirs(person)))
    if row is None:
        raise NotFoundError(
            marked("There is no report %(number)s.", number=str(report_id)),
            hint=marked("Open the list of reports."),
        )
    if not keep and not reason.strip():
        raise InvalidError(
            marked("A report is not hidden without a reason."),
            hint=marked("Write in a few words why; who sent it reads them."),
        )
    first = row.state is ReportState.HELD and row.decided is None
    row.state = ReportState.KEPT if keep else ReportState.HIDDEN
    row.reason = "" if keep else reason.strip()
    row.decided_by, row.decided = person.by, utcnow()
    record = records.get(session, row.record_id)
    history.happened(
        session, f"report {row.state}", by=person.by, record=record, report=str(row.id)
    )
    if keep and first:
        _tell_team(session, row)
    if not keep and row.by_id is not None:
        notices.write(
            session,
            [row.by_id],
            NoticeKind.REPORT_HIDDEN,
            link=f"/records/{row.record_id}/tried",
            record_id=row.record_id,
            without=person.user_id,
        )
    session.flush()
    return row


def names_in(tried: Tried | Reuse, *, language: str = "") -> list[Identifier]:
    """Return what in the words of a report may tell who somebody is."""
    return [
        found
        for field in LONGEST
        for found in identifiers.find(getattr(tried, field), language=language)
    ]


def replications(session: Session, record_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the records that say they took the idea from each of these."""
    query = select(Link.other_id, Link.record_id).where(
        Link.other_id.in_(record_ids), Link.kind == LinkKind.REPLICATED_FROM
    )
    found: dict[int, list[int]] = {}
    for original, later in session.execute(query.order_by(Link.id)):
        found.setdefault(original, []).append(later)
    return found


def taken_from(session: Session, record_id: int) -> Sequence[int]:
    """Return the records that this one took its idea from."""
    query = select(Link.other_id).filter_by(record_id=record_id, kind=LinkKind.REPLICATED_FROM)
    return session.scalars(query.order_by(Link.id)).all()


def share(n: int | None, of: int | None) -> Share | None:
    """Return how many of how many; None where one of the two is missing."""
    return Share(n, of) if n is not None and of is not None else None


def _theirs(person: Person) -> ColumnElement[bool]:
    """Return the condition on a report that the person may curate the record it is on."""
    return Reuse.record_id.in_(select(Record.id).where(allowed(person, Act.CURATE)))


def _report(row: Reuse) -> Report:
    return Report(
        row.at,
        row.where,
        row.adapted_how,
        row.verdict,
        row.numbers,
        row.country,
        share(row.before_n, row.before_of),
        share(row.after_n, row.after_of),
        row.story_id,
        row.state,
    )


def _row(person: Person, record_id: int, tried: Tried) -> Reuse:
    """Return the row of a report; what may name somebody is held."""
    return Reuse(
        record_id=record_id,
        by=person.by,
        by_id=person.user_id,
        at=utcnow(),
        where=tried.where,
        adapted_how=tried.adapted_how,
        verdict=tried.verdict,
        numbers=tried.numbers,
        country=tried.country,
        before_n=tried.before and tried.before.n,
        before_of=tried.before and tried.before.of,
        after_n=tried.after and tried.after.n,
        after_of=tried.after and tried.after.of,
        story_id=tried.story_id,
        state=ReportState.HELD if names_in(tried) else ReportState.NEW,
    )


def _checked(tried: Tried) -> Tried:
    if not tried.where.strip() and tried.story_id is None:
        raise InvalidError(
            marked("A report says where it was tried."),
            hint=marked(
                "Name the kind of place and the district, or as much as your team wants to show."
            ),
        )
    if tried.verdict not in VERDICTS:
        raise InvalidError(
            marked("A report says what became of it."), hint=marked("Choose one of the answers.")
        )
    if tried.country and tried.country not in countries.alpha3().values():
        raise InvalidError(
            marked("There is no country “%(code)s”.", code=tried.country[:10]),
            hint=marked("Choose one of the list, or none."),
        )
    for field, most in LONGEST.items():
        if len(getattr(tried, field)) > most:
            raise InvalidError(
                marked("That is longer than %(most)s characters.", most=most),
                hint=marked("Say it in fewer words; a whole story has a place of its own."),
            )
    for one in (tried.before, tried.after):
        if one is not None and not 0 <= one.n <= one.of:
            raise InvalidError(
                marked("%(n)s of %(of)s cannot be.", n=one.n, of=one.of),
                hint=marked("Write how many, and of how many in all."),
            )
    return tried


def _refuse_too_many(session: Session, person: Person) -> None:
    today = select(func.count()).where(
        Reuse.by == person.by, Reuse.at > utcnow() - timedelta(days=1)
    )
    if (session.scalar(today) or 0) >= A_DAY:
        raise ConflictError(
            marked("You sent %(times)s reports in a day.", times=A_DAY),
            hint=marked("Send the next ones tomorrow."),
        )


def _link(session: Session, person: Person, story_id: int, record_id: int) -> None:
    """Say that the person's own story took its idea from the record."""
    if story_id == record_id:
        raise InvalidError(
            marked("A story is no report on itself."), hint=marked("Name another story, or none.")
        )
    if not may(session, person, Act.WITHDRAW, story_id):  # of the team, in whatever state it is
        raise NotFoundError(
            marked("Your team has no story %(number)s.", number=str(story_id)),
            hint=marked("Give the number of a story of your team."),
        )
    known = select(Link.id).filter_by(
        record_id=story_id, other_id=record_id, kind=LinkKind.REPLICATED_FROM
    )
    if session.scalar(known) is None:
        link = Link(record_id=story_id, other_id=record_id, kind=LinkKind.REPLICATED_FROM)
        session.add(link)


def _tell_team(session: Session, row: Reuse) -> None:
    notices.write(
        session,
        addressees.team(session, row.record_id),
        NoticeKind.REPORT,
        link=f"/records/{row.record_id}#too",
        record_id=row.record_id,
        without=row.by_id,
    )
