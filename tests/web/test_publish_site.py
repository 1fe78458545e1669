"""A copy of the library as plain files: whole, without a server, no more than readers may see."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import pytest
from lxml import html
from starlette.testclient import TestClient
from typer.testing import CliRunner

from kb import collections, records
from kb.errors import InvalidError
from kb.folding import fold
from search.refreshing import refresh
from tests.web.browsing import DESK, PHONE, needs_chromium, violations, widest
from tests.web.sample import BREASTFEEDING
from web.app import create_app
from web.binding import forms, paper
from web.cli import app
from web.filling import quietly
from web.publish import copying, titles
from web.publish.links import Links, named
from web.publish.packages import put_packages
from web.publish.paring import pared
from web.publish.site import STYLES, Wanted, publish_site
from web.publish.slimming import slim, written
from web.publish.stock import Story

TODAY = date(2026, 11, 28)
SPELT = """
    Labour labor babies baby césariennes infecções hôpitaux Sulphate immunize programme centre
    haemorrhage Œdème straße virus sepsis tests mujeres imagens الرضاعة المواليد wauguzi kangaroo
    niveaux practise licence œuvre process Skin-to-skin l’heure
"""


def publish(library, folder, *, today=TODAY, **wanted):
    return publish_site(library, folder, wanted=Wanted(**wanted), today=today, step=quietly)


@pytest.fixture(scope="module")
def copied(sample, tmp_path_factory) -> Path:
    """A copy of the sample library in two languages."""
    folder = tmp_path_factory.mktemp("stick") / "copy"
    publish(sample, folder, languages=("en", "ar"))
    return folder


def pages(folder: Path) -> dict[str, html.HtmlElement]:
    return {
        path.relative_to(folder).as_posix(): html.document_fromstring(path.read_text("utf-8"))
        for path in folder.rglob("*.html")
    }


def test_every_address_in_a_copy_leads_to_a_file_of_it(copied) -> None:
    for name, page in pages(copied).items():
        for element in page.xpath("//*[@href or @src or @action]"):
            address = element.get("href") or element.get("src") or element.get("action")
            url = urlsplit(address)
            if url.fragment and not url.path and not url.scheme:
                assert page.xpath("//*[@id=$id]", id=url.fragment), (name, address)
            if url.scheme or not url.path:
                assert "testserver" not in address
                assert "library.invalid" not in address
                continue
            assert not address.startswith("/"), (name, address)
            target = (copied / name).parent / unquote(url.path)
            assert target.is_file(), (name, address)


def test_a_copy_has_every_kind_of_page_and_no_form_that_needs_a_server(copied) -> None:
    names = set(pages(copied))
    wanted = {
        "index.html",
        "ar/index.html",
        "ar/explore.html",
        "records/1.html",
        f"topics/{BREASTFEEDING}.html",
        "countries/TZA.html",
        "facility-types/health-centre.html",
        "collections/3.html",
        "ar/collections/3.html",
        "licence.html",
        "privacy.html",
    }
    assert wanted <= names
    # What is made for each reader is not there, nor words that offer it.
    assert "Take it with you" not in pages(copied)["collections/3.html"].text_content()
    for page in pages(copied).values():
        assert all("search.html" in form.get("action") for form in page.iter("form"))
        links = [link.get("href", "") for link in page.iter("a")]
        assert not [one for one in links if "sign-in" in one or "/tell" in one or "follow" in one]


def test_every_story_is_reached_without_scripts(copied) -> None:
    told = pages(copied)
    for front in ("index.html", "search.html"):
        assert "stories.html" in told[front].xpath("//main//a/@href")
        assert "stories.html" in told[f"ar/{front}"].xpath("//main//a/@href")
    listed = {
        name: told[name].xpath("//main//ul[@class='titles']//a/@href")
        for name in ("stories.html", "ar/stories.html")
    }
    # By the name of the country, and in the language in which the story is there.
    assert listed["stories.html"] == ["records/3.html", "records/2.html", "records/1.html"]
    assert listed["ar/stories.html"] == ["../records/4.html"]
    assert told["stories.html"].xpath("//section/h2/@id") == ["BFA", "KEN", "TZA"]
    assert told["stories.html"].xpath("//a[@href='records/3.html']/@lang") == ["fr"]
    assert "ar/stories.html" in told["stories.html"].xpath("//main/nav//a/@href")
    assert told["ar/stories.html"].xpath("//h2[@id='EGY']/text()") == ["مصر"]
    assert not told["stories.html"].xpath("//link[@rel='canonical']")  # the library has it not


def test_a_long_list_of_stories_goes_on_and_says_where_each_country_begins(
    sample, monkeypatch
) -> None:
    monkeypatch.setattr(titles, "PER_PAGE", 2)
    said = [("b", ("KEN",)), ("é", ("KEN",)), ("<i>", ()), ("C", ("KEN", "TZA")), ("a", ("KEN",))]
    stories = {
        number: Story(title, "en", frozenset(countries), "")
        for number, (title, countries) in enumerate(said, 1)
    }
    lists = titles.lists(stories, lambda language: (language,))
    there = dict(titles.paths(lists, ("en", "ar")))
    assert there == {"/stories": ("en", "ar"), "/stories/2": ("en",), "/stories/3": ("en",)}
    app = create_app(sample, read=False)
    app.include_router(titles.routes(lists))
    with TestClient(app) as client:
        first, second, third = (
            html.document_fromstring(client.get(path).text).find(".//main") for path in there
        )
        assert client.get("/stories/4").status_code == 404
        arabic = client.get("/stories", headers={"Accept-Language": "ar"}).text
        empty = html.document_fromstring(arabic).find(".//main")
    links = "//ul[@class='titles']//a"
    assert [one.text_content() for one in first.xpath(f".{links}")] == ["a", "b"]
    assert [one.text_content() for one in second.xpath(f".{links}")] == ["C", "é"]
    assert [one.text_content() for one in third.xpath(f".{links}")] == ["C", "<i>"]
    assert first.xpath(".//nav//a/@href") == [
        "/",
        "#KEN",
        "/stories/3#TZA",
        "/stories/3#untold",
        "/stories/2",
    ]
    assert second.xpath(".//h2/@id") == []
    assert third.xpath(".//h2/@id") == ["TZA", "untold"]
    assert empty.xpath(".//a/@href") == ["/", "/stories?lang=en"]  # where there are some
    assert not empty.find_class("titles")


def test_photos_stay_in_the_library_unless_asked_for() -> None:
    page = '<html><body><main><section id="photos"><img src="/records/1/photos/1"></section>'
    for files in ({}, {"/records/1/photos/1": "photos/1-1.jpg"}):
        links = Links(("en",), {"/records/1": ("en",)}, files, "http://a")
        copy = pared(page, path="/records/1", file="records/1.html", language="en", links=links)
        assert copy.xpath("//img/@src") == ["../photos/1-1.jpg"][: len(files)]


def test_packages_are_offered_where_they_were_asked_for_and_could_be_made() -> None:
    page = """<html><body><main><p class="downloads packages">Take it with you:
        <a class="button" href="/collections/1/package.pdf" download>PDF</a>
        <a class="button" href="/collections/1/package.epub" download>EPUB</a></p>"""
    epub = {"/collections/1/package.epub": "packages/package-1.epub"}
    in_arabic = {"/collections/1/package.epub?lang=ar": "ar/packages/package-1.epub"}
    for files, language, offered in (
        ({}, "en", []),
        (epub, "en", ["../packages/package-1.epub"]),
        (epub, "ar", ["../../packages/package-1.epub"]),
        (epub | in_arabic, "ar", ["../packages/package-1.epub"]),
    ):
        links = Links(("en", "ar"), {"/collections/1": ("en", "ar")}, files, "http://a")
        file = links.file("/collections/1", language)
        copy = pared(page, path="/collections/1", file=file, language=language, links=links)
        assert copy.xpath("//a/@href") == offered
        assert ("Take it with you" in copy.text_content()) is bool(offered)


def test_a_chart_of_a_copy_says_what_that_of_the_library_says() -> None:
    page = """<html><body><main><svg class="chart chart-narrow">
        <circle cx="1" cy="2" r="3.5" fill="currentColor" class="chart-point chart-marked"></circle>
        <circle cx="4" cy="5" r="3.5" fill="currentColor" class="chart-point chart-marked"></circle>
        <circle cx="7" cy="8" r="3.5" fill="currentColor" class="chart-point"></circle>
        <circle cx="9" cy="9" r="3.5" fill="none" stroke="currentColor" class="chart-few"></circle>
        </svg>"""
    links = Links(("en",), {"/records/1": ("en",)}, {}, "http://a")
    copy = pared(page, path="/records/1", file="records/1.html", language="en", links=links)
    drawn = [(one.get("class"), one.get("d"), one.get("stroke-width")) for one in copy.iter("path")]
    assert drawn == [
        ("chart-dots", "M1 2h0M4 5h0", "9"),
        ("chart-dots", "M7 8h0", "9"),
        ("chart-dots chart-inside", "M7 8h0", "5"),
    ]
    [few] = copy.iter("circle")  # a number that is kept back stays hollow
    assert (few.get("fill"), few.get("stroke")) == ("none", "currentColor")


def test_the_line_of_a_chart_draws_its_points_and_long_runs_stand_on_it() -> None:
    page = """<html><body><main><figure><svg class="chart chart-narrow" viewBox="0 0 340 250">
        <line x1="33" y1="223" x2="330" y2="223" class="chart-grid" stroke="#d0d6d5"></line>
        <text x="29" y="227" font-size="12" class="chart-axis" text-anchor="end">0%</text>
        <line x1="33" y1="26" x2="330" y2="26" class="chart-grid" stroke="#d0d6d5"></line>
        <text x="29" y="30" font-size="12" class="chart-axis" text-anchor="end">40%</text>
        <polyline points="1,2 4,5 7,8" fill="none" class="chart-line"></polyline>
        <circle cx="1" cy="2" r="3.5" class="chart-point"><title>May: 3</title></circle>
        <circle cx="4" cy="5" r="3.5" class="chart-point chart-marked"></circle>
        <circle cx="7" cy="8" r="3.5" class="chart-point"></circle>
        <circle cx="30" cy="8" r="3.5" class="chart-point"></circle></svg></figure>"""
    links = Links(("en",), {"/records/1": ("en",)}, {}, "http://a")
    copy = pared(page, path="/records/1", file="records/1.html", language="en", links=links)
    [line] = copy.iter("polyline")
    assert line.get("style") == "marker:url(#point)"
    assert [one.get("r") for one in copy.iter("circle")] == ["3.5"]  # that of the marker
    drawn = [(one.get("class"), one.get("d")) for one in copy.iter("path")]
    assert drawn == [
        ("chart-grid", "M33 223H330M33 26H330"),
        ("chart-dots", "M4 5h0"),
        ("chart-dots", "M30 8h0"),  # alone, so on no line
        ("chart-dots chart-inside", "M30 8h0"),
    ]
    [scale] = copy.iter("g")
    assert [text.text for text in scale] == ["0%", "40%"]


def test_bytes_are_saved_without_a_change_of_what_is_said() -> None:
    page = """<html lang="en"><body><main><p class="lead dots" title="a 'b' > c">1 < 2 = "x="y""</p>
        <summary><h2>How</h2> <span>5</span></summary> <p>one <b>two</b> </p>
        <ul> <li>three</li> </ul> <pre><b> a
        b</b> </pre> <a href="https://who.int/a/" rel="x">four</a> <input value=""></main>"""
    links = Links(("en",), {"/records/1": ("en",)}, {}, "http://a")
    made = pared(page, path="/records/1", file="records/1.html", language="en", links=links)
    text = written(made).decode()
    assert """<p class="lead dots" title="a 'b' """ in text
    assert """1 &lt; 2 = "x="y""</p><summary><h2>How</h2> <span>5</span></summary>""" in text
    assert "<p>one <b>two</b><ul>" in text
    assert """<a href="https://who.int/a/" rel=x>four</a>""" in text
    again = html.document_fromstring(text)
    said = html.document_fromstring(page)
    assert "".join(again.text_content().split()) == "".join(said.text_content().split())
    assert [one.tag for one in again.iter("p", "ul", "li", "pre", "a", "input")] == [
        one.tag for one in said.iter("p", "ul", "li", "pre", "a", "input")
    ]
    assert again.find(".//pre").text_content() == said.find(".//pre").text_content()


