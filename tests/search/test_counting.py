"""Counting by two facets: against counting by hand, and without what readers may not see."""

from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import records
from kb.content import Place, Tag
from kb.vocabulary import Level, Naming, TagStatus, Verdict, Visibility
from search.counting import JUDGED, Begun, Cell, Selection
from search.facets import PART, Values
from search.filters import EVERYTHING, Filters, Scope
from search.index import Index

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def selection(reading, terms):
    """Return what filters leave of the library as readers see it now."""

    def now(filters: Filters = EVERYTHING, scope: Scope = Scope.PUBLIC) -> Selection:
        with reading() as session:
            return Selection.of(Index.load(session, None, taxonomy=terms), filters, scope)

    return now


def tagged(*notations: str) -> dict[str, tuple[Tag, ...]]:
    return {"tags": tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)}


def values(sets: list[set[str]]) -> Values:
    pairs = [(NAMES.index(name), row) for row, names in enumerate(sets) for name in names]
    codes, rows = np.array(pairs, np.int64).reshape(-1, 2).T
    return Values.of_pairs(NAMES, codes, rows, len(sets))


some = st.sets(st.sampled_from(NAMES))


@given(st.lists(st.tuples(some, some, st.sampled_from(list(Verdict))), max_size=30), st.data())
def test_each_cell_is_what_counting_one_by_one_gives(told, data) -> None:
    down, across = [one[0] for one in told], [one[1] for one in told]
    said = [one[2] for one in told]
    verdicts = Values.of_pairs(
        tuple(Verdict),
        np.array([list(Verdict).index(verdict) for verdict in said], np.int64),
        np.arange(len(said)),
        len(said),
    )
    rows = np.array(
        data.draw(st.lists(st.sampled_from(range(len(said))), unique=True)) if said else [],
        np.int64,
    )
    facets = {"down": values(down), "across": values(across), "verdicts": verdicts}
    found = Selection(None, rows, facets).crossed(("down", ("b", "a", "z")), ("across", ("d", "a")))
    for (y, first), (x, second) in product(enumerate(("b", "a", "z")), enumerate(("d", "a"))):
        both = [said[row] for row in rows if first in down[row] and second in across[row]]
        assert found[y, x] == Cell(
            len(both), sum(v in JUDGED for v in both), both.count(Verdict.WORKED)
        )


def test_parts_that_are_counted_one_after_the_other_add_up() -> None:
    n = 2 * PART + 5
    every = Values.of_pairs(("a",), np.zeros(n, np.int64), np.arange(n), n)
    verdicts = Values.of_pairs((Verdict.WORKED,), np.zeros(n, np.int64), np.arange(n), n)
    facets = {"one": every, "other": every, "verdicts": verdicts}
    found = Selection(None, np.arange(n), facets).crossed(("one", ("a",)), ("other", ("a",)))
    assert found[0, 0] == Cell(n, n, n)


def test_a_record_counts_for_broader_concepts_once(selection, make_record) -> None:
    make_record(**tagged("exclusive-breastfeeding", "early-initiation-of-breastfeeding"))
    found = selection().crossed(
        ("topics", ("breastfeeding", "exclusive-breastfeeding", "kangaroo-mother-care")),
        ("levels", (Level.FACILITY,)),
    )
    assert found.records.T.tolist() == [[1, 1, 0]]


def test_only_what_everyone_may_see_is_counted(selection, make_record, session) -> None:
    told = {"places": (Place(country="TZA"),), "start_date": date(2024, 1, 1)}
    make_record(**told)
    make_record(publish=False, **told)
    make_record(naming=Naming.ANONYMOUS, **told)
    inside = make_record(**told)
    records.get(session, inside).visibility = Visibility.TEAM
    session.commit()
    assert selection().counted("countries") == {"TZA": 1}
    assert [one.countries for one in selection().begun()] == [("TZA",), ()]


def test_filters_narrow_what_is_counted(selection, make_record) -> None:
    make_record(places=(Place(country="TZA"),), verdict=Verdict.WORKED)
    make_record(places=(Place(country="KEN"),), verdict=Verdict.HARMED)
    left = selection(Filters(verdicts=(Verdict.HARMED,)))
    assert left.counted("countries") == {"KEN": 1}
    assert len(left) == 1


def test_records_are_told_in_the_order_in_which_they_began(selection, make_record) -> None:
    told = {"naming": Naming.NAMED, "level": Level.FACILITY, "verdict": Verdict.PARTLY}
    late = make_record(title="Late", start_date=date(2024, 3, 1), places=(), **told)
    many = {**told, "n_facilities": 12, "level": Level.DISTRICT, "places": (Place(country="KEN"),)}
    early = make_record(title="Early", start_date=date(2019, 9, 1), **many)
    make_record(title="Nobody knows when", start_date=None)
    assert selection().begun() == [
        Begun(early, "Early", 2019, ("KEN",), 12, Verdict.PARTLY),
        Begun(late, "Late", 2024, (), 1, Verdict.PARTLY),
    ]
