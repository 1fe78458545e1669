from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from kb import records
from kb.folding import tokens
from kb.labels import Labels
from kb.models import Record
from kb.spelling import edits
from kb.vocabulary import Visibility
from search.filters import Scope
from search.query import search
from search.refreshing import refresh
from search.spelling import Vocabulary, Words, corrected
from search.understand import Correction, corrected_by, understand

WORDS = ("lantern", "latrine", "lanterne", "café", "a", "ab", "ba", "abcdefgh", "مستشفى")


@pytest.fixture(scope="module")
def labels(terms) -> Labels:
    return Labels.of(terms)


@pytest.fixture
def ask(engine, reading, labels):
    """Bring the passages up to date, and correct a question for a reader."""
    vocabulary = Vocabulary(labels)

    def answer(question, *, scope=Scope.PUBLIC, fresh=True, **how):
        with Session(engine) as session:
            while fresh and refresh(session, None):
                session.commit()
        with reading() as session:
            asked = understand(question, labels)
            return corrected(session, asked, vocabulary, scope=scope, **how)

    return answer


@given(st.sampled_from(WORDS), st.text("abcdelnrt", max_size=9), st.sampled_from([1, 2]))
def test_the_nearest_words_are_those_of_the_plain_arithmetic(word, typed, most) -> None:
    wanted = sorted((n, w) for w in WORDS if w.isalpha() if (n := edits(typed, w)) <= most)
    assert Words(WORDS).near(typed, most) == (wanted if typed else [])
    assert Words(WORDS).near(word, most)[0] == (0, word)


def test_every_pair_is_as_far_apart_as_the_plain_arithmetic_says() -> None:
    for one, other in product(WORDS, WORDS):
        assert Words([other]).near(one, 30) == [(edits(one, other), other)]


def test_a_misspelt_word_is_corrected_from_the_library(make_record, ask) -> None:
    make_record(title="Lanterns", summary="A blue lantern for the night.", change_ideas=())
    asked = ask("where is the blue lantren")
    assert asked.corrections == (Correction("lantren", ("lantern",)),)
    assert asked.suggestion == "where is the blue lantern"
    assert asked.words == ("blue", "lantren")
    assert asked.searched == ("blue", "lantren", "lantern")
    assert asked.encoded == "where is the blue lantern"


def test_a_correction_is_written_as_it_stands_in_a_passage(make_record, ask) -> None:
    make_record(title="Nuit", summary="Des lanternes éclairées.", language="fr", change_ideas=())
    assert ask("les lanternes eclairees sont là").corrections == ()
    assert ask("les lanternes eclairres sont là").suggestion == "les lanternes éclairées sont là"


@pytest.mark.parametrize("typed", ["lantern", "LANTERNS", "lnte", "breastfeeding", "whose"])
def test_known_and_short_words_are_not_corrected(make_record, ask, typed) -> None:
    make_record(title="Lanterns", summary="A lantern, a note.", change_ideas=())
    assert ask(typed).corrections == ()
    assert ask(typed).suggestion == ""


def test_words_in_quotes_and_excluded_words_are_meant_as_they_are(make_record, ask) -> None:
    make_record(title="Lanterns", summary="A lantern.", change_ideas=())
    assert ask('"lantren" -lantren').corrections == ()
    asked = ask('lantren "lantren" -lantren')
    assert asked.suggestion == 'lantern "lantren" -lantren'


def test_a_word_that_something_else_knows_is_not_corrected(make_record, ask) -> None:
    make_record(title="Lanterns", summary="A lantern.", change_ideas=())
    assert ask("lantren", is_word=lambda word: word == "lantren").corrections == ()


def test_a_misspelt_label_is_corrected_and_its_concept_found(ask, labels) -> None:
    assert not understand("cold ypothermia", labels).notations
    asked = ask("cold ypothermia")
    assert asked.notations == ("thermal-care-and-hypothermia",)
    (match,) = asked.concepts
    assert asked.text[match.start : match.end] == match.text == "ypothermia"


def test_a_concept_found_by_a_correction_can_be_taken_away(ask) -> None:
    asked = ask("cold ypothermia", without={"thermal-care-and-hypothermia"})
    assert asked.notations == ()
    assert asked.dropped == ("thermal-care-and-hypothermia",)


@pytest.mark.parametrize("hidden", ["draft", "team", "withdrawn"])
def test_what_a_reader_may_not_see_corrects_nothing(make_record, engine, ask, hidden) -> None:
    record_id = make_record(
        title="Lanterns",
        summary="The zanzolita lantern.",
        change_ideas=(),
        publish=hidden != "draft",
    )
    ask("")  # its passages are in the index
    with Session(engine) as session:
        if hidden == "team":
            session.get(Record, record_id).visibility = Visibility.TEAM
        if hidden == "withdrawn":
            records.withdraw(session, record_id, by="test", reason="A test.")
        session.commit()
    for fresh in (False, True):
        asked = ask("zanzolina", fresh=fresh)
        assert asked.corrections == ()
    if hidden != "withdrawn":
        assert ask("zanzolina", scope=Scope.ALL).suggestion == "zanzolita"


def test_a_word_that_only_a_draft_has_is_no_more_known_than_any_other(make_record, ask) -> None:
    make_record(title="Lanterns", summary="A zanzolina.", change_ideas=(), publish=False)
    make_record(title="Lanterns", summary="A zanzolita.", change_ideas=())
    assert ask("zanzolina").suggestion == ask("zanzolixa").suggestion == "zanzolita"


def test_what_was_redacted_corrects_nothing_before_the_index_knows(
    make_record, engine, ask
) -> None:
    in_text = make_record(title="Lanterns", summary="The zanzolita lantern.", change_ideas=())
    in_title = make_record(title="Quorbination", summary="Oil.", change_ideas=())
    assert ask("zanzolina quorbinatiom").suggestion == "zanzolita quorbination"
    with Session(engine) as session:
        session.get(Record, in_text).summary = "The lantern."
        session.get(Record, in_title).title = "Oil"
        session.commit()
    assert ask("zanzolina quorbinatiom", fresh=False).corrections == ()
    assert ask("zanzolina quorbinatiom").corrections == ()


def test_a_word_of_the_questions_language_comes_before_its_like_in_another(
    make_record, ask
) -> None:
    make_record(title="Nuit", summary="Une lumination.", language="fr", change_ideas=())
    make_record(title="Night", summary="A luminations.", language="en", change_ideas=())
    assert ask("what is the luminatiox").corrections[0].meant[0] == "luminations"
    assert ask("pour les luminatiox").corrections[0].meant[0] == "lumination"


def test_a_correction_finds_what_was_meant(make_record, indexed, reading) -> None:
    right = make_record(title="Night", summary="A blue lantern.", change_ideas=())
    make_record(title="Day", summary="A red door.", change_ideas=())
    index = indexed(None)
    with reading() as session:
        results = search(session, index, "lantren")
    assert [hit.record_id for hit in results.hits] == [right]
    assert results.question.suggestion == "lantern"
    assert results.hits[0].words == ("lantern",)


@given(st.text(alphabet='ab cé-"«»\tx̧', max_size=40), st.data())
def test_a_correction_can_be_put_into_any_question(labels, text, data) -> None:
    asked = understand(text, labels)
    words = [token.surface.casefold() for token in tokens(text)]
    typed = data.draw(st.lists(st.sampled_from(words), unique=True) if words else st.just([]))
    again = corrected_by(asked, [Correction(word, ("lantern",)) for word in typed], labels)
    assert again.words == asked.words
    assert (again.suggestion != "") == bool(typed)
