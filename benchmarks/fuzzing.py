"""Give every parser of what strangers send a million inputs, some of them guided.

python -m benchmarks.fuzzing [--inputs 1000000] [--guided 50000] [--guided-seconds 60]
    [--most-seconds 3600] [--found FOLDER] [TARGET …]

Two ways, one after the other, each in a process of its own:

1. *Guided*: libFuzzer (`pip install atheris`) watches which lines of ours each input reaches, and
   keeps in FOLDER what reaches new ones. Watching costs two to ten times the parser's own time.
2. *Plain*: the rest of the million are changes (`tests.torture.fuzzing.changed`) to the good inputs
   and to all that the guided part kept. Nobody watches, so this part finds no way on.

Prints for each target how many inputs it had, how many of them guided, the processor's time for
each way, and the slowest. All times are the processor's, so a process that is stopped for a while
is not slow. An input that takes over 50 ms has to do so twice to count.
Of each fault one input is kept, as `broken-…`; of each slow input, `slow-…`; of one that ends the
process, or takes 20 s, `stuck-…`.
"""

import argparse
import json
import logging
import mmap
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from random import Random

SLOW_MS = 50
STUCK_S = 20  # of the processor
MOST_BYTES = 2000  # or twice the longest good input
LENGTH = 4  # bytes that say how long the input is
OURS = ["kb", "ingest", "search", "web"]
HEADS = ("inputs", "guided", "s", "µs guided", "µs plain", "slowest ms", ">50 ms", "faults")


