"""A real browser for the tests: how it is started, and what it is asked of a page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
import uvicorn

from web.app import create_app
from web.library import Library

CHROMIUM = Path("/usr/bin/chromium")
CLINIC = "clinic.lan"  # this computer by the name that others would call it by: not secure
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-sync",
    f"--host-resolver-rules=MAP {CLINIC} 127.0.0.1",
]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
SMALLEST = {"width": 320, "height": 640}  # also 1280 at 400 % zoom (WCAG 1.4.10)

AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]  # all that another scheme can change

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(),
    reason="There is no /usr/bin/chromium: install it (on Debian: apt-get install chromium).",
)

Violations = list[tuple[str, list[str]]]  # the rule, and where


@contextmanager
def served(library: Library, *, desk: bool = False) -> Iterator[str]:
    """Serve a library; yield its address."""
    app = create_app(library, desk=desk)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def follow(target) -> None:
    """Click what leads to another page, even one like it, and wait until that is there."""
    with target.page.expect_navigation():
        target.click()


def violations(page, rules: Sequence[str] = ()) -> Violations:
    """Return what axe-core objects to, and every text it could not judge that is too faint.

    Args:
        page: a page of the browser, as it stands.
        rules: only these; else all of WCAG 2.2 A and AA, and axe's best practices.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
        page.evaluate(CONTRAST)
    found = page.evaluate(
        """async only => {
            const run = {runOnly: only, resultTypes: ["violations", "incomplete"], preload: false};
            const found = await axe.run(document, run);
            const said = (rule) => [rule.id, rule.nodes.map((node) => node.html.slice(0, 160))];
            const unsure = found.incomplete.filter((rule) => rule.id === "color-contrast");
            const faint = tooFaint(unsure.flatMap((rule) => rule.nodes.map((n) => n.target[0])));
            return [...found.violations.map(said), ...(faint.length ? [["faint", faint]] : [])];
        }""",
        list(rules) or RULES,
    )
    return [(rule, where) for rule, where in found]


def settled(page) -> None:
    """Wait until htmx is done: a link that it has only just put in still opens a whole page."""
    page.wait_for_function(
        """() => !document.querySelector(
            ".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")"""
    )


def widest(page) -> int:
    """Return how many pixels wide the content of a page is."""
    return page.evaluate("document.documentElement.scrollWidth")


def sticking_out(page) -> list[str]:
    """Return what reaches beyond the sides of the screen, without what is in it."""
    return page.evaluate(
        """() => {
            const beyond = (element) => {
                const box = element.getBoundingClientRect();
                const clipped = element.closest(".hidden, .wide, .skip");
                return !clipped && (box.right > innerWidth + 0.5 || box.left < -0.5);
            };
            return [...document.body.querySelectorAll("*")]
                .filter((element) => beyond(element) && ![...element.children].some(beyond))
                .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
