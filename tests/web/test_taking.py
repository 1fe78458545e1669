"""Take stories along: the message, the short address, the sheet of paper, the pack, the picture."""

import re
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from kb import records
from kb.content import ChangeIdea, Place, Section
from kb.vocabulary import Decision, Naming, SectionRole, Visibility
from tests.web.test_record_page import SCRIPT
from web.sharing import MESSAGE

PLACE = Place(country="TZA", admin1="Mbeya", admin2="Rungwe", facility="Ilulu Health Centre")
TAKEN = ("/records/{}/share.txt", "/records/{}/print", "/records/{}/card.png", "/r/{}")


def withdraw(engine, record_id: int) -> None:
    with Session(engine) as session:
        records.withdraw(session, record_id, by="test", reason="asked for")
        session.commit()


@pytest.mark.parametrize("address", TAKEN)
def test_what_was_taken_back_is_gone_and_a_draft_was_never_there(
    client, shelf, engine, address
) -> None:
    record_id, draft, inside = shelf(), shelf(publish=False), shelf()
    assert client.get(address.format(record_id)).status_code == 200
    withdraw(engine, record_id)
    with Session(engine) as session:
        records.get(session, inside).visibility = Visibility.TEAM
        session.commit()
    assert client.get(address.format(record_id)).status_code == 410
    assert client.get(address.format(draft)).status_code == 404
    assert client.get(address.format(inside)).status_code == 404
    assert client.get(address.format(999)).status_code == 404


def test_a_short_address_leads_to_the_record_for_good(client, shelf) -> None:
    record_id = shelf()
    answer = client.get(f"/r/{record_id}", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == f"/records/{record_id}"


def test_the_message_is_plain_text_that_ends_with_the_link(client, shelf) -> None:
    record_id = shelf(naming=Naming.NAMED, title="A <b>bold</b> & long title " * 9)
    answer = client.get(f"/records/{record_id}/share.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.endswith(f"\nhttp://testserver/records/{record_id}")
    assert len(answer.text) <= MESSAGE
    assert "<b>bold</b> &" in answer.text  # plain text is not escaped


def test_the_record_page_offers_all_of_it_with_sizes_and_without_a_script(client, shelf) -> None:
    record_id = shelf()
    page = client.get(f"/records/{record_id}").text
    assert f'href="/records/{record_id}/print"' in page
    assert 'href="https://wa.me/?text=Skin%20to%20skin%20before%20the%20scale' in page
    assert f"http%3A%2F%2Ftestserver%2Frecords%2F{record_id}" in page
    assert "up to 100 kB" in page
    assert re.search(r'As a file <span class="n">\d kB', page)
    assert 'data-done="Copied." aria-describedby="copied" hidden>' in page  # needs a script
    assert f'property="og:image" content="http://testserver/records/{record_id}/card.png?v=' in page


def test_a_sheet_has_the_story_the_numbers_and_the_way_back(client, shelf, series) -> None:
    record_id = shelf(
        measures=(series,),
        change_ideas=(
            ChangeIdea(text="Weigh later", decision=Decision.ADOPTED, steps="After the feed."),
            ChangeIdea(text="Hang a poster", decision=Decision.ABANDONED, evidence_note="Unread."),
        ),
        sections=(
            Section(role=SectionRole.PROBLEM, body="Only **34 %** fed.\n\n| a | b |\n|--|--|"),
            Section(role=SectionRole.DID_NOT_WORK, body="The poster."),
        ),
        offer="Visit us.",
        licence="CC-BY-4.0",
    )
    page = client.get(f"/records/{record_id}/print").text
    for told in ("Only 34 % fed.", "After the feed.", "Unread.", "The poster.", "Visit us."):
        assert told in page
    assert page.index("Only 34") < page.index("Weigh later") < page.index("The poster.")
    assert "33%" in page
    assert page.count('class="chart chart-sheet"') == 1
    assert page.count('<svg class="qr"') == 1
    assert f"testserver/r/{record_id}" in page
    assert "CC-BY-4.0" in page
    assert "| a |" not in page


@pytest.mark.parametrize("naming", list(Naming))
def test_paper_and_picture_name_the_place_as_its_team_allows(client, shelf, naming) -> None:
    record_id = shelf(
        naming=naming,
        places=(PLACE,),
        logistics={"where": "in Ilulu", "when": "at night"},
        contact="0712 345 678",
        authors=("Okello, Grace",),
    )
    for address in (f"/records/{record_id}/print", f"/print?ids={record_id}"):
        page = client.get(address).text
        assert ("Ilulu" in page) is (naming is Naming.NAMED)
        assert ("Rungwe" in page) is (naming in {Naming.NAMED, Naming.TYPE_AND_DISTRICT})
        assert ("Tanzania" in page) is (naming is not Naming.ANONYMOUS)
        assert "at night" in page
        assert "0712" not in page
        assert "Okello" not in page


def test_what_people_wrote_stays_text_on_paper(client, shelf) -> None:
    record_id = shelf(
        title=f"T {SCRIPT}",
        summary=f"S {SCRIPT}",
        change_ideas=(ChangeIdea(text=f"I {SCRIPT}", steps=SCRIPT, tests=SCRIPT),),
        sections=(Section(role=SectionRole.DID_NOT_WORK, body=f"`{SCRIPT}`"),),
        places=(Place(country="KEN", admin2=SCRIPT, facility=SCRIPT),),
        naming=Naming.NAMED,
        logistics={"who": SCRIPT},
        offer=SCRIPT,
    )
    for address in (f"/records/{record_id}/print", f"/print?ids={record_id}"):
        page = client.get(address).text
        assert SCRIPT not in page
        assert page.count("&lt;script&gt;") >= 8


def test_a_pack_has_a_cover_and_each_story_once_in_the_order_that_was_chosen(client, shelf) -> None:
    first, second, draft = shelf(title="One"), shelf(title="Two"), shelf(publish=False)
    answer = client.get(f"/print?ids={second},{first}&ids={second}&ids={draft},99")
    assert answer.status_code == 200
    assert "2 stories to learn from" in answer.text
    assert answer.text.count('<article class="sheet">') == 2
    cover, sheets = answer.text.split('<article class="sheet">', 1)
    assert cover.index("Two") < cover.index("One")
    assert sheets.index("Two") < sheets.index("One")
    assert f"Stories {draft}, 99 are not in this pack" in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("", 422, "No stories were chosen."),
        ("?ids=", 422, "No stories were chosen."),
        ("?ids=1,two", 422, "“two” is not the number of a story."),
        ("?ids=-1", 422, "“-1” is not the number of a story."),
        ("?ids=99999999999999999999", 422, "is not the number of a story."),
        ("?ids=%D9%A1", 422, "is not the number of a story."),
        ("?ids=" + ",".join(map(str, range(1, 22))), 422, "A pack has 20 at most."),
        ("?ids=98,99", 404, "None of these stories is here."),
    ],
)
def test_a_pack_of_odd_numbers_says_what_is_wrong(client, shelf, asked, status, said) -> None:
    answer = client.get(f"/print{asked}")
    assert answer.status_code == status
    assert said in answer.text


