"""Lighthouse's judgement of a library that is open: `python -m benchmarks.audits http://127.0.0.1:8000`.

Needs npx (Node 18 or newer) and Chromium; says so where they are missing. Nothing is installed into
the project: npx keeps Lighthouse in its own cache.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

LIGHTHOUSE = "lighthouse@12.8.2"
CHROMIUM = "/usr/bin/chromium"
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run"
PAGES = {"home": "/", "search": "/search", "question": "/search?q=newborn", "record": "/records/1"}
KINDS = ("performance", "accessibility", "best-practices", "seo")
LONGEST_S = 300  # a page; about 15 on a machine that does nothing else
AT_LEAST = 95  # of 100, in each kind
# A page of answers asks not to be indexed, so that Lighthouse's one audit for that fails it.
NOT_INDEXED = {("question", "seo")}


def scores(url: str) -> dict[str, int]:
    """Return what Lighthouse gives a page, 0 to 100, by kind."""
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json"]
    done = subprocess.run(  # noqa: S603  # npx, with an address of the caller's own
        [*command, f"--chrome-flags={FLAGS}"],
        check=False,
        capture_output=True,
        timeout=LONGEST_S,
        env=os.environ | {"CHROME_PATH": os.environ.get("CHROME_PATH", CHROMIUM)},
    )
    if done.returncode:
        sys.exit(f"Lighthouse could not judge {url}: {done.stderr.decode().strip()[-600:]}")
    judged = json.loads(done.stdout)["categories"]
    return {kind: round(100 * (judged[kind]["score"] or 0)) for kind in KINDS}


def main() -> None:
    """Print a table of scores; exit with 1 when one is too low."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="of a library that is open, without a slash at its end")
    address = parser.parse_args().address
    if shutil.which("npx") is None:
        sys.exit("There is no npx here: install Node.js, then run this again. Nothing was judged.")
    print("| page |", " | ".join(KINDS), "|")
    print("|---|" + "---|" * len(KINDS))
    low = []
    for name, path in PAGES.items():
        found = scores(address + path)
        print(f"| {name} |", " | ".join(str(found[kind]) for kind in KINDS), "|", flush=True)
        low += [
            f"{name}: {kind} {score}"
            for kind, score in found.items()
            if score < AT_LEAST and (name, kind) not in NOT_INDEXED
        ]
    if low:
        sys.exit(f"Below {AT_LEAST}: {', '.join(low)}")


if __name__ == "__main__":
    main()
