"""A name that is kept back is met in every form in which people write it, and nothing else is."""

import pytest

from kb.content import Place
from kb.masking import mask, says
from kb.vocabulary import FacilityType, Naming

ILULU = Place(
    country="TZA",
    admin1="Mbeya",
    admin2="Rungwe",
    facility="Ilulu Health Centre",
    facility_code="TZ-0042",
    facility_type=FacilityType.HEALTH_CENTRE,
)
KOUDOUGOU = Place(
    country="BFA",
    admin1="Centre",
    admin2="Kaya",
    facility="Centre de santé de Koudougou-Nord",
    facility_type=FacilityType.HEALTH_CENTRE,
)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Staff of the Ilulu HC did it.", "Staff of the health centre did it."),
        ("ILULU is small.", "A health centre is small."),
        ("at ilulu we weigh", "at a health centre we weigh"),
        ("Ilulu-Health-Centre", "A health centre"),
        ("the health centre of Ilulu", "the health centre"),
        ("ilulu_report_2023.docx", "a health centre_report_2023.docx"),
        ("Ílulu", "A health centre"),
        ("code TZ 0042", "code [number removed]"),
        ("Iluluni and Rungwe District", "Iluluni and Rungwe District"),
        ("Our health centre is small.", "Our health centre is small."),
    ],
)
def test_a_facility_is_met_in_every_form(said, shown) -> None:
    assert mask([ILULU], Naming.TYPE_AND_DISTRICT, "en")(said) == shown


@pytest.mark.parametrize(
    ("naming", "shown"),
    [
        (Naming.NAMED, "Ilulu HC, Rungwe District, Mbeya, Tanzania: Tanzanian"),
        (Naming.TYPE_AND_DISTRICT, "A health centre, Rungwe District, Mbeya, Tanzania: Tanzanian"),
        (Naming.TYPE_AND_COUNTRY, "A health centre, a district, a district, Tanzania: Tanzanian"),
        (Naming.ANONYMOUS, "A health centre, a district, a district, a country: A country"),
    ],
)
def test_a_naming_decides_what_goes(naming, shown) -> None:
    assert (
        mask([ILULU], naming, "en")("Ilulu HC, Rungwe District, Mbeya, Tanzania: Tanzanian")
        == shown
    )


def test_the_record_s_language_decides_the_words() -> None:
    change = mask([KOUDOUGOU], Naming.TYPE_AND_COUNTRY, "fr")
    assert change("L'équipe du CSPS de Koudougou Nord à Kaya, région du Centre.") == (
        "L'équipe du centre de santé à un district, un district."
    )
    assert change("Le centre de santé est petit.") == "Le centre de santé est petit."


def test_ordinary_words_stay_ordinary() -> None:
    hope = Place(facility="Hope Clinic", facility_type=FacilityType.HEALTH_POST)
    change = mask([hope], Naming.TYPE_AND_DISTRICT, "en")
    assert change("We hope that Hope Clinic helps.") == "We hope that a health post helps."


def test_a_facility_that_is_called_like_its_district_leaves_the_district() -> None:
    place = Place(
        admin2="Rungwe",
        facility="Rungwe District Hospital",
        facility_type=FacilityType.FIRST_REFERRAL_HOSPITAL,
    )
    change = mask([place], Naming.TYPE_AND_DISTRICT, "en")
    assert change("Rungwe DH lies in Rungwe.") == "A hospital lies in Rungwe."


def test_initials_and_addresses_hold_a_name_too() -> None:
    place = Place(facility="Kilimanjaro Christian Medical Centre")
    assert mask([place], Naming.TYPE_AND_DISTRICT, "en")("At KCMC.") == "At a facility."
    assert says("https://www.ilulu-hc.org", [ILULU], Naming.TYPE_AND_DISTRICT)
    assert not says("https://www.ilulu-hc.org", [ILULU], Naming.NAMED)
    assert not says("https://moh.example", [ILULU], Naming.ANONYMOUS)
