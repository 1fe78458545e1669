"""Nobody is kept out: every page, in both directions of writing, light and dark, small and wide."""

from itertools import product

import httpx
import pytest

from tests.web.addresses import DESK_PAGES, NO_PAGES, PAGES, PEOPLE_PAGES
from tests.web.browsing import (
    DESK,
    OF_COLOUR,
    SMALLEST,
    needs_chromium,
    sticking_out,
    violations,
    widest,
)
from web.app import API, PARTS
from web.pages.desk import PARTS as DESK_PARTS
from web.pages.people import PARTS as PEOPLE_PARTS

LANGUAGES = ("en", "ar")  # one that runs to the right, one that runs to the left
ADDRESSES = [one for shown in PAGES.values() for one in shown]
DESK_ADDRESSES = [one for shown in DESK_PAGES.values() for one in shown]

NOT_THERE = {
    "/collections/2": 410,
    "/collections/3/editions/9": 404,
    "/facility-types/palace": 404,
    "/records/5": 410,
    "/records/99": 404,
    "/topics/none": 404,
    "/print": 422,
}


def routes() -> set[str]:
    """Return the path of every route that answers GET, but for the API and static files."""
    parts = [part for part in (*PARTS, *PEOPLE_PARTS, *DESK_PARTS) if part not in API]
    return {route.path for part in parts for route in part.router.routes if "GET" in route.methods}


def test_every_page_of_the_library_is_looked_at() -> None:
    assert routes() == PAGES.keys() | DESK_PAGES.keys() | NO_PAGES | PEOPLE_PAGES


@pytest.mark.parametrize("address", [*ADDRESSES, *DESK_ADDRESSES])
def test_an_address_that_is_looked_at_is_a_page(desk_site, address) -> None:
    answer = httpx.get(desk_site + address, timeout=60)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.status_code == NOT_THERE.get(address, 200)


@pytest.fixture(scope="module")
def window(chromium):
    """One window that goes from page to page."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def look(page, url: str) -> list[str]:
    """Return what is wrong with a page, however it is looked at; all of it, not the first.

    Another colour scheme changes nothing but colours, so that dark is asked for them only.
    """
    wrong: list[str] = []
    mark = "&" if "?" in url else "?"
    for language in LANGUAGES:
        page.emulate_media(color_scheme="light")
        page.goto(f"{url}{mark}lang={language}")
        for size, scheme in product((DESK, SMALLEST), ("light", "dark")):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            found = violations(page, OF_COLOUR if scheme == "dark" else ())
            if widest(page) > size["width"]:
                found.append(("wider than the screen", sticking_out(page)))
            wrong += [f"{language} {size['width']} px {scheme}: {r}: {w}" for r, w in found]
    return wrong


@needs_chromium
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_keeps_nobody_out(window, site, address) -> None:
    wrong = look(window, site + address)
    assert not wrong, "\n".join(wrong)


@needs_chromium
@pytest.mark.parametrize("address", DESK_ADDRESSES)
def test_a_page_of_the_desk_keeps_nobody_out(window, desk_site, address) -> None:
    wrong = look(window, desk_site + address)
    assert not wrong, "\n".join(wrong)
