"""The boards as pages: for who works there, and nobody else."""

from kb import content
from kb.models import Record
from kb.vocabulary import Role, Status, Verdict, Visibility

DISTRICT = "/boards/district?country=TZA&district=Rungwe"
FACILITY = "/boards/facility?country=TZA&district=Rungwe&facility=Ilulu"
COUNTRY = "/boards/country?country=TZA"
PLACE = content.Place(country="TZA", admin2="Rungwe", facility="Ilulu")


def send_in(library, make_record, **changes) -> int:
    record_id = make_record(
        publish=False, places=(PLACE,), visibility=Visibility.DISTRICT, **changes
    )
    with library.writing() as session:
        record = session.get(Record, record_id)
        record.status, record.submitted = Status.IN_REVIEW, record.created
        session.commit()
    return record_id


def test_each_sees_the_boards_of_the_own_places(library, signed_in, make_record) -> None:
    send_in(library, make_record, title="Warm <b>babies</b>")
    coach = signed_in(Role.COACH, country="TZA", admin2="Rungwe")
    assert "Ilulu" in coach.get(DISTRICT).text
    assert "Warm &lt;b&gt;babies&lt;/b&gt;" in coach.get(FACILITY).text
    assert coach.get(DISTRICT).headers["cache-control"] == "no-store"
    assert coach.get(COUNTRY).status_code == 404
    assert coach.get(DISTRICT.replace("Rungwe", "Mbozi")).status_code == 404
    assert "Rungwe" in coach.get("/boards").text
    nurse = signed_in(
        Role.CONTRIBUTOR, country="TZA", admin2="Rungwe", facility="Ilulu", email="n@x.example"
    )
    assert "Warm" in nurse.get(FACILITY).text
    assert nurse.get(DISTRICT).status_code == 403
    assert nurse.get(FACILITY.replace("Ilulu", "Tukuyu")).status_code == 404
    national = signed_in(Role.COACH, country="TZA", email="m@x.example")
    assert "Rungwe" in national.get(COUNTRY).text


def test_the_session_pack_of_a_district_prints_what_was_ticked(
    library, signed_in, shelf, make_record
) -> None:
    shelf(places=(PLACE.model_copy(update={"facility": "Tukuyu"}),), verdict=Verdict.WORKED)
    send_in(library, make_record, verdict=Verdict.DID_NOT_WORK)
    coach = signed_in(Role.COACH, country="TZA", admin2="Rungwe")
    page = coach.get(DISTRICT).text
    assert '<form action="/print">' in page
    assert 'name="ids" value="1"' in page
    assert coach.get("/print?ids=1").status_code == 200


def test_a_poster_is_for_what_readers_may_read(library, client, shelf, make_record, series) -> None:
    shown = shelf(measures=(series,))
    page = client.get(f"/records/{shown}/poster")
    assert page.status_code == 200
    assert "What we changed" in page.text
    assert "<svg" in page.text
    assert client.get(f"/records/{make_record(publish=False)}/poster").status_code == 404


def test_who_is_bound_to_no_place_chooses_among_the_countries_that_have_stories(
    desk, make_record
) -> None:
    assert "No country has a story yet." in desk.get("/boards").text
    make_record()
    page = desk.get("/boards").text
    assert '<a href="/boards/country?country=TZA">Tanzania</a>' in page
    assert "Afghanistan" not in page
    assert desk.get("/boards/district?country=TZA").status_code == 404
