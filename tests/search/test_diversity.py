from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from search.diversity import Behind, Fold, folds


def shown(ranked, behind) -> list[int]:
    hidden = {one.record for of in behind.values() for one in of}
    return [record for record in ranked if record not in hidden]


@given(st.data())
def test_every_record_is_shown_or_folded_once(data) -> None:
    ranked = data.draw(st.permutations(range(data.draw(st.integers(0, 12)))))
    records = st.sampled_from(ranked or [0])
    alike: dict[int, set[int]] = {}
    for one, other in data.draw(st.lists(st.tuples(records, records), max_size=6)):
        alike.setdefault(one, set()).add(other)
        alike.setdefault(other, set()).add(one)
    facility = data.draw(st.dictionaries(records, st.sampled_from("abc")))
    behind = folds(ranked, alike=alike, facility=facility)
    page = data.draw(st.integers(1, 5))
    places = shown(ranked, behind)
    pages = [places[at : at + page] for at in range(0, len(places), page)]
    found = [(head, *(one.record for one in behind.get(head, ()))) for head in chain(*pages)]
    assert sorted(chain(*found)) == sorted(ranked)


@given(st.lists(st.sampled_from(["a", "b", None])))
def test_nobody_waits_behind_a_third_hit_of_a_facility(where) -> None:
    ranked = list(range(len(where)))
    facility = {record: of for record, of in enumerate(where) if of}
    behind = folds(ranked, facility=facility)
    seen: list[str | None] = []
    for record in shown(ranked, behind):
        of = where[record]
        later = where[record + 1 :]
        if of and seen.count(of) >= 2:
            assert all(other == of for other in later)
        seen.append(of)
    for head, of in behind.items():
        assert {where[one.record] for one in of} == {where[head]}
        assert all(one.record > head for one in of)


def test_what_is_like_a_folded_record_stands_behind_the_same_hit() -> None:
    behind = folds([5, 4, 3, 2], alike={5: {3}, 3: {5, 2}, 2: {3}})
    assert behind == {5: [Behind(3, Fold.DUPLICATE), Behind(2, Fold.DUPLICATE)]}


def test_of_two_it_is_alike_a_record_stands_behind_the_better() -> None:
    behind = folds([1, 2, 3], alike={3: {2, 1}, 1: {3}, 2: {3}})
    assert behind == {1: [Behind(3, Fold.DUPLICATE)]}


def test_a_record_that_waits_takes_along_what_tells_the_same() -> None:
    of_one = dict.fromkeys([1, 2, 3], "ward")
    behind = folds([1, 2, 3, 4, 5], alike={3: {4}, 4: {3}}, facility=of_one)
    assert behind == {2: [Behind(3, Fold.FACILITY), Behind(4, Fold.FACILITY)]}


def test_a_library_of_one_facility_is_not_folded() -> None:
    assert folds([1, 2, 3, 4], facility=dict.fromkeys([1, 2, 3, 4], "ward")) == {}
