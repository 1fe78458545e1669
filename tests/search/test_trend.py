"""Evaluations are remembered and seen beside the one of another version."""

from dataclasses import replace

import pytest

from kb.errors import InvalidError
from search.evaluate import Evaluation, Scores, mean
from search.fusion import Weights
from search.trend import HISTORY, before, code_digest, compare, history, remember, run_of


def evaluation(*ndcg: float, digest: str = "set") -> Evaluation:
    scores = {f"q{n}": Scores(value, 1.0, value, 1.0) for n, value in enumerate(ndcg)}
    told = {i: {"kind": "short" if n % 2 else "long"} for n, i in enumerate(scores)}
    return Evaluation(
        *mean(scores.values()),
        p50_ms=3.0,
        p95_ms=9.0,
        docs=3,
        queries=len(ndcg),
        digest=digest,
        scores=scores,
        told=told,
    )


def run(tmp_path, *ndcg: float, code: str = "one", **changes):
    made = run_of(tmp_path / "judged", evaluation(*ndcg), encoder=None, taxonomy=None, **changes)
    return replace(made, made_with={**made.made_with, "code": code})


def test_what_is_remembered_comes_back(tmp_path, terms, bag) -> None:
    made = run_of(tmp_path / "judged", evaluation(1, 0.5, 1, 0.5), encoder=bag, taxonomy=terms)
    remember(tmp_path / "kept", made)
    assert history(tmp_path / "kept") == [made]
    assert made.name == "judged"
    assert made.measures["ndcg@10"] == 0.75
    assert made.groups["kind"]["short"] == {
        "questions": 2,
        "ndcg@10": 0.5,
        "recall@100": 1.0,
        "mrr": 0.5,
        "success@5": 1.0,
    }
    assert made.made_with["code"] == code_digest()
    assert made.made_with["encoder"] == "bag"
    assert made.made_with["taxonomy"]


def test_a_run_stands_beside_the_last_of_another_version_of_the_same_set(tmp_path) -> None:
    first, other_set = run(tmp_path, 0.5, code="one"), run(tmp_path, 0.1, code="two")
    for one in (first, run(tmp_path, 0.6, code="two"), replace(other_set, digest="other")):
        remember(tmp_path, one)
    found = before(tmp_path, run(tmp_path, 0.7, code="two"))
    assert found == first
    assert before(tmp_path, replace(first, digest="third")) is None


def test_other_weights_are_another_version(tmp_path) -> None:
    first = run(tmp_path, 0.5)
    remember(tmp_path, first)
    assert before(tmp_path, first) is None
    assert before(tmp_path, run(tmp_path, 0.5, weights=Weights(words=0.3))) == first


def test_the_difference_says_how_many_questions_and_whether_by_chance(tmp_path) -> None:
    earlier = run(tmp_path, *[0.5] * 20, 0.9)
    compared = compare(run(tmp_path, *[0.6] * 20, 0.8), earlier)
    assert (compared.better, compared.worse) == (20, 1)
    assert compared.differences["ndcg@10"] == pytest.approx(19 * 0.1 / 21, abs=1e-3)
    assert compared.chance < 0.001


def test_a_broken_line_is_named(tmp_path) -> None:
    remember(tmp_path, run(tmp_path, 0.5))
    with (tmp_path / HISTORY).open("a") as file:
        file.write('{"at": "half\n')
    with pytest.raises(InvalidError, match="Line 2"):
        history(tmp_path)
