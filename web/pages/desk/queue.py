"""The queue: every record that no reader sees yet, what is worth most first, or the oldest."""

from dataclasses import dataclass
from math import ceil
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError, validate_call

from kb import queue, users, views
from kb.queue import Asked
from kb.vocabulary import Awaits, Level, Order, Role, Turn
from web.asking import LAST_PAGE
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.forms import LARGEST, FormDep
from web.pages.desk.audit import is_proved
from web.render import page, shown_next
from web.rules import needs

router = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[needs(Role.CURATOR)])

PER_PAGE = 25
CAME_FROM = "queue"  # the cookie with the filters that the queue was last looked at with
Language = Annotated[str, Query(max_length=35, pattern="^([A-Za-z0-9-]*)$")]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The address of the queue as it was asked for, and with one thing else."""

    asked: Asked

    def __call__(self, **changes: object) -> str:
        """Return the address of the queue with these changes; pages begin anew."""
        given = {
            "awaits": self.asked.awaits,
            "order": self.asked.order,
            "turn": self.asked.turn,
            "language": self.asked.language,
            "level": self.asked.level,
            "overdue": "yes" if self.asked.overdue else "",
        }
        usual = {"awaits": Awaits.ANYTHING, "order": Order.VALUE}
        said = {k: v for k, v in (given | changes).items() if v and v != usual.get(k)}
        return f"/desk?{urlencode(said)}" if said else "/desk"


def _asked(
    *,
    awaits: Awaits = Awaits.ANYTHING,
    order: Order = Order.VALUE,
    turn: Turn | None = None,
    language: Language = "",
    level: Level | None = None,
    overdue: str = "",
) -> Asked:
    return Asked(awaits, order, turn, language, level, bool(overdue))


AskedDep = Annotated[Asked, Depends(_asked)]


@router.get("")
def queue_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    person: PersonDep,
    asked: AskedDep,
    *,
    number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """Show what waits for the curator."""
    overdue_days = library.settings.overdue_days
    ranked = queue.ranking(session, asked, person, overdue_days=overdue_days)
    first = (number - 1) * PER_PAGE
    entries = queue.entries(session, ranked[first : first + PER_PAGE], person)
    kept = views.of(session, by=person.by)
    people = [*(one.lock.by for one in entries if one.lock), *(view.by for view in kept)]
    shown = page(
        request,
        "desk/queue.html",
        part="desk/_queue.html",
        entries=entries,
        proved=not person.has(Role.ADMIN) or is_proved(library),
        called=users.called(session, people),
        totals=queue.totals(session, person),
        open_findings=queue.open_findings(session, person),
        asked=asked,
        found=len(ranked),
        late=sum(one.overdue for one in ranked),
        overdue_days=overdue_days,
        address=Addresses(asked),
        views=kept,
        me=person.by,
        number=number,
        pages=max(1, ceil(len(ranked) / PER_PAGE)),
    )
    _remember(request, shown, asked)
    return shown


@router.get("/next")
def next_page(
    request: Request,
    session: ReadingDep,
    library: LibraryDep,
    person: PersonDep,
    asked: AskedDep,
    *,
    after: Annotated[int, Query(ge=1, le=LARGEST)],
) -> Response:
    """Go to the record behind this one, past those that others have open.

    The queue is the one that the address names, else the one that was last looked at.
    """
    if asked == queue.ANYTHING:
        asked = _remembered(request)
    days = library.settings.overdue_days
    following = queue.next_of(session, asked, person, after=after, overdue_days=days)
    here = f"/desk/records/{following}" if following else Addresses(asked)()
    return shown_next(request, here)


@router.post("/views")
def save_view(
    request: Request, session: WritingDep, person: PersonDep, asked: AskedDep, form: FormDep
) -> Response:
    """Keep what is shown under a name; filters and order stand in the address."""
    address = Addresses(asked)()
    views.save(
        session,
        form.text("name"),
        address.partition("?")[2],
        shared=bool(form.text("shared")),
        by=person.by,
    )
    session.commit()
    return shown_next(request, address)


@router.post("/views/{view_id}/remove")
def remove_view(
    request: Request, session: WritingDep, person: PersonDep, view_id: RecordId
) -> Response:
    """Remove a view."""
    views.remove(session, view_id, by=person.by)
    session.commit()
    return shown_next(request, "/desk")


def _remember(request: Request, response: Response, asked: Asked) -> None:
    """Let the browser keep filters and order until it is closed.

    They are no part of each address behind the queue: then every form, and every page that leads
    back to the record, would have to hand them on.
    """
    query = Addresses(asked)().partition("?")[2]
    secure = request.url.scheme == "https"
    if query:
        response.set_cookie(
            CAME_FROM, query, path="/desk", secure=secure, httponly=True, samesite="lax"
        )
    elif CAME_FROM in request.cookies:
        response.delete_cookie(
            CAME_FROM, path="/desk", secure=secure, httponly=True, samesite="lax"
        )


def _remembered(request: Request) -> Asked:
    """Return how the queue was last looked at; everything, where that cannot be read."""
    said = dict(parse_qsl(request.cookies.get(CAME_FROM, "")))
    try:
        return validate_call(_asked)(**said)  # type: ignore[arg-type]  # pydantic converts
    except ValidationError:
        return queue.ANYTHING
