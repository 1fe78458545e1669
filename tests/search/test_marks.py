import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.labels import BREAK
from search import marks


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('how to get "early initiation" right', ("early initiation",)),
        ("“peau à peau” et «mère kangourou»", ("peau à peau", "mère kangourou")),
        ('("golden hour")', ("golden hour",)),
        ('"Golden,  Hour!"', ("Golden Hour",)),
        ('"a" "a"', ("a",)),
    ],
)
def test_what_stands_in_quotes_is_a_phrase(text, phrases) -> None:
    assert marks.read(text).phrases == phrases
    assert marks.read(text).excluded == ()


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("pneumonia -malaria", ("malaria",)),
        ("-malaria pneumonia", ("malaria",)),
        ("pneumonia\t-malaria, please", ("malaria",)),
        ('feeding -"formula milk" -“peau à peau”', ("formula milk", "peau à peau")),
        ("feeding -skin-to-skin", ("skin to skin",)),
        ("feeding -F75", ("F75",)),
    ],
)
def test_what_stands_after_a_minus_is_excluded(text, excluded) -> None:
    assert marks.read(text).excluded == excluded
    assert marks.read(text).phrases == ()


@pytest.mark.parametrize(
    "text",
    [
        "skin-to-skin",
        "post-natal care",
        "fell by -5 %",
        "from 5 - 7 days",
        "drills - how often",
        "--yes",
        "gains – then losses",
        "x-",
        '"never closed',
        '-"never closed',
        '""',
        '"?!"',
        'a 5" tube and a 6" tube',
        "l’heure d'or",
    ],
)
def test_other_minuses_and_quotes_are_text(text) -> None:
    marked = marks.read(text)
    assert (marked.phrases, marked.excluded) == ((), ())
    assert marked.asked == marked.plain == text


def test_what_is_excluded_is_blank_in_what_is_asked() -> None:
    marked = marks.read("cold -kangaroo babies")
    assert len(marked.asked) == len(marked.text)
    assert marked.plain == "cold babies"
    assert marked.asked.index("babies") == marked.text.index("babies")


def test_no_label_runs_across_a_blank() -> None:
    marked = marks.read("kangaroo -x care")
    assert BREAK.search(marked.asked)


@given(st.text(alphabet='ab -"“”«»\t\n5é', max_size=60))
def test_any_text_can_be_read(text) -> None:
    marked = marks.read(text)
    assert len(marked.asked) == len(text)
    for said in (*marked.phrases, *marked.excluded):
        assert any(character.isalnum() for character in said)
        assert '"' not in said
