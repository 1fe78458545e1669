"""What may identify people is found in five languages, and little else is."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.identifiers import find, occurrences
from kb.vocabulary import IdentifierKind
from tests.kb.judged_identifiers import count, judged, judged_set

LANGUAGES = ("en", "fr", "es", "pt", "sw")
TEXTS = judged_set()
IN_TEXT = [k for k in IdentifierKind if k not in {"face", "metadata", "comment", "tracked-change"}]
# Fragments that rules look at, in any order: what no writer would think of.
FRAGMENTS = st.sampled_from(
    [
        *("Mrs ", "M. ", "Baby of ", "Name: ", "mother, ", "W/ro ", "Juma ", "de la ", "Banda’s "),
        *("| Name | Phone |\n", "|---|---|\n", "| Amina Juma | 0712 345 678 |\n", "|", "\n"),
        *("+255", " 0712-345-678", "14/02/2023", "3 May 2023", "born on ", "née le ", "OPD no. "),
        *("2023/0417", "P.O. Box ", "House No ", "rue ", "-1.2921, 36.8219", "12°30'", "@", "a.b"),
        *(
            "Mlangali village ",
            "rape ",
            ". ",
            "aged 15 ",
            "a girl ",
            "አማርኛ ",
            "عائشة ",
            "\u0301",
            "\u200d",
        ),
    ]
)


def test_the_judged_set_is_as_large_as_it_says() -> None:
    planted = [p for one in TEXTS for p in one.planted]
    assert len(planted) >= 400
    assert sum(bool(one.planted) for one in TEXTS) >= 80
    assert sum(not one.planted for one in TEXTS) >= 20
    for language in LANGUAGES:
        assert sum(len(t.planted) for t in TEXTS if t.language == language) >= 30
        assert any(t.held_out for t in TEXTS if t.language == language)
    assert {p.kind for p in planted} == {str(kind) for kind in IN_TEXT}


def test_nearly_all_that_is_planted_is_found() -> None:
    counted = count(TEXTS)
    assert counted.recall() >= 0.95, counted.missed
    assert counted.precision() >= 0.95, counted.wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_served(language) -> None:
    assert count(TEXTS).recall(language) >= 0.95


@pytest.mark.parametrize("kind", IN_TEXT)
def test_each_kind_is_found(kind) -> None:
    assert count(TEXTS).recall(kind) >= 0.9


def test_a_finder_that_finds_nothing_or_everything_fails_the_count() -> None:
    assert count(TEXTS, lambda _text, language: []).recall() == 0
    words = count(TEXTS, lambda text, language: find(f"Mrs {text}", language=language)[:0])
    assert words.planted["all"] == count(TEXTS).planted["all"]
    half = judged(
        {"name": "", "language": "en", "text": "[[person|Mrs Amina Juma]]"}, held_out=False
    )
    assert half.text == "Mrs Amina Juma"
    assert (half.planted[0].start, half.planted[0].end) == (0, 14)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Mrs Test came.", "en", ["Mrs Test"]),
        ("Dr. Agostinho Neto", "pt", ["Dr. Agostinho Neto"]),
        ("Hospital Dr. Agostinho Neto", "pt", []),
        ("Centro de Salud Doña Tomasa", "es", []),
        ("DR Congo, MS Word, Sr. No. 4", "en", []),
        ("Diallo M. Prevalence of anaemia", "fr", []),
        ("M. Diallo a appelé", "fr", ["M. Diallo"]),
        ("She told the doctor. Nobody came.", "en", []),
        ("Name of facility: Ilulu Health Centre", "en", []),
        ("Name: Ilulu District Hospital", "en", []),
        ("name: Amina Juma", "en", ["Amina Juma"]),
        ("Tel:0712345678", "en", ["0712345678"]),
        ("0712345678/0733908112", "en", ["0712345678", "0733908112"]),
        ("from 2019-2023, 1 204 567 women", "en", []),
        ("call 01 02 03 04 05", "fr", []),
        ("CPF 529.982.247-25 and 529.982.247-26", "pt", ["529.982.247-25"]),
        ("no 4931 1587 2048, no 4931 1587 2049", "", ["4931 1587 2048"]),
        ("All babies born on 3 April 2023", "en", []),
        ("She was born on 3 April 2003", "en", ["3 April 2003"]),
        ("BP 140, BP 90", "en", []),
        ("p = 0.1234, 0.5678", "en", []),
        ("at -1.2921, 36.8219", "en", ["-1.2921, 36.8219"]),
        ("Mlangali village has a waiting home since 2 May 2021.", "en", []),
        ("A woman of Mlangali village died on 2 May 2021.", "en", ["Mlangali village"]),
    ],
)
def test_what_is_found_and_what_is_not(text, language, found) -> None:
    texts = [i.text for i in find(text, language=language)]
    assert [t for t in texts if t in found] == found
    if not found:
        assert texts == []


def test_a_name_is_found_again_without_what_announced_it() -> None:
    text = "Mrs Amina Juma slept. Amina woke up. The Amina Health Centre is new. Juma helped."
    assert [i.text for i in find(text, language="en")] == ["Mrs Amina Juma", "Amina", "Juma"]


def test_every_cell_below_a_head_is_found() -> None:
    table = (
        "|  |  |\n|---|---|\n| Jina | Simu |\n| Salma | 0765118240 |\n| — | |\n| Asha Juma | 12 |"
    )
    assert [i.text for i in find(table)] == ["Salma", "0765118240", "Asha Juma"]


def test_a_name_goes_on_in_the_next_line_of_a_long_paragraph() -> None:
    text = (
        "The team of the ward sat down after the night and listened to Mrs Amina\nJuma for an hour."
    )
    assert [i.text for i in find(text)] == ["Mrs Amina\nJuma"]


@given(
    st.lists(st.one_of(FRAGMENTS, st.text(max_size=12)), max_size=30),
    st.sampled_from(["", *LANGUAGES, "am"]),
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_spans_say_what_they_mark(parts, language) -> None:
    text = "".join(parts)
    found = find(text, language=language)
    for one in found:
        assert text[one.start : one.end] == one.text
        assert one.text.strip()
        assert 0 < one.confidence <= 1
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.lists(FRAGMENTS, max_size=20))
@settings(max_examples=100, deadline=None)
def test_what_stands_in_is_found_word_by_word(parts) -> None:
    text = " ; ".join(parts)
    wanted = {i.text for i in find(text)}
    spans = list(occurrences(wanted)(text))
    assert {text[a:b] for a, b in spans} <= wanted
    assert wanted == set() or spans


@pytest.mark.parametrize(
    "fragment",
    [
        "1 ",
        "Aa ",
        "Mrs ",
        "@",
        "a@a.",
        ".",
        "\n",
        "born ",
        "| a ",
        "1°1'",
        "rue de la A ",
        "wa ",
        "Mrs A wa ",
    ],
)
def test_a_long_line_of_anything_takes_steps_in_proportion(fragment) -> None:
    short, long = (steps_of(fragment * n) for n in (2_000, 8_000))
    assert long < 6 * short + 1000  # in proportion it is four times, in its square sixteen times


def steps_of(text: str) -> int:
    """Return how many calls are made in Python while the text is looked through."""
    import sys

    calls = 0

    def count_call(_frame, event, _arg) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count_call)
    try:
        find(text)
    finally:
        sys.setprofile(None)
    return calls
