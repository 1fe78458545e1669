"""The quality gate: what the search reaches on judged sets moves only on purpose."""

import json
import os
from pathlib import Path
from statistics import fmean

import pytest

from search import expected
from search.evaluate import Evaluation, Scores, evaluate, library_of, mean
from search.judged import read
from search.needs import is_missing
from search.query import search

ROOT = Path(__file__).parents[1]
EXPECTED = expected.read(Path(__file__).parent / "data" / "expected.yaml")
AT_HAND = {"judgements": ROOT / "examples" / "judgements"}  # other sets: KB_JUDGED_SETS
PARENTS = [Path(said) for said in os.environ.get("KB_JUDGED_SETS", "").split(os.pathsep) if said]
HINT = (
    "If that is meant: python -m benchmarks.expect writes tests/data/expected.yaml anew; "
    "commit it with the change, and say in the commit why."
)


@pytest.fixture
def measured(request, encoder, terms):
    """Evaluate a judged set, skipped where it is not at hand; libraries are kept between runs."""

    def measure(name: str, way: str) -> Evaluation:
        places = [AT_HAND.get(name), *(parent / name for parent in PARENTS)]
        folder = next((place for place in places if place and place.is_dir()), None)
        if folder is None:
            pytest.skip(f"The judged set {name} is not here: KB_JUDGED_SETS names its folder.")
        if read(folder).digest != EXPECTED[name]["digest"]:
            if name in AT_HAND:
                pytest.fail(f"The judged set {name} has changed. {HINT}")
            pytest.skip(f"{folder} is not the judged set that values are expected of.")
        cache = request.config.cache.mkdir("judged-32")
        return evaluate(
            folder, encoder if way == "all parts" else None, taxonomy=terms, cache=cache
        )

    return measure


@pytest.mark.parametrize("way", ["all parts", "words alone"])
@pytest.mark.parametrize("name", EXPECTED)
def test_the_search_is_neither_worse_nor_better_than_expected(measured, name, way) -> None:
    moved = expected.moved(EXPECTED[name][way], measured(name, way))
    if moved:
        pytest.fail("\n".join([f"The search answers {name} otherwise ({way}):", *moved, HINT]))


@pytest.mark.parametrize(("semantic", "most", "least"), [(True, 0.15, 0.7), (False, 0.1, 0.55)])
def test_what_is_not_answered_is_noticed_and_what_is_answered_is_not_called_missing(
    request, encoder, terms, *, semantic, most, least
) -> None:
    judged = read(AT_HAND["judgements"])
    lines = (Path(__file__).parent / "data" / "unanswered.jsonl").read_text("utf-8").splitlines()
    unanswered = [json.loads(line)["text"] for line in lines]
    cache = request.config.cache.mkdir("judged-32")
    with library_of(judged, encoder if semantic else None, taxonomy=terms, cache=cache) as opened:

        def missing(questions) -> float:
            return fmean(is_missing(search(*opened, question)) for question in questions)

        assert missing(judged.queries.values()) <= most
        assert missing(unanswered) >= least


def test_the_sets_that_come_with_the_library_are_expected_something_of() -> None:
    assert set(AT_HAND) <= set(EXPECTED)


def evaluation(*ndcg: float, kind: str = "short") -> Evaluation:
    scores = {f"q{n}": Scores(value, 1.0, value, float(value > 0)) for n, value in enumerate(ndcg)}
    told = {i: {"kind": kind if n else "other"} for n, i in enumerate(scores)}
    return Evaluation(
        *mean(scores.values()),
        p50_ms=3.0,
        p95_ms=9.0,
        docs=3,
        queries=len(ndcg),
        digest="set",
        scores=scores,
        told=told,
    )


def test_what_is_reached_is_expected_and_a_little_off_is_too() -> None:
    written = expected.reached(evaluation(*[0.5] * 100))
    assert expected.moved(written, evaluation(*[0.5] * 100)) == []
    assert expected.moved(written, evaluation(0.5, 0.9, *[0.5] * 98)) == []


@pytest.mark.parametrize(("ndcg", "way"), [(0.52, "better"), (0.48, "worse")])
def test_leaving_the_tolerance_is_told_in_either_direction(ndcg, way) -> None:
    written = expected.reached(evaluation(*[0.5] * 100))
    moved = expected.moved(written, evaluation(*[ndcg] * 100))
    assert f"all questions: ndcg@10 is {ndcg:.4f}, {way} than 0.5000 ± 0.0050" in moved
    assert any(line.startswith("kind short: ndcg@10") for line in moved)


def test_two_answers_lost_in_a_small_group_are_told_and_one_is_not() -> None:
    written = expected.reached(evaluation(*[0.5] * 10))
    lost = [
        line for line in expected.moved(written, evaluation(*[0.5] * 9, 0)) if "success" in line
    ]
    assert lost == []
    lost = expected.moved(written, evaluation(*[0.5] * 8, 0, 0))
    assert any("success@5 is 0.8000, worse" in line for line in lost)


def test_a_group_that_is_new_or_gone_is_told() -> None:
    written = expected.reached(evaluation(*[0.5] * 10))
    assert expected.moved(written, evaluation(*[0.5] * 10, kind="long")) == [
        "kind long: nothing is expected of it yet",
        "kind short: the set has no such questions",
    ]
