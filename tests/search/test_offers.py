import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import countries
from kb.folding import plain
from kb.labels import Labels
from kb.vocabulary import FacilityType, Level
from search.filters import Filters
from search.offers import offers
from search.stopwords import STOP_WORDS
from search.understand import understand


@pytest.fixture(scope="module")
def labels(terms) -> Labels:
    return Labels.of(terms)


def named(text, labels=None) -> list[tuple[str, str]]:
    return [(offer.field, offer.value) for offer in offers(text, labels)]


@pytest.mark.parametrize(
    ("question", "country"),
    [
        ("hand washing in kenya", "KEN"),
        ("maternité Côte d’Ivoire", "CIV"),
        ("cote d'ivoire", "CIV"),
        ("Moçambique", "MOZ"),
        ("what Kenyans do", "KEN"),
        ("des infirmières maliennes", "MLI"),
        ("south sudan", "SSD"),
        ("Papua New Guinea", "PNG"),
        ("Burma", "MMR"),
        ("clinics in DRC", "COD"),
        ("Watanzania wanafanya nini", "TZA"),
    ],
)
def test_a_country_is_named_in_any_language(question, country) -> None:
    assert named(question) == [("countries", country)]


@pytest.mark.parametrize(
    "question",
    ["réunion mensuelle", "mali ya kituo", "roast turkey", "Congo", "island clinics", "a drc b"],
)
def test_an_ordinary_word_is_no_country(question) -> None:
    assert named(question) == []


def test_no_stop_word_is_a_country() -> None:
    for words in STOP_WORDS.values():
        assert named(" . ".join(words)) == []


@pytest.mark.parametrize(
    ("question", "offered"),
    [
        ("district", [("levels", "district")]),
        ("hôpital de district", [("facility_types", "first-referral-hospital")]),
        ("hospitali ya wilaya", [("facility_types", "first-referral-hospital")]),
        ("small health centers", [("facility_types", "health-centre")]),
        ("national roll-out", [("levels", "national")]),
        ("nerve block", []),
    ],
)
def test_a_level_or_a_kind_of_facility_is_named(labels, question, offered) -> None:
    assert named(question, labels) == offered


def test_every_offer_is_a_value_of_its_filter(labels) -> None:
    for name in labels.facet_names:
        for offer in offers(" ".join(name.forms), labels):
            kind = {"levels": Level, "facility_types": FacilityType}.get(offer.field)
            assert kind is None or kind(offer.value)
            assert Filters(**{offer.field: (offer.value,)})


def test_a_filter_is_offered_once_and_as_typed(labels) -> None:
    asked = understand("Kenya or kenya in a District Hospital", labels)
    assert [offer.text for offer in asked.offers] == ["Kenya", "District Hospital"]


def test_what_is_excluded_is_not_offered(labels) -> None:
    assert understand("oxytocin -Kenya", labels).offers == ()


def test_a_concept_is_no_level(labels) -> None:
    (match,) = labels.find("community health worker", question=True)
    span = (match.start, match.end)
    assert offers("community health worker", labels, taken=[span]) == ()
    assert understand("community health worker", labels).offers == ()


def test_an_offer_does_not_filter(labels) -> None:
    assert "kenya" in understand("hand washing in kenya", labels).words


def test_every_word_for_people_belongs_to_one_country() -> None:
    others = {plain(name): code for name, code in countries.names().items()}
    for word, code in countries.people().items():
        assert others.setdefault(plain(word), code) == code


def test_names_are_there_in_every_language() -> None:
    for name in ("Tanzanie", "Etiopía", "Tanzânia", "Ethiopia"):
        assert countries.names()[name] in {"TZA", "ETH"}


@given(st.text(max_size=60))
def test_any_text_can_be_read(labels, text) -> None:
    for offer in offers(text, labels):
        assert offer.text in text
