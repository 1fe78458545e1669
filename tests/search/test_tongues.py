import numpy as np
import pytest

from search.tongues import favour

FRENCH = "comment réduire les infections de la plaie après une césarienne"
ENGLISH = "how to reduce infections of the wound after a caesarean"


def test_a_text_in_the_language_of_the_question_is_not_favoured(bag) -> None:
    question = bag.encode_query(ENGLISH)
    assert favour(bag, question, language="en", asked_in="en") == 0
    assert favour(bag, question, language="en-GB", asked_in="") == 0


@pytest.mark.parametrize("language", ["", "am", "tlh"])
def test_of_a_language_that_is_not_known_nothing_is_said(bag, language) -> None:
    assert favour(bag, bag.encode_query(ENGLISH), language=language, asked_in="en") == 0


def test_an_encoder_of_english_is_unfair_to_texts_in_other_languages(encoder) -> None:
    asked = {"en": encoder.encode_query(ENGLISH), "fr": encoder.encode_query(FRENCH)}
    for asked_in, other in (("en", "fr"), ("fr", "en"), ("en", "sw")):
        assert favour(encoder, asked[asked_in], language=other, asked_in=asked_in) < 0


def test_an_encoder_that_knows_no_languages_favours_none(bag) -> None:
    class Fair:
        def encode_query(self, text: str) -> np.ndarray:
            return np.array([1.0, 0.0], np.float32)

    assert favour(Fair(), np.array([1.0, 0.0]), language="fr", asked_in="en") == 0
