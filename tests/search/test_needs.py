"""When a question found nothing good."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kb.labels import Labels
from kb.vocabulary import SectionRole
from search.needs import is_missing
from search.query import WEIGHTS, Hit, Parts, Results
from search.understand import Correction, Question, understand

UNANSWERED = Path(__file__).parents[1] / "data" / "unanswered.jsonl"


def found(*hits: Hit, words=("leprosy", "stigma", "villages"), language="en") -> Results:
    question = Question(" ".join(words), words=words, language=language)
    return Results(question, hits, total=len(hits), listed=len(hits), more=False)


def hit(*words: str, cosine: float = 0.0, concepts: float = 0.0) -> Hit:
    parts = Parts(WEIGHTS.meaning * cosine, 0.2, WEIGHTS.concepts * concepts)
    said = {"title": "title", "language": "en", "heading": "", "passage": "text"}
    return Hit(1, section=SectionRole.SUMMARY, score=1.0, parts=parts, words=words, **said)


def test_no_hit_at_all_is_missing() -> None:
    assert is_missing(found())


def test_a_list_without_a_question_misses_nothing() -> None:
    assert not is_missing(found(words=()))


def test_a_near_passage_is_an_answer_whatever_its_words() -> None:
    assert not is_missing(found(hit(cosine=0.5)))


def test_one_common_word_in_a_far_passage_is_no_answer() -> None:
    assert is_missing(found(hit("village", cosine=0.3)))


def test_all_words_and_the_concept_make_up_for_a_passage_that_is_less_near() -> None:
    assert not is_missing(found(hit("leprosy", "stigma", "village", cosine=0.3)))
    assert not is_missing(found(hit("leprosy", cosine=0.3, concepts=1)))


def test_nearness_says_less_in_a_language_that_the_encoder_hardly_knows() -> None:
    assert is_missing(found(hit(cosine=0.5), language="fr"))


def test_without_an_encoder_words_decide() -> None:
    assert is_missing(found(hit("villages")))
    assert not is_missing(found(hit("village", "stigma")))
    assert not is_missing(found(hit(concepts=1)))


def test_a_misspelt_word_is_there_where_what_was_meant_is() -> None:
    results = found(hit("leprosy", "village"), words=("elprosy", "ivllage"))
    assert is_missing(results)
    corrections = (Correction("elprosy", ("leprosy",)), Correction("ivllage", ("village",)))
    question = replace(results.question, corrections=corrections)
    assert not is_missing(replace(results, question=question))


def test_a_concept_counts_by_its_label_in_another_language_too(terms) -> None:
    asked = understand("kangaroo care", Labels.of(terms))
    far = hit("mère kangourou", cosine=0.3)
    results = Results(asked, (far,), total=1, listed=1, more=False)
    assert not is_missing(results)
    assert is_missing(replace(results, question=replace(asked, concepts=())))


def test_what_one_later_hit_has_counts() -> None:
    assert not is_missing(found(hit(cosine=0.2), hit(cosine=0.5)))


def test_the_questions_without_an_answer_are_many_and_in_five_languages() -> None:
    rows = [json.loads(line) for line in UNANSWERED.read_text("utf-8").splitlines()]
    assert {row["language"] for row in rows} == {"en", "fr", "es", "pt", "sw"}
    assert len({row["text"] for row in rows}) == len(rows) >= 40


@pytest.mark.parametrize("text", ["what of it", "is it so"])
def test_stop_words_alone_are_words_where_nothing_else_is_asked(text) -> None:
    assert is_missing(found(words=tuple(text.split())))
