from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary import SectionRole
from search.passages import WORD, split

words = st.sampled_from(["ward", "34", "Le", "bébé", "%", "e.g.", "नवजात", "no."])
sentences = st.lists(words, min_size=1, max_size=12).map(lambda ws: " ".join(ws) + ".")
rows = st.lists(words, min_size=1, max_size=6).map(lambda ws: "| " + " | ".join(ws) + " |")
blocks = st.one_of(
    st.lists(sentences, max_size=6).map(" ".join),
    st.lists(rows, max_size=8).map("\n".join),
    st.lists(words, max_size=40).map(" ".join),
    st.text(max_size=30),
)
bodies = st.lists(blocks, max_size=5).map("\n\n".join)


@given(bodies, st.integers(1, 30), st.data())
def test_every_word_is_in_a_passage_and_passages_go_forward(body, size, data) -> None:
    step = data.draw(st.integers(1, size))
    passages = split(body, size=size, step=step)

    assert all(p.text == body[p.start : p.end] for p in passages)
    assert all(p.text == p.text.strip() and WORD.search(p.text) for p in passages)
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(passages))
    for word in WORD.finditer(body):
        assert any(p.start <= word.start() and word.end() <= p.end for p in passages)


@given(bodies)
def test_a_passage_has_at_most_twice_its_size(body) -> None:
    assert all(len(WORD.findall(p.text)) <= 21 for p in split(body, size=10, step=7))


def test_a_text_without_sentences_is_cut_between_words() -> None:
    sizes = [len(p.text.split()) for p in split("word " * 300)]
    assert sizes == [100, 100, 100, 75]


@given(st.lists(rows, min_size=1, max_size=60))
def test_no_table_row_is_cut(table) -> None:
    body = "\n".join(["Before the table.", "", *table, "", "After the table."])
    for passage in split(body, size=10, step=7):
        assert set(passage.text.splitlines()) <= {"", *body.splitlines()}


def test_passages_are_about_a_hundred_words_and_overlap_by_a_quarter() -> None:
    body = " ".join(f"Sentence {i} has five words." for i in range(200))
    passages = split(body)
    sizes = [len(p.text.split()) for p in passages]
    starts = [len(body[: p.start].split()) for p in passages]
    assert set(sizes[:-1]) == {100}
    assert {b - a for a, b in pairwise(starts)} == {75}


def test_a_passage_begins_with_a_sentence() -> None:
    body = "First we counted. " * 5 + "Then we asked mothers, midwives and guards. " * 30
    assert all(p.text.startswith(("First", "Then")) for p in split(body, size=20, step=15))
    assert all(p.text.endswith(".") for p in split(body, size=20, step=15))


def test_a_short_text_is_one_passage_of_its_section() -> None:
    [passage] = split("  Weigh later. \n", SectionRole.CHANGES)
    assert passage == (SectionRole.CHANGES, 2, 14, "Weigh later.")


@pytest.mark.parametrize("body", ["", " \n ", "| --- | --- |", "…"])
def test_a_text_without_words_has_no_passage(body) -> None:
    assert split(body) == []


def test_a_step_longer_than_the_passage_would_lose_words() -> None:
    with pytest.raises(ValueError, match="step must be"):
        split("some words", size=5, step=6)


def test_a_text_of_nothing_but_signs_is_looked_through_once() -> None:
    # Were it looked through again from each of its signs, this would take an hour.
    assert split("(" * 500_000, SectionRole.OTHER) == []
