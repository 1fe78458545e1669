import pytest

from kb import content
from kb.privacy import shown_place
from kb.vocabulary import FacilityType, Naming

PLACE = content.Place(
    country="TZA",
    admin1="Mbeya",
    admin2="Rungwe",
    facility="Ilulu Health Centre",
    facility_code="108-77",
    facility_type=FacilityType.HEALTH_CENTRE,
)


@pytest.mark.parametrize(
    ("naming", "shown"),
    [
        (
            Naming.NAMED,
            {"country", "admin1", "admin2", "facility", "facility_code", "facility_type"},
        ),
        (Naming.TYPE_AND_DISTRICT, {"country", "admin1", "admin2", "facility_type"}),
        (Naming.TYPE_AND_COUNTRY, {"country", "facility_type"}),
        (Naming.ANONYMOUS, set()),
    ],
)
def test_the_facility_decides_what_is_shown(naming, shown) -> None:
    place = shown_place(PLACE, naming)
    assert {name for name, value in place if value} == shown
