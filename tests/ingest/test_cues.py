"""Phrases by which staff tell of a concept without naming it."""

import pytest

from ingest.cues import Strength, known, lexicon
from kb.vocabulary import Scheme


def _found(text, language="en", strength=Strength.CUE):
    found = lexicon(language).find(text)
    return {said.notation for said in found if said.strength is strength}


def test_a_cue_is_read_in_its_own_language_only():
    assert "performance-based-financing" in _found("Une prime de 20 000 francs.", "fr")
    assert "performance-based-financing" not in _found("La prime minister came.", "en")
    assert _found("El niño está más alto.", "es") == set()


def test_the_rest_of_a_word_may_be_anything_after_a_star():
    assert "job-aids-and-wall-charts" in _found("Two POSTERS hang there.")
    assert "job-aids-and-wall-charts" not in _found("An imposter came.")


def test_words_of_a_phrase_stand_one_after_the_other():
    assert "reminders-and-cues" in _found("We put a red dot on it: a coloured dot.")
    assert "space-and-layout-changes" in _found("The room-beside was free.")
    assert "space-and-layout-changes" not in _found("A room with somebody beside it.")


def test_a_phrase_that_stands_at_the_end_of_a_text_is_found():
    assert "space-and-layout-changes" in _found("It hangs next to the bed")
    assert "space-and-layout-changes" not in _found("It hangs next to the")


def test_a_hint_is_no_cue():
    assert "job-aids-and-wall-charts" in _found("On a wall.", strength=Strength.HINT)
    assert "job-aids-and-wall-charts" not in _found("On a wall.")


def test_english_stands_in_for_a_language_without_phrases():
    assert _found("A poster.", "de") == _found("A poster.", "en") != set()
    assert _found("A poster.", "en-GB") == _found("A poster.", "en")


@pytest.mark.parametrize("strength", Strength)
def test_every_phrase_belongs_to_a_concept_that_may_be_suggested(terms, strength):
    for notation, languages in known(strength).items():
        assert terms[notation].scheme in set(Scheme)
        assert not terms[notation].deprecated
        assert set(languages) <= {"en", "fr", "es", "pt", "sw"}


def test_no_hint_is_a_cue_of_the_same_concept_too():
    hints = known(Strength.HINT)
    for notation, languages in known(Strength.CUE).items():
        for language, phrases in languages.items():
            assert not set(phrases) & set(hints.get(notation, {}).get(language, ()))
