"""The five people the library is for, each on her way (see README, “Who it is for”)."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from kb.settings import Settings
from tests.web.browsing import DESK, PHONE, follow, needs_chromium, served, violations, widest
from web.library import Library

pytestmark = needs_chromium

KB = 1024
NURSE_BYTES = 300 * KB  # for two stories found and one shared
NURSE_ACTS = 12  # taps; what is typed counts as one


@dataclass
class Counted:
    """A page that counts what a person does, and what goes over the network."""

    page: object
    acts: int = 0
    received: int = 0

    @classmethod
    def on(cls, page) -> "Counted":
        counted = cls(page)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", counted._receive)
        return counted

    def _receive(self, event: dict) -> None:
        self.received += int(event["encodedDataLength"])

    def tap(self, target) -> None:
        self.acts += 1
        target.click()

    def type(self, target, text: str) -> None:
        self.acts += 1
        target.fill(text)


def test_a_nurse_on_a_small_phone_finds_two_stories_and_shares_one(open_page) -> None:
    """No JavaScript, 360 px, prepaid data: facility nurse at night (the priority)."""
    page = open_page("/privacy", viewport=PHONE, java_script_enabled=False)
    nurse = Counted.on(page)
    page.goto("/")
    nurse.type(page.get_by_label("Your question, in any language"), "weigh the scale later")
    nurse.tap(page.get_by_role("button", name="Search"))
    hits = page.locator("ol.hits > li")
    hits.nth(1).wait_for()
    # Each says why it came, what was tried, and what became of it, before it is opened.
    first = hits.first
    assert first.locator(".why").inner_text()
    assert "Weigh the baby after the first feed" in first.inner_text()
    for name in ("Skin to skin before the scale", "A poster nobody read"):
        nurse.tap(page.get_by_role("link", name=name))
        page.wait_for_url("**/records/*")
        assert page.get_by_role("heading", level=1).inner_text() == name
        assert widest(page) <= PHONE["width"]
        page.go_back()
        nurse.acts += 1
    nurse.tap(page.get_by_role("link", name="Skin to skin before the scale"))
    nurse.tap(page.get_by_text("Text to copy").first)
    share = page.get_by_role("textbox", name="Text to copy").input_value()
    sent = page.get_by_role("link", name="Share by WhatsApp").get_attribute("href")
    assert parse_qs(urlsplit(sent).query)["text"] == [share]
    assert share.startswith("Skin to skin before the scale")
    assert "Tanzania" in share
    assert "33% → 83%" in share
    assert "/r" in share.splitlines()[-1]
    assert len(share) <= 700
    assert nurse.acts <= NURSE_ACTS
    assert nurse.received < NURSE_BYTES


def test_a_coach_prints_four_stories(open_page) -> None:
    """District coach: what solved it nearby, on paper, for the learning session."""
    page = open_page("/search?q=scale&country=TZA", viewport=DESK, java_script_enabled=False)
    follow(page.get_by_role("link", name="Remove the filter: Tanzania"))
    page.goto("/topics/early-initiation-of-breastfeeding")
    boxes = page.get_by_role("checkbox")
    for box in boxes.all()[:4]:
        box.check()
    page.get_by_role("button", name="Print").click()
    page.wait_for_url("**/print?*")
    stories = page.get_by_role("heading", level=1).or_(page.get_by_role("heading", level=2))
    titles = " ".join(stories.all_inner_texts())
    for title in ("Skin to skin before the scale", "A poster nobody read", "Le sein dans l’heure"):
        assert title in titles
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Main").is_visible()
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert page.get_by_text("33%").first.is_visible()


def test_a_learner_compares_four_and_keeps_to_one_language(open_page) -> None:
    """Cross-country learner: French material too, and where it failed."""
    page = open_page("/search?q=scale", viewport=DESK)
    french = page.locator("ol.hits > li", has_text="Le sein dans l’heure")
    assert "In French" in french.inner_text()
    page.get_by_text("More filters").click()
    page.locator("details.filter details.filter", has_text="Language").locator(
        "summary"
    ).first.click()
    page.get_by_role("link", name="French 1").click()
    page.wait_for_url("**language=fr")
    assert page.get_by_role("article").count() == 1
    page.goto("/topics/early-initiation-of-breastfeeding")
    for box in page.get_by_role("checkbox").all()[:4]:
        box.check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?ids=*")
    table = page.get_by_role("table")
    assert table.get_by_role("columnheader").count() >= 4
    for country in ("Tanzania", "Kenya", "Burkina Faso", "Egypt"):
        assert table.get_by_text(country).first.is_visible()
    assert table.get_by_text("Did not work").first.is_visible()


def test_a_national_team_brands_its_library_by_one_file(open_page, sample, tmp_path) -> None:
    """National team: its own name, words, colour and languages, without code."""
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    settings = Settings(data=tmp_path, database=sample.settings.database)
    library = Library(settings, sample.engine, sample.taxonomy)
    library.__dict__["encoder"] = sample.encoder
    with served(library) as address:
        page = open_page("/", of=address, viewport=DESK)
        brand = page.get_by_role("banner").get_by_role("link").first
        assert brand.inner_text() == "Maktaba ya Taifa"
        assert brand.evaluate("link => getComputedStyle(link).color") == "rgb(122, 31, 92)"
        assert page.get_by_role("heading", level=1).inner_text() == "Ask the nation"
        assert page.locator(".tongues a").count() == 2
        page.emulate_media(color_scheme="dark")
        assert violations(page) == []


SITE = """\
name = "Maktaba ya Taifa"
languages = ["en", "sw"]

[colours]
accent = "#7a1f5c"

[texts.en]
home_title = "Ask the nation"
"""
