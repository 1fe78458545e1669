from itertools import product

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from search.metrics import chance, ndcg, recall, reciprocal_rank, success

ids = st.sampled_from("abcdefghijkl")
judgements = st.dictionaries(ids, st.integers(0, 3), min_size=1)
rankings = st.lists(ids, unique=True, min_size=1)


def test_a_published_worked_example() -> None:
    gains = dict(zip("abcdefgh", [3, 2, 3, 0, 1, 2, 3, 2], strict=True))
    assert ndcg(list("abcdef"), gains, k=6) == pytest.approx(0.785, abs=5e-4)


@given(judgements, rankings)
def test_every_measure_is_that_of_trec_eval(gains, ranking) -> None:
    run = {"q": {i: float(-rank) for rank, i in enumerate(ranking)}}
    measures = {"ndcg_cut.3,10", "recall.2,100", "recip_rank", "success.1,5"}
    theirs = pytrec_eval.RelevanceEvaluator({"q": gains}, measures).evaluate(run)["q"]
    ours = {
        "ndcg_cut_3": ndcg(ranking, gains, k=3),
        "ndcg_cut_10": ndcg(ranking, gains),
        "recall_2": recall(ranking, gains, k=2),
        "recall_100": recall(ranking, gains),
        "recip_rank": reciprocal_rank(ranking, gains),
        "success_1": success(ranking, gains, k=1),
        "success_5": success(ranking, gains),
    }
    assert ours == pytest.approx(theirs)


@given(judgements)
def test_the_ideal_ranking_scores_one(gains) -> None:
    ideal = sorted(gains, key=lambda i: -gains[i])
    assert ndcg(ideal, gains) == pytest.approx(1.0 if any(gains.values()) else 0.0)


def test_an_id_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        ndcg(["a", "a"], {"a": 1})


def exact_chance(one, other) -> float:
    """Count every way to exchange the scores of a question, without any chance."""
    differences = [a - b for a, b in zip(one, other, strict=True)]
    sums = [
        abs(sum(d * s for d, s in zip(differences, signs, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    return sum(total >= abs(sum(differences)) - 1e-9 for total in sums) / len(sums)


scores = st.lists(st.tuples(*[st.sampled_from([0.0, 0.25, 0.5, 1.0])] * 2), min_size=1, max_size=9)


@given(scores)
def test_the_chances_are_those_of_all_exchanges_counted_one_by_one(pairs) -> None:
    one, other = zip(*pairs, strict=True)
    assert chance(one, other, rounds=5_000) == pytest.approx(exact_chance(one, other), abs=0.04)


def test_a_difference_that_is_the_same_in_many_questions_is_no_chance() -> None:
    assert chance([0.6] * 40, [0.5] * 40) < 0.001
    assert chance([0.6, 0.4] * 20, [0.4, 0.6] * 20) == 1


def test_the_same_scores_give_the_same_chance_twice() -> None:
    one, other = [0.1, 0.9, 0.4, 0.8, 0.5], [0.2, 0.5, 0.3, 0.4, 0.4]
    assert chance(one, other) == chance(one, other) == chance(other, one)
