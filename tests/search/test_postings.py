import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import postings, scratch
from search.postings import Part, Postings

WORDS = st.sampled_from(["hands", "water", "soap", "fever"])
TEXTS = st.dictionaries(
    st.integers(1, 60), st.lists(WORDS, max_size=5).map(" ".join), min_size=1, max_size=8
)
WEIGHTS = {"title": 5, "keywords": 2, "body": 1}


def part(texts: dict[int, str]) -> Part:
    rows = [(id_, "soap" if id_ % 2 else "", "", body) for id_, body in texts.items()]
    return Part.read(scratch.occurrences(rows, WEIGHTS), np.array(sorted(texts), np.int64))


def said(held: Postings) -> dict[int, dict[str, float]]:
    """Return what each of the words adds to the score of each text."""
    found: dict[int, dict[str, float]] = {}
    for word, term in (("hands", "hand"), ("water", "water"), ("soap", "soap"), ("fever", "fever")):
        posting = held.holding(term)
        scores = held.scores(posting, posting.rows)
        for id_, score in zip(held.ids[posting.rows].tolist(), scores.tolist(), strict=True):
            found.setdefault(id_, {})[word] = score
    return found


def test_a_column_counts_by_its_weight() -> None:
    held = Postings([part({1: "soap and soap", 2: "soap", 3: "water", 4: "water"})]).holding("soap")
    assert held.weights.tolist() == [7, 1, 5]


def test_a_term_that_nothing_holds_has_no_texts() -> None:
    assert not len(Postings([part({2: "soap"})]).holding("water").rows)
    assert not len(Postings([part({})]).holding("water").rows)


@pytest.mark.parametrize("few", [0, 100])
@given(first=TEXTS, steps=st.lists(st.tuples(TEXTS, st.sets(st.integers(1, 120))), max_size=4))
def test_any_history_leaves_the_postings_that_would_be_read_anew(few, first, steps) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "FEW", few)
        texts, held = dict(first), Postings([part(first)])
        for more, gone in steps:
            start = max(texts, default=0)
            added = {start + id_: body for id_, body in more.items()}
            keep = ~np.isin(held.ids, list(gone))
            held = held.changed(keep, part(added))
            texts = {i: body for i, body in texts.items() if i not in gone} | added
            assert said(held) == said(Postings([part(texts)]))
            assert len(held) == len(texts)
            rows, here = held.rows_of(np.arange(1, start + 61))
            assert np.flatnonzero(here).tolist() == [id_ - 1 for id_ in sorted(texts)]
            assert held.ids[rows].tolist() == sorted(texts)


def test_few_texts_always_lie_together() -> None:
    held = Postings([part({1: "soap", 2: "water"})])
    changed = held.changed(np.array([True, False]), part({3: "fever"}))
    assert changed.is_whole
    assert len(changed.parts[0].digests) == 2  # of soap and fever: nothing is left of water


def test_what_did_not_change_is_the_same() -> None:
    held = Postings([part({1: "soap"})])
    assert held.changed(np.array([True]), None) is held