def slimmed(body: str, direction: str = "ltr") -> str:
    """Return what is written of the main part of a page."""
    page = f'<html lang="en" dir="{direction}"><head></head><body><main>{body}</main></body></html>'
    document = html.document_fromstring(page)
    slim(document, "en")
    return written(document).decode().partition("<main>")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # In a value that has quotes in it, nothing is a value of its own.
        (
            """<img alt='Write lang="en" and x="" there' src="a.png" title="">""",
            """<img alt='Write lang="en" and x="" there' src=a.png title>""",
        ),
        ('<a href="?a=b" rel="x/">y</a>', '<a href="?a=b" rel="x/">y</a>'),
        ('<p>a<!-- <i b=" --> c="d" e</p><p>\'</p>', '<p>a c="d" e<p>\''),
        ("<b>x</b> <script></script> <b>y</b>", "<b>x</b> <script></script> <b>y</b>"),
        ("<p>a&nbsp; b<br> c</p> <p>d</p>", "<p>a\N{NO-BREAK SPACE} b<br> c<p>d"),
        ("<textarea>\n\n a  b </textarea>", "<textarea>\n\n a  b </textarea>"),
        ('<div lang=""><i lang="en">x</i></div>', "<div lang><i lang=en>x</i></div>"),
    ],
)
def test_odd_pages_say_the_same_in_fewer_bytes(before, after) -> None:
    assert slimmed(before) == after


