"""What it costs a page that it is counted: python -m benchmarks.counting LIBRARY.

The same page is asked for with and without counting, in turn, in one process. LIBRARY is a folder
of a library (KB_DATA); numbers are written to it.
"""

import sys
from pathlib import Path
from statistics import median
from time import process_time

from fastapi.testclient import TestClient

from kb.settings import Settings
from kb.vocabulary import Counted, Use
from web.app import create_app
from web.counting import Counting
from web.library import open_library

ROUNDS = 60
HEARD = 20_000
AGENT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile"}


def main(folder: Path) -> None:
    """Print the times with and without, their ratio, and what one use costs by itself."""
    library = open_library(Settings(data=folder, semantic=False))
    counted = TestClient(create_app(library))
    settings = Settings(data=folder, semantic=False, statistics=False)
    plain = TestClient(create_app(open_library(settings)))
    times: dict[str, list[float]] = {"counted": [], "plain": []}
    for number in range(ROUNDS):
        for name, client in (("counted", counted), ("plain", plain)):
            begun = process_time()
            client.get("/records/1", headers=AGENT).raise_for_status()
            if number:
                times[name].append(process_time() - begun)
    with_it, without = (median(times[name]) * 1_000 for name in ("counted", "plain"))
    print(f"a page: {with_it:.2f} ms counted, {without:.2f} ms not: {with_it / without:.3f} times")

    hearing = Counting(library)
    begun = process_time()
    for number in range(HEARD):
        hearing.hear(
            Counted.RECORD, number % 500, (Use.INVESTIGATION,), visitor=f"{number % 97}", what="x"
        )
    print(f"one use: {(process_time() - begun) / HEARD * 1e6:.1f} µs")
    begun = process_time()
    hearing.write()
    print(f"500 numbers written: {(process_time() - begun) * 1_000:.0f} ms, once a minute")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
