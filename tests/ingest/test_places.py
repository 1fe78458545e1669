"""Country, region, district and facility, and what stays empty."""

import pytest

from ingest.document import Format
from ingest.kind import kind_of
from ingest.places import countries_in, place_of, type_of
from kb.content import Place, Section
from kb.countries import alpha3
from kb.vocabulary import FacilityType, Level, RecordType, SectionRole


def _place(line, title="A story"):
    return place_of(title, [Section(role=SectionRole.CONTEXT, body=line)])


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (
            "Mto Mwema Health Centre, Muheza District, Tanga Region, Tanzania. January 2023.",
            ("TZA", "Tanga", "Muheza", "Mto Mwema Health Centre"),
        ),
        (
            "Centre de santé de Keur Ndawène, district de Nioro du Rip, région de Kaolack, Sénégal",
            ("SEN", "Kaolack", "Nioro du Rip", "Centre de santé de Keur Ndawène"),
        ),
        (
            "Centro de Saúde de Namicuta, distrito de Monapo, província de Nampula, Moçambique",
            ("MOZ", "Nampula", "Monapo", "Centro de Saúde de Namicuta"),
        ),
        (
            "Kituo cha Afya Mlangasi, Wilaya ya Kongwa, Mkoa wa Dodoma. Juni hadi Oktoba 2023.",
            ("TZA", "Dodoma", "Kongwa", "Kituo cha Afya Mlangasi"),
        ),
        (
            "Asuboni Municipal Hospital, Ejura-Sekyedumase, Ashanti Region, Ghana.",
            ("GHA", "Ashanti", "Ejura-Sekyedumase", "Asuboni Municipal Hospital"),
        ),
    ],
)
def test_a_line_that_lists_the_place_is_read_from_narrow_to_broad(line, place):
    found = _place(line).place
    assert (found.country, found.admin1, found.admin2, found.facility) == place


def test_a_table_at_the_top_names_the_place():
    table = """| Facility | District | Period |
|---|---|---|
| Nabirye Health Centre IV | Kamuli, Uganda | July 2022 - October 2023 |
"""
    found = _place(table).place
    assert (found.country, found.admin2) == ("UGA", "Kamuli")
    assert found.facility == "Nabirye Health Centre IV"
    assert found.facility_type is FacilityType.HEALTH_CENTRE


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Ivory Coast", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("DRC", "COD"),
        ("República Democrática del Congo", "COD"),
        ("Moçambique", "MOZ"),
        ("Burma", "MMR"),
    ],
)
def test_a_country_is_known_by_its_other_names(name, code):
    assert [country.code for country in countries_in(f"A clinic in {name}.")] == [code]


def test_niger_state_is_not_niger():
    assert countries_in("Bida, Niger State, has a hospital.")[0].code == "NGA"


def test_an_ordinary_word_is_no_country():
    assert countries_in("Reunión de equipo. Una reunión más.") == []
    assert countries_in("the turkey was eaten, and guinea fowl") == []


def test_a_country_that_is_only_suggested_is_filled_with_a_doubt():
    found = _place("Jharimunda Sub-Divisional Hospital, Koraput, Odisha.")
    assert found.place.country == "IND"
    assert found.doubts == ("The country (IND) is only read from “Odisha”.",)


def test_two_countries_of_equal_weight_leave_the_field_empty():
    found = _place("Two teams, one in Kenya and one in Ghana, met.")
    assert found.place.country == ""
    assert "KEN" in found.doubts[0]
    assert "GHA" in found.doubts[0]


def test_nothing_said_is_nothing_filled():
    found = _place("We had a good year and the babies were warm.")
    assert found.place == Place()
    assert found.doubts == ("No country was found.",)


def test_each_field_has_the_sentence_that_says_it():
    line = "Mto Mwema Health Centre, Muheza District, Tanga Region, Tanzania."
    evidence = _place(f"It was cold. {line} We began.").evidence
    assert evidence["country"] == evidence["facility"] == evidence["admin2"] == line


def test_our_hospital_is_no_name():
    assert _place("The District Hospital sent a nurse. Our General Hospital did not.").place == (
        Place()
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Mkwiro Dispensary", FacilityType.HEALTH_POST),
        ("Blue Gate Maternity Post", FacilityType.MATERNITY_HOME),
        ("Nkhunda District Hospital", FacilityType.FIRST_REFERRAL_HOSPITAL),
        ("Prey Regional Hospital", FacilityType.REGIONAL_HOSPITAL),
        ("Kavira Teaching Hospital", FacilityType.TERTIARY_HOSPITAL),
        ("Puskesmas Watu Lindi", FacilityType.HEALTH_CENTRE),
        ("", None),
    ],
)
def test_the_name_says_the_kind_of_facility(name, kind):
    assert type_of(name) is kind


def test_every_iso_country_has_one_code_of_three_letters():
    assert alpha3()["CD"] == "COD"
    assert alpha3()["MM"] == "MMR"
    assert alpha3()["DE"] == "DEU"
    assert len(set(alpha3().values())) == len(alpha3())


@pytest.mark.parametrize(
    ("title", "body", "facility", "kind", "level"),
    [
        ("Warm babies", "x", "Ilulu Hospital", RecordType.IMPROVEMENT_STORY, Level.FACILITY),
        (
            "Mentoring visits in six health centres",
            "From the Hula Woreda Health Office.",
            "",
            RecordType.SUPPORT_STORY,
            Level.DISTRICT,
        ),
        (
            "From counting to acting: national roll-out of death reviews",
            "x",
            "",
            RecordType.SUPPORT_STORY,
            Level.NATIONAL,
        ),
        ("Annual report of the cell", "x", "Ilulu Hospital", RecordType.REPORT, Level.FACILITY),
        (
            "Change package: severe pre-eclampsia",
            "Eleven teams in four districts",
            "",
            RecordType.CHANGE_PACKAGE,
            Level.REGION,
        ),
    ],
)
def test_title_and_top_say_who_speaks_and_what_it_is(title, body, facility, kind, level):
    sections = [Section(role=SectionRole.PROBLEM, body=body)]
    found = kind_of(title, sections, facility=facility, form=Format.DOCX)
    assert (found.record_type, found.level) == (kind, level)


def test_slides_that_tell_no_story_are_a_presentation():
    sections = [Section(heading="Who we are", body="A list")]
    found = kind_of("Our unit", sections, facility="Ilulu Hospital", form=Format.PPTX)
    assert found.record_type is RecordType.PRESENTATION