def main() -> None:
    """Fuzz each target in processes of its own; exit code 1 where any broke."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="such as “question”; else all")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--guided", type=int, default=50_000, help="of the inputs; 0: none")
    parser.add_argument("--guided-seconds", type=int, default=60, help="of one target's guided way")
    parser.add_argument("--most-seconds", type=int, default=3600, help="of one target's plain way")
    parser.add_argument("--found", type=Path, default=Path("fuzzing"))
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        WAYS[asked.way](asked.targets[0], asked)
        return
    from tests.torture.fuzzing import TARGETS  # noqa: PLC0415  the child has to watch its imports

    if unknown := set(asked.targets) - set(TARGETS):
        parser.error(
            f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}"
        )
    print(f"{'target':12}", *(f"{head:>10}" for head in HEADS))
    broken = [name for name in asked.targets or TARGETS if _fuzz(name, asked)]
    sys.exit(f"Broken: {', '.join(broken)}; the inputs are in {asked.found}." if broken else 0)


def _fuzz(name: str, asked: argparse.Namespace) -> int:
    """Fuzz one target both ways, print its line, and return how many faults it has."""
    guided = _apart("guided", name, asked, asked.guided) if asked.guided else {}
    plain = _apart("plain", name, asked, asked.inputs - guided.get("inputs", 0))
    both = [guided, plain]
    inputs, seconds = (sum(way.get(key, 0) for way in both) for key in ("inputs", "seconds"))
    slowest = max(way.get("slowest_ms", 0) for way in both)
    slow, faults = sum(way.get("slow", 0) for way in both), [*_faults(guided), *_faults(plain)]
    each = (f"{way.get('seconds', 0) / max(way.get('inputs', 0), 1) * 1e6:10.0f}" for way in both)
    told = f"{inputs:10} {guided.get('inputs', 0):10} {seconds:10.0f}", *each, f"{slowest:10.1f}"
    print(f"{name:12}", *told, f"{slow:10} {len(faults):10}", flush=True)
    for fault in faults:
        print(f"{'':12} {fault}", flush=True)
    return len(faults)


def _faults(way: dict) -> list[str]:
    return way.get("faults", [])


def _apart(way: str, name: str, asked: argparse.Namespace, inputs: int) -> dict:
    """Run one way in a process of its own, and return what it told."""
    given = ["--inputs", str(inputs), "--found", str(asked.found)]
    given += ["--most-seconds", str(asked.most_seconds)]
    given += ["--guided-seconds", str(asked.guided_seconds)]
    command = [sys.executable, "-m", "benchmarks.fuzzing", "--way", way, *given, name]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  ours
    folder = _folder(name, asked)
    if not done.returncode:
        return json.loads(done.stdout.splitlines()[-1])
    last = (folder / "given").read_bytes()
    data = last[LENGTH:][: int.from_bytes(last[:LENGTH])]
    kept = _kept(folder, "stuck", data)
    return {"faults": [f"{way}: ended with {done.returncode} on {kept}: {done.stderr[-2000:]}"]}


def _folder(name: str, asked: argparse.Namespace) -> Path:
    folder = asked.found / name.replace(" ", "-")
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    return folder


def _kept(folder: Path, kind: str, data: bytes) -> Path:
    path = folder / f"{kind}-{sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def guided(name: str, asked: argparse.Namespace) -> None:
    """Fuzz one target, led by the lines of ours that it reaches."""
    import atheris  # noqa: PLC0415  only who fuzzes has it

    with atheris.instrument_imports(include=OURS):  # guided by our own lines, not by libraries'
        from tests.torture.fuzzing import TARGETS  # noqa: PLC0415

    folder = _folder(name, asked)
    for number, seed in enumerate(TARGETS[name].seeds):
        (folder / "corpus" / f"seed-{number}").write_bytes(seed)
    watched = Watched(TARGETS[name], asked.inputs, asked.guided_seconds, folder)
    # its own clock goes on while the process is stopped: `Watched` has a better one
    options = (f"-max_len={_most_bytes(TARGETS[name].seeds)}", "-timeout=86400", "-verbosity=0")
    atheris.Setup([name, *options, str(folder / "corpus")], watched)
    atheris.Fuzz()


def plain(name: str, asked: argparse.Namespace) -> None:
    """Fuzz one target with changes to its good inputs and to all that was found before."""
    from tests.torture.fuzzing import TARGETS, changed  # noqa: PLC0415

    folder = _folder(name, asked)
    found = [path.read_bytes() for path in sorted((folder / "corpus").iterdir())]
    seeds = [*TARGETS[name].seeds, *found]
    most, chance = _most_bytes(TARGETS[name].seeds), Random(8)
    watched = Watched(TARGETS[name], asked.inputs, asked.most_seconds, folder)
    while True:
        watched(changed(seeds, chance)[:most])


def _most_bytes(seeds: Iterable[bytes]) -> int:
    return max(MOST_BYTES, *(2 * len(seed) for seed in seeds))


WAYS = {"guided": guided, "plain": plain}


class Watched:
    """A target, and how long it took over what it was given."""

    def __init__(
        self, target: Callable[[bytes], None], most: int, most_seconds: int, folder: Path
    ) -> None:
        logging.disable(logging.CRITICAL)  # parsers tell of every oddity
        self.target, self.most, self.most_seconds, self.folder = target, most, most_seconds, folder
        self.inputs, self.slow, self.slowest_ms, self.faults = 0, 0, 0.0, dict[str, str]()
        with (folder / "given").open("wb+") as file:
            file.truncate(LENGTH + (1 << 20))
            self.given = mmap.mmap(file.fileno(), 0)  # it outlives whatever ends the process
        for seed in getattr(target, "seeds", ()):
            target(seed)  # what is loaded once shall not count
        self.start = time.process_time()

    def __call__(self, data: bytes) -> None:
        """Give the target `data`."""
        self.given[: LENGTH + len(data)] = len(data).to_bytes(LENGTH) + data
        took = self._took(data)
        if took > SLOW_MS:
            took = min(took, self._took(data))
        if took > SLOW_MS:
            _kept(self.folder, "slow", data)
        self.inputs += 1
        self.slow += took > SLOW_MS
        self.slowest_ms = max(self.slowest_ms, took)
        if self.inputs >= self.most or time.process_time() - self.start > self.most_seconds:
            self.tell()
            os._exit(0)  # libFuzzer has no other end that is a success

    def _took(self, data: bytes) -> float:
        """Return the milliseconds of the processor that the target took."""
        signal.setitimer(signal.ITIMER_PROF, STUCK_S)  # SIGPROF ends a process that has no answer
        start = time.thread_time()
        try:
            self.target(data)
        except Exception as fault:  # noqa: BLE001  every one of them is what we look for
            place = traceback.extract_tb(fault.__traceback__)[-1]
            where = f"{type(fault).__name__} at {place.filename}:{place.lineno}"
            if where not in self.faults:
                self.faults[where] = str(_kept(self.folder, "broken", data))
        return (time.thread_time() - start) * 1000

    def tell(self) -> None:
        """Print what there is to tell."""
        told = {
            "inputs": self.inputs,
            "seconds": time.process_time() - self.start,
            "slowest_ms": self.slowest_ms,
            "slow": self.slow,
            "faults": [f"{where}: {kept}" for where, kept in self.faults.items()],
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
