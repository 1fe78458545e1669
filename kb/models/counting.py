"""How often things are used: a number for each day, and nothing of who it was."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base
from kb.vocabulary import Counted, Use


class Usage(Base):
    """How often a record, a collection or the library was used in one way on one day (UTC).

    It outlives the record: what was counted happened. Rows are few: only what was used has one.
    """

    __tablename__ = "usage"
    __table_args__ = (CheckConstraint("times >= visitors and visitors >= 0", name="times_enough"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    thing: Mapped[Counted] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the record or collection, else 0
    way: Mapped[Use] = mapped_column(primary_key=True)
    times: Mapped[int]  # double clicks left out
    visitors: Mapped[int]  # different ones on that day
