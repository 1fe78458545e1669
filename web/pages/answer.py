"""How others did it: a page that sums up, and the records behind each of its numbers."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from kb import content
from kb.told import tell
from kb.vocabulary import FacilityType
from search.accounts import Account
from search.answer import how_others_did_it
from search.filters import Scope
from search.index import Index
from search.query import Results
from search.synthesis import Synthesis
from web.asking import Asked, AskedDep
from web.catalogue import public_records
from web.deps import IndexDep, NamesDep, ReadingDep
from web.names import Names
from web.render import page
from web.rules import OPEN

IN_SHORT = 3  # kinds of change that `_synthesis_short.html` names

router = APIRouter(dependencies=[OPEN])

# What stands in an address: the numbers of up to a hundred records.
RecordIds = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(,[0-9]{1,9}){0,99}$")]


@router.get("/answer")
def answer_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    asked: AskedDep,
) -> Response:
    """Show how others did it: the page, or for htmx the summing-up alone."""
    context = summed_up(session, index, names, asked, quoted=True)
    return page(request, "answer.html", part="_synthesis.html", asked=asked, **context)


@router.get("/records")
def records_page(
    request: Request, session: ReadingDep, ids: Annotated[RecordIds, Query()]
) -> Response:
    """Show the records behind a number, those of them that every reader may see."""
    wanted = list(dict.fromkeys(map(int, ids.split(","))))
    found = public_records(session, wanted)
    shown = [found[record_id] for record_id in wanted if record_id in found]
    return page(request, "behind.html", records=shown)


def summed_up(
    session: Session,
    index: Index,
    names: Names,
    asked: Asked,
    *,
    quoted: bool = False,
    results: Results | None = None,
) -> dict[str, Any]:
    """Return what `_synthesis_short.html` needs for a question; `quoted`, what the whole needs.

    `results` are those of the same question, where they were searched for already.
    """
    found = how_others_did_it(
        session,
        index,
        question=asked.q,
        concept=asked.concept,
        filters=asked.filters,
        scope=Scope.PUBLIC,
        without=asked.without,
        quoted=quoted,
        found=results,
    )
    for account in found.accounts if quoted else _named(found):
        tell(account.record_id, account.version)
    return told(found, names, asked)


def _named(found: Synthesis) -> Iterator[Account]:
    """Yield the accounts of which the short form says more than a number."""
    shown = {idea.record_id for group in found.groups[:IN_SHORT] for idea in group.ideas}
    shown |= {one.idea.record_id for one in found.dropped[:1]}
    shown |= {one.record_id for effect in found.effects[:1] for one in effect.measured[:1]}
    return (account for account in found.accounts if account.record_id in shown)


def told(found: Synthesis, names: Names, asked: Asked) -> dict[str, Any]:
    """Return a summing-up as its templates want it."""
    return {
        "found": found,
        "told": {account.record_id: account for account in found.accounts},
        "where": {account.record_id: where(account, names) for account in found.accounts},
        "answer_url": asked.answer(),
    }


def where(account: Account, names: Names) -> str:
    """Say where a record is from, as far as its naming shows it: facility, else kind and district.

    An office is called by its level.
    """
    place = next(iter(account.places), content.Place())
    kind = place.facility_type
    if place.facility:
        what = place.facility
    elif kind is None or kind is FacilityType.ADMINISTRATIVE:
        what = names.facet("level", account.level)
    else:
        what = names.facet("facility_type", kind)
    district = "" if place.facility else place.admin2
    country = names.country(place.country) if place.country else ""
    return names.gettext(", ").join(filter(None, (what, district, country)))