def test_a_pack_asks_as_often_for_ten_stories_as_for_two(client, shelf, series, queries) -> None:
    ids = [shelf(measures=(series,), title=f"Story {n}") for n in range(10)]
    asked = []
    client.get(f"/print?ids={ids[0]}")  # what is read once stands ready
    for chosen in (ids[:2], ids):
        queries.clear()
        assert client.get(f"/print?ids={','.join(map(str, chosen))}").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_picture_is_a_small_png_of_the_size_that_messengers_ask_for(
    client, shelf, series
) -> None:
    long = "Babies warm in the first hour of life at the hospital " * 6
    record_id = shelf(title=long, measures=(series,), naming=Naming.NAMED, places=(PLACE,))
    for address in (f"/records/{record_id}/card.png", "/card.png", "/card.png?lang=ar"):
        answer = client.get(address)
        assert answer.headers["content-type"] == "image/png"
        assert len(answer.content) <= 100_000
        assert Image.open(BytesIO(answer.content)).size == (1200, 630)


def test_a_picture_is_sent_again_only_when_it_says_something_else(client, shelf, engine) -> None:
    record_id = shelf()
    address = f"/records/{record_id}/card.png"
    first = client.get(address)
    assert first.headers["cache-control"] == "public, max-age=600"
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    with Session(engine) as session:
        record = records.get(session, record_id)
        said = records.read(record)
        new = said.model_copy(update={"title": "Another title"})
        records.edit(session, record_id, new, version=record.version, by="test")
        session.commit()
    changed = client.get(address, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
