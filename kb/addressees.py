"""Who is meant by “the team”, “the curators” and “the level above”: people with accounts, by id.

Nobody is told what they may not see: whoever is returned here may open what the notice leads to.
"""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content
from kb.models import Place, Record, RoleGrant, User
from kb.people import FIELDS, RANKS, Grant
from kb.vocabulary import Level, Role

# The levels that are asked for help, the nearest first, and what a grant there leaves open.
LEVELS: Final = {
    Level.DISTRICT: ("facility",),
    Level.REGION: ("facility", "admin2"),
    Level.NATIONAL: ("facility", "admin2", "admin1"),
}


def team(session: Session, record_id: int) -> list[int]:
    """Return who wrote the record, and who tells the stories of its facility."""
    places = _places(session, record_id)
    named = {place.facility for place in places} - {""}
    grants = _grants(session, Role.CONTRIBUTOR, facilities=named) if named else []
    author = session.scalar(
        select(User.id)
        .join(Record, Record.author_id == User.id)
        .where(Record.id == record_id, User.disabled.is_(None))
    )
    there = [user_id for user_id, grant in grants if any(map(grant.covers, places))]
    return list(dict.fromkeys([author, *there] if author is not None else there))


def curators(session: Session, record_id: int) -> list[int]:
    """Return the curators of where the record is from, or else those of everywhere."""
    return _at_work(session, record_id, Role.CURATOR)


def publishers(session: Session, record_id: int) -> list[int]:
    """Return who publishes what comes from there, or else those who publish from everywhere."""
    return _at_work(session, record_id, Role.PUBLISHER)


def _at_work(session: Session, record_id: int, least: Role) -> list[int]:
    places = _places(session, record_id)
    grants = _grants(session, least)
    there = [one for one in grants if any(map(one[1].covers, places))]
    return _narrowest(there or [one for one in grants if one[1].anywhere])


def at_level(session: Session, level: Level, place: content.Place) -> list[int]:
    """Return who answers for `place` at a level: the nearest who do, or whoever is above them."""
    grants = _grants(session, Role.COACH)
    return _narrowest([one for one in grants if answers(one[1], level, place)])


def answers(grant: Grant, level: Level, place: content.Place) -> bool:
    """Tell whether a grant is of this level or one above, and of this place."""
    opened = LEVELS[level]
    return (
        grant.at_least(Role.COACH)
        and not any(getattr(grant, name) for name in opened)
        and grant.covers(place)
    )


def level_above(session: Session, level: Level, place: content.Place) -> Level | None:
    """Return the next level that somebody works at; the country is there even without anybody."""
    if level is Level.NATIONAL:
        return None
    if level is Level.DISTRICT and place.admin1:
        grants = _grants(session, Role.COACH)
        regional = (g for _, g in grants if g.admin1 and answers(g, Level.REGION, place))
        if any(regional):
            return Level.REGION
    return Level.NATIONAL


def _places(session: Session, record_id: int) -> list[content.Place]:
    rows = session.scalars(select(Place).filter_by(record_id=record_id))
    return [content.Place(**{name: getattr(row, name) for name in FIELDS}) for row in rows]


def _grants(
    session: Session, least: Role, *, facilities: Collection[str] | None = None
) -> list[tuple[int, Grant]]:
    """Return the grants of at least a role, of people whose account is open."""
    roles = [role for role in Role if RANKS[role] >= RANKS[least]]
    query = (
        select(RoleGrant)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.role.in_(roles), User.disabled.is_(None))
        .order_by(RoleGrant.id)
    )
    if facilities is not None:
        query = query.where(RoleGrant.facility.in_(facilities))
    return [
        (row.user_id, Grant(row.role, **{name: getattr(row, name) for name in FIELDS}))
        for row in session.scalars(query)
    ]


def _narrowest(found: Iterable[tuple[int, Grant]]) -> list[int]:
    """Return those nearest to the place: who answers for everywhere is not told of everything."""
    ranked = [(sum(bool(getattr(g, name)) for name in FIELDS), user_id) for user_id, g in found]
    nearest = max((rank for rank, _ in ranked), default=0)
    return list(dict.fromkeys(user_id for rank, user_id in ranked if rank == nearest))
