"""Larger text, closer zoom, a system's own colours, less motion, a big thumb: nothing is lost."""

import pytest

from tests.web.browsing import DESK, PHONE, SMALLEST, needs_chromium, widest

pytestmark = needs_chromium

ADDRESSES = [
    *("/", "/search?q=scale", "/records/1", "/answer?q=scale", "/topics", "/countries/TZA"),
    *("/similar", "/compare?ids=1,2,3,4", "/about", "/templates"),
]

# What hides a part of its own text. Scrolled parts and those that are there for the ear only
# hide it on purpose.
CUT = """() => [...document.querySelectorAll("main *, header *, footer *")]
    .filter((element) => {
        const style = getComputedStyle(element);
        const hides = style.overflowX === "hidden" || style.overflowY === "hidden";
        const cut = element.scrollHeight > element.clientHeight + 2
            || element.scrollWidth > element.clientWidth + 2;
        return hides && cut && !element.closest(".hidden, svg") && element.innerText.trim();
    })
    .map((element) => element.outerHTML.slice(0, 120))"""

# WCAG 1.4.12, at its limits.
SPACED = {"line-height": "1.5", "letter-spacing": "0.12em", "word-spacing": "0.16em"}


def grow(page, **styles: str) -> None:
    """Set styles as a reader's browser would: above those of the library."""
    page.evaluate(
        """styles => {
            const sheet = new CSSStyleSheet();
            const said = Object.entries(styles).map(([k, v]) => `${k}: ${v} !important`);
            sheet.replaceSync(`:root, :root * { ${said.join("; ")} }`);
            document.adoptedStyleSheets = [sheet];
        }""",
        styles,
    )


@pytest.mark.parametrize("address", ADDRESSES)
def test_text_twice_as_large_loses_nothing(open_page, address) -> None:
    page = open_page(address, viewport=DESK)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(CUT) == []
    assert widest(page) <= DESK["width"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_wider_spaces_lose_nothing(open_page, address) -> None:
    page = open_page(address, viewport=PHONE)
    grow(page, **SPACED)
    assert page.evaluate(CUT) == []
    assert widest(page) <= PHONE["width"]


@pytest.mark.parametrize("address", ["/", "/search?q=scale", "/records/1"])
def test_zoomed_to_four_times_all_is_still_there(open_page, address) -> None:
    wide = open_page(address, viewport=DESK)
    said = {link.strip() for link in wide.locator("main a").all_inner_texts() if link.strip()}
    small = open_page(address, viewport=SMALLEST)  # 1280 px at 400 %
    small.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    there = {link.strip() for link in small.locator("main a").all_inner_texts()}
    assert said - there == set()
    assert small.evaluate(CUT) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_wants_less_motion_gets_none(open_page, address) -> None:
    page = open_page(address, viewport=DESK, reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
            const style = getComputedStyle(element);
            return style.animationName !== "none" || style.scrollBehavior === "smooth"
                || style.transitionDuration.split(",").some((s) => parseFloat(s) > 0);
        }).map((element) => element.tagName)"""
    )
    assert moving == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_thumb_hits_what_it_wants(open_page, address) -> None:
    page = open_page(address, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    small = page.evaluate(
        """() => {
            // WCAG 2.5.8: 24 px each way; a link within a sentence may be as high as its line.
            const inSentence = (target) => target.matches("a, button")
                && getComputedStyle(target).display === "inline"
                && target.parentElement.innerText.trim() !== target.innerText.trim();
            return [...document.querySelectorAll("a, button, summary, input, select, textarea")]
                .filter((target) => target.checkVisibility() && !target.closest(".hidden, .skip"))
                .filter((target) => !inSentence(target))
                .map((target) => [target.matches("[type=checkbox], [type=radio]")
                    ? target.labels[0] : target, target])
                .map(([hit, target]) => [target, hit.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.height < 24 || box.width < 24))
                .map(([target, box]) => `${box.width | 0} × ${box.height | 0}: `
                    + target.outerHTML.slice(0, 110));
        }"""
    )
    assert not small, "\n".join(small)


@pytest.mark.parametrize("address", ["/", "/search?q=scale", "/records/1", "/answer?q=scale"])
def test_in_a_systems_own_colours_signs_and_charts_stay(open_page, address) -> None:
    page = open_page(address, viewport=DESK, forced_colors="active")
    lost = page.evaluate(
        """() => {
            const paper = getComputedStyle(document.documentElement).backgroundColor;
            const bare = (element) => {
                const style = getComputedStyle(element);
                const filled = style.backgroundColor !== paper
                    && style.backgroundColor !== "rgba(0, 0, 0, 0)";
                return !filled && style.borderStyle === "none" && style.backgroundImage === "none";
            };
            const signs = [...document.querySelectorAll(".lights i, .tiles i")].filter(bare);
            const lines = [...document.querySelectorAll("main :is(path, line, circle)")]
                .filter((line) => line.checkVisibility())
                .filter((line) => [getComputedStyle(line).stroke, getComputedStyle(line).fill]
                    .every((paint) => paint === "none" || paint === paper));
            return [...signs, ...lines].map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    assert not lost, "\n".join(lost)
