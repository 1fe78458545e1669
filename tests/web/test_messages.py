"""What the catalogues owe to readers: every message, in every language, fit for its place."""

import re
from collections import Counter

import pytest

from web.i18n import ENGLISH, LANGUAGES, messages
from web.messages import (
    brought_up_to_date,
    found,
    missing,
    translated,
    written,
)

pytestmark = pytest.mark.no_library

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
NUMBERS = {"num", "shown"}  # how a message may name what it counts
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TAG = re.compile(r"</?[a-z][^>]*>")


def forms(message) -> list[tuple[str, str]]:
    """Return each form of a translation beside the English that it stands for."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[1], form) for form in message.string]


def said_in(language: str) -> list[tuple[str, str]]:
    """Return all that a catalogue says, beside the English; what is empty is left out."""
    messages = (message for message in translated(language) if message.id)
    return [pair for message in messages for pair in forms(message) if pair[1]]


def test_no_message_is_counted_in_two_ways() -> None:
    # The catalogues know a message by its singular: a second plural of it would be lost.
    plurals: dict[str, set[str]] = {}
    for _, _, message, _ in found():
        one, many = (message, "") if isinstance(message, str) else message
        plurals.setdefault(one, set()).add(many)
    assert {one: many for one, many in plurals.items() if len(many) > 1} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_as_its_own_command_writes_it(language) -> None:
    assert written(translated(language)) == written(brought_up_to_date(language))


@pytest.mark.parametrize("language", OTHERS)
def test_of_what_readers_see_nothing_is_left_to_translate_or_to_confirm(language) -> None:
    assert list(missing(brought_up_to_date(language), for_readers=True)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_placeholders_of_its_message(language) -> None:
    for original, translation in said_in(language):
        named = Counter(PLACEHOLDER.findall(original))
        again = Counter(PLACEHOLDER.findall(translation))
        # “One record” needs no number, and some languages have a form for two.
        assert set(named) - NUMBERS == set(again) - NUMBERS, translation
        assert set(again) <= set(named), translation
        assert translation % dict.fromkeys(again, "x"), translation


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_tags_of_its_message(language) -> None:
    for original, translation in said_in(language):
        assert Counter(TAG.findall(original)) == Counter(TAG.findall(translation)), translation


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_can_stand_in_an_attribute(language) -> None:
    # Messages are printed as they are: a straight quotation mark would end the attribute.
    for _, translation in said_in(language):
        assert not re.search(r'["<>]', TAG.sub("", translation)), translation


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_begins_and_ends_as_its_message_does(language) -> None:
    for original, translation in said_in(language):
        if original in {", ", "; "}:  # French puts a space before one of them
            continue
        edges = [bool(re.match(r"\s", text)) for text in (original, translation)]
        ends = [bool(re.search(r"\s$", text)) for text in (original, translation)]
        assert edges[0] == edges[1], translation
        assert ends[0] == ends[1], translation


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "بلد واحد"),
        (2, "بلدان"),
        (10, "10 بلدان"),
        (11, "11 بلدًا"),
        (99, "99 بلدًا"),
        (100, "100 بلد"),
        (103, "103 بلدان"),
    ],
)
def test_arabic_counts_in_six_forms(number, said) -> None:
    form = messages("ar").ngettext("%(num)s country", "%(num)s countries", number)
    assert form % {"num": number} == said
