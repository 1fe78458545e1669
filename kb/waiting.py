"""Files that wait to be read: kept as rows of their batch, each claimed by one worker at a time.

A claim lasts a minute and is renewed while its worker lives; then another one may have the file.
Whoever is done ends the row in the same transaction that keeps what became of the file, so that
of two who read one file only one keeps it. The same on SQLite and PostgreSQL; nothing here
commits.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Update, and_, delete, func, or_, select, true, update
from sqlalchemy.orm import Session

from kb import processes
from kb.db import utcnow
from kb.models import WaitingFile

LEASE: Final = timedelta(minutes=1)
# Workers that a file may cost. A power cut takes one as well: three in a row met the same file
# now and then, on a slow computer that was killed again and again.
MOST_TRIES: Final = 5


class Claimed(NamedTuple):
    """A file that a worker has."""

    id: int
    batch_id: int
    position: int
    path: Path
    tries: int  # this one counted

    @property
    def is_suspect(self) -> bool:
        """Whether a worker ended while it had the file: perhaps by the file's fault."""
        return self.tries > 1


def put(session: Session, batch_id: int, paths: Iterable[Path]) -> None:
    """Let these files of the batch wait in their order, and no others of an earlier run."""
    wanted = {str(path.absolute()): position for position, path in enumerate(paths)}
    for row in session.scalars(select(WaitingFile).filter_by(batch_id=batch_id)).all():
        if row.path in wanted:
            row.position = wanted.pop(row.path)
        else:
            session.delete(row)
    session.add_all(
        WaitingFile(batch_id=batch_id, position=position, path=path, owner="", tries=0)
        for path, position in wanted.items()
    )
    session.flush()


def claim(
    session: Session,
    owner: str,
    *,
    batch_id: int | None = None,
    without: Collection[int] = (),
    elsewhere: Collection[int] = (),
    now: datetime | None = None,
) -> Claimed | None:
    """Return the first file that nobody has, now `owner`'s; None for none.

    `without` leaves out these files, `elsewhere` those of these batches.
    """
    moment = now or utcnow()
    first = select(WaitingFile.id).where(_free(moment, batch_id, without, elsewhere))
    first = first.order_by(WaitingFile.batch_id, WaitingFile.position).limit(1)
    taken = (
        update(WaitingFile)
        .where(WaitingFile.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(owner=owner, lease=moment + LEASE, tries=WaitingFile.tries + 1)
        .returning(
            WaitingFile.id,
            WaitingFile.batch_id,
            WaitingFile.position,
            WaitingFile.path,
            WaitingFile.tries,
        )
    )
    row = session.execute(taken.execution_options(synchronize_session=False)).first()
    return row and Claimed(row.id, row.batch_id, row.position, Path(row.path), row.tries)


def renew(session: Session, owner: str, *, now: datetime | None = None) -> None:
    """Keep what `owner` has a while longer; a row that is being ended is left alone."""
    mine = select(WaitingFile.id).where(WaitingFile.owner == owner)
    mine = mine.with_for_update(skip_locked=True)
    lease = (now or utcnow()) + LEASE
    session.execute(_change(WaitingFile.id.in_(mine)).values(lease=lease))


def end(session: Session, claimed: Claimed, owner: str) -> bool:
    """Say that the file waits no more; tell whether it was still `owner`'s to say so."""
    mine = and_(WaitingFile.id == claimed.id, WaitingFile.owner == owner)
    return session.scalar(delete(WaitingFile).where(mine).returning(WaitingFile.id)) is not None


def give_back(session: Session, owner: str, claimed: Claimed | None = None) -> None:
    """Let others have what `owner` has, or this one file: as if it had never been taken."""
    mine = WaitingFile.owner == owner
    if claimed is not None:
        mine = and_(mine, WaitingFile.id == claimed.id)
    said = {"owner": "", "lease": None, "tries": WaitingFile.tries - 1}
    session.execute(_change(mine).values(said))


def let_go(session: Session, owner: str, claimed: Claimed) -> None:
    """Let others try a file that this worker failed at; the try counts."""
    mine = and_(WaitingFile.owner == owner, WaitingFile.id == claimed.id)
    session.execute(_change(mine).values(owner="", lease=None))


def take_from_the_dead(session: Session) -> None:
    """Free what workers of this computer had whose processes are no more, before the minute ends.

    Of another computer's workers only the clock can tell.
    """
    owners = session.scalars(
        select(WaitingFile.owner).where(WaitingFile.owner != "").distinct()
    ).all()
    gone = [owner for owner in owners if processes.is_gone(owner)]
    if gone:
        session.execute(_change(WaitingFile.owner.in_(gone)).values(owner="", lease=None))


def left(session: Session, batch_id: int | None = None) -> int:
    """Return how many files wait, those in hand among them: of all batches or of one."""
    return session.scalar(select(func.count()).select_from(WaitingFile).where(_of(batch_id))) or 0


def any_free(
    session: Session,
    *,
    batch_id: int | None = None,
    without: Collection[int] = (),
    elsewhere: Collection[int] = (),
) -> bool:
    """Return whether `claim` would find a file."""
    free = select(WaitingFile.id).where(_free(utcnow(), batch_id, without, elsewhere))
    return session.scalar(free.limit(1)) is not None


def in_hand(session: Session, *, now: datetime | None = None) -> set[int]:
    """Return the batches of which a worker that lives has a file."""
    held = select(WaitingFile.batch_id, WaitingFile.owner).distinct()
    rows = session.execute(held.where(WaitingFile.lease >= (now or utcnow())))
    return {row.batch_id for row in rows if not processes.is_gone(row.owner)}


def positions(session: Session, batch_id: int) -> set[int]:
    """Return which files of the batch wait, by their places in it."""
    return set(session.scalars(select(WaitingFile.position).filter_by(batch_id=batch_id)))


def forget(session: Session, batch_id: int) -> None:
    """Let no file of the batch wait any more; what a worker has in hand is not kept."""
    session.execute(delete(WaitingFile).where(WaitingFile.batch_id == batch_id))


def _free(
    moment: datetime, batch_id: int | None, without: Collection[int], elsewhere: Collection[int]
) -> ColumnElement[bool]:
    return and_(
        or_(WaitingFile.lease.is_(None), WaitingFile.lease < moment),
        _of(batch_id),
        WaitingFile.id.not_in(without),
        WaitingFile.batch_id.not_in(elsewhere),
    )


def _of(batch_id: int | None) -> ColumnElement[bool]:
    return true() if batch_id is None else WaitingFile.batch_id == batch_id


def _change(which: ColumnElement[bool]) -> Update:
    return update(WaitingFile).where(which).execution_options(synchronize_session=False)
