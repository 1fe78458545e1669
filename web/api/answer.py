"""How others did it, for programs."""

from fastapi import APIRouter

from search import answer
from search.filters import Scope
from web.api.synthesis import HowOthersDidIt, answer_of
from web.asking import AskedDep
from web.deps import IndexDep, LibraryDep, ReadingDep
from web.errors import documented
from web.names import Names
from web.rules import OPEN
from web.speaking import SPEAKS

router = APIRouter(prefix="/api/v1", dependencies=[OPEN, SPEAKS])


@router.get("/answer", tags=["search"], responses=documented(404, 422, 503))
def how_others_did_it(
    session: ReadingDep, library: LibraryDep, index: IndexDep, asked: AskedDep
) -> HowOthersDidIt:
    """Sum up the public records that answer a question, or all that the filters leave.

    No sentence is made: there are counts, each with the records behind it, and words of records.
    """
    found = answer.how_others_did_it(
        session,
        index,
        question=asked.q,
        concept=asked.concept,
        filters=asked.filters,
        scope=Scope.PUBLIC,
        without=asked.without,
    )
    return answer_of(found, Names(library.taxonomy))
