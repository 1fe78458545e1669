"""Pictures of the main pages, for people to look at: KB_SCREENSHOTS names the folder they go to."""

import os
from itertools import product
from pathlib import Path

import pytest
from PIL import Image

from tests.web.browsing import DESK, PHONE, needs_chromium

pytestmark = needs_chromium

PAGES = {
    "home": "/",
    "search": "/search?q=scale",
    "answer": "/answer?q=scale",
    "record": "/records/1",
    "explore": "/explore",
    "compare": "/compare?ids=1,2,3,4",
    "topic": "/topics/early-initiation-of-breastfeeding",
    "country": "/countries/TZA",
    "similar": "/similar",
    "about": "/about",
}
SEEN = [("en", "light"), ("en", "dark"), ("ar", "light")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the pictures go: a folder that is kept, or pytest's own."""
    kept = os.environ.get("KB_SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def window(chromium):
    context = chromium.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_taken_as_a_picture(window, site, folder, name) -> None:
    address = PAGES[name]
    for (language, scheme), size in product(SEEN, (PHONE, DESK)):
        window.set_viewport_size(size)
        window.emulate_media(color_scheme=scheme)
        window.goto(f"{site}{address}{'&' if '?' in address else '?'}lang={language}")
        file = folder / f"{name}-{size['width']}-{scheme}-{language}.png"
        _taken(window, file)
        with Image.open(file) as picture:
            assert picture.width == size["width"]
            # A page that shows nothing has one colour, or two.
            assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 20


def _taken(window, file: Path) -> None:
    """Take the picture; on a busy computer Chromium now and then has none ready, so a few times."""
    from playwright.sync_api import Error

    for tries_left in (2, 1, 0):
        try:
            window.screenshot(path=file, full_page=True)
        except Error as error:
            if not tries_left or "Unable to capture screenshot" not in error.message:
                raise
        else:
            return
