"""A reader says which record should have come up for a question."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Query, Request, Response

from kb import judgements
from kb.db import utcnow
from kb.errors import InvalidError
from kb.wording import marked
from search.understand import understand
from web.deps import LibraryDep, WritingDep
from web.forms import LARGEST, FormDep
from web.render import page, shown_next
from web.rules import OPEN

router = APIRouter(prefix="/judgements", dependencies=[OPEN])

Asked = Annotated[str, Query(max_length=judgements.LONGEST)]
RECORDS = "/records/"
DIGITS = len(str(LARGEST))


@router.get("")
def propose_page(request: Request, q: Asked = "", record: Asked = "") -> Response:
    """Ask for a question and the record that answers it."""
    return page(request, "judgements.html", question=q, record=record, thanks=False)


@router.post("")
def propose(request: Request, session: WritingDep, library: LibraryDep, form: FormDep) -> Response:
    """Write the proposal down for a curator, and thank for it."""
    question = form.text("question")
    judgements.propose(
        session,
        question,
        record_in(form.text("record")),
        language=understand(question, library.labels).language,
        today=utcnow().date(),
    )
    session.commit()
    return shown_next(request, f"/judgements/thanks?{urlencode({'q': question})}")


@router.get("/thanks")
def thanks_page(request: Request, q: Asked = "") -> Response:
    """Say what becomes of the proposal, and lead back to the answers."""
    return page(request, "judgements.html", question=q, record="", thanks=True)


def record_in(text: str) -> int:
    """Return the number of the record that a number or the address of its page names.

    >>> record_in(" 7 "), record_in("https://library.example/records/7?from=search")
    (7, 7)

    Raises:
        InvalidError: it names none.
    """
    said = text.strip()
    if not said.isdigit():
        said = _path(said).rpartition(RECORDS)[2].partition("/")[0]
    if not (said.isascii() and said.isdigit() and len(said) <= DIGITS and 0 < int(said) <= LARGEST):
        raise InvalidError(
            marked("“%(text)s” names no record.", text=text[:80]),
            hint=marked("Give its number, or the address of its page, such as /records/7."),
        )
    return int(said)


def _path(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:  # half an address of IPv6
        return ""
    return path if RECORDS in path else ""
