"""Two search engines that are measured in the same way, each in a process of its own.

Runs under both interpreters, so it knows only the standard library. A side reads one JSON line
for each thing to do and writes one with what it found and how long it took.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple, Protocol

PAGE = os.sysconf("SC_PAGE_SIZE")


class Condition(NamedTuple):
    """How questions are asked: behind a filter, with facets, by how many at once."""

    country: str = ""
    year: int = 0
    facets: bool = False
    clients: int = 1
    limit: int = 10
    folded: bool = True  # whether what tells the same may stand behind another answer


class Side(Protocol):
    """A filled library that answers."""

    def ask(self, question: str, condition: Condition) -> list[str]:
        """Return the names of the stories that answer best, best first."""

    def add(self, text: str) -> None:
        """Add a story so that the next question finds it."""

    def remove(self) -> None:
        """Remove the stories that were added so that the next question does not find them."""

    def bare(self, question: str) -> None:
        """Do the least that an answer could take, with the same libraries."""


def serve(side: Side, *, loaded: Mapping[str, float]) -> None:
    """Answer one JSON line with one, until there are no more."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes where it does not disturb
    print(json.dumps(loaded), file=lines, flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        done = _TASKS[task.pop("do")](side, **task)
        print(json.dumps(done), file=lines, flush=True)


def resident_mb() -> float:
    """Return the memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE / 2**20


def _asked(side: Side, *, questions: Sequence[str], condition: Sequence[Any]) -> dict[str, Any]:
    how = Condition(*condition)

    def one(question: str) -> tuple[list[str], float, float]:
        cpu, wall = process_time(), perf_counter()
        found = side.ask(question, how)
        return found, 1000 * (perf_counter() - wall), 1000 * (process_time() - cpu)

    cpu = process_time()
    with ThreadPoolExecutor(how.clients) as clients:
        answers = list(clients.map(one, questions))
    mean_cpu = 1000 * (process_time() - cpu) / len(questions)
    found, wall_ms, cpu_ms = map(list, zip(*answers, strict=True))
    # What several do at once cannot be told apart.
    return {
        "found": found,
        "wall_ms": wall_ms,
        "cpu_ms": cpu_ms if how.clients == 1 else [mean_cpu] * len(questions),
    }


def _bare(side: Side, *, questions: Sequence[str]) -> dict[str, Any]:
    return {"cpu_ms": [_timed(lambda q=q: side.bare(q))["cpu_ms"] for q in questions]}


def _timed(act: Callable[[], object]) -> dict[str, float]:
    cpu, wall = process_time(), perf_counter()
    act()
    return {
        "wall_ms": 1000 * (perf_counter() - wall),
        "cpu_ms": 1000 * (process_time() - cpu),
    }


def _changed(side: Side, *, text: str) -> dict[str, Any]:
    """Add a story, find it, remove it, and do not find it any more."""
    mine = text.partition(".")[0]

    def there() -> bool:
        return "new" in side.ask(mine, Condition())

    def added() -> None:
        side.add(text)
        if not there():
            raise AssertionError("what was added is not found")

    def removed() -> None:
        side.remove()
        if there():
            raise AssertionError("what was removed is still found")

    return {"added": _timed(added), "removed": _timed(removed)}


_TASKS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "ask": _asked,
    "bare": _bare,
    "change": _changed,
    "memory": lambda _: {"resident_mb": resident_mb()},
}


class Running:
    """A side in its own process, as the one who measures sees it."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; `loaded` says what opening the library took."""
        self._process = subprocess.Popen(  # noqa: S603  our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.loaded = self._read()

    def do(self, what: str, **task: object) -> dict[str, Any]:
        """Let it do one thing."""
        if self._process.stdin is None:
            raise BrokenPipeError
        print(json.dumps({"do": what, **task}), file=self._process.stdin, flush=True)
        return self._read()

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise EOFError("the process has ended; see above what it said")
        found: dict[str, Any] = json.loads(line)
        return found
