"""Follow a topic, an intervention, a place or a story, and stop following it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kb import follows
from kb.errors import InvalidError
from kb.vocabulary import FollowKind
from web import telling_people
from web.deps import PersonDep, ReadingDep, WritingDep
from web.errors import STATUS
from web.forms import FormDep
from web.pages.loop.notices import account
from web.render import page, shown_next
from web.rules import SIGNED_IN

router = APIRouter(prefix="/follow", include_in_schema=False, dependencies=[SIGNED_IN])
Value = Annotated[str, Query(min_length=1, max_length=follows.LONGEST)]


@router.get("")
def follow_page(
    request: Request, session: ReadingDep, person: PersonDep, kind: FollowKind, value: Value
) -> Response:
    """Say what the reader would hear of, and ask whether they want to."""
    return _page(request, session, person, kind, value)


@router.post("")
def follow(request: Request, session: WritingDep, person: PersonDep, form: FormDep) -> Response:
    """Follow it, or stop."""
    kind, value = form.choice("kind", FollowKind), form.text("value")
    if form.text("act") == "stop":
        follows.remove(session, account(person), kind, value)
    else:
        try:
            follows.add(session, account(person), kind, value)
        except InvalidError as error:
            session.rollback()
            return _page(request, session, person, kind, value, error=error)
    session.commit()
    return shown_next(request, "/notices#follows")


def _page(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    kind: FollowKind,
    value: str,
    *,
    error: InvalidError | None = None,
) -> Response:
    return page(
        request,
        "loop/follow.html",
        status=STATUS[InvalidError] if error else 200,
        kind=kind,
        value=value,
        followed=follows.follows(session, account(person), kind, value),
        label=telling_people.label,
        error=error,
    )
