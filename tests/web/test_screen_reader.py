"""As it is read out: landmarks, headings in order, and a name for all that can be operated."""

import re
from itertools import pairwise

import pytest

from tests.web.addresses import DESK_PAGES, PAGES
from tests.web.browsing import DESK, needs_chromium

pytestmark = needs_chromium

ADDRESSES = [shown[0] for shown in PAGES.values()]
DESK_ADDRESSES = [shown[0] for shown in DESK_PAGES.values()]
NAMED = "link|button|textbox|searchbox|checkbox|radio|combobox|img|heading|complementary|region"
NAMELESS = re.compile(rf'^\s*- (?:{NAMED})(?! "| \'|:? ?/)\b.*$', re.MULTILINE)
HEADING = re.compile(r'heading "(.*)" \[level=(\d)\]')


def heard(page) -> str:
    """Return what a screen reader is given of the page."""
    return page.locator("body").aria_snapshot()


@pytest.fixture(scope="module")
def window(chromium):
    """One window that goes from page to page."""
    context = chromium.new_context(viewport=DESK)
    yield context.new_page()
    context.close()


def faults(page) -> list[str]:
    """Return what a person who hears the page would stumble over."""
    said = heard(page)
    levels = [int(level) for _, level in HEADING.findall(said)]
    found = [line.strip() for line in NAMELESS.findall(said)]
    if levels.count(1) != 1 or levels[0] != 1:
        found.append(f"the first heading is not the only one of level 1: {levels}")
    found += [
        f"level {after} follows level {before}"
        for before, after in pairwise(levels)
        if after > before + 1
    ]
    marks = ["banner", "main", "contentinfo"]
    if re.search(
        "/(print|poster)([?]|$)", page.url
    ):  # a sheet of paper has no foot that leads elsewhere
        marks.remove("contentinfo")
    found += [f"no {mark}" for mark in marks if f"- {mark}:" not in said]
    navigations = re.findall(r"- navigation(.*):", said)
    if len(set(navigations)) < len(navigations) or "" in navigations:
        found.append(f"navigations that are not told apart: {navigations}")
    return found


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_understood_by_ear(window, site, address) -> None:
    window.goto(site + address)
    assert faults(window) == []


@pytest.mark.parametrize("address", DESK_ADDRESSES)
def test_a_page_of_the_desk_is_understood_by_ear(window, desk_site, address) -> None:
    window.goto(desk_site + address)
    assert faults(window) == []


def test_the_check_would_notice(window, site) -> None:
    window.goto(site + "/")
    window.evaluate(
        """() => {
            document.querySelector("h2").outerHTML = "<h4>Too deep</h4><button></button>";
            document.querySelector("footer").remove();
        }"""
    )
    assert len(faults(window)) >= 3


def test_numbers_before_and_after_are_read_as_such(open_page) -> None:
    page = open_page("/search?q=scale", viewport=DESK)
    assert "- definition:\n            - text: 33% then\n            - strong: 83%" in heard(page)


def test_what_is_written_in_another_language_is_spoken_in_it(open_page) -> None:
    page = open_page("/?lang=fr", viewport=DESK)
    title = page.get_by_role("link", name="Skin to skin before the scale").first
    assert title.evaluate("link => link.closest('[lang]').lang") == "en"
    arabic = page.get_by_role("link", name="الجلد على الجلد قبل الميزان").first
    assert arabic.evaluate("link => link.closest('[lang]').lang") == "ar"
    assert arabic.evaluate("link => getComputedStyle(link).direction") == "rtl"


def test_a_chart_says_in_words_what_it_shows(open_page) -> None:
    page = open_page("/records/1", viewport=DESK)
    chart = page.get_by_role("img", name="Newborns fed within one hour").first
    described = chart.get_attribute("aria-describedby") or ""
    told = chart.locator("desc").first.text_content() or ""
    assert described or len(told) > 40
