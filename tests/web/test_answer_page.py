"""How others did it, as a page, as JSON and in the terminal."""

import json
import re
from datetime import date, timedelta
from html import unescape

import pytest
from typer.testing import CliRunner

from kb.content import ChangeIdea, Measure, Place, Point, Section, Tag
from kb.vocabulary import Decision, Direction, FacilityType, Naming, SectionRole, TagStatus, Verdict
from web.cli import app

SCRIPT = "<script>alert(1)</script>"
QUESTION = "kangaroo mother care for small babies"
ADDRESS = "/answer?q=kangaroo+mother+care+for+small+babies"


def measure(*values: float, name="Babies kept warm") -> Measure:
    points = tuple(
        Point(period=date(2024, 1, 1) + timedelta(weeks=n), value=value)
        for n, value in enumerate(values)
    )
    return Measure(name=name, direction=Direction.UP, points=points)


@pytest.fixture
def warm(make_record):
    """Make a published record about kangaroo mother care; return its id."""

    def make(**changes) -> int:
        fields = {
            "title": "Small babies on the chest",
            "tags": (Tag(notation="kangaroo-mother-care", status=TagStatus.CONFIRMED),),
            "change_ideas": (
                ChangeIdea(
                    text="Let the father carry the baby",
                    interventions=("family-participation-in-care",),
                    decision=Decision.ADOPTED,
                    verdict=Verdict.WORKED,
                ),
                ChangeIdea(
                    text="Hang a poster by the door",
                    interventions=("job-aids-and-wall-charts",),
                    steps="It covered the clock on the wall.",
                    decision=Decision.ABANDONED,
                    verdict=Verdict.DID_NOT_WORK,
                ),
            ),
            "measures": (measure(34, 82),),
            "verdict": Verdict.WORKED,
        }
        return make_record(**{**fields, **changes})

    return make


@pytest.fixture
def two(warm, indexed) -> tuple[int, int]:
    kenya = Place(country="KEN", admin2="Lugari", facility="Lukhome Hospital")
    ids = warm(), warm(measures=(measure(20, 60),), places=(kenya,))
    indexed()
    return ids


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_page_counts_what_was_tried_and_what_became_of_it(client, two) -> None:
    page = words(client.get(ADDRESS).text)
    assert "2 experiences answer this, from 2 places in 2 countries." in page
    assert "27% → then 71% middle of 2 measures where more is better · 2 of 2 better" in (
        page.replace("better 2 of", "better · 2 of")
    )
    assert "Family participation in care 2 places 2 countries" in page
    assert "2 kept" in page
    assert "2 dropped" in page


def test_what_did_not_work_stands_there_with_why(client, two) -> None:
    page = client.get(ADDRESS).text
    failed = words(page[page.index('id="failed"') : page.index("What happened")] + ">")
    assert "Did not work Hang a poster by the door It covered the clock on the wall." in failed


def test_every_number_opens_the_records_behind_it(client, two) -> None:
    page = client.get(ADDRESS).text
    lists = set(re.findall(r'href="(/records\?ids=[0-9,]+)"', page))
    assert f"/records?ids={two[0]},{two[1]}" in lists
    for address in lists:
        found = client.get(address)
        assert found.status_code == 200
        assert "2 experiences" in found.text


def test_the_records_behind_a_number_are_only_those_a_reader_may_see(client, warm, indexed) -> None:
    shown, draft = warm(), warm(publish=False, title="A draft")
    indexed()
    page = client.get(f"/records?ids={shown},{draft},999").text
    assert "1 experience" in page
    assert "A draft" not in page
    assert "None of these records" in client.get(f"/records?ids={draft}").text


@pytest.mark.parametrize("ids", ["", "1,,2", "x", "1;2", ",".join(["1"] * 101), "9" * 12])
def test_a_list_that_cannot_be_is_refused(client, ids) -> None:
    assert client.get("/records", params={"ids": ids}).status_code == 422


def test_htmx_gets_the_part_that_stands_in_the_page(client, two) -> None:
    whole = client.get(ADDRESS).text
    part = client.get(ADDRESS, headers={"HX-Request": "true"}).text
    assert part.strip() in whole
    assert "<html" not in part


def test_a_question_nobody_answered_says_so(client, two) -> None:
    page = client.get("/answer?q=zebra&country=PER").text
    assert "Nothing here answers that yet" in page
    assert 'href="/search?q=zebra&amp;country=PER"' in page


def test_filters_stay_when_another_question_is_asked(client, two) -> None:
    page = client.get(f"{ADDRESS}&country=KEN").text
    assert '<input type="hidden" name="country" value="KEN">' in page
    assert "1 experience answers this, from 1 place in Kenya" in words(page)


