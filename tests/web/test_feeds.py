"""Feeds, lists of pages and the description of the search, read by those who read them."""

from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from kb import collections
from kb.content import Place, Tag
from kb.vocabulary import TagStatus
from web.pages import crawling

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": crawling.SITEMAP, "x": crawling.XHTML}
TOPIC = Tag(notation="early-initiation-of-breastfeeding", status=TagStatus.CONFIRMED)
NASTY = "Warm <b>cots</b> & \x00 “more”"


def atom(client, path: str):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return etree.fromstring(answer.content)


def texts(root, path: str) -> list[str]:
    return [one.text for one in root.iterfind(path, ATOM)]


def test_the_newest_records_are_told_with_their_language_concepts_and_own_address(
    client, shelf
) -> None:
    shelf(title=NASTY, tags=(TOPIC,), language="fr")
    shelf(title="Newer")
    feed = atom(client, "/feeds/recent.atom")
    assert texts(feed, "a:entry/a:title") == ["Newer", "Warm <b>cots</b> &  “more”"]
    assert texts(feed, "a:entry/a:id") == [f"http://testserver/records/{n}" for n in (2, 1)]
    entry = feed.findall("a:entry", ATOM)[1]
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert entry.find("a:category", ATOM).get("term").endswith(f"/topics/{TOPIC.notation}")
    assert feed.find("a:link[@rel='self']", ATOM).get("href") == (
        "http://testserver/feeds/recent.atom"
    )


def test_a_search_may_be_kept_as_a_feed_with_its_filters(client, shelf) -> None:
    shelf(title="In Tanzania", places=(Place(country="TZA"),))
    shelf(title="In Kenya", places=(Place(country="KEN"),))
    feed = atom(client, "/search.atom?country=KEN")
    assert texts(feed, "a:entry/a:title") == ["In Kenya"]
    assert texts(feed, "a:title") == ["Kenya – Test shelf"]
    assert "country=KEN" in feed.find("a:link[@rel='self']", ATOM).get("href")
    page = client.get("/search?q=scale&country=KEN").text
    assert 'href="/search.atom?q=scale&amp;country=KEN"' in page


def test_a_new_edition_is_told_anew(client, shelf, library) -> None:
    record_id = shelf()
    with library.writing() as session:
        begun = collections.create(session, "Scales", purpose="To **begin**.", by="test").id
        collections.add(session, begun, record_id)
        collections.publish(session, begun, by="test")
        collections.publish(session, begun, by="test", note="Two more ideas")
        session.commit()
    feed = atom(client, "/collections.atom")
    assert texts(feed, "a:entry/a:id") == [f"http://testserver/collections/{begun}/editions/2"]
    assert texts(feed, "a:entry/a:summary") == ["Two more ideas"]


def test_an_unchanged_feed_is_not_sent_again(client, shelf) -> None:
    shelf()
    etag = client.get("/feeds/recent.atom").headers["etag"]
    assert client.get("/feeds/recent.atom", headers={"If-None-Match": etag}).status_code == 304


def test_robots_are_led_to_records_and_kept_from_answers_without_end(client) -> None:
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())
    for path in ("/", "/records/7", "/topics/x", "/feeds/recent.atom", "/search.atom"):
        assert robots.can_fetch("any", f"http://testserver{path}"), path
    for path in ("/search?q=a", "/answer?q=a", "/desk", "/api/v1/search", "/print?ids=1"):
        assert not robots.can_fetch("any", f"http://testserver{path}"), path
    assert robots.site_maps() == ["http://testserver/sitemap.xml"]


def test_the_list_of_pages_holds_every_public_page_in_each_language(
    client, shelf, make_record, monkeypatch
) -> None:
    monkeypatch.setattr(crawling, "PER_MAP", 2)
    for _ in range(3):
        shelf(tags=(TOPIC,), places=(Place(country="TZA"),))
    make_record(publish=False)
    index = etree.fromstring(client.get("/sitemap.xml").content)
    maps = [one.text for one in index.iterfind("s:sitemap/s:loc", MAP)]
    assert maps[-1].endswith("/sitemap-records-2.xml")
    pages = [etree.fromstring(client.get(one).content) for one in maps]
    found = [one.text for page in pages for one in page.iterfind("s:url/s:loc", MAP)]
    for path in ("/", "/countries/TZA", f"/topics/{TOPIC.notation}", "/records/3"):
        assert f"http://testserver{path}" in found
    assert "http://testserver/records/4" not in found
    for address in found:
        assert client.get(address).status_code == 200, address
    assert len(pages[0].find("s:url", MAP).findall("x:link", MAP)) == 6
    assert client.get("/sitemap-records-3.xml").status_code == 404


@pytest.mark.parametrize("kind", ["text/html", "application/atom+xml", "application/json"])
def test_a_program_asks_the_library_as_it_says(client, shelf, kind) -> None:
    shelf()
    said = etree.fromstring(client.get("/opensearch.xml").content)
    (template,) = [one.get("template") for one in said if one.get("type") == kind]
    address = template.replace("{searchTerms}", "scale").replace("{startPage?}", "1")
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert "Skin to skin" in answer.text
