"""Topics, interventions, countries, and the front door."""

import re
from dataclasses import replace

import pytest

from kb.content import Place, Tag
from kb.vocabulary import FacilityType, Naming, TagStatus, Verdict
from web.pages.browse import branches, way_to


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


def test_a_retired_concept_leads_to_what_replaced_it(client, library, terms, monkeypatch) -> None:
    old = replace(
        terms["kangaroo-mother-care"], deprecated=True, replaced_by="skin-to-skin-contact"
    )
    changed = replace(terms, terms={**terms.terms, old.notation: old})
    monkeypatch.setattr(type(library), "taxonomy", changed)
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
    assert 'href="/search?topic=early-initiation-of-breastfeeding&amp;country=TZA"' in page


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
        assert client.get(f"{address}?again").status_code == 200  # another page, not the kept one
        return len(queries)

    addresses = (
        "/",
        "/topics",
        "/topics/breastfeeding",
        "/countries",
        "/countries/TZA",
        "/facility-types",
        "/facility-types/health-centre",
        "/api/v1/records",
    )
    for _ in range(5):
        make_record()
    indexed()
    few = [count(address) for address in addresses]
    for _ in range(45):
        make_record()
    indexed()
    assert [count(address) for address in addresses] == few


def test_all_kinds_of_facility_are_listed_and_those_with_records_counted(client, shelf) -> None:
    shelf(places=(Place(country="TZA", facility_type=FacilityType.HEALTH_CENTRE),))
    page = client.get("/facility-types").text
    counts = dict(
        re.findall(r'href="/facility-types/([^"]+)"[^>]*><span>.*?class="n">(\d+)<', page)
    )
    assert counts.keys() == set(FacilityType)
    assert {kind for kind, n in counts.items() if n != "0"} == {"health-centre"}


def test_a_kind_of_facility_has_its_records_and_what_they_are_about(client, shelf) -> None:
    shelf(places=(Place(country="TZA", facility_type=FacilityType.HEALTH_CENTRE),))
    page = client.get("/facility-types/health-centre").text
    assert "Skin to skin before the scale" in page
    assert 'href="/search?topic=early-initiation-of-breastfeeding&amp;facility_type=' in page
    assert 'href="/search?country=TZA&amp;facility_type=health-centre"' in page
    assert '<input type="hidden" name="facility_type" value="health-centre">' in page


def test_a_kind_of_facility_without_records_is_a_page_and_an_unknown_one_is_none(client) -> None:
    page = client.get("/facility-types/mobile-clinic")
    assert page.status_code == 200
    assert "No experience has been shared here yet" in page.text
    assert client.get("/facility-types/palace").status_code == 404


def test_an_anonymous_facility_counts_in_no_kind_of_facility(client, shelf) -> None:
    place = Place(country="TZA", facility_type=FacilityType.HEALTH_POST)
    shelf(naming=Naming.ANONYMOUS, places=(place,))
    assert "Skin to skin" not in client.get("/facility-types/health-post").text
    assert 'class="n">1<' not in client.get("/facility-types").text


def test_a_topic_page_names_the_narrowest_of_what_its_records_have(client, shelf) -> None:
    shelf(
        places=(Place(country="TZA", facility_type=FacilityType.HEALTH_CENTRE),),
        tags=confirmed("early-initiation-of-breastfeeding", "process-redesign"),
    )
    page = client.get("/topics/breastfeeding").text
    for value in ("country=TZA", "facility_type=health-centre", "intervention=process-redesign"):
        assert re.search(rf'href="/search\?[^"]*{value}', page), value
    broader = client.get("/countries/TZA").text
    assert "topic=early-initiation-of-breastfeeding" in broader
    assert "topic=breastfeeding&" not in broader


def crumbs(page: str) -> list[str]:
    """Return the addresses of the way to a page."""
    found = re.search(
        r'<nav class="crumbs" aria-label="Breadcrumb"><ol>(.*?)</ol>', page, re.DOTALL
    )
    assert found
    return re.findall(r'href="([^"]+)"', found[1])


def test_a_page_says_the_way_to_it(client, shelf) -> None:
    shelf(places=(Place(country="TZA"),))
    ways = {
        "/topics": ["/"],
        "/topics/early-initiation-of-breastfeeding": [
            "/",
            "/topics",
            "/topics/essential-newborn-care",
            "/topics/breastfeeding",
        ],
        "/countries/TZA": ["/", "/countries"],
        "/facility-types/health-centre": ["/", "/facility-types"],
        "/compare": ["/", "/search"],
        "/records/1": ["/", "/search", "/topics/early-initiation-of-breastfeeding"],
        "/records/1/similar": ["/", "/search", "/records/1"],
        "/privacy": ["/", "/about"],
        "/explore": ["/"],
        "/nowhere": ["/"],
    }
    assert {address: crumbs(client.get(address).text) for address in ways} == ways


def test_every_concept_has_one_way_up(terms) -> None:
    for term in terms:
        way = way_to(term.notation, terms)
        assert len(set(way)) == len(way)
        assert not (way and terms[way[0]].broader)


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/topics/breastfeeding", r'<span lang="en" dir="ltr">[^<]+</span>'),  # no Arabic label
        ("/facility-types/health-centre", r"[^<]*[\u0600-\u06ff][^<]*"),
    ],
)
def test_a_label_in_another_language_breaks_no_head(client, address, heading) -> None:
    page = client.get(f"{address}?lang=ar").text
    head = page[: page.index("</head>")]
    assert "<span" not in head
    assert re.search(f"<h1>{heading}</h1>", page)
