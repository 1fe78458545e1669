"""Who may see a record and do what with it: one place for the rules that every face asks.

The ladder of visibility says how far a team lets its story go: team, district, country, public.
A story that was sent in is seen at once by the peers within that circle, before anybody reviewed
it, so that the learning centre is no bottleneck; only what may name somebody waits. What is
published was reviewed, and is seen within the same circle; everybody is one of them.

Source: docs/people.md has the same rules as a table.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from kb.errors import ForbiddenError, NotFoundError
from kb.models import Finding, Place, Record
from kb.people import FIELDS, Grant, Person
from kb.vocabulary import FindingState, Role, Status, Visibility
from kb.wording import marked

NO_LONGER = (Status.WITHDRAWN, Status.RETIRED)
IN_WORK = (Status.INBOX, Status.DRAFT, Status.IN_REVIEW, Status.RETURNED, Status.PRIVACY_CHECK)


class Act(StrEnum):
    """What somebody may do with a record."""

    READ = "read"
    COMMENT = "comment"
    FOLLOW = "follow"  # see how it came to say what it says: who changed what, and why
    EDIT = "edit"
    CURATE = "curate"  # tag, ask, send back, decide findings
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


def readable(person: Person) -> ColumnElement[bool]:
    """Return the condition on a record that `person` may read it."""
    public = and_(Record.status == Status.PUBLISHED, Record.visibility == Visibility.PUBLIC)
    if not person.known:
        return public
    return or_(public, theirs(person), _held(person, Role.CURATOR), _among_peers(person))


def had(person: Person) -> ColumnElement[bool]:
    """Return the condition on a record that was taken back that `person` could read it before."""
    told = or_(Record.published.is_not(None), and_(Record.submitted.is_not(None), _names_nobody()))
    once = or_(theirs(person), _held(person, Role.CURATOR), and_(_let_go(person), told))
    return and_(Record.status.in_(NO_LONGER), once)


def editable(person: Person) -> ColumnElement[bool]:
    """Return the condition on a record that `person` may change what it says.

    Its team until it is published, then only its curators.
    """
    in_work = Record.status.in_(IN_WORK)
    return or_(and_(in_work, theirs(person)), _held(person, Role.CURATOR))


def allowed(person: Person, act: Act) -> ColumnElement[bool]:
    """Return the condition on a record that `person` may do `act` with it."""
    match act:
        case Act.READ:
            return readable(person)
        case Act.COMMENT:
            may_write = person.has(Role.CONTRIBUTOR)
            return readable(person) if may_write else theirs(person)
        case Act.EDIT:
            return editable(person)
        case Act.CURATE:
            return _held(person, Role.CURATOR)
        case Act.PUBLISH:
            return _held(person, Role.PUBLISHER)
        case Act.WITHDRAW | Act.FOLLOW:
            return or_(theirs(person), _held(person, Role.CURATOR))


def may(session: Session, person: Person, act: Act, record_id: int) -> bool:
    """Tell whether `person` may do `act` with the record; nobody may with one that is not there."""
    query = select(exists().where(Record.id == record_id, allowed(person, act)))
    return bool(session.scalar(query))


def require(session: Session, person: Person, act: Act, record_id: int) -> None:
    """Refuse what `person` may not do.

    Raises:
        NotFoundError: they may not even know that there is such a record.
        ForbiddenError: they may read it, but not do this.
    """
    if may(session, person, act, record_id):
        return
    if act is Act.READ or not may(session, person, Act.READ, record_id):
        raise NotFoundError(
            marked("There is no record %(number)s.", number=str(record_id)),
            hint=marked("Search for it, or browse by topic."),
        )
    raise ForbiddenError(
        marked("You may read this story, but not do that with it."),
        hint=marked("Ask a curator of the library, or sign in as somebody who may."),
    )


def is_over(person: Person, grant: Grant) -> bool:
    """Tell whether `person` is admin wherever this role holds."""
    own = (mine for mine in person.grants if mine.at_least(Role.ADMIN))
    return any(grant.within(mine) for mine in own)


def require_over(person: Person, grants: Iterable[Grant]) -> None:
    """Refuse who is not admin wherever these roles hold: nobody gives, takes or opens more.

    Raises:
        ForbiddenError: one of them holds where they are no admin.
    """
    admin = person.has(Role.ADMIN)
    if not admin or not all(is_over(person, one) for one in grants):
        raise ForbiddenError(
            marked("That is beyond the places whose accounts you look after."),
            hint=marked("Ask an admin of the whole library."),
        )


def theirs(person: Person) -> ColumnElement[bool]:
    """Return the condition that a record is of their team: they wrote it, or work there."""
    if person.user_id is None:
        return true() if person.at_this_computer else false()
    own = Record.author_id == person.user_id
    teams = [g for g in person.grants if g.facility and g.at_least(Role.CONTRIBUTOR)]
    return or_(own, _at(teams))


def _held(person: Person, role: Role) -> ColumnElement[bool]:
    """Return the condition that `person` has `role` where the record is from."""
    grants = [grant for grant in person.grants if grant.at_least(role)]
    return true() if any(grant.anywhere for grant in grants) else _at(grants)


def _among_peers(person: Person) -> ColumnElement[bool]:
    """Return the condition that a record was let go as far as `person`, and names nobody."""
    told = or_(
        Record.status == Status.PUBLISHED,
        and_(
            Record.submitted.is_not(None),
            Record.status.in_((Status.IN_REVIEW, Status.RETURNED)),
            _names_nobody(),
        ),
    )
    return and_(_let_go(person), told)


def _names_nobody() -> ColumnElement[bool]:
    """Return the condition that nothing waits in a record that may name somebody."""
    return Record.id.not_in(select(Finding.record_id).where(Finding.state == FindingState.OPEN))


def _let_go(person: Person) -> ColumnElement[bool]:
    """Return the condition that a record was let go as far as `person`."""
    coach = _held(person, Role.COACH)
    district = or_(coach, _at([g for g in person.grants if g.admin2], upto="admin2"))
    country = or_(coach, _at([g for g in person.grants if g.country], upto="country"))
    return or_(
        and_(Record.visibility == Visibility.DISTRICT, district),
        and_(Record.visibility.in_((Visibility.COUNTRY, Visibility.PUBLIC)), country),
    )


def _at(grants: list[Grant], upto: str = "facility") -> ColumnElement[bool]:
    """Return the condition that a place of the record is covered, compared down to `upto`."""
    if not grants:
        return false()
    fields = FIELDS[: FIELDS.index(upto) + 1]
    covered: set[tuple[tuple[str, str], ...]] = {
        tuple((name, getattr(grant, name)) for name in fields if getattr(grant, name))
        for grant in grants
    }
    where: list[Any] = [
        and_(true(), *(getattr(Place, name) == value for name, value in wanted))
        for wanted in sorted(covered)
    ]
    return Record.id.in_(select(Place.record_id).where(or_(*where)))
