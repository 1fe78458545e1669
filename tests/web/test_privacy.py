"""What a facility keeps back appears in no page and in no answer to a program."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from kb import consent, records
from kb.consent import Agreed
from kb.content import ChangeIdea, Measure, Place, Point, Section
from kb.vocabulary import FacilityType, Naming, SectionRole, Visibility
from web.app import PARTS
from web.catalogue import public

PLACE = Place(
    country="LSO",
    admin1="Qacha",
    admin2="Sehlabathebe",
    facility="Thabana Clinic",
    facility_code="LS-0042",
    facility_type=FacilityType.HEALTH_POST,
)
HIDDEN = {
    Naming.TYPE_AND_DISTRICT: ["Thabana", "LS-0042"],
    Naming.TYPE_AND_COUNTRY: ["Thabana", "LS-0042", "Qacha", "Sehlabathebe"],
    Naming.ANONYMOUS: ["Thabana", "LS-0042", "Qacha", "Sehlabathebe", "LSO", "Lesotho"],
}
PRIVATE = {
    "contact": "call 0712 345 678",
    "doubts": ("Is this name a patient?",),
    "authors": ("Okello, Grace",),
    "credit_line": "The team of Grace Okello",
    "logistics": {"where": "behind Thabana Clinic", "when": "each Monday"},
}
KEPT_BACK = ["0712", "Is this name", "Okello", "behind Thabana"]


def addresses() -> list[str]:
    """Return every address a GET can ask for, with values that lead to the record."""
    filled = {
        "record_id": "1",
        "kind": "health-post",
        "size": "192",
        "collection_id": "1",
        "number": "1",
        "notation": "early-initiation-of-breastfeeding",
        "code": "LSO",
        "name": "facility-en.docx",
        "form": "jsonld",
        "part": "1",
        "job_id": "1",
        "letter_id": "1",
    }
    paths = [route.path for part in PARTS for route in part.router.routes]
    assert len(paths) > 15
    asked = ["/search?q=scale", "/api/v1/search?q=scale", "/compare?ids=1,2"]
    return [*(p.format(**filled) for p in paths), *asked]


def answered(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code < 500, address
    return answer.text


@pytest.mark.parametrize("naming", list(HIDDEN))
def test_what_a_facility_hides_is_nowhere(client, shelf, naming) -> None:
    record_id = shelf(places=(PLACE,), naming=naming, **PRIVATE)
    assert record_id == 1
    shelf(title="Another record, near the first")
    for address in addresses():
        # The name of the country stands in the message that it has no records.
        allowed = ["LSO", "Lesotho"] if address == "/countries/LSO" else []
        text = answered(client, address)
        for secret in [*HIDDEN[naming], *KEPT_BACK]:
            assert secret not in text or secret in allowed, (address, secret)


SAID = "The team of Thabana Clinic (code LS 0042) in Sehlabathebe, Qacha, Lesotho weighs later."


@pytest.mark.parametrize("naming", list(HIDDEN))
def test_a_name_that_the_text_says_is_nowhere_and_finds_nothing(client, shelf, naming) -> None:
    record_id = shelf(
        places=(PLACE,),
        naming=naming,
        title=SAID[:40],
        summary=SAID,
        sections=(Section(heading="At Thabana", role=SectionRole.CHANGES, body=SAID),),
        change_ideas=(ChangeIdea(text="Thabana weighs later", steps=SAID, evidence_note=SAID),),
        measures=(
            Measure(
                name="Thabana babies", points=(Point(period=date(2024, 1, 1), value=50, note=SAID),)
            ),
        ),
        keywords=("thabana-clinic",),
        logistics={"who": "the Thabana team"},
        source_url="https://thabanaclinic.example/story",
        source_citation=SAID,
        offer="Visit Thabana",
        authors=("Thabana Clinic",),
        credit_wanted=True,
    )
    shelf(title="Another record, near the first")
    asked = [
        f"{path}?q=weighs+later"
        for path in ("/search", "/answer", "/explore", "/suggest", "/api/v1/search")
    ]
    for address in [*addresses(), *asked]:
        said = answered(client, address)
        allowed = ["LSO", "Lesotho"] if address == "/countries/LSO" else []
        for secret in [*HIDDEN[naming], "LS 0042", "thabana"]:
            assert secret not in said or secret in allowed, (address, secret)
    for question in ("Thabana", "thabana clinic"):
        found = client.get(f"/api/v1/search?q={question}").json()
        words = {word for hit in found["hits"] for word in hit["matched_words"]}
        assert "thabana" not in words
        assert record_id not in [h["record"]["id"] for h in found["hits"] if h["matched_words"]]
    near = client.get("/api/v1/search?q=thabanna").json()
    assert (near["corrections"], near["suggestion"]) == ([], "")
    assert client.get("/api/v1/suggest?q=thab").json() == []


def test_a_named_facility_is_named(client, shelf) -> None:
    page = client.get(f"/records/{shelf(places=(PLACE,), naming=Naming.NAMED)}").text
    assert "Thabana Clinic" in page
    assert "Sehlabathebe, Qacha" in page


def test_a_draft_and_a_record_for_the_team_are_nowhere(client, shelf, engine) -> None:
    draft = shelf(publish=False, title="A draft nobody may read", places=(PLACE,))
    inside = shelf(title="A record for the team only", places=(PLACE,))
    with Session(engine) as session:
        records.get(session, inside).visibility = Visibility.TEAM
        session.commit()
    for address in [*addresses(), f"/records/{draft}", f"/records/{inside}"]:
        text = answered(client, address)
        assert "nobody may read" not in text, address
        assert "for the team only" not in text, address


def test_consent_and_curators_are_not_told(client, shelf, engine) -> None:
    record_id = shelf(doubts=("Unsure about the date",))
    with Session(engine) as session:
        record = records.get(session, record_id)
        agreed = Agreed(by_role="the matron herself", naming=Naming.NAMED, note="in the ledger")
        consent.record(session, record_id, agreed, by="curator.banda")
        for tag in record.tags:
            tag.confirmed_by = "curator.banda"
        session.commit()
    for address in addresses():
        text = answered(client, address)
        assert "matron herself" not in text, address
        assert "in the ledger" not in text, address
        assert "curator.banda" not in text, address
        assert "Unsure about" not in text, address


def test_the_public_view_keeps_what_the_team_wants_told(story) -> None:
    told = story.model_copy(update={**PRIVATE, "credit_wanted": True})
    seen = public(told)
    assert seen.authors == ("Okello, Grace",)
    assert seen.logistics == {"when": "each Monday"}
    assert seen.places[0].admin2 == "Rungwe"
    assert [tag.notation for tag in seen.tags] == ["early-initiation-of-breastfeeding"]