def test_a_direction_is_said_wherever_it_would_not_hold_anyway() -> None:
    arabic, both = "عربي", "Title (عربي)"
    page = "<i dir=auto>Word</i>"
    assert slimmed(page) == "<i>Word</i>"
    assert slimmed(page, "rtl") == page
    assert slimmed(f"<i dir=auto>{arabic}</i>", "rtl") == f"<i>{arabic}</i>"
    # What stands in it is beside what stands after it: the number would change places.
    assert slimmed(f"<i dir=auto>{both}</i> 12") == f"<i dir=auto>{both}</i> 12"
    # It is that of what is around, not that of the page.
    assert slimmed(f"<div dir=rtl>{page} {arabic}</div>") == f"<div dir=rtl>{page} {arabic}</div>"
    assert slimmed(f"<b dir=auto>{arabic} {page}</b>") == f"<b dir=auto>{arabic} {page}</b>"


def test_signs_that_are_drawn_once_keep_their_shape_and_their_names() -> None:
    bar = (
        '<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="20"/>'
        "</svg>"
    )
    made = slimmed(f'<p id="s1">x</p>{bar}{bar}')
    symbol = '<symbol id=s2 viewbox="0 0 100 4" preserveaspectratio=none>'
    assert (
        f'<svg aria-hidden=true>{symbol}<rect width="20"/></symbol><use href="#s2"/></svg>' in made
    )
    assert made.endswith('<svg aria-hidden=true><use href="#s2"/></svg>')


