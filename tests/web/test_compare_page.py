"""Stories side by side: what is the same, what differs, what is not here."""

import re

import pytest
from sqlalchemy.orm import Session

from kb import records
from kb.content import ChangeIdea, Cost, Place, Section
from kb.vocabulary import Decision, FacilityType, Naming, ResourceNeed, SectionRole, Verdict


def row(page: str, label: str) -> list[str]:
    """Return what stands in the cells of a row, as plain text."""
    found = re.search(rf'role="rowheader">{label}</th>(.*?)</tr>', page, re.DOTALL)
    assert found, label
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def test_two_stories_stand_side_by_side(client, shelf, series) -> None:
    shelf(
        title="First story",
        verdict=Verdict.WORKED,
        measures=(series,),
        sections=(
            Section(role=SectionRole.PROBLEM, body="Babies were **cold**."),
            Section(role=SectionRole.DID_NOT_WORK, body="The heater broke."),
        ),
        cost=Cost(text="Two blankets"),
        resource_need=ResourceNeed.LOW,
    )
    shelf(
        title="Second story",
        verdict=Verdict.DID_NOT_WORK,
        change_ideas=(ChangeIdea(text="Hang a poster", decision=Decision.ABANDONED),),
        places=(Place(country="KEN", facility_type=FacilityType.HEALTH_CENTRE),),
    )
    page = client.get("/compare?ids=1,2").text
    assert re.findall(r'href="/records/(\d)" dir="auto" lang="en">(\w+)', page)[:2] == [
        ("1", "First"),
        ("2", "Second"),
    ]
    assert row(page, "The problem") == ["A Babies were cold.", "B Only 34 % …"]
    assert row(page, "What did not work") == ["A The heater broke.", "B Not told"]
    assert row(page, "What it cost") == ["A Two blankets", "B Not told"]
    assert row(page, "Country") == ["A Tanzania", "B Kenya"]
    assert row(page, "Result")[0].startswith("A 33% → then 83%")
    assert "Hang a poster Dropped" in row(page, "What was tried")[1]
    assert "<table" in page
    assert page.count('scope="col"') == 3


def test_what_is_the_same_in_all_is_said_once(client, shelf) -> None:
    shelf()
    shelf()
    page = client.get("/compare?ids=1,2").text
    assert row(page, "Country") == ["Tanzania the same in all"]
    assert re.search(r'<td role="cell" class="same" colspan="2"', page)
    assert "Kind of facility" not in page  # no story tells it


def test_a_kind_of_change_that_both_tried_is_marked(client, shelf) -> None:
    shelf()
    shelf(change_ideas=(ChangeIdea(text="Weigh later", interventions=("process-redesign",)),))
    page = client.get("/compare?ids=1,2").text
    assert page.count('<li class="shared">Process redesign') == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Choose two, three or four stories"),
        ("?ids=1", "This is only one story"),
        ("?ids=x,,-3", "Choose two, three or four stories"),
        ("?ids=1,2,77", "Story 77 is not in this library"),
        ("?ids=1,2,77,99999999999999999999,2147483647", "Stories 77, 2147483647 are not"),
        ("?ids=5,4,3,2,1", "Only 4 stories fit beside each other"),
    ],
)
def test_what_cannot_be_compared_is_said(client, shelf, query, said) -> None:
    for number in range(5):
        shelf(title=f"Story {number + 1}")
    page = client.get(f"/compare{query}")
    assert page.status_code == 200
    assert said in page.text


def test_more_than_four_leave_out_the_last(client, shelf) -> None:
    for number in range(5):
        shelf(title=f"Story {number + 1}")
    page = client.get("/compare?ids=5&ids=4&ids=3&ids=2&ids=1").text
    notice = page[page.index('class="notice"') : page.index('class="sides"')]
    assert "Story 1" in notice
    assert "Story 2" not in notice
    assert page.count('class="away"') == 4
    assert 'href="/compare?ids=5,4,2"' in page


def test_a_draft_and_a_withdrawn_story_are_not_here_alike(client, shelf, engine) -> None:
    shelf()
    draft, withdrawn = shelf(publish=False, title="A draft"), shelf(title="Taken back")
    with Session(engine) as session:
        records.withdraw(session, withdrawn, by="test", reason="asked for")
        session.commit()
    page = client.get(f"/compare?ids=1,{draft},{withdrawn}").text
    assert f"Stories {draft}, {withdrawn} are not in this library, or no longer." in page
    assert "A draft" not in page
    assert "Taken back" not in page


def test_the_size_of_a_facility_that_is_not_named_stays_hidden(client, shelf) -> None:
    numbers = {"monthly_births": "137"}
    shelf(context_numbers=numbers, naming=Naming.TYPE_AND_COUNTRY)
    shelf(context_numbers=numbers, naming=Naming.NAMED)
    page = client.get("/compare?ids=1,2").text
    assert row(page, "Size") == ["A Not told", "B about 137 births a month"]


def test_what_people_wrote_is_escaped(client, shelf) -> None:
    attack = "<script>alert(1)</script>"
    said = {
        "title": attack,
        "summary": attack,
        "verdict_reason": attack,
        "cost": Cost(text=attack),
        "change_ideas": (ChangeIdea(text=attack),),
        "sections": (Section(role=SectionRole.PROBLEM, body=f"`{attack}`"),),
    }
    shelf(**said)
    shelf(**said)
    page = client.get("/compare?ids=1,2").text
    assert attack not in page
    assert page.count("&lt;script&gt;") > 8


def test_four_cost_no_more_queries_than_two(client, make_record, indexed, queries) -> None:
    for _ in range(4):
        make_record()
    indexed()

    def count(address: str) -> int:
        client.get(address)
        queries.clear()
        assert client.get(address).status_code == 200
        return len(queries)

    assert count("/compare?ids=1,2") == count("/compare?ids=1,2,3,4")
