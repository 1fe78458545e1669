from kb.folding import tokens
from search.glossary import LANGUAGES, LONGEST, glosses, ideas


def test_every_idea_is_said_in_every_language() -> None:
    for idea in ideas():
        assert tuple(idea) == LANGUAGES
        for way in (way for ways in idea.values() for way in ways):
            assert 1 <= len(list(tokens(way))) <= LONGEST, way


def test_a_word_is_found_in_any_of_its_forms() -> None:
    assert "register" in glosses("les registres", "fr").english
    assert "registre" in glosses("Registers", "en").elsewhere
    assert glosses("Registers", "en").english == ()


def test_the_longest_entry_goes_first() -> None:
    found = glosses("shinikizo la damu", "sw").english
    assert found == ("blood pressure",)


def test_words_of_another_language_are_not_looked_up() -> None:
    assert glosses("main street", "en").elsewhere == ()
    assert "hand" in glosses("main", "fr").english


def test_without_a_language_an_english_word_is_english() -> None:
    assert glosses("patient").english == ()
    assert glosses("oksijeni").english == ("oxygen",)


def test_a_question_without_everyday_words_has_no_glosses() -> None:
    assert glosses("", "fr") == glosses("quantum") == ((), ())
