"""Which records everybody may read, as one value that differs once one came or went."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from kb import told
from kb.models import Record
from kb.vocabulary import Status, Visibility

LARGE = 2_000_000_000  # its square is no number of 32 bits


def test_what_stands_on_the_shelf_differs_once_a_record_came_or_went(engine, make_record) -> None:
    with Session(engine.execution_options(readonly=True)) as session:
        seen = [told.shelf(session)]
    first = make_record(visibility=Visibility.PUBLIC)
    make_record(visibility=Visibility.COUNTRY)
    with Session(engine) as session:
        seen.append(told.shelf(session))
        session.add(_of(LARGE, session.get_one(Record, first)))
        session.flush()
        seen.append(told.shelf(session))
        session.execute(update(Record).filter_by(id=first).values(status=Status.WITHDRAWN))
        seen.append(told.shelf(session))
        session.execute(update(Record).filter_by(id=first).values(status=Status.PUBLISHED))
        assert told.shelf(session) == seen[2]
    assert len(set(seen)) == 4


def _of(number: int, other: Record) -> Record:
    """Return a record of that number which says what the other one says."""
    columns = {c.key: getattr(other, c.key) for c in Record.__mapper__.column_attrs}
    return Record(**columns | {"id": number})
