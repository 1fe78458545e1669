"""What was made of a record, kept in memory until the record says something else."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Pool
from sqlalchemy.orm import Session

V = TypeVar("V")


class Remembered(Generic[V]):
    """The last that was made of each record of a library; the `most` that were asked for last.

    What is kept is under the `stamp` it was made from, such as the version of the record: with
    another one it is not found, so that nobody has to say that something changed.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        # By the connections, which are another library's after the engine was disposed of.
        self._kept: WeakKeyDictionary[Pool, OrderedDict[int, tuple[Hashable, V]]] = (
            WeakKeyDictionary()
        )

    def get(self, session: Session, record_id: int, stamp: Hashable) -> V | None:
        """Return what is kept of the record under this stamp; None where nothing is."""
        with self._lock:
            kept = self._of(session)
            found = kept.get(record_id)
            if found is None or found[0] != stamp:
                return None
            kept.move_to_end(record_id)
            return found[1]

    def keep(self, session: Session, record_id: int, stamp: Hashable, value: V) -> V:
        """Keep what was made of the record, in place of what was kept of it; return it."""
        with self._lock:
            kept = self._of(session)
            kept[record_id] = (stamp, value)
            kept.move_to_end(record_id)
            if len(kept) > self._most:
                kept.popitem(last=False)
        return value

    def _of(self, session: Session) -> OrderedDict[int, tuple[Hashable, V]]:
        return self._kept.setdefault(session.get_bind().engine.pool, OrderedDict())
