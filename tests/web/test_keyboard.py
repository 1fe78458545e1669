"""By keyboard only: where the focus goes, that it is seen, and that it is never lost."""

import pytest

from tests.web.browsing import DESK, PHONE, needs_chromium, settled

pytestmark = needs_chromium

ADDRESSES = ["/", "/search?q=scale", "/records/1", "/answer?q=scale", "/topics", "/similar"]
MANY = 250  # presses of Tab; no page of the sample has more to stop at

FOCUSED = """() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const box = at.getBoundingClientRect();
    const style = getComputedStyle(at);
    const line = at.getClientRects()[0];  // of a link in running text, which may go over two
    const [x, y] = [line.x + Math.min(line.width, innerWidth) / 2, line.y + line.height / 2];
    const top = document.elementFromPoint(x, y);
    return {
        name: (at.innerText || at.ariaLabel || at.name || at.id).trim().split("\\n")[0],
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        covered: Boolean(top) && !at.contains(top) && !top.contains(at),
    };
}"""


def stops(page) -> list[dict]:
    """Return all that Tab stops at, one after the other."""
    found = []
    for _ in range(MANY):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            return found
        found.append(at)
    raise AssertionError(f"Tab never leaves the page; the last was {found[-1]}")


def press_until(page, name: str) -> None:
    """Press Tab until the focus is where `name` says."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if (page.evaluate(FOCUSED) or {"name": ""})["name"].startswith(name):
            return
    raise AssertionError(f"Tab never comes to {name}")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_stop_is_seen_and_has_a_name(open_page, address, size) -> None:
    page = open_page(address, viewport=size, reduced_motion="reduce")  # no gliding to each stop
    found = stops(page)
    assert len(found) > 5
    assert [one for one in found if not one["name"]] == []
    assert [one for one in found if one["outline"] < 2] == []
    assert [one for one in found if not one["seen"] or one["covered"]] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_tab_goes_in_the_order_of_the_page(open_page, address) -> None:
    page = open_page(address, viewport=DESK)
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0


def test_the_skip_link_comes_first_and_leads_to_the_content(open_page) -> None:
    page = open_page("/", viewport=DESK)
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to content"
    assert link.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.locator("#main:focus").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"


def test_a_filter_keeps_the_focus_and_the_count_is_said(open_page) -> None:
    page = open_page("/search?q=scale", viewport=DESK)
    count = page.get_by_role("status")
    assert count.count() == 1
    page.evaluate("document.getElementById('count').dataset.same = 'region'")
    kenya = page.locator(":focus", has_text="Kenya")
    page.get_by_role("link", name="Kenya 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**country=KEN")
    page.locator("#count", has_text="1 ").wait_for()
    kenya.wait_for()
    # What is read out is a change of a region that was there before, not a new one.
    assert page.evaluate("document.getElementById('count').dataset.same") == "region"
    settled(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=scale")
    page.locator("#count", has_text="3 ").wait_for()
    kenya.wait_for()


def test_where_a_link_is_gone_the_focus_goes_to_the_count(open_page) -> None:
    page = open_page("/search?q=scale&country=KEN", viewport=DESK)
    page.get_by_role("link", name="Remove the filter: Kenya").focus()
    page.keyboard.press("Enter")
    page.locator("#count", has_text="3 ").wait_for()
    assert page.evaluate("document.activeElement.id") == "count"


def test_a_question_leaves_the_focus_in_its_field(open_page) -> None:
    page = open_page("/search", viewport=DESK)
    press_until(page, "q")
    page.keyboard.type("poster")
    page.keyboard.press("Enter")
    page.locator("#count", has_text="poster").wait_for()
    assert page.evaluate("document.activeElement.id") == "q"


def test_a_story_is_found_opened_and_unfolded(open_page) -> None:
    page = open_page("/", viewport=DESK)
    press_until(page, "q")
    page.keyboard.type("weigh the scale later")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    press_until(page, "Skin to skin before the scale")
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/1")
    press_until(page, "Show the data as a table")
    page.keyboard.press("Enter")
    assert page.get_by_role("table").first.is_visible()
    page.keyboard.press("Tab")  # a table that may be wider than the screen is scrolled by keys
    assert page.evaluate("document.activeElement.querySelector('table') !== null")


def test_the_language_is_switched_and_the_page_kept(open_page) -> None:
    page = open_page("/records/1", viewport=DESK)
    press_until(page, "Language of the pages")
    page.keyboard.press("Enter")
    press_until(page, "العربية")
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/1?lang=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.get_by_role("heading", level=1).inner_text() == "Skin to skin before the scale"


def test_going_through_pages_starts_each_at_its_top(open_page) -> None:
    page = open_page("/search", viewport=DESK)
    page.evaluate(
        """() => {
            const link = Object.assign(document.createElement("a"),
                { href: "/search?q=poster", rel: "next", textContent: "Next" });
            document.querySelector("#hits > section").append(link);
            htmx.process(link);
        }"""
    )
    page.get_by_role("link", name="Next").focus()
    page.keyboard.press("Enter")
    page.locator("#count", has_text="poster").wait_for()
    assert page.evaluate("document.activeElement.id") == "count"
