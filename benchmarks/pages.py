"""What pages weigh, and how soon they can be used on a slow line: python -m benchmarks.pages URL.

URL is a library that is open (kb serve). Weights are what Chromium receives, heads included. The
line is Chromium's own emulation, 50 kB/s with 400 ms from question to answer, every time with an
empty cache; it counts no handshake of TCP or TLS. Times depend on the machine too.
"""

import argparse
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
FLAGS += ("--disable-background-networking", "--no-first-run", "--disable-sync")
PHONE = {"width": 360, "height": 740}
SLOW = {
    "offline": False,
    "latency": 400,  # ms
    "downloadThroughput": 50_000,  # bytes a second
    "uploadThroughput": 50_000,
}
QUESTION = "babies%20cold%20in%20nursery%20what%20to%20do"
# An address, and what a reader came for on it.
PAGES = {
    "/": "input[type=search]",
    f"/search?q={QUESTION}": ".hit",
    f"/answer?q={QUESTION}": "main h1, main h2",
    "/records/{record}": "h1",
    "/topics": "main a",
    "/explore": "main svg",
    "/kept": "h1",
}
# What one came for is shown when it is in the page and the page was painted.
SHOWN = """
    const look = () => {
        const there = document.querySelector("{awaited}")?.checkVisibility();
        const painted = performance.getEntriesByName("first-contentful-paint").length;
        if (there && painted) window.shown = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);"""
TIMES = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const [first] = performance.getEntriesByName("first-contentful-paint");
    const [painted, ready] = [first?.startTime ?? NaN, page.domContentLoadedEventEnd];
    return { painted, ready, shown: window.shown ?? NaN };
}"""


@dataclass
class Weight:
    """Bytes received for one view, by what they are: Document, Stylesheet, Script, Image."""

    kinds: dict[str, str] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All bytes of the view."""
        return sum(self.received.values())

    def of(self, kind: str) -> float:
        """Return the kilobytes of one kind."""
        return self.received[kind] / 1000


def weigh(page: Any, address: str) -> Weight:
    """Open an address and return what was received for it until nothing more is asked."""
    weight = Weight()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.responseReceived", lambda e: weight.kinds.update({e["requestId"]: e["type"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda e: weight.received.update(
            {weight.kinds.get(e["requestId"], "Other"): int(e["encodedDataLength"])}
        ),
    )
    page.goto(address, wait_until="networkidle")
    session.detach()
    return weight


def timed(browser: Any, base: str, address: str, awaited: str) -> dict[str, float]:
    """Return when a page was painted, ready and showed what one came for, in ms, on a slow line."""
    context = browser.new_context(base_url=base, viewport=PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    page.add_init_script(SHOWN.replace("{awaited}", awaited))
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(500)  # ms, for a busy machine to have painted
    times: dict[str, float] = page.evaluate(TIMES)
    context.close()
    return times


def main() -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 – only here, for --help

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--record", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        print(f"{'':22} kB: first  html   css    js   img  again | ms: paint  ready  shown")
        for path, awaited in PAGES.items():
            row(browser, arguments.url, path.format(record=arguments.record), awaited, arguments)
        browser.close()


def row(browser: Any, base: str, address: str, awaited: str, arguments: argparse.Namespace) -> None:
    """Print one page: its first view, the same again, and its times."""
    context = browser.new_context(base_url=base, viewport=PHONE)
    page = context.new_page()
    first = weigh(page, address)
    page.goto("about:blank")
    again = weigh(page, address)
    context.close()
    times = [timed(browser, base, address, awaited) for _ in range(arguments.repeats)]
    middle = {name: median(one[name] for one in times) for name in times[0]}
    kinds = (first.of(kind) for kind in ("Document", "Stylesheet", "Script", "Image"))
    parts = "".join(f"{kilobytes:6.1f}" for kilobytes in kinds)
    print(
        f"{address[:22]:22}    {first.total / 1000:6.1f}{parts} {again.total / 1000:6.1f} |"
        f"    {middle['painted']:6.0f} {middle['ready']:6.0f} {middle['shown']:6.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