def test_what_the_stylesheet_colours_inside_a_sign_is_drawn_there(copied) -> None:
    explored = pages(copied)["explore.html"]
    bubbles = explored.find_class("bubble")
    assert bubbles
    assert all(bubble.find("circle") is not None for bubble in bubbles)


def test_each_badge_has_its_sign_in_the_stylesheet_of_a_copy(copied) -> None:
    style = (copied / "assets/copy.css").read_text("utf-8")
    for page in pages(copied).values():
        for badge in page.xpath("//span[starts-with(@class, 'badge ')]"):
            assert f".{badge.get('class').replace(' ', '.')}::before" in style
        for became in page.find_class("became"):
            assert f".{became.get('class').replace(' ', '.')}::before" in style
        for key in page.xpath("//ul[@class='chart-legend']/li/@class"):
            assert f".{key}::before" in style


def test_a_story_is_there_in_the_language_it_is_told_in(copied) -> None:
    told = pages(copied)
    assert told["records/1.html"].get("lang") == "en"
    assert told["records/3.html"].get("lang") == "en"  # French, which this copy has not
    assert told["records/4.html"].get("dir") == "rtl"
    assert "ar/records/4.html" not in told
    links = [link.get("href") for link in told["records/4.html"].iter("a")]
    assert "../ar/topics.html" in links
    # What is not there in Arabic is found by the search with that filter.
    assert f"../ar/search.html?topic={BREASTFEEDING}" in links


