"""Consent on the desk: what was agreed, what is missing, what is taken back."""

import re

import lxml.html
import pytest
from sqlalchemy.orm import Session

from kb import records, threads
from kb.content import Place
from kb.vocabulary import Circle, Ground, Role, SourceKind, Status


@pytest.fixture
def told(shelf) -> int:
    """A draft that its team told here; nobody was asked about it yet."""
    return shelf(publish=False, source_kind=SourceKind.AUTHORED, licence="")


def test_the_desk_says_that_consent_is_missing_and_takes_it_down(desk, told, engine) -> None:
    page = desk.get(f"/desk/records/{told}").text
    assert f'href="/desk/records/{told}/consent"' in page
    assert f'action="/desk/records/{told}/publish"' not in page
    asked = desk.get(f"/desk/records/{told}/consent").text
    assert "Nobody was asked yet." in asked
    # That a team agreed is said by a curator, and by nobody else for them.
    choice = lxml.html.document_fromstring(asked).get_element_by_id("ground")
    assert (choice.value, choice.get("required")) == ("", "")
    answer = desk.post(
        f"/desk/records/{told}/consent",
        data={
            "ground": "team-agreed",
            "by_role": "<b>matron</b>",
            "visibility": "public",
            "naming": "named",
            "photos": "1",
        },
        follow_redirects=False,
    )
    assert answer.status_code == 303
    shown = desk.get(f"/desk/records/{told}/consent").text
    assert "&lt;b&gt;matron" in shown
    assert lxml.html.document_fromstring(shown).get_element_by_id("ground").value == "team-agreed"
    assert "<b>matron" not in shown
    with Session(engine) as session:
        kept = records.get(session, told).consent
        assert (kept.ground, kept.photos, kept.translation) == (Ground.TEAM_AGREED, True, False)
    with Session(engine) as session:
        records.publish(session, told, by="test")  # refused before
        session.commit()
    with Session(engine) as session:
        assert records.get(session, told).status is Status.PUBLISHED


def test_what_is_taken_back_is_gone_for_readers(desk, client, shelf, engine) -> None:
    record_id = shelf()
    assert client.get("/purge.json").json() == {"removed": []}
    assert client.get(f"/records/{record_id}").status_code == 200
    refused = desk.post(f"/desk/records/{record_id}/consent/withdraw", data={"reason": ""})
    assert refused.status_code == 422
    desk.post(f"/desk/records/{record_id}/consent/withdraw", data={"reason": "the team, 4 May"})
    assert client.get(f"/records/{record_id}").status_code == 410
    removed = client.get("/purge.json").json()["removed"]
    assert [one["id"] for one in removed] == [record_id]
    assert set(removed[0]) == {"id", "since"}
    assert "Skin to skin" not in client.get("/search?q=skin").text
    assert "Taken back on" in desk.get(f"/desk/records/{record_id}/consent").text


def test_the_desk_asks_the_team_with_one_button_and_reads_its_answer(
    signed_in, shelf, engine
) -> None:
    ilulu = {"country": "TZA", "admin2": "Rungwe", "facility": "Ilulu Health Centre"}
    record_id = shelf(publish=False, source_kind=SourceKind.AUTHORED, places=(Place(**ilulu),))
    nurse = signed_in(Role.CONTRIBUTOR, email="zawadi@ilulu.example", **ilulu)
    curator = signed_in(Role.CURATOR, email="c@x.example")
    desk = f"/desk/records/{record_id}"
    assert f'action="{desk}/ask-team"' in curator.get(f"{desk}/consent").text
    asked = curator.post(f"{desk}/ask-team").text
    assert "ilulu.example" not in asked  # her name will do
    (link,) = re.findall(r"/approval/[^\"<\s]+", asked)[:1]
    assert curator.post(f"{desk}/ask-team").status_code == 409  # she can still answer
    assert "Somebody wrote about a story" in nurse.get("/notices").text
    with Session(engine) as session:
        (note,) = threads.of(session, record_id, circle=Circle.TEAM)
        assert "May everybody see your story?" in note.text
    nurse.post(link, data={"answer": "yes", "words": "<b>Gladly</b>"})
    page = curator.get(f"{desk}/consent").text
    assert "Yes, I agree" in page
    assert "&lt;b&gt;Gladly" in page
    assert "<b>Gladly" not in page
    away = {"publish": False, "source_kind": SourceKind.AUTHORED, "places": (Place(country="KEN"),)}
    nobodys = shelf(**away)
    assert "ask-team" not in curator.get(f"/desk/records/{nobodys}/consent").text
    assert curator.post(f"/desk/records/{nobodys}/ask-team").status_code == 404
