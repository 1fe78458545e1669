"""Several people at one desk: two who publish, threads, locks, views, ages, a second reading."""

import re

import pytest

from kb import curating, locks, records, threads
from kb.content import Tag
from kb.vocabulary import Circle, Role, Status, TagStatus

HOSTILE = "<script>alert(1)</script> & “x”"
HERE = {"country": "TZA", "admin2": "Rungwe"}  # where the story is from


@pytest.fixture
def draft(make_record) -> int:
    return make_record(publish=False)


@pytest.fixture
def curator(signed_in):
    return signed_in(Role.CURATOR, email="amina@people.example")


def status(library, record_id: int) -> Status:
    with library.reading() as session:
        return records.get(session, record_id).status


def version(library, record_id: int) -> int:
    with library.reading() as session:
        return records.get(session, record_id).version


def rule(client, library, record_id: int, field: str, ruled: str = "accepted", **more):
    form = {"field": field, "ruled": ruled, "version": version(library, record_id)} | more
    return client.post(f"/desk/records/{record_id}/fields", data=form, follow_redirects=False)


def look_at(client, library, record_id: int) -> None:
    for field in curating.ESSENTIAL:
        assert rule(client, library, record_id, field).status_code == 303


def test_one_person_calls_it_ready_and_another_publishes(
    curator, signed_in, library, draft
) -> None:
    look_at(curator, library, draft)
    page = curator.get(f"/desk/records/{draft}").text
    assert "It is ready" in page
    assert f"/desk/records/{draft}/publish" not in page
    form = {"version": version(library, draft)}
    page = curator.post(f"/desk/records/{draft}/ready", data=form).text
    assert "A second person has to publish it." in page
    assert curator.post(f"/desk/records/{draft}/publish").status_code == 403
    publisher = signed_in(Role.PUBLISHER, email="juma@people.example")
    page = publisher.get(f"/desk/records/{draft}").text
    assert "Amina says that it is ready." in page
    publisher.post(f"/desk/records/{draft}/publish")
    assert status(library, draft) is Status.PUBLISHED


def test_a_publisher_does_not_publish_what_she_alone_looked_at(signed_in, library, draft) -> None:
    publisher = signed_in(Role.PUBLISHER, email="juma@people.example")
    look_at(publisher, library, draft)
    refused = publisher.post(f"/desk/records/{draft}/publish")
    assert refused.status_code == 409
    assert "needs two people" in refused.text
    assert status(library, draft) is Status.DRAFT


def test_a_curator_of_another_district_finds_nothing_of_it(signed_in, library, draft) -> None:
    far = signed_in(Role.CURATOR, email="far@people.example", country="KEN")
    assert "Skin to skin" not in far.get("/desk").text
    assert far.get(f"/desk/records/{draft}").status_code == 404
    assert far.post(f"/desk/records/{draft}/return", data={"questions": "?"}).status_code == 404
    near = signed_in(Role.CURATOR, email="near@people.example", **HERE)
    assert "Skin to skin" in near.get("/desk").text


def test_whoever_comes_second_sees_both(desk, library, draft) -> None:
    began = version(library, draft)
    rule(desk, library, draft, "title", "changed", value="Weighed last")
    late = {"field": "title", "ruled": "changed", "value": "Weighed later", "version": began}
    page = desk.post(f"/desk/records/{draft}/fields", data=late)
    assert page.status_code == 409
    assert "Weighed last" in page.text
    assert "Weighed later" in page.text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    desk.post(f"/desk/records/{draft}/fields", data=form)
    with library.reading() as session:
        assert records.get(session, draft).title == "Weighed later"


def test_what_cannot_be_kept_is_shown_again(desk, library, draft) -> None:
    page = rule(desk, library, draft, "title", "changed", value="y" * 140)
    assert page.status_code == 422
    assert f'value="{"y" * 140}"' in page.text
    assert "It has 140 characters" in page.text
    many = "\n".join(f"Question {n}?" for n in range(7))
    page = desk.post(f"/desk/records/{draft}/return", data={"questions": many})
    assert page.status_code == 422
    assert "Question 6?" in page.text
    long = "z" * 2_001
    page = desk.post(f"/desk/records/{draft}/notes", data={"text": long})
    assert (page.status_code, long in page.text) == (422, True)


def test_the_thread_shows_who_asked_what(desk, library, draft) -> None:
    desk.post(f"/desk/records/{draft}/return", data={"questions": "Which year?\n\nWho counted?"})
    desk.post(f"/desk/records/{draft}/notes", data={"text": "Odd numbers."})
    with library.writing() as session:
        question = threads.open_questions(session, draft)[0]
        threads.answer(session, question.id, "It was 2023.", by="nurse")
        team = [m.text for m in threads.of(session, draft, circle=Circle.TEAM)]
        session.commit()
    page = desk.get(f"/desk/records/{draft}").text
    assert page.index("Which year?") < page.index("It was 2023.")
    assert "curators only" in page
    assert "Odd numbers." not in team
    assert "<b>1</b> question to its author" in desk.get("/desk").text
    assert "Waits for its author." in desk.get("/desk").text


