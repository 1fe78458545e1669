"""Boards: where the stories of a facility, a district and a country stand, for who works there."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from kb import boards, content, needs
from kb.db import utcnow
from kb.errors import NotFoundError
from kb.people import Grant, Person
from kb.vocabulary import Role
from kb.wording import marked
from web import rules
from web.catalogue import published
from web.deps import NamesDep, PersonDep, ReadingDep, RecordId
from web.followed import followed
from web.one_page import SHEET
from web.render import address, page

router = APIRouter(include_in_schema=False)
FOR_TEAMS = rules.needs(Role.CONTRIBUTOR)
FOR_COACHES = rules.needs(Role.COACH)

Text = Annotated[str, Query(max_length=150)]
NEEDS_OF = timedelta(days=90)
MOST_NEEDS = 10  # concepts
TOPICS = 12  # columns of the table of a country
PER_PROBLEM = 5  # stories


def _place(
    country: Annotated[str, Query(max_length=3)],
    region: Text = "",
    district: Text = "",
    facility: Text = "",
) -> content.Place:
    return content.Place(country=country, admin1=region, admin2=district, facility=facility)


PlaceDep = Annotated[content.Place, Depends(_place)]


@router.get("/boards", dependencies=[FOR_TEAMS])
def boards_page(
    request: Request, session: ReadingDep, names: NamesDep, person: PersonDep
) -> Response:
    """Show which boards somebody has, by their roles."""
    held = _held(person)
    told = set() if held else boards.countries(session, person)
    return page(
        request,
        "boards/boards.html",
        grants=held,
        countries=[(code, label) for code, label in names.countries() if code in told],
    )


@router.get("/boards/facility", dependencies=[FOR_TEAMS])
def facility(request: Request, session: ReadingDep, person: PersonDep, place: PlaceDep) -> Response:
    """Show the stories of a facility to its team and its coach."""
    _refuse_elsewhere(person, Role.CONTRIBUTOR, place)
    if not place.facility:
        raise _no_board()
    stories = boards.facility(session, person, place)
    return page(request, "boards/facility.html", place=place, stories=stories)


@router.get("/boards/district", dependencies=[FOR_COACHES])
def district(request: Request, session: ReadingDep, person: PersonDep, place: PlaceDep) -> Response:
    """Show a district to its coach: facilities, and who got better at a problem nearby."""
    _refuse_elsewhere(person, Role.COACH, place)
    if not (place.admin1 or place.admin2):
        raise _no_board()
    return page(
        request,
        "boards/district.html",
        place=place,
        lines=boards.facilities(session, person, place),
        problems=boards.problems(session, person, place),
        per_problem=PER_PROBLEM,
    )


@router.get("/boards/country", dependencies=[FOR_COACHES])
def country(request: Request, session: ReadingDep, person: PersonDep, place: PlaceDep) -> Response:
    """Show a country to its national team: coverage, gaps, what is asked, numbers."""
    place = content.Place(country=place.country)
    _refuse_elsewhere(person, Role.COACH, place)
    told = boards.coverage(session, person, country=place.country)
    asked = needs.report(session, since=(utcnow() - NEEDS_OF).date())
    return page(
        request,
        "boards/country.html",
        place=place,
        told=told,
        topics=[notation for notation, _ in told.topics[:TOPICS]],
        asked=[group for group in asked if group.notation][:MOST_NEEDS],
    )


@router.get("/records/{record_id}/poster", dependencies=[rules.OPEN])
def poster(request: Request, session: ReadingDep, names: NamesDep, record_id: RecordId) -> Response:
    """Show a record as a poster for the wall: the chart, what was changed, what comes next."""
    record = published(session, record_id)
    measures = followed(record.said, names, (SHEET,))
    return page(
        request,
        "boards/poster.html",
        record=record,
        said=record.said,
        measure=measures[0] if measures else None,
        short=address(request, f"/r/{record_id}"),
        story=address(request, f"/records/{record_id}"),
    )


def _refuse_elsewhere(person: Person, role: Role, place: content.Place) -> None:
    """Refuse whose role does not hold in all of `place`, as if there were no such place."""
    if not place.country or not person.has(role, at=[place]):
        raise _no_board()


def _no_board() -> NotFoundError:
    return NotFoundError(
        marked("You have no board for this place."), hint=marked("See which ones you have.")
    )


def _held(person: Person) -> list[Grant]:
    """Return the roles that come with a board, each place once, the widest first."""
    held = [grant for grant in person.grants if grant.at_least(Role.CONTRIBUTOR) and grant.country]
    places = {(g.country, g.admin1, g.admin2, g.facility): g for g in held}
    return [places[key] for key in sorted(places)]
