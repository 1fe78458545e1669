import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import InvalidError
from kb.labels import Labels
from search import lexical
from search.stopwords import STOP_WORDS
from search.understand import guess_language, understand


@pytest.fixture(scope="module")
def labels(terms) -> Labels:
    return Labels.of(terms)


def test_stop_words_are_dropped() -> None:
    asked = understand("How did others improve the early breastfeeding?")
    assert asked.words == ("improve", "early", "breastfeeding")


def test_a_question_of_stop_words_keeps_them() -> None:
    assert understand("how to").words == ("how", "to")


def test_words_of_one_language_may_be_stop_words_of_another() -> None:
    assert "son" in understand("the mother and her son").words
    assert "son" not in understand("la mère et son bébé").words


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how did others reduce waiting times", "en"),
        ("comment réduire l'attente des femmes", "fr"),
        ("cómo evitar la anemia en el embarazo", "es"),
        ("como reduzir a espera das mulheres", "pt"),
        ("jinsi ya kuongeza kunyonyesha mapema", "sw"),
        ("oxytocin", ""),
    ],
)
def test_the_language_is_guessed_from_small_words(question, language) -> None:
    assert guess_language(question.casefold().replace("'", " ").split()) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("hemorragia pós-parto", "pt"),
        ("neumonía infantil", "es"),
        ("chaîne du froid", "fr"),
        ("maji ya moto", "sw"),
        ("kangaroo care", "en"),
        ("lista de verificación que nadie llena", "es"),
        ("auditoria de mortes maternas", "pt"),
        ("HPP", ""),
        ("Xyzzy", ""),
    ],
)
def test_the_language_of_a_short_question_is_told_by_labels_and_letters(
    labels, question, language
) -> None:
    assert understand(question, labels).language == language


@pytest.mark.parametrize("question", ["babies cold in nursery what to do", "babies too cold"])
def test_lay_words_find_the_concept_in_any_order(labels, question) -> None:
    asked = understand(question, labels)
    assert asked.notations == ("thermal-care-and-hypothermia",)


@pytest.mark.parametrize(
    ("question", "notation"),
    [
        ("no water for three days", "wash-in-health-facilities"),
        ("medicines finished", "essential-medicines-and-supplies"),
        ("elle saigne beaucoup", "postpartum-haemorrhage"),
        ("mamá canguro", "kangaroo-mother-care"),
        ("faltam enfermeiras", "health-workforce"),
        ("dawa zimeisha", "essential-medicines-and-supplies"),
    ],
)
def test_plain_words_name_concepts_in_every_language(labels, question, notation) -> None:
    assert notation in understand(question, labels).notations


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=1_000), st.sets(st.sampled_from(["kangaroo-mother-care", "unknown"])))
def test_any_text_is_understood(labels, text, without) -> None:
    asked = understand(text, labels, without=without)
    for match in asked.concepts:
        assert asked.text[match.start : match.end] == match.text
        assert match.notation not in without
    assert not set(asked.dropped) - without
    for said in (*asked.phrases, *asked.excluded, *asked.words):
        assert lexical.expression([said])


def test_every_stop_word_is_written_as_it_is_compared() -> None:
    for words in STOP_WORDS.values():
        assert all(word == word.casefold() and word.isascii() for word in words)


def test_concepts_are_found_with_their_place(labels) -> None:
    asked = understand("Does KMC help small babies?", labels)
    assert "kangaroo-mother-care" in asked.notations
    match = next(m for m in asked.concepts if m.notation == "kangaroo-mother-care")
    assert asked.text[match.start : match.end] == "KMC"


def test_an_abbreviation_is_explained_to_the_encoder(labels) -> None:
    asked = understand("KMC", labels)
    assert asked.encoded.lower() == "kmc kangaroo mother care"


def test_a_foreign_question_gets_the_english_names_of_its_concepts(labels) -> None:
    asked = understand("comment faire la méthode mère kangourou", labels)
    assert "kangaroo mother care" in asked.encoded.lower()


def test_plain_english_is_encoded_as_it_is(labels) -> None:
    asked = understand("kangaroo mother care", labels)
    assert asked.encoded == "kangaroo mother care"


def test_a_misspelt_concept_is_found(labels) -> None:
    assert "kangaroo-mother-care" in understand("kangaro mother care", labels).notations


@pytest.mark.parametrize("text", ["", "  ", "?!…"])
def test_without_words_nothing_is_asked(labels, text) -> None:
    assert understand(text, labels).words == ()


def test_a_thousand_characters_are_enough() -> None:
    assert understand("a" * 1_000).words
    with pytest.raises(InvalidError, match="1001 characters"):
        understand("a" * 1_001)


def test_quoted_words_are_searched_and_kept_as_a_phrase() -> None:
    asked = understand('"golden hour" after birth')
    assert asked.phrases == ("golden hour",)
    assert asked.words == ("golden", "hour", "birth")


def test_excluded_words_are_neither_searched_nor_encoded_nor_named(labels) -> None:
    asked = understand("small babies -“kangaroo mother care” -oxytocin", labels)
    assert asked.excluded == ("kangaroo mother care", "oxytocin")
    assert asked.words == ("small", "babies")
    assert asked.encoded == "small babies"
    assert "kangaroo-mother-care" not in asked.notations


def test_a_concept_behind_an_excluded_word_stands_where_it_stood(labels) -> None:
    asked = understand("-oxytocin does KMC help", labels)
    match = next(m for m in asked.concepts if m.notation == "kangaroo-mother-care")
    assert asked.text[match.start : match.end] == "KMC"


def test_a_concept_taken_away_leaves_its_words(labels) -> None:
    asked = understand("KMC and hand hygiene", labels, without={"kangaroo-mother-care"})
    assert "kangaroo-mother-care" not in asked.notations
    assert asked.notations
    assert asked.dropped == ("kangaroo-mother-care",)
    assert "kmc" in asked.words
    assert "kangaroo" not in asked.encoded.casefold()


def test_only_what_the_question_names_can_be_taken_away(labels) -> None:
    assert understand("hand hygiene", labels, without={"kangaroo-mother-care"}).dropped == ()
