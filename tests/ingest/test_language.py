"""The language of a text, and when the file's own word decides."""

import pytest

from ingest.language import language_of

TEXTS = {
    "en": "We deliver about 120 babies a month with two midwives on the day shift.",
    "fr": "Notre maternité fait entre 70 et 90 accouchements par mois avec deux sages-femmes.",
    "es": "En la provincia, seis de cada diez niños menores de tres años tenían anemia.",
    "pt": "Fazemos à volta de 130 primeiras consultas pré-natais por mês, com duas enfermeiras.",
    "sw": "Kituo chetu kina vitanda kumi na wahudumu watatu wanaofanya kazi usiku na mchana.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_each_of_the_five_languages_is_known(language):
    assert language_of(TEXTS[language]) == language


def test_a_short_text_says_nothing():
    assert language_of("Anaemia") == ""


def test_the_declared_language_decides_for_a_short_text():
    assert language_of("Anaemia", declared="en-GB") == "en-GB"


def test_the_words_outweigh_what_the_office_program_declared():
    assert language_of(TEXTS["sw"], declared="en-US") == "sw"


def test_the_declared_region_is_kept_where_both_agree():
    assert language_of(TEXTS["pt"], declared="pt-MZ") == "pt-MZ"
