"""Which versions of which records an answer was made of, for whoever keeps the answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.orm import Session

from kb.models import Record
from kb.vocabulary import Status, Visibility

Version: TypeAlias = tuple[int, datetime]  # a number that was taken back may be given again

_TOLD: ContextVar[dict[int, Version] | None] = ContextVar("told", default=None)
_FOR_ALL = (Record.status == Status.PUBLISHED, Record.visibility == Visibility.PUBLIC)
_STANDING = select(Record.id, Record.version, Record.updated).where(
    Record.id.in_(bindparam("ids", expanding=True)), *_FOR_ALL
)
# In place of all the numbers, sums that hardly any other set of numbers has.
_ID = cast(Record.id, BigInteger)
_SHELF = select(func.count(), func.sum(_ID), func.sum(_ID * _ID)).where(*_FOR_ALL)


@contextmanager
def listening() -> Iterator[Mapping[int, Version]]:
    """Yield what `tell` is told from now on, in this thread and those it waits for."""
    told: dict[int, Version] = {}
    token = _TOLD.set(told)
    try:
        yield told
    finally:
        _TOLD.reset(token)


def tell(record_id: int, version: Version) -> None:
    """Say that the answer that is being made tells of this version of the record."""
    told = _TOLD.get()
    if told is not None:
        told[record_id] = version


def shelf(session: Session) -> str:
    """Return what differs from before once a record came to those all may read, or went."""
    return " ".join(map(str, session.execute(_SHELF).one()))


def still_stands(session: Session, told: Mapping[int, Version]) -> bool:
    """Return whether everybody may read all of these records, and each says what it said."""
    if not told:
        return True
    rows = session.execute(_STANDING, {"ids": list(told)})
    return {row.id: (row.version, row.updated) for row in rows} == dict(told)