def test_markup_from_people_stays_text(client, warm, indexed) -> None:
    warm(
        title=f"Warm {SCRIPT}",
        change_ideas=(
            ChangeIdea(
                text=f"Idea {SCRIPT}", steps=f"It failed us {SCRIPT} today", decision="abandoned"
            ),
        ),
        sections=(Section(role=SectionRole.RESULTS, body=f"It was 4 of 9 {SCRIPT} that day."),),
        measures=(measure(1, 2, name=f"Measure {SCRIPT}"),),
        places=(Place(country="TZA", facility=f"Place {SCRIPT}"),),
    )
    indexed()
    for address in (ADDRESS, f"/answer?q={SCRIPT}", "/topics/kangaroo-mother-care"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_what_a_facility_hides_is_not_on_the_page(client, warm, indexed) -> None:
    place = Place(
        country="LSO",
        admin2="Sehlabathebe",
        facility="Thabana Clinic",
        facility_type=FacilityType.HEALTH_POST,
    )
    warm(naming=Naming.ANONYMOUS, places=(place,))
    indexed()
    for address in (ADDRESS, "/api/v1/answer?topic=kangaroo-mother-care"):
        text = client.get(address).text
        for secret in ("Thabana", "Sehlabathebe", "Lesotho", "LSO"):
            assert secret not in text


def test_a_topic_page_sums_up_its_records_and_leads_to_the_whole(client, two) -> None:
    page = client.get("/topics/small-and-sick-newborn-care").text
    assert "How others did it" in page
    (address,) = set(re.findall(r'href="(/answer[^"]*)"', page))
    assert address == "/answer?topic=small-and-sick-newborn-care"
    assert "2 experiences answer this" in words(client.get(address).text)


def test_an_intervention_page_sums_up_its_own_ideas_only(client, warm, indexed) -> None:
    tags = ("kangaroo-mother-care", "job-aids-and-wall-charts")
    warm(tags=tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in tags))
    indexed()
    page = client.get("/answer?intervention=job-aids-and-wall-charts").text
    assert "Hang a poster by the door" in page
    assert "Let the father carry the baby" not in page
    assert "Of the ideas of this kind 1 Did not work" in words(page)
    assert "82%" not in page[: page.index("Behind this")]  # what is kept has the credit


def test_a_topic_without_records_has_nothing_to_sum_up(client) -> None:
    assert "How others did it" not in client.get("/topics/kangaroo-mother-care").text


def test_a_page_asks_the_database_as_often_for_many_records_as_for_few(
    client, warm, indexed, queries
) -> None:
    def count(address: str) -> int:
        client.get(address)
        queries.clear()
        assert client.get(address).status_code == 200
        return len(queries)

    addresses = (ADDRESS, "/topics/kangaroo-mother-care", "/api/v1/answer?q=kangaroo+mother+care")
    warm()
    warm()
    indexed()
    few = [count(address) for address in addresses]
    for _ in range(10):
        warm()
    indexed()
    assert [count(address) for address in addresses] == few


def test_the_page_stays_light(client, warm, indexed) -> None:
    for _ in range(30):
        warm()
    indexed()
    page = client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert int(page.headers["Content-Length"]) < 20_000


def test_programs_get_every_count_with_its_records(client, two) -> None:
    found = client.get("/api/v1/answer", params={"q": QUESTION}).json()
    assert [record["id"] for record in found["records"]] == list(two)
    group = found["tried"][0]
    assert (group["intervention"], group["label"]) == (
        "family-participation-in-care",
        "Family participation in care",
    )
    assert group["decisions"] == [{"value": "adopted", "count": 2, "records": list(two)}]
    effect = group["effects"][0]
    assert (effect["before"], effect["after"], len(effect["measures"])) == (27, 71, 2)
    dropped = found["did_not_work"][0]
    assert dropped["why"]["text"] == "It covered the clock on the wall."
    assert found["not_known"]["uncosted"] == list(two)
    assert found["not_known"]["countries"] == []


def test_programs_are_told_of_an_unknown_topic(client) -> None:
    assert client.get("/api/v1/answer?topic=flying").status_code == 404


@pytest.fixture
def kb(two, settings, monkeypatch):
    """Run `kb` on the library of the test, by words alone."""
    monkeypatch.setenv("KB_SEMANTIC", "false")
    monkeypatch.setenv("KB_DATABASE", settings.database)

    def invoke(*arguments: str):
        return CliRunner().invoke(app, ["--data", str(settings.data), *arguments])

    return invoke


def test_the_terminal_sums_up_too(kb) -> None:
    told = kb("answer", QUESTION).output
    assert "2 records answer this, from 2 places in 2 countries" in told
    assert "Family participation in care  2 places, 2 countries" in told
    assert "■■  2 adopted" in told
    assert "27% → 71%  middle of 2 measures, more is better; 2 better" in told
    assert "“It covered the clock on the wall.” – record 1" in told
    assert "2 records not saying what it cost or needed: 1, 2" in told


def test_the_terminal_and_the_api_give_the_same_json(kb, client) -> None:
    told = json.loads(kb("answer", "--topic", "kangaroo-mother-care", "--json").output)
    public = client.get("/api/v1/answer?topic=kangaroo-mother-care").json()
    for record in (*told["records"], *public["records"]):
        del record["places"]  # the team sees more of them
    assert told == public


def test_the_terminal_says_when_nothing_answers(kb) -> None:
    assert "Nothing here answers that yet." in kb("answer", "zebra").output
