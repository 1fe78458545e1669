"""“This should have come up”: from the reader's form to the curator's desk."""

import pytest
from fastapi.testclient import TestClient

from kb import judgements
from kb.vocabulary import JudgementState
from web.app import create_app
from web.pages.judgements import record_in

HOSTILE = '<script>alert(1)</script> & "x"'


@pytest.fixture
def kept(library):
    def read() -> list[tuple[str, int, str, int | None]]:
        with library.reading() as session:
            found = judgements.in_state(session, *JudgementState)
            return [(one.question, one.record_id, str(one.state), one.grade) for one in found]

    return read


def test_the_answers_offer_to_name_what_should_have_come_up(client, shelf) -> None:
    shelf()
    answers = client.get("/search", params={"q": "scale"}).text
    assert 'action="/judgements"' in answers
    assert '<input type="hidden" name="question" value="scale">' in answers
    assert 'action="/judgements"' in client.get("/search", params={"q": "zebra"}).text
    assert 'action="/judgements"' not in client.get("/search").text


def test_a_proposal_is_kept_and_thanked_for(client, shelf, kept) -> None:
    shelf()
    sent = {"question": "why weigh later", "record": "https://library.example/records/1"}
    answer = client.post("/judgements", data=sent, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/judgements/thanks?q=why+weigh+later"
    assert kept() == [("why weigh later", 1, "open", None)]
    thanks = client.get(answer.headers["location"]).text
    assert "Thank you" in thanks
    assert 'href="/search?q=why+weigh+later"' in thanks


def test_a_form_of_another_site_is_refused(client, shelf, kept) -> None:
    shelf()
    sent = {"question": "scale", "record": "1"}
    answer = client.post("/judgements", data=sent, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert kept() == []


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        (("scale", "99"), 404, "There is no record 99"),
        (("scale", "the second one"), 422, "names no record"),
        (("scale", "9" * 40), 422, "names no record"),
        (("", "1"), 422, "There is no question"),
        (("how is Mrs Amina Juma", "1"), 422, "may tell who somebody is"),
    ],
)
def test_what_cannot_be_kept_is_explained(  # noqa: PLR0917
    client, shelf, kept, sent, status, said
) -> None:
    shelf()
    answer = client.post("/judgements", data=dict(zip(("question", "record"), sent, strict=True)))
    assert answer.status_code == status
    assert said in answer.text
    assert kept() == []


def test_a_draft_is_as_unknown_as_a_record_that_never_was(client, make_record, kept) -> None:
    draft = make_record(publish=False)
    answers = [
        client.post("/judgements", data={"question": "scale", "record": str(number)})
        for number in (draft, 99)
    ]
    said = [answer.text.replace("99", "1") for answer in answers]
    assert said[0] == said[1]
    assert kept() == []


def test_a_flood_is_refused_with_a_reason(client, shelf, monkeypatch) -> None:
    shelf()
    monkeypatch.setattr(judgements, "MOST_A_DAY", 1)
    client.post("/judgements", data={"question": "one", "record": "1"})
    answer = client.post("/judgements", data={"question": "two", "record": "1"})
    assert answer.status_code == 409
    assert "Try again tomorrow" in answer.text


def test_hostile_words_stay_words_everywhere(client, desk, shelf) -> None:
    shelf(title=HOSTILE)
    pages = [
        client.get("/search", params={"q": HOSTILE}),
        client.get("/judgements", params={"q": HOSTILE, "record": HOSTILE}),
        client.post("/judgements", data={"question": HOSTILE, "record": "1"}),
        client.post("/judgements", data={"question": "a", "record": HOSTILE}),
        desk.get("/desk/judgements"),
    ]
    assert "alert(1)" in pages[-1].text
    for answer in pages:
        assert "<script>alert" not in answer.text


def test_the_curator_confirms_with_a_grade_rejects_and_opens_again(
    client, desk, shelf, kept
) -> None:
    shelf()
    for question in ("scale", "weighing"):
        client.post("/judgements", data={"question": question, "record": "1"})
    page = desk.get("/desk/judgements").text
    assert "2 wait." in page
    assert "Skin to skin before the scale" in page
    desk.post("/desk/judgements/1", data={"state": "confirmed", "grade": "2"})
    answer = desk.post(
        "/desk/judgements/2", data={"state": ["confirmed", "rejected"]}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/judgements")
    assert kept() == [("scale", 1, "confirmed", 2), ("weighing", 1, "rejected", None)]
    page = desk.get("/desk/judgements").text
    assert "Nothing waits." in page
    assert "2 decided" in page
    desk.post("/desk/judgements/2", data={"state": "open"})
    assert kept()[1] == ("weighing", 1, "open", None)


def test_nothing_is_confirmed_without_a_grade(client, desk, shelf, kept) -> None:
    shelf()
    client.post("/judgements", data={"question": "scale", "record": "1"})
    assert desk.post("/desk/judgements/1", data={"state": "confirmed"}).status_code == 422
    assert kept() == [("scale", 1, "open", None)]


def test_no_reader_reaches_the_desk(library, shelf) -> None:
    shelf()
    reader = TestClient(create_app(library), follow_redirects=False)
    assert reader.get("/desk/judgements").status_code == 303  # to sign in
    assert reader.post("/desk/judgements/1", data={"state": "rejected"}).status_code == 401


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    client, desk, shelf, queries
) -> None:
    shelf()

    def asked(number: int) -> int:
        for n in range(number):
            client.post("/judgements", data={"question": f"q {number} {n}", "record": "1"})
        queries.clear()
        desk.get("/desk/judgements")
        return len(queries)

    assert asked(2) == asked(20)


@pytest.mark.parametrize("text", ["7", " 7 ", "/records/7", "http://x.example/records/7/#top"])
def test_a_record_is_named_by_number_or_address(text) -> None:
    assert record_in(text) == 7
