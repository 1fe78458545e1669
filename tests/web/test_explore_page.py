"""Explore: the map of the world, any two facets, and the timeline, each with its numbers."""

import gzip
import re
from datetime import UTC, date, datetime
from html import unescape
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from kb.content import Place, Tag
from kb.models import Reuse
from kb.vocabulary import FacilityType, Naming, TagStatus, Verdict
from web.exploring import Axis


def tagged(*notations: str) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)


@pytest.fixture
def told(shelf):
    """Make a record of breastfeeding in Kenya by process redesign that began in 2021."""

    def make(**changes) -> int:
        said = {
            "places": (Place(country="KEN", facility_type=FacilityType.HEALTH_POST),),
            "tags": tagged("early-initiation-of-breastfeeding", "process-redesign"),
            "start_date": date(2021, 3, 1),
            "verdict": Verdict.WORKED,
        }
        return shelf(**said | changes)

    return make


def part(page: str, name: str) -> str:
    """Return a section of the page."""
    return page[page.index(f'<section id="{name}"') :].split("</section>", maxsplit=1)[0]


def rows(section: str) -> list[list[str]]:
    """Return the cells of the last table of a section, as text."""
    table = section.rsplit("<tbody>", maxsplit=1)[-1]
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row) for row in table.split("</tr>")[:-1]]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def test_a_country_with_stories_is_shaded_linked_and_in_the_table(client, told) -> None:
    told()
    told(places=(Place(country="COM"),))
    world = part(client.get("/explore").text, "world")
    assert '<a href="/countries/KEN"><title>Kenya: 1 story</title><path class="world-1"' in world
    assert re.search(
        r'href="/countries/COM"><title>[^<]+</title><circle class="world-1 world', world
    )
    assert rows(world) == [["Comoros", "1"], ["Kenya", "1"]]
    assert "whom a place belongs to" in world


def test_what_is_not_told_is_not_on_the_map(client, told) -> None:
    told(naming=Naming.ANONYMOUS)
    told(publish=False)
    page = client.get("/explore").text
    assert "/countries/KEN" not in page
    assert "None of these stories tells its country." in page


def test_a_bubble_counts_the_stories_that_tell_of_both_and_leads_to_them(client, told) -> None:
    told()
    told(verdict=Verdict.DID_NOT_WORK)
    told(verdict=Verdict.TOO_EARLY)
    told(tags=tagged("anaemia-in-pregnancy", "process-redesign"))
    page = client.get("/explore").text
    counted = {row[0]: row[2:] for row in rows(part(page, "evidence"))}
    assert counted["Essential newborn care"] == ["3", "2", "1"]
    [url, said] = re.search(
        r'<a href="([^"]+)"><svg.*?<span class="hidden">(Essential newborn care, [^<]+)<',
        page,
    ).groups()
    assert said.endswith(": 3 stories. It worked in 1 of the 2 that say how it went.")
    assert "3 experiences" in client.get(unescape(url)).text


def test_a_gap_is_seen(client, told) -> None:
    told()
    evidence = part(client.get("/explore").text, "evidence")
    assert evidence.count('<td class="gap">') == 12 * 8 - evidence.count('<svg class="bubble') + 4


def test_a_concept_is_looked_into_and_left_again(client, told) -> None:
    told()
    top = part(client.get("/explore").text, "evidence")
    assert '<a href="/explore?under=essential-newborn-care#evidence">' in top
    below = part(client.get("/explore?under=essential-newborn-care").text, "evidence")
    assert "Breastfeeding" in below
    assert '<a href="/explore#evidence">All topics</a>' in below
    lower = client.get("/explore?under=breastfeeding&under=service-organisation").text
    assert "/explore?under=service-organisation&amp;under=essential-newborn-care#evidence" in lower


@pytest.mark.parametrize(("down", "across"), list(pairwise([*Axis, Axis.TOPIC])))
def test_any_two_facets_can_be_crossed(client, told, down, across) -> None:
    told()
    page = client.get(f"/explore?rows={down}&cols={across}").text
    evidence = part(page, "evidence")
    assert f'<option value="{down}" selected>' in evidence
    assert f'<option value="{across}" selected>' in evidence
    found = rows(evidence)
    assert found
    assert {row[2] for row in found} == {"1"}


