"""How fast, how large and how good the search is, side by side with txtai, in one run.

python -m benchmarks.search FOLDER --also FOLDER2 --passages 50000 200000 --cache DIR
    --vectors FILE.npz --peer-python PATH

FOLDER is a judged set in BEIR's layout; it is grown to each number of passages as
benchmarks/growing.py says (0: as it is). What is built is kept in DIR and used again. Without
PATH, an interpreter that has txtai, only ours is measured. Both sides have the same passages,
vectors and weights and take turns, so ratios hold on a busy machine, and milliseconds do not.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import fmean, median
from time import perf_counter
from typing import TypeAlias

import numpy as np

from benchmarks import growing
from benchmarks.growing import RARE, TENTH
from benchmarks.sides import Condition, Running
from kb import taxonomy
from kb.settings import Settings
from search.encoder import Encoder, find_encoder
from search.evaluate import Judged, read
from search.metrics import ndcg

OURS, THEIRS = "Maktaba", "txtai"
CONDITIONS = {
    "one reader": Condition(),
    "behind a filter of 1 %": Condition(country=RARE),
    "behind a filter of 10 %": Condition(year=TENTH),
    "with facets": Condition(facets=True),
    "eight readers": Condition(clients=8),
}
JUDGED = 300  # questions that quality is taken from
DEEP = 50  # answers asked for, so that ten are left without the grown ones
NEW = (
    "Lantern kiosk for night referrals in Zanzibar. The lantern kiosk beside the maternity gate "
    "kept a bicycle ambulance rota. Referrals at night rose from four to eleven a month."
)

Row: TypeAlias = tuple[str, float, float | None]  # what, ours, theirs


@dataclass
class Measured:
    """What was measured of one library: rows of the table, by what they are."""

    name: str
    passages: int
    rows: list[Row] = field(default_factory=list)

    def add(self, what: str, found: Mapping[str, float]) -> None:
        """Add a row; theirs may be missing."""
        self.rows.append((what, found[OURS], found.get(THEIRS)))


@dataclass(frozen=True)
class Bench:
    """Where libraries are kept, and who answers for them."""

    cache: Path
    peer: str  # an interpreter, or empty
    encoder: Encoder
    rounds: int
    asked: int  # questions in each round and condition

    def command(self, side: str, what: str, folder: Path, *more: str) -> list[str]:
        """Return what runs a side."""
        if side == OURS:
            return [sys.executable, "-m", "benchmarks.ours", what, str(folder), *more]
        weights = str(self.encoder.weights.folder)
        return [self.peer, "-m", "benchmarks.peer", what, str(folder), weights, *more]

    @property
    def sides(self) -> tuple[str, ...]:
        """Who is measured."""
        return (OURS, THEIRS) if self.peer else (OURS,)


def main() -> None:
    """Build what is missing, measure, print a table for each library."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="sets for quality only")
    parser.add_argument("--passages", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--cache", type=Path, default=Path("var/benchmark"))
    parser.add_argument("--vectors", type=Path, nargs="*", default=[], help="encoded passages")
    parser.add_argument("--peer-python", default="", help="an interpreter that has txtai")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--asked", type=int, default=40)
    parser.add_argument("--build", action="store_true", help="build, do not measure")
    asked = parser.parse_args()
    encoder = find_encoder(Settings(data=asked.cache))
    if encoder is None:
        sys.exit('There is nothing to compare without: pip install "maktaba[semantic]".')
    bench = Bench(asked.cache, asked.peer_python, encoder, asked.rounds, asked.asked)
    libraries = [(asked.folder, size, n == 0) for n, size in enumerate(asked.passages)]
    libraries += [(folder, 0, True) for folder in asked.also]
    for folder, size, is_judged in libraries:
        judged = read(folder)
        there = built(bench, folder, judged, size, asked.vectors)
        if not asked.build:
            show(
                measure(bench, there, judged, is_judged=is_judged, is_timed=folder == asked.folder)
            )


def built(bench: Bench, folder: Path, judged: Judged, size: int, vectors: Sequence[Path]) -> Path:
    """Return the folder where both sides of a library are, made if they are missing."""
    there = bench.cache / f"{folder.name}-{size or 'all'}"
    if not (there / "vectors.npy").is_file():
        topics = [t.notation for t in taxonomy.load(taxonomy.shipped()).roots("topics")]
        own = bench.cache / f"{folder.name}.npz"
        corpus = growing.grown(
            judged.corpus, bench.encoder, topics=topics, size=size, own=own, others=vectors
        )
        growing.keep(corpus, there)
    for side in bench.sides:
        made = there / f"{side}.json"
        if not made.is_file():
            print(f"building {there.name} for {side}", file=sys.stderr, flush=True)
            shutil.rmtree(there / _folder(side), ignore_errors=True)
            done = subprocess.run(  # noqa: S603  our own program
                bench.command(side, "build", there), stdout=subprocess.PIPE, check=True
            )
            made.write_bytes(done.stdout.strip().splitlines()[-1])
    return there


def measure(
    bench: Bench, there: Path, judged: Judged, *, is_judged: bool, is_timed: bool
) -> Measured:
    """Measure a library that is built."""
    stories = growing.kept(there).stories
    found = Measured(there.name, len(np.load(there / "vectors.npy", mmap_mode="r")))
    if is_timed:
        for what in ("wall_s", "cpu_s"):
            taken = {s: json.loads((there / f"{s}.json").read_text())[what] for s in bench.sides}
            found.add(f"index built, vectors given, {what.replace('_', ' ')}", taken)
        found.add("on disk, MB", {s: _megabytes(there / _folder(s)) for s in bench.sides})
        _cold(bench, there, found)
    running = {s: Running(bench.command(s, "serve", there)) for s in bench.sides}
    try:
        if is_timed:
            _latency(bench, running, list(judged.queries.values()), found)
            _bare(running[OURS], list(judged.queries.values()), found)
            _change(running, found)
        if is_judged:
            _quality(running, judged, [story.name for story in stories], found)
    finally:
        for side in running.values():
            side.close()
    return found


def _latency(
    bench: Bench, running: Mapping[str, Running], questions: Sequence[str], found: Measured
) -> None:
    """Ask under each condition, in turns, other questions in each round."""
    shuffled = Random(2).sample(questions, len(questions))
    for side in running.values():  # the first loads what the others find loaded
        side.do("ask", questions=shuffled[:5], condition=Condition())
        side.do("ask", questions=shuffled[:2], condition=Condition(facets=True, year=TENTH))
    times: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for number in range(bench.rounds):
        start = 5 + number * bench.asked
        mine = shuffled[start : start + bench.asked]
        for condition, how in CONDITIONS.items():
            for name, side in running.items():
                answer = side.do("ask", questions=mine, condition=how)
                for what in ("wall_ms", "cpu_ms"):
                    times[name, condition, what] += answer[what]
                times[name, condition, "of 10"] += [len(ids) for ids in answer["found"]]
    found.add(
        "resident while serving, MB",
        {name: side.do("memory")["resident_mb"] for name, side in running.items()},
    )
    for condition in CONDITIONS:
        for label, what, share in (
            ("p50 ms", "wall_ms", 50),
            ("p95 ms", "wall_ms", 95),
            ("processor ms", "cpu_ms", 50),
        ):
            taken = {s: float(np.percentile(times[s, condition, what], share)) for s in running}
            found.add(f"question, {condition}, {label}", taken)
        if "filter" in condition:
            answers = {s: fmean(times[s, condition, "of 10"]) for s in running}
            found.add(f"question, {condition}, answers of 10", answers)


def _bare(ours: Running, questions: Sequence[str], found: Measured) -> None:
    """Compare with the bare sum, in turns: encode + flat index + words, nothing else."""
    ratios = []
    ours.do("bare", questions=questions[:2])
    for start in range(0, 60, 10):
        mine = questions[start : start + 10]
        bare = ours.do("bare", questions=mine)["cpu_ms"]
        whole = ours.do("ask", questions=mine, condition=Condition())["cpu_ms"]
        ratios.append(median(whole) / median(bare))
    found.add("processor time against the bare sum, ×", {OURS: median(ratios)})


def _change(running: Mapping[str, Running], found: Measured) -> None:
    """Add a story and remove it; the answer that shows it is part of the time."""
    taken: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(3):
        for name, side in running.items():
            for what, times in side.do("change", text=NEW).items():
                taken[name, what].append(times["wall_ms"])
    for what in ("added", "removed"):
        found.add(f"one story {what}, p50 ms", {s: median(taken[s, what]) for s in running})


def _quality(
    running: Mapping[str, Running], judged: Judged, names: Sequence[str], found: Measured
) -> None:
    """Take nDCG@10 over the same questions; grown stories do not count as answers."""
    ids = Random(3).sample(sorted(judged.queries), min(JUDGED, len(judged.queries)))
    questions = [judged.queries[i] for i in ids]
    means = {}
    for name, side in running.items():
        answer = side.do("ask", questions=questions, condition=Condition(limit=DEEP, folded=False))
        rankings = [[s for n in one if (s := names[int(n)])] for one in answer["found"]]
        means[name] = fmean(
            ndcg(ranking, judged.qrels[i]) for i, ranking in zip(ids, rankings, strict=True)
        )
    found.add(f"nDCG@10 of {len(ids)} questions", means)


def _cold(bench: Bench, there: Path, found: Measured) -> None:
    """Start a fresh process for one answer, in turns."""
    question = "how to treat jaundice of a newborn baby"
    ask = "from web.cli import run; run()"
    commands = {
        OURS: [sys.executable, "-c", ask, "--data", str(there / "ours"), "search", question]
    }
    if bench.peer:
        commands[THEIRS] = bench.command(THEIRS, "cold", there, question)
    taken: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(bench.rounds):
        for name, command in commands.items():
            wall, cpu = perf_counter(), _children_s()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own
            taken[name, "wall"].append(perf_counter() - wall)
            taken[name, "processor"].append(_children_s() - cpu)
    for what in ("wall", "processor"):
        found.add(
            f"cold start to first answer, {what} s", {s: median(taken[s, what]) for s in commands}
        )


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _folder(side: str) -> str:
    return "ours" if side == OURS else "theirs"


def _megabytes(folder: Path) -> float:
    """Return what a folder holds, without the model, which both have elsewhere."""
    files = (path for path in _files(folder) if not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 2**20


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        yield from (Path(where, name) for name in names)


def show(found: Measured) -> None:
    """Print a table in Markdown."""
    print(f"\n**{found.name}**: {found.passages:,} passages\n")
    print(f"| | {OURS} | {THEIRS} | ratio |\n|---|---|---|---|")
    for what, ours, theirs in found.rows:
        other = "–" if theirs is None else _said(theirs)
        ratio = f"{ours / theirs:.2f}" if theirs else "–"
        print(f"| {what} | {_said(ours)} | {other} | {ratio} |")
    sys.stdout.flush()


def _said(value: float) -> str:
    return f"{value:.3f}" if value < 2 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
