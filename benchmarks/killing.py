"""Kill an ingest at random moments, restart it, and say what was lost, doubled or left half.

python -m benchmarks.killing [--files 1000] [--kills 50] [--seed 1]

Prints how often the run was killed, and every difference between what it left in the end and what
a quiet run of the same files leaves: records, versions, tags, points, originals, batch, passages.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.killing import torture


def main() -> None:
    """Print the outcome; exit code 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        done = torture(Path(home), files=asked.files, kills=asked.kills, seed=asked.seed)
    print(f"{asked.files} files, killed {done.kills} times, {time.monotonic() - start:.0f} s")
    for difference in (*done.differences, *done.left_over):
        print(f"differs: {difference}")
    print("the same end state" if not done.differences else "NOT the same end state")
    sys.exit(1 if done.differences or done.left_over else 0)


if __name__ == "__main__":
    main()
