"""What a reader sends on: never too long for a message, and always with the way back."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from kb import scores
from kb.content import ChangeIdea, Measure, Place, Point, Record
from kb.db import utcnow
from kb.privacy import public
from kb.vocabulary import FacilityType, Naming, Verdict
from web.catalogue import PublicRecord
from web.names import Names
from web.sharing import LTR, MESSAGE, qr_code, share_text, shorten, spoken, whatsapp

LINK = "https://library.example/records/7"
TEXT = st.text(min_size=1, max_size=900).filter(lambda text: bool(text.strip()))
PLACE = Place(country="TZA", admin2="Rungwe", facility="Ilulu", facility_type="health-centre")
IDEAS = tuple(ChangeIdea(text=text) for text in ("Weigh later", "Warm the towels", "Ask", "Fourth"))
FED = Measure(
    name="Fed within an hour",
    points=(Point(period=date(2024, 1, 1), value=34), Point(period=date(2024, 2, 1), value=82)),
)


def shown(said: Record) -> PublicRecord:
    """Return a record as its readers see it."""
    now = utcnow()
    strength = scores.record_strength(said)
    return PublicRecord(
        record_id=7,
        version=1,
        published=now,
        updated=now,
        said=public(said),
        strength=strength,
        band=scores.band(strength and strength.total),
        completeness=scores.completeness(said),
        team_only=scores.judged_by_team_only(said),
        original=None,
    )


def story(**changes) -> Record:
    told = {"title": "The first hour", "naming": Naming.NAMED, "places": (PLACE,)}
    return Record(**(told | {"change_ideas": IDEAS, "measures": (FED,)} | changes))


@pytest.fixture
def english(terms) -> Names:
    return Names(terms, "en")


def test_a_message_says_what_where_how_and_with_what_result(english) -> None:
    assert share_text(shown(story()), english, LINK).splitlines() == [
        "The first hour",
        "Ilulu · Rungwe · Tanzania",
        "- Weigh later",
        "- Warm the towels",
        "- Ask",
        "Fed within an hour: 34% → 82%",
        LINK,
    ]


def test_without_numbers_a_message_says_what_became_of_it_and_without_ideas_the_summary(
    english,
) -> None:
    said = story(measures=(), change_ideas=(), summary="Weighing waits.", verdict=Verdict.PARTLY)
    lines = share_text(shown(said), english, LINK).splitlines()
    assert lines[2:] == ["Weighing waits.", "Partly worked", LINK]


@pytest.mark.parametrize(
    ("naming", "where"),
    [
        (Naming.NAMED, "Ilulu · Rungwe · Tanzania"),
        (Naming.TYPE_AND_DISTRICT, "Health centre / primary health centre · Rungwe · Tanzania"),
        (Naming.TYPE_AND_COUNTRY, "Health centre / primary health centre · Tanzania"),
        (Naming.ANONYMOUS, "- Weigh later"),
    ],
)
def test_a_message_names_the_place_as_its_team_allows(english, naming, where) -> None:
    assert share_text(shown(story(naming=naming)), english, LINK).splitlines()[1] == where


def test_an_office_is_no_place_of_care(english) -> None:
    office = Place(country="TZA", facility_type=FacilityType.ADMINISTRATIVE)
    lines = share_text(shown(story(places=(office,))), english, LINK).splitlines()
    assert lines[1] == "Tanzania"


def test_the_fixed_words_are_the_readers(terms) -> None:
    said = shown(story(naming=Naming.TYPE_AND_COUNTRY))
    assert "Sénégal" not in share_text(said, Names(terms, "fr"), LINK)
    assert "Tanzanie" in share_text(said, Names(terms, "fr"), LINK)
    arabic = share_text(said, Names(terms, "ar"), LINK)
    assert "تنزانيا" in arabic
    assert f": {LTR}" in arabic  # or the second number would be read first


@given(
    said=st.builds(
        story,
        title=TEXT,
        change_ideas=st.lists(st.builds(ChangeIdea, text=TEXT), max_size=5).map(tuple),
        measures=st.builds(lambda name: (FED.model_copy(update={"name": name}),), TEXT),
        places=st.builds(lambda name: (PLACE.model_copy(update={"facility": name}),), TEXT),
        summary=st.text(max_size=900),
    ),
    host=st.text("abc.-", min_size=1, max_size=200),
    language=st.sampled_from(["en", "fr", "ar", "sw"]),
)
def test_a_message_has_700_characters_at_most_and_ends_with_the_link(
    terms, said, host, language
) -> None:
    link = f"https://{host}/records/7"
    text = share_text(shown(said), Names(terms, language), link)
    assert len(text) <= MESSAGE
    assert text.split("\n")[-1] == link
    assert "" not in text.split("\n")


@given(text=st.text(max_size=300), length=st.integers(min_value=0, max_value=200))
def test_a_line_is_cut_at_the_end_of_a_word_and_never_too_long(text, length) -> None:
    line = shorten(text, length)
    assert len(line) <= length
    assert line == " ".join(line.split())
    if len(" ".join(text.split())) <= length:
        assert line == " ".join(text.split())
    else:
        assert line.endswith("…") or not length


def test_a_letter_keeps_its_accents_where_no_word_ends() -> None:
    assert shorten("नमस्कारनमस्कार", 6) == "नमस्…"
    assert shorten("e\u0301" * 9, 6) == "e\u0301e\u0301…"


def test_whatsapp_opens_with_the_message_as_it_is() -> None:
    text = "34% → 82% & more\n#1 + “two”\nhttps://x.example/records/7?a=b"
    address = urlsplit(whatsapp(text))
    assert (address.scheme, address.netloc, address.path) == ("https", "wa.me", "/")
    assert parse_qs(address.query) == {"text": [text]}
    assert "+" not in address.query.replace("%2B", "")  # some telephones show a plus as a plus


def test_a_qr_code_is_one_path_that_a_reader_of_codes_finds(tmp_path) -> None:
    code = qr_code("https://library.example/r/7")
    assert isinstance(code, Markup)
    assert code.count("<path") == 1
    assert "style" not in code
    assert "http" not in code  # nothing of it is fetched


def test_an_address_is_written_as_people_say_it() -> None:
    assert spoken("http://127.0.0.1:8000/r/7") == "127.0.0.1:8000/r/7"
