"""How much faster several workers read a folder, and whether they leave what one leaves.

python -m benchmarks.workers [FOLDER …] [--workers 1 2 4] [--again 1] [--times 1] [--words-only]

The folders (else examples/library) and, `--again` times, the sources of the samples as other
stories: other numbers, other facilities. On SQLite and on PostgreSQL, each time in a new library:
files a second from the first claim to the end of the batch, without the index, processor seconds
of all processes, how often that is one worker's speed in the same round, how long this process
had the writer's lock, or waited for it, for each file it kept, and what differs from what one
worker leaves.
"""

import argparse
import os
import re
import resource
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from ingest.duplicates import Shelf
from ingest.pipeline import Outcome, Prepared, files_in
from kb.settings import Settings
from kb.waiting import Claimed
from tests.databases import empty_database, postgres_programs, temporary_postgres
from tests.torture.outcome import kept_in
from web import filling
from web.library import Library, open_library
from web.workers import Worker

SOURCES = Path("examples/sources")


def main() -> None:
    """Print a line for each run, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("examples/library")])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4])
    parser.add_argument("--again", type=int, default=1)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--words-only", action="store_true")
    asked = parser.parse_args()
    if asked.words_only:
        os.environ["KB_SEMANTIC"] = "false"  # of the processes beside this one, too
    with ExitStack() as stack:
        inbox = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for number, folder in enumerate(asked.folders):
            shutil.copytree(folder, inbox / str(number), copy_function=shutil.copyfile)
        for turn in range(asked.again):
            tell_again(inbox / f"again {turn}", turn + 1)
        programs = postgres_programs()
        servers = {"SQLite": ""}
        if programs:
            servers["PostgreSQL"] = stack.enter_context(temporary_postgres(programs))
        print(f"{len(files_in([inbox]))} files, {os.cpu_count()} cores", flush=True)
        for name, server in servers.items():
            compare(name, server, inbox, asked.workers, asked.times)


def tell_again(folder: Path, turn: int) -> None:
    """Write the sources of the samples as stories of other places with other numbers."""
    folder.mkdir()
    for path in SOURCES.glob("*.md"):
        told = path.read_text(encoding="utf-8")
        told = re.sub(r"\b\d{1,2}\b", lambda number: str((int(number[0]) + 7 * turn) % 97), told)
        told = re.sub(r"\b(Health|Hospital|Centre|Clinic)\b", rf"\1 {turn}", told)
        (folder / path.name).write_text(told, encoding="utf-8")


def compare(name: str, server: str, inbox: Path, workers: list[int], times: int) -> None:
    """Print what each number of workers takes, in rounds of all of them."""
    ratios: dict[int, list[float]] = defaultdict(list)
    rates: dict[int, list[float]] = defaultdict(list)
    for _ in range(times):
        first: dict[str, object] = {}
        alone = 0.0
        for number in workers:
            with new_library(server) as library:
                seconds, used, held = run(library, inbox, number)
                kept = kept_in(library)
                n_files = len(kept["names"])
            rate = n_files / seconds
            alone, first = alone or rate, first or kept
            rates[number].append(rate)
            ratios[number].append(rate / alone)
            load = os.getloadavg()[0]
            print(
                f"{name:10} {number} workers: {n_files} files in {seconds:6.1f} s, {rate:5.2f} a "
                f"second, {rate / alone:4.2f} ×, processor {used:6.1f} s, keeping one "
                f"{1000 * median(held):4.0f} ms, load {load:.1f}, {differs(first, kept)}",
                flush=True,
            )
    for number in workers:
        print(
            f"{name:10} {number}: {median(rates[number]):.2f} a second, "
            f"{median(ratios[number]):.2f} ×",
            flush=True,
        )


@contextmanager
def new_library(server: str) -> Iterator[Library]:
    """Open an empty library with the graphs of the encoder that were made before."""
    with tempfile.TemporaryDirectory() as home, empty_database(Path(home), server) as url:
        exported = Settings().models.absolute()
        exported.mkdir(parents=True, exist_ok=True)
        library = open_library(Settings(data=Path(home), database=url))
        library.settings.models.symlink_to(exported)
        if library.encoder:
            library.encoder.encode(["Warm up."])  # loads what is loaded once
        yield library
        library.engine.dispose()


def run(library: Library, inbox: Path, workers: int) -> tuple[float, float, list[float]]:
    """Ingest the folder; return seconds, processor seconds, and how long each file was kept."""
    held: list[float] = []
    keep = Worker._keep  # noqa: SLF001

    def timed(worker: Worker, claimed: Claimed, prepared: Prepared, shelf: Shelf) -> Outcome | None:
        began = perf_counter()
        kept = keep(worker, claimed, prepared, shelf)
        held.append(perf_counter() - began)
        return kept

    Worker._keep = timed  # noqa: SLF001
    used, began = busy(), perf_counter()
    try:
        filling.ingest(library, [inbox], step=filling.quietly, workers=workers)
    finally:
        Worker._keep = keep  # noqa: SLF001
    return perf_counter() - began, busy() - used, held


def differs(one: dict[str, object], other: dict[str, object]) -> str:
    """Say what of the two outcomes is not the same."""
    parts = [
        f"{name} ({len(one[name] ^ other[name])})" if isinstance(one[name], set) else name
        for name in one
        if one[name] != other[name]
    ]
    return f"differs: {', '.join(parts)}" if parts else "the same outcome"


def busy() -> float:
    """Return processor seconds of this process and of all that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    main()
