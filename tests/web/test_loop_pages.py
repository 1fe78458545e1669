"""Reports, requests, questions and follows, as people who sign in use them."""

import re

import pytest

from kb import content, reuse
from kb.models import Link, Record, Reuse
from kb.vocabulary import LinkKind, Naming, Role, Status, Verdict
from web.ticking import tick

RUNGWE = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe"}
ILULU = {**RUNGWE, "facility": "Ilulu"}
KAPORO = {"country": "MWI", "admin2": "Karonga", "facility": "Kaporo"}
EVIL = "<script>alert(1)</script>"
REPORT = {"where": "A health centre", "verdict": "worked", "country": "MWI"}


def text_of(html: str) -> str:
    """Return the words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def told(shelf):
    """A published story of Ilulu that offers contact."""

    def make(**changes) -> int:
        place = content.Place(**ILULU)
        return shelf(**{"places": (place,), "contact": "the nurse in charge", **changes})

    return make


@pytest.fixture
def nurse(signed_in):
    return signed_in(Role.CONTRIBUTOR, email="asha@ilulu.example", **ILULU)


@pytest.fixture
def other(signed_in):
    return signed_in(Role.CONTRIBUTOR, email="neema@kaporo.example", **KAPORO)


@pytest.fixture
def coach(signed_in):
    return signed_in(Role.COACH, email="coach@rungwe.example", **RUNGWE)


@pytest.fixture
def curator(signed_in):
    return signed_in(Role.CURATOR, email="curator@centre.example", country="TZA")


def test_a_report_of_another_team_stands_with_the_story_at_once(client, told, other) -> None:
    record_id = told()
    assert "Have you tried this too?" in client.get(f"/records/{record_id}").text
    sent = {**REPORT, "adapted_how": EVIL, "before_n": "10", "before_of": "30"}
    sent |= {"after_n": "25", "after_of": "30"}
    answer = other.post(f"/records/{record_id}/tried", data=sent)
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    page = client.get(f"/records/{record_id}").text
    assert "Tried elsewhere by 1 team" in page
    assert "not yet reviewed" in page
    assert "33%" in page
    assert "83%" in page
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "neema" not in page


def test_small_numbers_of_a_report_are_not_shown(client, told, other) -> None:
    record_id = told()
    counts = {"before_n": "2", "before_of": "30", "after_n": "20", "after_of": "30"}
    other.post(f"/records/{record_id}/tried", data={**REPORT, **counts})
    page = text_of(client.get(f"/records/{record_id}").text)
    assert "few → then 67%" in page
    assert "7%" not in page.replace("67%", "")


def test_what_was_typed_is_shown_again_where_something_is_missing(told, other) -> None:
    record_id = told()
    answer = other.post(f"/records/{record_id}/tried", data={**REPORT, "before_n": "ten"})
    assert answer.status_code == 422
    assert 'value="A health centre"' in answer.text
    assert 'value="ten"' in answer.text
    assert "“ten” is no number of people." in text_of(answer.text)
    assert "before_n” has" not in answer.text  # a name of ours says nothing to her
    assert 'value="worked" checked' in answer.text


def test_who_has_not_signed_in_reports_nothing(client, told) -> None:
    record_id = told()
    answer = client.post(f"/records/{record_id}/tried", data=REPORT, follow_redirects=False)
    assert answer.status_code == 401
    assert "Tried elsewhere" not in client.get(f"/records/{record_id}").text


def test_a_report_that_may_name_somebody_is_kept_from_readers_until_a_curator_looked(
    client, told, other, curator
) -> None:
    record_id = told()
    named = {**REPORT, "numbers": "Mrs Amina Juma counted."}
    other.post(f"/records/{record_id}/tried", data=named)
    assert "Amina" not in client.get(f"/records/{record_id}").text
    desk = curator.get("/desk/reports").text
    assert "<mark" in desk
    assert "Mrs Amina Juma" in desk
    refused = curator.post("/desk/reports/1", data={"act": "hide", "reason": " "})
    assert refused.status_code == 422
    curator.post("/desk/reports/1", data={"act": "hide", "reason": "It names her."})
    assert "It names her." in other.get(f"/records/{record_id}/tried").text
    curator.post("/desk/reports/1", data={"act": "keep"})
    assert "Amina" in client.get(f"/records/{record_id}").text


def test_the_linked_story_says_the_place_and_only_as_its_naming_allows(
    client, told, other, shelf, library
) -> None:
    record_id = told()
    place = content.Place(**KAPORO)
    own = shelf(title="Ours", places=(place,), naming=Naming.ANONYMOUS)
    sent = {**REPORT, "where": "Kaporo clinic", "story": str(own)}
    assert other.post(f"/records/{record_id}/tried", data=sent).status_code == 200
    for address in (f"/records/{record_id}", f"/records/{record_id}/spread"):
        page = client.get(address).text
        assert "Ours" in page
        assert "Kaporo" not in page
        assert "Malawi" not in page.partition("<main")[2]
    with library.writing() as session:
        session.get_one(Record, own).status = Status.PRIVACY_CHECK
        session.commit()
    for address in (f"/records/{record_id}", f"/records/{record_id}/spread"):
        page = client.get(address).text
        assert "Ours" not in page
        assert "Kaporo" not in page
        assert "Another team" in page


def test_an_idea_spreads_over_several_stories(client, told, other, shelf, signed_in) -> None:
    first = told(title="The first")
    second = shelf(title="The second", places=(content.Place(**KAPORO),))
    other.post(f"/records/{first}/tried", data={**REPORT, "story": str(second)})
    other.post(f"/records/{first}/tried", data={**REPORT, "where": "A hospital in Dowa"})
    third = signed_in(Role.CONTRIBUTOR, email="joao@x.example", country="MOZ")
    third.post(
        f"/records/{second}/tried",
        data={"where": "Tete", "country": "MOZ", "verdict": "did-not-work"},
    )
    page = client.get(f"/records/{first}/spread")
    assert page.status_code == 200
    said = text_of(page.text)
    assert "3 other teams tried it." in said
    assert "It reached 3 countries." in said
    assert said.index("The second") < said.index("Tete")
    assert "The idea came from: The first" in text_of(client.get(f"/records/{second}/spread").text)


def test_the_tree_ends_where_two_stories_say_they_took_it_from_each_other(
    client, told, shelf, library
) -> None:
    one, two = told(title="One"), shelf(title="Two")
    with library.writing() as session:
        for a, b in ((one, two), (two, one)):
            session.add(Link(record_id=a, other_id=b, kind=LinkKind.REPLICATED_FROM))
        session.commit()
    page = client.get(f"/records/{one}/spread")
    assert page.status_code == 200
    assert "1 other team tried it." in page.text


def test_a_request_travels_to_the_coach_and_the_answer_back(nurse, coach, client, told) -> None:
    helpful = told(title="A scale for two wards")
    form = {"text": f"A second scale {EVIL}", "level": "district", **RUNGWE}
    answer = nurse.post("/requests/new", data=form)
    assert answer.status_code == 200
    assert "Request for help" in answer.text
    assert EVIL not in answer.text
    assert "A team asks for your help" in coach.get("/notices").text
    thread = coach.get("/requests/1").text
    assert "asha" not in thread.lower()
    said = {"text": "Borrow one.", "records": f"/records/{helpful}"}
    assert coach.post("/requests/1/say", data=said).status_code == 200
    seen = nurse.get("/requests/1").text
    assert "Borrow one." in seen
    assert "A scale for two wards" in seen
    assert "coach@" not in seen
    assert "Somebody wrote to you" in nurse.get("/notices").text
    assert nurse.post("/requests/1/close").status_code == 200
    assert "Closed" in nurse.get("/requests").text
    assert client.get("/requests/1", follow_redirects=False).status_code == 303


def test_a_request_is_nobody_elses(nurse, other, signed_in) -> None:
    nurse.post("/requests/new", data={"text": "A scale", "level": "district", **RUNGWE})
    far = signed_in(Role.COACH, email="far@x.example", **{**RUNGWE, "admin2": "Mbozi"})
    for person in (other, far):
        assert person.get("/requests/1").status_code == 404
        assert person.post("/requests/1/say", data={"text": "x"}).status_code == 404
        assert "A scale" not in person.get("/requests").text


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"country": "xx"}, {"text": "x" * 2001}, {"level": "global"}]
)
def test_a_request_that_cannot_be_sent_is_shown_again(nurse, wrong) -> None:
    form = {"text": "A scale", "level": "district", **RUNGWE, **wrong}
    answer = nurse.post("/requests/new", data=form)
    assert answer.status_code == 422
    assert form["admin2"] in answer.text


def test_a_team_is_asked_and_neither_side_sees_an_address(told, nurse, other, client) -> None:
    record_id = told()
    assert f"/records/{record_id}/ask" in client.get(f"/records/{record_id}").text
    other.post(f"/records/{record_id}/ask", data={"text": "How big is the scale?"})
    theirs = nurse.get("/requests/1").text
    assert "How big is the scale?" in theirs
    assert "neema" not in theirs.lower()
    assert "kaporo" not in theirs.lower()
    nurse.post("/requests/1/say", data={"text": "As a bread."})
    mine = other.get("/requests/1").text
    assert "As a bread." in mine
    assert "asha" not in mine.lower()


def test_a_team_without_contact_is_not_offered(told, nurse, other, client) -> None:
    record_id = told(contact="")
    assert f"/records/{record_id}/ask" not in client.get(f"/records/{record_id}").text
    assert "does not offer contact" in other.get(f"/records/{record_id}/ask").text
    answer = other.post(f"/records/{record_id}/ask", data={"text": "How?"})
    assert answer.status_code == 404


def test_the_message_that_may_name_somebody_is_shown_again_with_a_box_to_tick(
    told, nurse, other
) -> None:
    record_id = told()
    asked = {"text": "Is Mrs Amina Juma still there?"}
    answer = other.post(f"/records/{record_id}/ask", data=asked)
    assert answer.status_code == 422
    assert "Mrs Amina Juma" in answer.text
    answer = other.post(f"/records/{record_id}/ask", data={**asked, "sure": "yes"})
    assert answer.status_code == 200


def test_a_request_of_a_story_shows_its_state_on_the_story(client, told, coach, library) -> None:
    record_id = told(support_requests=(content.SupportRequest(text="A second scale"),))
    assert tick(library)["requests opened from stories"] == 1
    coach.post("/requests/1/say", data={"text": "Borrow one."})
    assert "answered" in text_of(client.get(f"/records/{record_id}").text)


def test_requests_of_many_stories_let_others_write_in_between(library, monkeypatch) -> None:
    open_, opened = [2, 2, 1, 0], []

    def gather(session) -> int:
        assert not any(one.in_transaction() for one in opened)  # what was before is committed
        opened.append(session)
        return open_[len(opened) - 1]

    monkeypatch.setattr("kb.support.gather", gather)
    assert tick(library)["requests opened from stories"] == 5
    assert len(opened) == len(open_)


def test_followed_things_stand_on_the_page_of_notices(told, other) -> None:
    told()
    topic = {"kind": "topic", "value": "early-initiation-of-breastfeeding"}
    assert other.get("/follow", params=topic).status_code == 200
    page = other.post("/follow", data=topic)
    assert "Early initiation of breastfeeding" in page.text
    assert "Skin to skin" in other.get("/notices/news").text  # of the last 30 days
    told(title="A new one")
    assert "A new one" in other.get("/notices/news").text
    assert other.post("/follow", data={**topic, "act": "stop"}).status_code == 200
    assert "A new one" not in other.get("/notices/news").text


@pytest.mark.parametrize(
    "what",
    [
        {"kind": "topic", "value": "process-redesign"},
        {"kind": "topic", "value": EVIL},
        {"kind": "place", "value": "tanzania"},
        {"kind": "record", "value": "999"},
    ],
)
def test_what_is_not_there_cannot_be_followed(other, what) -> None:
    answer = other.post("/follow", data=what)
    assert answer.status_code == 422
    assert EVIL not in answer.text


def test_the_record_page_takes_as_many_queries_for_ten_reports_as_for_one(
    client, told, library, queries
) -> None:
    record_id = told()

    def count(number: int) -> int:
        with library.writing() as session:
            for n in range(number):
                session.add(
                    Reuse(
                        record_id=record_id,
                        by="x",
                        where=f"W{n}",
                        adapted_how="",
                        verdict=Verdict.WORKED,
                        numbers="",
                    )
                )
            session.commit()
        queries.clear()
        assert client.get(f"/records/{record_id}/spread").status_code == 200
        return len(queries)

    count(1)  # the first page of all also looks whether there is an index
    assert count(1) == count(9)
    with library.reading() as session:
        assert len(reuse.reports(session, record_id)) == 11