def test_a_facet_is_not_crossed_with_itself(client, told) -> None:
    told()
    page = client.get("/explore?rows=topic&cols=topic").text
    assert '<option value="intervention" selected>' in part(page, "evidence")


@pytest.mark.parametrize("query", ["rows=colour", "under=A B", "under=a&under=b&under=c"])
def test_what_no_facet_is_called_is_refused(client, query) -> None:
    assert client.get(f"/explore?{query}").status_code == 422


def test_filters_narrow_all_three_pictures_and_can_be_taken_away(client, told) -> None:
    told()
    told(places=(Place(country="NPL"),), tags=tagged("anaemia-in-pregnancy"), start_date=None)
    page = client.get("/explore?topic=breastfeeding").text
    assert "/countries/NPL" not in page
    assert 'class="chip on" href="/explore">Breastfeeding' in page
    assert '<input type="hidden" name="topic" value="breastfeeding">' in page
    assert "do not say when" not in part(page, "spread")


def test_the_timeline_counts_stories_countries_and_facilities_by_year(client, told) -> None:
    told()
    told(start_date=date(2023, 5, 1))
    told(start_date=date(2023, 6, 1), places=(Place(country="NPL"),), n_facilities=11)
    told(start_date=None)
    spread = part(client.get("/explore").text, "spread")
    assert rows(spread) == [
        ["2021", "1", "1", "1", "1"],
        ["2022", "0", "1", "1", "1"],
        ["2023", "2", "3", "2", "13"],
    ]
    assert "1 story does not say when the work began." in spread


def test_each_story_has_its_dot_and_many_share_one(client, told) -> None:
    alone = told(start_date=date(2019, 1, 1))
    for _ in range(3):
        told()
    spread = part(client.get("/explore").text, "spread")
    assert (
        f'<a href="/records/{alone}"><title>Skin to skin before the scale (Kenya, 2019)' in spread
    )
    assert '<a href="/search?country=KEN&amp;year=2021" class="spread-many">' in spread
    assert "Kenya, 2021. Stories: 3" in spread


def test_another_team_that_tried_it_is_a_branch(client, told, engine) -> None:
    record_id = told()
    with Session(engine) as session:
        at = datetime(2024, 2, 1, tzinfo=UTC)
        session.add(
            Reuse(
                record_id=record_id, at=at, by="Amina", where="Ilulu Clinic", adapted_how="",
                verdict=Verdict.WORKED, numbers="",
            )
        )  # fmt: skip
        session.commit()
    page = client.get("/explore").text
    assert "Another team tried this too (2024): Skin to skin before the scale" in page
    assert "Ilulu" not in page
    assert "Amina" not in page


def test_an_empty_library_has_nothing_to_explore(client) -> None:
    page = client.get("/explore")
    assert page.status_code == 200
    assert "No story has been shared here yet." in page.text


def test_what_a_story_is_called_is_escaped(client, told) -> None:
    told(title='<b onclick="x">Weigh & "wait"</b>')
    page = client.get("/explore").text
    assert "<b onclick" not in page
    assert "&lt;b onclick" in page


def test_pictures_obey_the_content_security_policy(client, told) -> None:
    told()
    page = client.get("/explore").text
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    for name in ("world", "spread"):
        assert f'aria-labelledby="{name}-title" aria-describedby="{name}-desc"' in page


def test_time_goes_to_the_right_and_names_stand_at_the_right_in_arabic(client, told) -> None:
    told()
    spread = part(client.get("/explore?lang=ar").text, "spread")
    assert 'direction="ltr"' in spread
    assert re.search(r'<text x="100%"[^>]*text-anchor="end">كينيا</text>', spread)


def test_the_page_asks_the_database_as_often_for_many_as_for_few(client, told, queries) -> None:
    def asked() -> int:
        queries.clear()
        client.get("/explore")
        return len(queries)

    for _ in range(3):
        told()
    client.get("/explore")
    few = asked()
    for year in range(2000, 2012):
        told(start_date=date(year, 1, 1))
    client.get("/explore")
    assert asked() == few


def test_the_page_weighs_little(client: TestClient, told) -> None:
    for year in range(2000, 2024):
        told(start_date=date(year, 1, 1))
    assert len(gzip.compress(client.get("/explore").content)) <= 40_000
