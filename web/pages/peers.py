"""What peers have told and not everybody reads yet: before a curator comes."""

from fastapi import APIRouter, Request, Response

from web.catalogue import new_among_peers
from web.deps import PersonDep, ReadingDep
from web.render import page
from web.rules import SIGNED_IN

router = APIRouter(prefix="/peers", include_in_schema=False, dependencies=[SIGNED_IN])
MOST = 60


@router.get("")
def peers(request: Request, session: ReadingDep, person: PersonDep) -> Response:
    """Show the newest stories of the places of whoever is signed in."""
    found = new_among_peers(session, person, limit=MOST)
    return page(request, "boards/peers.html", found=found)
