"""Give every parser of what strangers send a million inputs, guided by the lines they reach.

python -m benchmarks.fuzzing [--inputs 1000000] [--most-seconds 3600] [--found FOLDER] [TARGET …]

Needs `pip install atheris` (libFuzzer for Python). Prints for each target how many inputs it had,
how long they took, and the slowest of them; what breaks one is kept in FOLDER.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

SLOW_MS = 50
OURS = ["kb", "ingest", "search", "web"]


def main() -> None:
    """Fuzz each target in a process of its own; exit code 1 where any broke."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="such as “question”; else all")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--most-seconds", type=int, default=3600, help="of one target")
    parser.add_argument("--found", type=Path, default=Path("fuzzing"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        fuzz(asked.one, asked)
        return
    from tests.torture.fuzzing import TARGETS  # noqa: PLC0415  the child has to watch its imports

    print(f"{'target':12} {'inputs':>9} {'s':>6} {'µs each':>8} {'slowest ms':>10} {'>50 ms':>7}")
    broken = [name for name in asked.targets or TARGETS if not _apart(name)]
    sys.exit(f"Broken: {', '.join(broken)}; the inputs are in {asked.found}." if broken else 0)


def _apart(name: str) -> bool:
    command = [sys.executable, "-m", "benchmarks.fuzzing", *sys.argv[1:], "--one", name]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  ours
    print(done.stdout, end="", flush=True)
    if done.returncode:
        print(f"{name:12} {done.stderr[-2000:]}", flush=True)
    return not done.returncode


def fuzz(name: str, asked: argparse.Namespace) -> None:
    """Fuzz one target until its inputs or its seconds are used up."""
    import atheris  # noqa: PLC0415  only who fuzzes has it

    with atheris.instrument_imports(include=OURS):  # guided by our own lines, not by libraries'
        from tests.torture.fuzzing import TARGETS  # noqa: PLC0415

    seeds = asked.found / name.replace(" ", "-")
    seeds.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds):
        (seeds / f"seed-{number}").write_bytes(seed)
    watched = Watched(name, TARGETS[name], asked.inputs, asked.most_seconds, seeds)
    options = ("-max_len=2000", "-timeout=20", "-verbosity=0", f"-artifact_prefix={seeds}/slow-")
    atheris.Setup([name, *options, str(seeds)], watched)
    atheris.Fuzz()


class Watched:
    """A target, and how long it took over what it was given."""

    def __init__(
        self,
        name: str,
        target: Callable[[bytes], None],
        most: int,
        most_seconds: int,
        found: Path,
    ) -> None:
        self.name, self.target, self.most, self.most_seconds = name, target, most, most_seconds
        self.found = found
        self.inputs, self.slow, self.slowest_ms = 0, 0, 0.0
        self.start = time.monotonic()

    def __call__(self, data: bytes) -> None:
        """Give the target `data`."""
        start = time.thread_time()
        try:
            self.target(data)
        except BaseException:  # libFuzzer keeps nothing of an exception
            (self.found / f"broken-{sha256(data).hexdigest()[:12]}").write_bytes(data)
            raise
        took = (time.thread_time() - start) * 1000
        self.inputs += 1
        self.slow += took > SLOW_MS
        self.slowest_ms = max(self.slowest_ms, took)
        if self.inputs >= self.most or time.monotonic() - self.start > self.most_seconds:
            self.tell()
            os._exit(0)  # libFuzzer has no other end that is a success

    def tell(self) -> None:
        """Print the line of the table."""
        took = time.monotonic() - self.start
        each = took / max(self.inputs, 1) * 1e6
        told = f"{self.inputs:9} {took:6.0f} {each:8.0f} {self.slowest_ms:10.1f} {self.slow:7}"
        print(f"{self.name:12} {told}", flush=True)


if __name__ == "__main__":
    main()
