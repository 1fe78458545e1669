"""Topics, interventions, countries, and the front door."""

import re
from dataclasses import replace

import pytest

from kb.content import Place, Tag
from kb.vocabulary import Naming, TagStatus, Verdict
from web.pages.browse import branches


def confirmed(*notations: str) -> tuple[Tag, ...]:
    return tuple(Tag(notation=n, status=TagStatus.CONFIRMED) for n in notations)


def test_the_front_door_counts_the_library(client, shelf) -> None:
    shelf(places=(Place(country="TZA"),))
    shelf(places=(Place(country="KEN"),), verdict=Verdict.DID_NOT_WORK)
    page = client.get("/").text
    numbers = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page)
    assert numbers == [
        ("experiences", "2"),
        ("countries", "2"),
        ("tells of something that did not work", "1"),
    ]
    assert 'href="/countries/KEN"' in page
    assert "Skin to skin before the scale" in page


def test_an_empty_library_says_how_to_fill_it(client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "kb ingest" in page.text


def test_the_front_door_leads_to_top_concepts_only(client, shelf) -> None:
    shelf()
    page = client.get("/").text
    shelves = page[page.index('<div class="shelves">') :]
    assert 'href="/topics/newborn-care"' in shelves or 'href="/topics/' in shelves
    assert 'href="/topics/early-initiation-of-breastfeeding"' not in shelves


def test_a_broader_topic_counts_the_narrower_ones(client, shelf) -> None:
    shelf()
    page = client.get("/topics").text
    assert re.search(
        r'href="/topics/breastfeeding"><span>Breastfeeding</span> <span class="n">1<', page
    )
    assert "without experiences yet" in page


def test_a_topic_page_sums_up_what_became_of_its_records(client, shelf) -> None:
    shelf(verdict=Verdict.WORKED)
    shelf(verdict=Verdict.DID_NOT_WORK)
    page = client.get("/topics/breastfeeding").text
    assert "2 experiences" in page
    assert re.search(r"<li>1 <span class=\"badge worked\">", page)
    assert re.search(r"<li>1 <span class=\"badge did-not-work\">", page)
    assert 'href="/topics/early-initiation-of-breastfeeding"' in page
    assert '<input type="hidden" name="topic" value="breastfeeding">' in page


def test_a_topic_nobody_wrote_about_is_still_a_page(client) -> None:
    page = client.get("/topics/kangaroo-mother-care")
    assert page.status_code == 200
    assert "No experience has been shared here yet" in page.text
    assert 'lang="fr"' in page.text


def test_an_unknown_topic_is_not_found(client) -> None:
    assert client.get("/topics/flying").status_code == 404


def test_a_concept_of_the_other_scheme_leads_to_its_page(client) -> None:
    answer = client.get("/topics/process-redesign", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == "/interventions/process-redesign"


def test_a_retired_concept_leads_to_what_replaced_it(client, library, terms) -> None:
    old = replace(
        terms["kangaroo-mother-care"], deprecated=True, replaced_by="skin-to-skin-contact"
    )
    changed = replace(terms, terms={**terms.terms, old.notation: old})
    object.__setattr__(library, "taxonomy", changed)
    answer = client.get("/topics/kangaroo-mother-care", follow_redirects=False)
    assert answer.headers["location"] == "/topics/skin-to-skin-contact"


def test_retired_concepts_are_not_in_the_tree(terms) -> None:
    old = replace(terms["breastfeeding"], deprecated=True)
    changed = replace(terms, terms={**terms.terms, old.notation: old})
    tree = branches(changed.roots("topics"), changed, {})
    assert "breastfeeding" not in str(tree)


def test_interventions_are_browsed_alike(client, shelf) -> None:
    shelf(tags=confirmed("early-initiation-of-breastfeeding", "process-redesign"))
    assert "Process redesign" in client.get("/interventions").text
    page = client.get("/interventions/process-redesign").text
    assert "1 experience" in page
    assert '<input type="hidden" name="intervention" value="process-redesign">' in page


def test_a_country_has_its_records_and_topics(client, shelf) -> None:
    shelf(places=(Place(country="TZA"),))
    assert 'href="/countries/TZA"' in client.get("/countries").text
    page = client.get("/countries/TZA").text
    assert "Skin to skin before the scale" in page
    assert "/search?country=TZA&amp;topic=" in page


@pytest.mark.parametrize("code", ["KEN", "tza", "X", "TZAX"])
def test_a_country_without_records_is_not_found(client, shelf, code) -> None:
    shelf()
    assert client.get(f"/countries/{code}").status_code == 404


def test_an_anonymous_facility_does_not_open_its_country(client, shelf) -> None:
    shelf(naming=Naming.ANONYMOUS)
    assert client.get("/countries/TZA").status_code == 404
    assert "Tanzania" not in client.get("/countries").text


def test_shelves_are_paged_by_links(client, make_record, indexed) -> None:
    for number in range(21):
        make_record(title=f"Story {number}")
    indexed()
    first = client.get("/topics/breastfeeding").text
    assert 'rel="next" href="/topics/breastfeeding?page=2"' in first
    assert "Page 2 of 2" in client.get("/topics/breastfeeding?page=2").text


def test_the_queries_of_a_shelf_do_not_grow_with_its_rows(
    client, make_record, indexed, queries
) -> None:
    def count(address: str) -> int:
        client.get(address)
        queries.clear()
        assert client.get(address).status_code == 200
        return len(queries)

    addresses = ("/", "/topics", "/topics/breastfeeding", "/countries/TZA", "/api/v1/records")
    for _ in range(5):
        make_record()
    indexed()
    few = [count(address) for address in addresses]
    for _ in range(45):
        make_record()
    indexed()
    assert [count(address) for address in addresses] == few
