"""What a view costs on a prepaid phone: weighed as Chromium receives it, not as we wrote it."""

import gzip
import re

import pytest

from benchmarks.pages import Weight, weigh
from tests.web.browsing import PHONE, needs_chromium
from web.assets import FOLDER
from web.render import environment

FIRST_VIEWS = [("/", 60_000), ("/search?q=scale", 80_000), ("/records/1", 80_000)]
AGAIN = 20_000
PICTURE = 100_000
SCRIPTS = {"sw.js": 3_000, "keep.js": 2_048, "drafts.js": 2_048}


@pytest.fixture
def views(chromium, site):
    """Return what the first view of an address weighs on a new phone, and the second."""

    def weighed(address: str, **headers: str) -> tuple[Weight, Weight]:
        context = chromium.new_context(
            base_url=site, viewport=PHONE, extra_http_headers={**headers}
        )
        page = context.new_page()
        first = weigh(page, address)
        page.goto("about:blank")
        again = weigh(page, address)
        context.close()
        return first, again

    return weighed


@needs_chromium
@pytest.mark.parametrize(("address", "most"), FIRST_VIEWS)
def test_a_view_is_light_and_the_next_one_lighter(views, address, most) -> None:
    first, again = views(address)
    assert {"Document", "Stylesheet", "Script"} <= first.received.keys()  # the scales work
    assert 5_000 < first.total <= most
    assert again.total <= AGAIN


@needs_chromium
def test_who_saves_data_pays_less(views) -> None:
    usual, _ = views("/search?q=scale")
    saved, _ = views("/search?q=scale", **{"Save-Data": "on"})
    assert saved.total < usual.total - 15_000


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_keeps_pages_is_small_itself(script) -> None:
    assert len(gzip.compress((FOLDER / script).read_bytes())) <= SCRIPTS[script]


def test_no_picture_of_ours_is_heavy() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()}
    assert {name for name, size in sizes.items() if size > PICTURE} == set()


def test_every_picture_has_its_size_and_waits_until_it_is_seen(library) -> None:
    loader = environment(library).loader
    for name in loader.list_templates():
        source, _, _ = loader.get_source(environment(library), name)
        for tag in re.findall(r"<img\b[^>]*>", source):
            head_or_desk = name == "base.html" or name.startswith("desk/")
            wanted = () if name.startswith("desk/") else ("width=", "height=")
            wanted += () if head_or_desk else ('loading="lazy"',)
            assert [part for part in wanted if part not in tag] == [], f"{name}: {tag}"


def test_scripts_let_the_page_come_first(client) -> None:
    for address, _ in FIRST_VIEWS[:2]:
        for tag in re.findall(r"<script[^>]*>", client.get(address).text):
            assert " defer" in tag
