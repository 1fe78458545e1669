"""A real browser: search and its parts, with and without JavaScript."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.web.browsing import DESK, PHONE, needs_chromium, served, settled, violations, widest

pytestmark = needs_chromium


def test_without_javascript_a_question_leads_to_a_record(open_page) -> None:
    page = open_page("/", java_script_enabled=False, viewport=PHONE)
    page.get_by_label("Your question, in any language").fill("why weigh the scale later")
    page.get_by_role("button", name="Search").click()
    assert "3 experiences" in page.locator("#count").inner_text()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("link", name="Kenya 1").click()
    expect(page).to_have_url(re.compile("country=KEN"))
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Remove the filter: Kenya").click()
    page.get_by_role("link", name="Skin to skin before the scale").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skin to skin before the scale")
    page.get_by_text("Show the data as a table").first.click()
    assert page.get_by_role("table").first.is_visible()


def test_without_javascript_a_reader_names_what_should_have_come_up(open_page, own_sample) -> None:
    with served(own_sample) as site:
        page = open_page("/search?q=weighing", of=site, java_script_enabled=False, viewport=PHONE)
        _name_what_should_have_come_up(page)


def _name_what_should_have_come_up(page) -> None:
    page.get_by_text("Should something else have come up?").click()
    page.get_by_label("The experience that answers your question").fill("/records/2")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.get_by_role("link", name="Back to the answers").click()
    assert page.get_by_label("Your question, in any language").input_value() == "weighing"


def test_with_htmx_only_the_hits_are_exchanged(open_page) -> None:
    page = open_page("/search", viewport=DESK)
    page.evaluate("document.body.dataset.same = 'page'")
    parts: list[str] = []
    page.on("response", lambda r: parts.append(r.url) if "/search" in r.url else None)
    page.get_by_label("Your question, in any language").fill("poster")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search?q=poster")
    page.locator("#count", has_text="for “poster”").wait_for()
    assert page.locator(".hit mark").first.inner_text().lower() == "poster"
    settled(page)
    page.get_by_role("link", name="Kenya 1").click()
    page.wait_for_url("**/search?q=poster&country=KEN")
    page.locator("#count", has_text="1 experience for").wait_for()
    page.get_by_label("Your question, in any language").fill("scale")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search?q=scale&country=KEN")
    assert page.evaluate("document.body.dataset.same") == "page"
    assert len(parts) == 3


def test_going_back_brings_the_whole_page(open_page) -> None:
    page = open_page("/search?q=scale", viewport=DESK)
    page.get_by_role("link", name="Kenya 1").click()
    page.wait_for_url("**country=KEN")
    page.locator("#count", has_text="1 experience").wait_for()
    page.go_back()
    page.locator("#count", has_text="3 experiences").wait_for()
    assert page.get_by_label("Your question, in any language").input_value() == "scale"
    assert page.locator("header.top").count() == 1


def test_an_error_is_shown_where_the_hits_would_stand(open_page) -> None:
    page = open_page("/search", viewport=DESK)
    page.locator("#q").evaluate("box => { box.maxLength = 5000; box.value = 'x'.repeat(1500); }")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("alert").wait_for()
    assert page.locator("header.top").count() == 1


def test_on_a_wide_screen_the_filters_stand_open(open_page) -> None:
    page = open_page("/search", viewport=DESK)
    assert page.get_by_role("link", name="Kenya 1").is_visible()
    phone = open_page("/search", viewport=PHONE)
    assert not phone.get_by_role("link", name="Kenya 1").is_visible()


def type_for_suggestions(page, field, letters: str) -> None:
    """Type, and wait until the suggestions for all that then stands in the field are shown."""
    with page.expect_response(f"**/suggest?q={quote(field.input_value() + letters)}"):
        field.press_sequentially(letters)
    settled(page)


@pytest.mark.parametrize("address", ["/", "/search", "/suggest"])
def test_suggestions_come_while_one_types(open_page, address) -> None:
    page = open_page(address, viewport=PHONE)
    field = page.get_by_label("Your question, in any language")
    type_for_suggestions(page, field, "post")
    title = page.get_by_role("link", name="A poster nobody read").and_(
        page.locator(".suggestions a")
    )
    title.wait_for()
    assert widest(page) <= PHONE["width"]
    while not title.evaluate("link => link === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert title.count() == 0
    assert field.evaluate("box => box === document.activeElement")
    type_for_suggestions(page, field, "er no")
    title.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A poster nobody read")


def test_suggestions_that_one_walks_are_not_exchanged(open_page) -> None:
    page = open_page("/suggest", viewport=PHONE)
    field = page.get_by_label("Your question, in any language")
    field.press_sequentially("pos")
    page.locator(".suggestions a").first.wait_for()
    with page.expect_response("**/suggest?q=post"):
        field.press_sequentially("t")
        page.keyboard.press("ArrowDown")
    settled(page)  # the late answer would have been drawn
    assert page.locator(".suggestions a:focus").count() == 1


def test_suggestions_keep_nobody_out(open_page) -> None:
    page = open_page("/suggest", viewport=PHONE)  # there, they lie over no other link
    type_for_suggestions(page, page.get_by_label("Your question, in any language"), "post")
    page.locator(".suggestions a").first.wait_for()
    assert violations(page) == []


def test_a_question_that_was_sent_is_not_covered_by_suggestions(open_page) -> None:
    page = open_page("/search", viewport=DESK)
    with page.expect_response("**/suggest?q=poster"):
        page.get_by_label("Your question, in any language").press_sequentially("poster")
        page.keyboard.press("Enter")
    page.locator("#count", has_text="for “poster”").wait_for()
    settled(page)  # the last letter's suggestions would have been drawn
    assert page.locator(".suggestions li").count() == 0


def test_without_javascript_the_field_knows_the_topics(open_page) -> None:
    page = open_page("/", java_script_enabled=False, viewport=PHONE)
    options = page.locator("datalist option")
    assert options.count() > 100
    field = page.get_by_label("Your question, in any language")
    assert field.get_attribute("list") == "topics"
    with_script = open_page("/", viewport=PHONE)
    assert with_script.locator("datalist").count() == 0


def test_who_plans_something_sends_a_draft_and_sees_who_did_it(open_page, tmp_path) -> None:
    draft = tmp_path / "plan.txt"
    draft.write_text("Early initiation of breastfeeding: weigh the baby later.")
    page = open_page("/similar", viewport=PHONE, java_script_enabled=False)
    page.get_by_label("Or a draft of it").set_input_files(draft)
    page.get_by_label("Births a month there").fill("40")
    page.get_by_role("button", name="Show who did it").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("experiences like it")
    assert page.get_by_label("Births a month there").input_value() == "40"
    with_script = open_page("/similar", viewport=PHONE)
    with_script.get_by_label("Your plan").fill("Early initiation of breastfeeding: weigh later.")
    with_script.get_by_role("button", name="Show who did it").click()
    with_script.get_by_role("heading", name="experiences like it").wait_for()
    with_script.wait_for_load_state()
    assert violations(with_script) == []
    assert widest(with_script) <= PHONE["width"]


def test_the_check_would_notice(open_page) -> None:
    page = open_page("/about", viewport=DESK)
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert [found[0] for found in violations(page)] == ["html-has-lang"]


def test_a_page_asks_nothing_of_anybody_else(open_page, site) -> None:
    page = open_page("/about", viewport=DESK)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for address in ("/", "/search?q=scale", "/records/1"):
        page.goto(address)
    assert [url for url in asked if not url.startswith(site)] == []
    assert complaints == []  # a breach of the content security policy would stand here


def test_the_skip_link_comes_first_and_can_be_seen(open_page) -> None:
    page = open_page("/", viewport=DESK)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to content"
    assert focused.bounding_box()["x"] >= 0