def test_what_was_answered_without_an_account_is_written_down(desk, library, draft) -> None:
    sent = desk.post(f"/desk/records/{draft}/return", data={"questions": HOSTILE})
    assert "write the answers down here" in sent.text  # nobody here told it
    with library.reading() as session:
        question = threads.open_questions(session, draft)[0].id
    address = f"/desk/records/{draft}/questions/{question}"
    assert f'action="{address}"' in sent.text
    assert "<script>alert" not in sent.text
    long = desk.post(address, data={"text": "z" * 2_001})
    assert (long.status_code, "z" * 2_001 in long.text) == (422, True)
    page = desk.post(address, data={"text": "It was 2023, they say."}).text
    assert "It was 2023, they say." in page
    assert f'action="{address}"' not in page
    assert status(library, draft) is Status.DRAFT
    assert desk.post(address, data={"text": "Again."}).status_code == 404


def test_who_has_it_open_is_said_and_passed_over(curator, desk, library, make_record) -> None:
    first, second, third = (make_record(publish=False) for _ in range(3))
    part = {"HX-Request": "true"}
    assert "You have it open." in curator.post(f"/desk/records/{second}/lock", headers=part).text
    page = desk.post(f"/desk/records/{second}/lock", headers=part).text
    assert "Amina has it open." in page
    assert "Amina has it open" in desk.get("/desk").text
    answer = desk.get(f"/desk/next?order=age&after={first}", follow_redirects=False)
    assert answer.headers["location"] == f"/desk/records/{third}"
    desk.post(f"/desk/records/{second}/lock", data={"take_over": "yes"})
    with library.reading() as session:
        assert locks.of(session, [second])[second].by == "curator"


def test_a_view_is_kept_shared_and_removed_by_whoever_made_it(curator, desk) -> None:
    address = "/desk/views?awaits=tags&order=age"
    curator.post(address, data={"name": "Old tags", "shared": "yes"})
    curator.post("/desk/views?overdue=yes", data={"name": "Late"})
    page = desk.get("/desk").text
    assert 'href="/desk?awaits=tags&amp;order=age"' in page
    assert "Late" not in page
    assert desk.post("/desk/views/1/remove").status_code == 404
    curator.post("/desk/views/1/remove")
    assert "Old tags" not in curator.get("/desk").text
    assert "Late" in curator.get("/desk").text
    assert curator.post(address, data={"name": " "}).status_code == 422


def test_everybody_sees_ages_and_nothing_of_a_story(client, desk, make_record) -> None:
    assert "No story waits." in client.get("/queue").text
    make_record(publish=False, title="Nobody knows this yet")
    page = client.get("/queue").text
    assert "1 story waits" in page
    assert "Nobody knows" not in page
    assert "/queue" in client.get("/about").text
    assert "1 record waits." in desk.get("/desk/ages").text


def test_a_second_reading_is_blind_and_measured(desk, make_record) -> None:
    tag = Tag(
        notation="breastfeeding",
        status=TagStatus.CONFIRMED,
        confirmed_by="amina",
        evidence="We say so here",
    )
    record_id = make_record(tags=(tag,))
    assert "Not known yet" in desk.get("/desk/agreement").text
    page = desk.get(f"/desk/agreement/{record_id}").text
    assert "We say so here" not in page
    assert "checked" not in page
    assert desk.post(f"/desk/agreement/{record_id}").status_code == 422
    chosen = {"concept": ["breastfeeding", "skin-to-skin-contact"]}
    page = desk.post(f"/desk/agreement/{record_id}", data=chosen).text
    assert "1 record read twice" in page
    assert "both chose 1, only the first 0, only the second 1" in page


def test_what_people_wrote_is_escaped(curator, desk, make_record, library) -> None:
    record_id = make_record(publish=False, title=HOSTILE, summary=HOSTILE)
    desk.post(f"/desk/records/{record_id}/notes", data={"text": HOSTILE})
    desk.post(f"/desk/records/{record_id}/return", data={"questions": HOSTILE})
    curator.post("/desk/views", data={"name": HOSTILE, "shared": "yes"})
    late = {"field": "title", "ruled": "changed", "value": HOSTILE, "version": 1}
    pages = [
        desk.get(f"/desk/records/{record_id}").text,
        desk.get("/desk").text,
        desk.get("/desk/ages").text,
        desk.post(f"/desk/records/{record_id}/fields", data=late).text,
        desk.get(f"/desk/records/{record_id}/lock").text,
    ]
    assert all("<script>alert" not in page for page in pages)
    assert all("&lt;script&gt;alert(1)" in page for page in pages[:2])


def test_the_working_page_asks_as_often_for_many_messages_as_for_few(
    desk, draft, queries, library
) -> None:
    def count() -> int:
        desk.get(f"/desk/records/{draft}")
        queries.clear()
        assert desk.get(f"/desk/records/{draft}").status_code == 200
        return len(queries)

    few = count()
    with library.writing() as session:
        for number in range(20):
            threads.note(session, draft, f"Note {number}", circle=Circle.TEAM, by="amina")
        session.commit()
    assert count() == few
