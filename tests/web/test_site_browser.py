"""A library of somebody's own in a real browser: its colours, its name, its directions."""

from dataclasses import replace

import pytest

from kb.palette import DARK
from kb.site import read
from tests.web.browsing import DESK, SMALLEST, needs_chromium, served, sticking_out, violations
from web.i18n import LANGUAGES

pytestmark = needs_chromium

FILE = """
name = "Bibliothèque nationale d’amélioration de la qualité des soins"
languages = ["fr", "ar"]
logo = "logo.svg"
contact = "bibliotheque@sante.example"
[colours]
accent = "#0a6b3d"
[texts.fr]
home_title = "Qui a déjà essayé ?"
"""
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 1"><rect width="9" height="1"/></svg>'
)
ACCENT = {"light": "#0a6b3d", "dark": DARK.nearest("#0a6b3d")}


@pytest.fixture
def own_site(own_sample, tmp_path):
    """Serve the sample library as somebody's own; yield its address."""
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    (tmp_path / "site.toml").write_text(FILE, encoding="utf-8")
    mine = replace(own_sample)
    mine.__dict__["encoder"] = own_sample.encoder
    mine.__dict__["site"] = read(tmp_path / "site.toml", LANGUAGES)
    with served(mine) as address:
        yield address


def test_own_colours_are_seen_and_can_be_read_in_both_directions(open_page, own_site) -> None:
    refused: list[str] = []
    for scheme in ("light", "dark"):
        for language in ("fr", "ar"):
            page = open_page(
                f"/?lang={language}", of=own_site, color_scheme=scheme, viewport=SMALLEST
            )
            page.on("console", lambda said: refused.append(said.text))
            page.reload()
            seen = page.evaluate(
                "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
            )
            assert seen == ACCENT[scheme]
            assert violations(page) == []
            assert sticking_out(page) == []
    assert not [said for said in refused if "Content Security Policy" in said]


def test_on_paper_own_colours_give_way_to_black(open_page, own_site) -> None:
    page = open_page("/", of=own_site, viewport=DESK)
    page.emulate_media(media="print")
    seen = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
    assert seen == "#000"


def test_a_wide_logo_leaves_room_for_the_name(open_page, own_site) -> None:
    page = open_page("/", of=own_site, viewport=SMALLEST)
    logo, name = page.locator(".brand img"), page.locator(".brand span").first
    assert logo.evaluate("one => one.complete && one.naturalWidth > 0")
    assert logo.bounding_box()["width"] <= 320 * 0.4
    assert name.bounding_box()["width"] > 60
