"""A copy of the database that follows it on another server: how old it is, and who may ask it."""

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from kb.db import connect
from kb.errors import InvalidError

LOOK_S: Final = 1.0  # between two looks at how old the copy is
AGAIN_S: Final = 10.0  # before a copy that failed is looked at again
# A server that is gone is given up after so long; both are libpq's.
PATIENCE: Final = {"connect_timeout": "2", "tcp_user_timeout": "5000"}  # s, ms
# All that is committed is written up to there; the copy says how far it has come.
WRITTEN: Final = "select pg_current_wal_flush_lsn(), system_identifier from pg_control_system()"
REPLAYED: Final = """
    select pg_last_wal_replay_lsn(), system_identifier, pg_is_in_recovery()
    from pg_control_system()
"""

log = logging.getLogger(__name__)


class Replica:
    """Says whether the copy may be asked: it is, while it has all that was there `most_s` ago.

    Time is that of this process alone: what the database had written at a moment is remembered,
    and the copy is as old as the newest such moment that it has reached.
    """

    def __init__(
        self,
        database: Engine,
        copy: Engine,
        *,
        most_s: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database, self._copy = database, copy
        self._most_s, self._clock = most_s, clock
        self._lock = Lock()
        self._next = -AGAIN_S  # moment of the next look
        self._moments: deque[tuple[float, int]] = deque()  # and what had been written by then
        self._reached: float | None = None  # the newest moment that the copy has
        self.trouble = ""  # why it is not asked; may be read by strangers

    @property
    def age_s(self) -> float | None:
        """For how long it may lack what was written, in seconds; None where nobody knows."""
        return None if self._reached is None else self._clock() - self._reached

    @property
    def is_fresh(self) -> bool:
        """Whether it is young enough to be asked."""
        age = self.age_s
        return age is not None and age <= self._most_s

    def engine(self) -> Engine | None:
        """Return what to ask; None where only the database itself is to be asked.

        Mostly that is known; once in `LOOK_S` one thread looks, and nobody waits for it.
        """
        if self._clock() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._copy if self.is_fresh else None

    def look(self) -> None:
        """Look now."""
        with self._lock:
            self._look()

    def lost(self) -> None:
        """Ask the database itself for a while: the copy has failed somebody."""
        self._give_up("It does not answer.")

    def has(self, session: Session) -> bool:
        """Return whether the session asks the copy."""
        return session.get_bind().engine.pool is self._copy.pool

    def close(self) -> None:
        """Close its connections."""
        self._copy.dispose()

    def _look(self) -> None:
        now = self._clock()
        self._next = now + LOOK_S
        try:
            with self._database.execution_options(readonly=True).connect() as connection:
                written, ours = connection.execute(text(WRITTEN)).one()
            self._moments.append((now, _number(written)))
            with self._copy.execution_options(readonly=True).connect() as connection:
                reached, theirs, follows = connection.execute(text(REPLAYED)).one()
        except SQLAlchemyError as error:
            log.warning("the replica is not asked: %s", getattr(error, "orig", None) or error)
            self._give_up("It does not answer.")
            return
        if not follows or ours != theirs:
            self._give_up("It does not follow this database.")
            return
        while self._moments and self._moments[0][1] <= _number(reached):
            self._reached, _ = self._moments.popleft()
        while self._moments and now - self._moments[0][0] > AGAIN_S:  # older ones tell no more
            del self._moments[0]
        self.trouble = "" if self.is_fresh else "It is too far behind."

    def _give_up(self, why: str) -> None:
        self.trouble, self._reached = why, None
        self._moments.clear()
        self._next = self._clock() + AGAIN_S


def replica_of(database: Engine, address: str, *, most_s: float) -> Replica:
    """Return the copy at `address` of a database; nobody has asked it yet.

    Raises:
        InvalidError: there is no such thing for this database.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise InvalidError(
            "KB_DATABASE_READ is no address of a database.",
            hint="Write postgresql+psycopg://user@server/name.",
        ) from error
    if {database.dialect.name, url.get_backend_name()} != {"postgresql"}:
        raise InvalidError(
            "KB_DATABASE_READ is for PostgreSQL: a library in SQLite is one file, without a copy.",
            hint="Leave it out, or name a PostgreSQL database in both; see docs/postgresql.md.",
        )
    patient = url.update_query_dict({**PATIENCE, **url.query})
    copy = connect(patient.render_as_string(hide_password=False))
    return Replica(database, copy, most_s=most_s)


def _number(position: str) -> int:
    """Return a position in the log as a number.

    >>> _number("1/0000000A") - _number("0/FFFFFFFF")
    11
    """
    high, low = position.split("/")
    return (int(high, 16) << 32) + int(low, 16)
