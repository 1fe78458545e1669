"""A library of somebody's own: each key of its file changes what it says it changes."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from kb import collections, taxonomy
from kb.content import Place, Tag
from kb.db import utcnow
from kb.errors import InvalidError
from kb.settings import Settings
from kb.site import terms_of
from kb.vocabulary import Ground, Naming, TagStatus, Verdict
from web.app import create_app
from web.i18n import LANGUAGES
from web.library import Library, open_library

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40"/></svg>'
OWN_TERMS = """
scheme: {id: tz, version: 2026.1, languages: [en]}
topics:
  - id: national-programmes
    broader: [health-system-foundations]
    pref: {en: National programmes, fr: Programmes nationaux}
  - id: safe-birth-programme
    broader: [national-programmes]
    pref: {en: Safe birth programme}
"""


@pytest.fixture
def own(library, tmp_path, indexed):
    """Give the library a site file; return its pages."""

    def make(text: str) -> TestClient:
        (tmp_path / "site.toml").write_text(text, encoding="utf-8")
        settings = Settings(data=tmp_path, database=library.settings.database)
        terms = terms_of(settings, LANGUAGES)
        with library.writing() as session:
            taxonomy.mirror(session, terms)
            session.commit()
        mine = replace(library, settings=settings, files=terms)
        mine.__dict__["encoder"] = library.encoder
        return TestClient(create_app(mine), raise_server_exceptions=False)

    return make


def test_a_library_without_a_file_has_no_stylesheet_of_its_own(client) -> None:
    page = client.get("/about").text
    assert "site.css" not in page
    assert "Test shelf" in page


def test_the_name_stands_on_every_page_in_the_readers_language(own) -> None:
    client = own('name = "Ministry"\nshort_name = "Min"\n[texts.fr]\nname = "Ministère"')
    page = client.get("/topics").text
    assert "<title>Topics – Ministry</title>" in page
    assert '<span class="whole">Ministry</span><span class="brief">Min</span>' in page
    assert "– Ministère</title>" in client.get("/topics?lang=fr").text
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Ministry"


def test_only_the_languages_of_the_file_are_offered_and_the_first_is_for_everybody_else(
    own,
) -> None:
    client = own('languages = ["ar", "fr"]')
    answer = client.get("/about", headers={"Accept-Language": "en"})
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert 'hreflang="fr"' in answer.text
    assert 'hreflang="en"' not in answer.text
    assert '<html lang="ar"' in client.get("/about?lang=en").text


def test_one_language_needs_no_switch(own) -> None:
    page = own('languages = ["fr"]').get("/about").text
    assert '<html lang="fr"' in page
    assert "hreflang" not in page
    assert "tongues" not in page


def test_own_colours_reach_the_page_by_a_stylesheet_that_is_kept_for_ever(own) -> None:
    client = own('[colours]\naccent = "#7A1F3D"\naccent_dark = "#F0A8C0"')
    page = client.get("/").text
    address = page[page.index("/site.css") :].split('"')[0]
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.text.startswith("@layer base{:root{--accent:#7a1f3d;")
    assert "@media(prefers-color-scheme:dark){:root{--accent:#f0a8c0;" in answer.text
    assert "style=" not in page
    assert "<style" not in page
    assert "#7a1f3d" in client.get("/logo").text


def test_a_drawn_logo_is_shown_and_can_do_nothing_by_itself(own, tmp_path) -> None:
    (tmp_path / "logo.svg").write_text(SQUARE, encoding="utf-8")
    client = own('logo = "logo.svg"')
    page = client.get("/").text
    assert 'alt="" width="64" height="32"' in page
    answer = client.get("/logo")
    assert answer.text == SQUARE
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_large_picture_is_sent_in_the_size_it_needs_and_becomes_icons(own, tmp_path) -> None:
    Image.effect_noise((900, 300), 60).save(tmp_path / "logo.png")
    client = own('logo = "logo.png"')
    answer = client.get("/logo")
    assert answer.headers["Content-Type"] == "image/png"
    assert Image.open(BytesIO(answer.content)).size == (288, 96)
    assert len(answer.content) < 25_000
    for size in (192, 512):
        assert Image.open(BytesIO(client.get(f"/icon-{size}.png").content)).size == (size, size)


def test_a_phone_may_put_the_library_on_its_home_screen(own) -> None:
    client = own('name = "Ministry library"\nshort_name = "Ministry"')
    answer = client.get("/manifest.webmanifest?lang=ar")
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    said = json.loads(answer.text)
    assert (said["name"], said["short_name"]) == ("Ministry library", "Ministry")
    assert (said["lang"], said["dir"], said["start_url"]) == ("ar", "rtl", "/")
    sizes = {icon["sizes"] for icon in said["icons"]}
    assert sizes == {"any", "192x192", "512x512"}
    for icon in said["icons"]:
        assert client.get(icon["src"]).headers["Content-Type"] == icon["type"]


def test_the_words_of_the_first_page_are_the_librarys_own(own, shelf) -> None:
    shelf()
    client = own(
        '[texts.en]\nhome_title = "What <b>worked</b>?"\nhome_lead = "Ask us."\n'
        'home_examples = ["Cold babies & blankets"]\nfooter = "A service of the ministry."'
    )
    for language in ("en", "fr"):
        page = client.get(f"/?lang={language}").text
        assert '<h1 lang="en" dir="auto">What &lt;b&gt;worked&lt;/b&gt;?</h1>' in page
        assert "Ask us." in page
        assert '<a href="/search?q=Cold%20babies%20%26%20blankets" lang="en"' in page
        assert '<p lang="en" dir="auto">A service of the ministry.</p>' in page


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("about", "/about"),
        ("terms", "/licence"),
        ("privacy", "/privacy"),
        ("accessibility", "/accessibility"),
    ],
)
def test_what_the_library_writes_stands_on_its_page_and_is_cleaned(own, key, address) -> None:
    client = own(f'[texts.fr]\n{key} = "Nous **sommes** <script>alert(1)</script> ici."')
    page = client.get(address).text
    assert "<strong>sommes</strong>" in page
    assert '<div lang="fr" dir="auto">' in page
    assert "<script>alert" not in page


def test_the_contact_stands_where_a_reader_looks_for_it(own) -> None:
    client = own('contact = "library@health.example"')
    for address in ("/about", "/privacy", "/accessibility"):
        assert 'href="mailto:library@health.example"' in client.get(address).text


def test_whoever_finds_a_weakness_is_told_whom_to_write_to(own, client) -> None:
    told = own('contact = "library@health.example"').get("/.well-known/security.txt")
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in told.text.splitlines())
    assert said["Contact"] == "mailto:library@health.example"
    assert said["Canonical"] == "http://testserver/.well-known/security.txt"
    assert timedelta(0) < datetime.fromisoformat(said["Expires"]) - utcnow() < timedelta(days=365)
    page = own('contact = "https://health.example/help"').get("/.well-known/security.txt")
    assert "Contact: https://health.example/help\n" in page.text


def test_a_library_without_a_contact_names_nobody(client) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 404
    assert "site.toml" in answer.text


def test_each_licence_is_explained_and_the_default_is_only_for_own_stories(own, shelf) -> None:
    shelf(licence="CC-BY-NC-4.0")
    shelf(licence="", ground=Ground.PUBLISHED_ALREADY)
    shelf(licence="", ground=Ground.PUBLISHED_ALREADY, origin="another library, 7")
    shelf(licence="X-OWN")
    page = own('licence = "CC-BY-4.0"').get("/licence").text
    assert page.count("https://creativecommons.org/licenses/by/4.0/") == 2
    assert "You may not earn money with it." in page
    assert "This library does not know what that licence allows." in page
    assert "No licence named" in page
    assert page.count("1 story") == 4


def test_the_licences_are_counted_in_one_query(client, shelf, queries) -> None:
    for licence in ("CC-BY-4.0", "CC0-1.0", ""):
        shelf(licence=licence, ground=Ground.PUBLISHED_ALREADY)
    queries.clear()
    client.get("/licence")
    assert len([one for one in queries if "licence" in one]) == 1


def test_own_concepts_become_a_filter_and_a_shelf(own, shelf, tmp_path, indexed) -> None:
    (tmp_path / "own.yaml").write_text(OWN_TERMS, encoding="utf-8")
    client = own('taxonomy = ["own.yaml"]\nfacets = ["national-programmes"]')
    shelf(tags=(Tag(notation="safe-birth-programme", status=TagStatus.CONFIRMED),))
    home = client.get("/").text
    assert '<h2>National programmes</h2>\n<ul class="counted">' in home
    assert '<a href="/topics/safe-birth-programme"><span>Safe birth programme' in home
    found = client.get("/search").text
    assert "<summary>National programmes</summary>" in found
    assert 'href="/search?topic=safe-birth-programme"' in found
    assert "<summary>Programmes nationaux</summary>" in client.get("/search?lang=fr").text


def test_a_shelf_of_own_concepts_without_stories_is_not_shown(own, tmp_path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_TERMS, encoding="utf-8")
    client = own('taxonomy = ["own.yaml"]\nfacets = ["national-programmes"]')
    assert "<summary>National programmes" not in client.get("/search").text


def test_two_libraries_in_one_process_do_not_mix(library, tmp_path) -> None:
    pages = []
    for name, accent in (("One", "#7a1f3d"), ("Two", "#1f3d7a")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "site.toml").write_text(
            f'name = "{name}"\n[colours]\naccent = "{accent}"', encoding="utf-8"
        )
        mine = Library(Settings(data=folder), library.engine, library.taxonomy)
        pages.append(TestClient(create_app(mine)))
    assert ["One" in pages[0].get("/about").text, "Two" in pages[0].get("/about").text] == [1, 0]
    assert ["#7a1f3d" in page.get("/site.css").text for page in pages] == [True, False]


def test_a_library_with_a_wrong_file_says_so_before_anything_is_made(tmp_path) -> None:
    (tmp_path / "site.toml").write_text('nmae = "x"', encoding="utf-8")
    with pytest.raises(InvalidError, match=r"nmae: there is no such key. Did you mean “name”"):
        open_library(Settings(data=tmp_path))
    assert not (tmp_path / "kb.sqlite").exists()


def test_the_front_door_has_what_did_not_work_as_an_entry_of_its_own(client, shelf) -> None:
    shelf(title="A poster", verdict=Verdict.DID_NOT_WORK)
    shelf(title="A prize", verdict=Verdict.WORKED_THEN_LOST)
    page = client.get("/").text
    entry = page[page.index('class="learnt"') :].split("</section>")[0]
    assert 'href="/search?verdict=did-not-work&amp;verdict=worked-then-lost' in entry
    assert "See all 2 stories" in entry
    assert "A poster" in entry
    assert (
        client.get("/search?verdict=did-not-work&verdict=worked-then-lost").text.count("<article")
        == 2
    )


def test_the_front_door_shows_collections_once_there_are_some(client, shelf, library) -> None:
    record_id = shelf()
    assert 'href="/collections/' not in client.get("/").text
    with library.writing() as session:
        begun = collections.create(
            session, "For <new> nurses", purpose="To **begin**.", by="test"
        ).id
        collections.add(session, begun, record_id)
        session.commit()
        assert 'href="/collections/' not in client.get("/").text
        collections.publish(session, begun, by="test")
        session.commit()
    page = client.get("/").text
    assert f'<a href="/collections/{begun}">For &lt;new&gt; nurses</a>' in page
    assert "To begin." in page


def test_the_queries_of_the_front_door_do_not_grow(client, make_record, indexed, queries) -> None:
    asked = []
    for _ in range(2):
        for number in range(3):
            make_record(title=f"Story {number}", verdict=Verdict.DID_NOT_WORK)
        indexed()
        client.get("/")
        queries.clear()
        client.get("/")
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_districts_are_counted_only_where_their_facilities_name_them(client, shelf) -> None:
    for naming, district in (
        (Naming.NAMED, "Rungwe"),
        (Naming.TYPE_AND_DISTRICT, "rungwe"),
        (Naming.TYPE_AND_COUNTRY, "Kyela"),
        (Naming.ANONYMOUS, "Mbeya"),
    ):
        shelf(places=(Place(country="TZA", admin2=district),), naming=naming)
    assert "<dt>district</dt><dd>1</dd>" in client.get("/").text


def test_the_privacy_page_says_what_this_library_keeps(client, library, tmp_path) -> None:
    assert "After 400 days it is gone." in client.get("/privacy").text
    settings = library.settings.model_copy(update={"learning_needs": False})
    quiet = TestClient(create_app(replace(library, settings=settings)))
    page = quiet.get("/privacy").text
    assert "Questions are not kept." in page
    assert "After 400 days" not in page


@pytest.mark.parametrize("address", ["/", "/about", "/licence", "/privacy", "/accessibility"])
def test_head_and_foot_lead_everywhere_and_mark_the_page(client, address) -> None:
    page = client.get(address).text
    assert '<a class="skip" href="#main">' in page
    for target in ("/about", "/licence", "/privacy", "/accessibility", "/templates", "/kept"):
        foot = page[page.index('<footer class="foot">') :]
        assert f'<a href="{target}"' in foot
        assert client.get(target).status_code == 200
    assert f'href="{address}" aria-current="page"' in page


def test_the_favicon_is_where_browsers_look(client) -> None:
    answer = client.get("/favicon.ico")
    assert Image.open(BytesIO(answer.content)).size == (48, 48)
    assert "Set-Cookie" not in answer.headers