def test_a_page_of_a_copy_says_what_the_page_of_the_library_says(copied, sample) -> None:
    from fastapi.testclient import TestClient

    from web.app import create_app

    answer = TestClient(create_app(sample)).get("/records/1", headers={"Save-Data": "on"})
    page = html.document_fromstring(answer.text)
    copy = pages(copied)["records/1.html"]
    for section in page.xpath("//section[starts-with(@id, 'text-')] | //section[@id='tried']"):
        [same] = copy.xpath(f"//section[@id='{section.get('id')}']")
        # Letter by letter: a copy has no spaces where a block ends anyway.
        assert "".join(same.text_content().split()) == "".join(section.text_content().split())
    assert copy.xpath("//svg[contains(@class, 'chart')]")
    assert len(copy.xpath("//figure//tr")) == len(page.xpath("//figure//tr"))


def test_nothing_leaves_that_readers_may_not_see(copied) -> None:
    said = "\n".join(
        p.read_text("utf-8") for p in copied.rglob("*") if p.suffix in {".html", ".js"}
    )
    for hidden in ("Amina", "0712", "Kijiji", "Its team asked for it", "Out of date"):
        assert hidden not in said


@pytest.mark.skipif(
    find_spec("weasyprint") is None, reason="WeasyPrint is missing: pip install maktaba[paper]"
)
def test_a_package_is_there_in_its_own_language_or_in_each(sample, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(paper, "START", "print('%PDF')")  # in a moment
    paper.pdf.cache_clear()
    copy = copying.begin(tmp_path / "copy")
    with sample.reading() as session:
        put = put_packages(
            copy, session, sample, wanted={1: ("en", "ar")}, tongues=("en", "fr", "ar"), before={}
        )
    paper.pdf.cache_clear()
    assert put.left_out == []
    files = {form: f"packages/package-1.{form}" for form in forms.FORMS}
    for form, file in files.items():
        assert put.files[f"/collections/1/package.{form}"] == file
        assert put.files[f"/collections/1/package.{form}?lang=ar"] == f"ar/{file}"
        of = {one: put.sizes["package-1-edition-1", one, form] for one in ("en", "fr", "ar")}
        made = {
            one: (copy.folder / copying.NEW / one).stat().st_size for one in (file, f"ar/{file}")
        }
        assert of == {"en": made[file], "fr": made[file], "ar": made[f"ar/{file}"]}


def test_what_was_taken_back_is_a_tombstone_and_on_the_purge_list(copied) -> None:
    [gone] = json.loads((copied / "purge.json").read_text("utf-8"))["removed"]
    assert gone["id"] == 5
    assert pages(copied)["records/5.html"].find(".//h1") is not None


def test_a_second_run_asks_and_writes_only_what_changed(own_sample, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "copy"
    monkeypatch.setattr(paper, "START", "raise SystemExit(3)")  # no PDFs: they take their time
    paper.pdf.cache_clear()
    with own_sample.writing() as session:
        other = collections.create(session, "In French", purpose="One.", by="test").id
        collections.add(session, other, 3)
        collections.publish(session, other, by="test")
        session.commit()
    first = publish(own_sample, folder, languages=("en",), packages=True)
    assert first.changed == first.files
    assert first.delta is None
    assert [one for one in first.left_out if "without PDF" in one and "maktaba[paper]" in one]
    asked, bound = [], []
    get = TestClient.get

    def counted(client, path, **options):
        asked.append(path)
        return get(client, path, **options)

    def written_as(form):
        def write(book):
            bound.append(f"{book.name}.{form.name}")
            return form.write(book)

        return replace(form, write=write)

    monkeypatch.setattr(TestClient, "get", counted)
    for name, form in forms.FORMS.items():
        monkeypatch.setitem(forms.FORMS, name, written_as(form))
    again = publish(own_sample, folder, languages=("en",), packages=True)
    assert (again.changed, again.removed, again.delta) == (0, 0, None)
    assert [path for path in asked if path not in {*STYLES, "/logo"}] == []
    assert bound == []

    with own_sample.writing() as session:
        row = records.get(session, 1)
        said = records.read(row)
        [main, *others] = said.measures
        told = main.model_copy(update={"name": "Put to the breast within the hour"})
        said = said.model_copy(update={"measures": (told, *others)})
        records.edit(session, 1, said, version=row.version, by="test")
        session.commit()
        while refresh(session, own_sample.encoder, limit=50):
            session.commit()
        session.commit()
    asked.clear()
    publish(own_sample, folder, languages=("en",), packages=True)
    assert {one.partition("-edition")[0] for one in bound} == {"package-1", "package-3"}  # not 4
    assert "/records/1" in asked
    assert "/" in asked  # what is made of many is asked for again
    assert "/countries/TZA" in asked  # a shelf if the story stands on it
    assert "/countries/KEN" not in asked
    assert "within the hour" in (folder / "records/1.html").read_text("utf-8")
    # The same as a copy that was made at once.
    publish(own_sample, tmp_path / "new", languages=("en",), packages=True)
    for path in (tmp_path / "new").rglob("*.*"):
        if path.name != "copy.json":
            assert path.read_bytes() == (folder / path.relative_to(tmp_path / "new")).read_bytes()


def words_of(package: Path) -> str:
    """Return what a file of a package says, whichever form it has."""
    if package.suffix == ".html":
        return html.document_fromstring(package.read_bytes()).text_content()
    with ZipFile(package) as opened:
        inside = [opened.read(one).decode() for one in opened.namelist() if one.endswith("ml")]
    return re.sub("<[^>]+>", "", "".join(inside))


def test_a_delta_turns_the_last_copy_into_this_one(own_sample, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "copy"
    monkeypatch.setattr(paper, "START", "raise SystemExit(3)")
    paper.pdf.cache_clear()
    publish(own_sample, folder, languages=("en",), packages=True)
    [offers] = pages(folder)["collections/3.html"].find_class("packages")
    for link in offers.xpath("./a[@download]"):
        file = folder / "collections" / link.get("href")
        assert f"{round(file.stat().st_size / 1000)} kB" in link.text_content()
        said = words_of(file)
        assert "poster about the scale" in said
        # Its licence allows no more than a link; and what is no reader's business.
        assert not [one for one in ("صدر أمه", "Amina", "Kijiji") if one in said]
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with own_sample.writing() as session:
        records.withdraw(session, 2, by="test", reason="asked for")
        collections.withdraw(session, 1, by="test", reason="old")
        session.commit()
        while refresh(session, own_sample.encoder, limit=50):
            session.commit()
        session.commit()
    later = publish(
        own_sample, folder, languages=("en",), packages=True, today=TODAY + timedelta(days=3)
    )
    assert later.delta is not None
    said = json.loads((later.delta / "changes.json").read_text("utf-8"))
    assert (said["from"], said["to"]) == (1, 2)
    assert "countries/KEN.html" in said["removed"]
    assert {"packages/package-1.epub", "packages/package-1.html"} <= {*said["removed"]}
    for file in (folder / "packages").iterdir():
        assert file.relative_to(folder).as_posix() in said["changed"]
        assert "poster about the scale" not in words_of(file)
    assert "records/2.html" in said["changed"]  # a tombstone now
    assert "privacy.html" not in said["changed"]
    assert not (folder / "countries/KEN.html").exists()

    for path, content in before.items():  # the older copy, elsewhere, and the delta laid over it
        target = tmp_path / "elsewhere" / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for name in said["removed"]:
        (tmp_path / "elsewhere" / name).unlink()
    for path in later.delta.rglob("*"):
        if path.is_file() and path.name != "changes.json":
            (tmp_path / "elsewhere" / path.relative_to(later.delta)).write_bytes(path.read_bytes())
    now = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert now == {
        p.relative_to(tmp_path / "elsewhere"): p.read_bytes()
        for p in (tmp_path / "elsewhere").rglob("*")
        if p.is_file()
    }


def test_a_run_that_breaks_off_leaves_the_copy_whole(own_sample, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "copy"

    def broken(at, *_) -> None:
        if at == 20:
            raise KeyboardInterrupt

    def told(title: str) -> None:
        with own_sample.writing() as session:
            row = records.get(session, 1)
            said = records.read(row).model_copy(update={"title": title})
            records.edit(session, 1, said, version=row.version, by="test")
            session.commit()

    def held() -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and ".new" not in path.parts
        }

    wanted = Wanted(languages=("en",))
    with pytest.raises(KeyboardInterrupt):
        publish_site(own_sample, folder, wanted=wanted, today=TODAY, step=broken)
    publish(own_sample, folder, languages=("en",))  # and the first one is begun anew
    before = held()
    told("Told better")
    with pytest.raises(KeyboardInterrupt):
        publish_site(own_sample, folder, wanted=wanted, today=TODAY, step=broken)
    assert held() == before

    def late(*_) -> None:
        raise KeyboardInterrupt

    # While it moves what it wrote: a story was taken back, so that something is removed.
    with own_sample.writing() as session:
        records.withdraw(session, 2, by="test", reason="asked for")
        session.commit()
    with monkeypatch.context() as patched:
        patched.setattr(copying, "_remove_empty", late)
        with pytest.raises(KeyboardInterrupt):
            publish(own_sample, folder, languages=("en",))
    told("Chest first, scale later")  # undone meanwhile: what the run wrote is there all the same
    publish(own_sample, folder, languages=("en",))
    assert "Told better" not in (folder / "records/1.html").read_text("utf-8")
    assert not (folder / ".new").exists()
    deltas = sorted(path.name for path in tmp_path.glob("copy-changes/0*"))
    assert deltas == ["0002", "0003"]
    fresh = tmp_path / "fresh"
    publish(own_sample, fresh, languages=("en",))
    new = {path.relative_to(fresh).as_posix(): path for path in fresh.rglob("*") if path.is_file()}
    now = held()
    assert new.keys() == now.keys()
    assert [name for name in new if new[name].read_bytes() != now[name]] == ["copy.json"]


def test_a_notation_is_a_name_that_every_file_system_takes() -> None:
    odd = ["aux", "Sepsis", "sepsis", "../../etc", "a/b", "é" * 90, "con"]
    names = [named(one) for one in odd]
    assert len({name.casefold() for name in names}) == len(odd)
    assert all(re.fullmatch("[a-z0-9_-]{1,80}", name) for name in names)
    assert not set(names) & {"aux", "con"}


def test_a_folder_with_something_else_is_left_alone(sample, tmp_path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"")
    with pytest.raises(InvalidError, match="not empty"):
        publish(sample, tmp_path)
    with pytest.raises(InvalidError, match="no pages in de"):
        publish(sample, tmp_path / "new", languages=("de",))
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_the_command_knows_records_and_copies(tmp_path) -> None:
    run = CliRunner().invoke
    asked = run(app, ["publish", "--help"])
    assert "site" in asked.output
    out = run(
        app,
        [
            "--data",
            str(tmp_path),
            "publish",
            "site",
            str(tmp_path / "out"),
            "--language",
            "sw",
            "--zip",
        ],
    )
    assert "files" in out.output, out.output
    assert (tmp_path / "out/index.html").is_file()
    with ZipFile(tmp_path / "out.zip") as bundle:
        assert "out/index.html" in bundle.namelist()


@pytest.fixture
def stick(chromium, copied):
    """Open a page of the copy from its folder; what it asks for has to be there."""
    opened = []

    def open_it(name: str, **options):
        context = chromium.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.wrong = []
        page.on("requestfailed", lambda request: page.wrong.append(request.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda said: page.wrong.append(said.text))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith("file:") else page.wrong.append(asked.url),
        )
        page.goto(f"file://{copied}/{name}")
        return page

    yield open_it
    for context in opened:
        context.close()


def found(page) -> list[str]:
    page.wait_for_selector("html[data-searched]")
    return page.eval_on_selector_all(".hits h2 a", "links => links.map(a => a.textContent)")


@needs_chromium
def test_a_copy_is_searched_and_read_from_a_stick(stick) -> None:
    page = stick("index.html", viewport=DESK)
    assert "November 28, 2026" in page.text_content("[data-copy-age]")
    page.fill("#q", "skin and scale")
    page.press("#q", "Enter")
    page.wait_for_url("**/search.html?q=*")
    assert found(page)[0] == "Skin to skin before the scale"
    assert page.text_content("#count").endswith("experiences")
    assert violations(page) == []
    page.click("#hits aside a[href*=KEN]")
    page.wait_for_url("**country=KEN*")
    assert found(page) == ["A poster nobody read"]
    assert page.input_value("#q") == "skin and scale"
    page.click(".chips a")
    page.wait_for_url(lambda url: "country=" not in url)
    page.wait_for_selector("html[data-searched]")
    page.click(".hits h2 a >> nth=0")
    page.wait_for_url("**/records/*")
    assert page.text_content("h1") == "Skin to skin before the scale"
    assert page.locator(".chart-narrow").first.is_visible()
    assert violations(page) == []
    assert page.wrong == []


@needs_chromium
@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("early initiation of breastfeeding", "Le sein dans l’heure, la balance attendra"),
        ("mise au sein précoce", "Skin to skin before the scale"),  # a label, in another language
        ("positer", "A poster nobody read"),  # misspelt
        ("balances", "Le sein dans l’heure, la balance attendra"),  # in the plural
        ("الميزان", "الجلد على الجلد قبل الميزان"),
    ],
)
def test_the_search_of_a_copy_understands_a_question(stick, asked, answers) -> None:
    page = stick(f"search.html?q={asked}")
    assert answers in found(page)
    assert page.wrong == []


@needs_chromium
def test_a_copy_speaks_the_language_that_was_chosen(stick) -> None:
    page = stick("ar/search.html", viewport=PHONE)
    assert page.get_attribute("html", "dir") == "rtl"
    page.fill("#q", "balance")
    page.press("#q", "Enter")
    page.wait_for_url("**q=balance*")
    assert found(page)
    assert widest(page) <= PHONE["width"]
    page.click(".hits h2 a >> nth=0")  # a story in its own language
    page.wait_for_url("**/records/*")
    assert page.get_attribute("html", "lang") != "ar"
    assert "/ar/topics.html" in page.evaluate(
        "document.querySelector('.top nav a:nth-child(2)').href"
    )
    assert page.wrong == []


@needs_chromium
def test_the_browser_folds_words_as_the_library_does(stick) -> None:
    page = stick("search.html")
    found(page)
    words = SPELT.split()
    assert page.evaluate("words => words.map(copyOf.fold)", words) == [*map(fold, words)]
