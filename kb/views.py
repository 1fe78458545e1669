"""Filters and order of the queue, kept under a name. Nothing here commits."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb.errors import InvalidError, NotFoundError
from kb.models import SavedView
from kb.wording import marked

LONGEST = 60  # characters of a name
MOST = 20  # views of one person


def of(session: Session, *, by: str) -> Sequence[SavedView]:
    """Return the views of this person, and those that others share, by name."""
    query = select(SavedView).where(or_(SavedView.by == by, SavedView.shared))
    return session.scalars(query.order_by(SavedView.name, SavedView.id)).all()


def save(session: Session, name: str, query: str, *, shared: bool, by: str) -> SavedView:
    """Keep filters and order under a name; the same name of the same person is kept anew.

    Raises:
        InvalidError: it has no name or too long a one, or there are enough.
    """
    said = " ".join(name.split())
    if not said or len(said) > LONGEST:
        raise InvalidError(
            marked("A view needs a name."),
            hint=marked("Write one of at most %(most)s characters.", most=LONGEST),
        )
    own = {v.name: v for v in session.scalars(select(SavedView).where(SavedView.by == by))}
    view = own.get(said)
    if view is None:
        if len(own) >= MOST:
            raise InvalidError(
                marked("You keep %(most)s views already.", most=MOST),
                hint=marked("Remove one first."),
            )
        view = SavedView(by=by, name=said)
        session.add(view)
    view.query, view.shared = query, shared
    session.flush()
    return view


def remove(session: Session, view_id: int, *, by: str) -> None:
    """Remove a view of this person.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    view = session.get(SavedView, view_id)
    if view is None or view.by != by:
        raise NotFoundError(
            marked("You have no such view."), hint=marked("Load the page to see yours.")
        )
    session.delete(view)
    session.flush()
