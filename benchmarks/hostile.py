"""What hostile and broken files cost: outcomes, worst seconds and worst memory, by kind.

python -m benchmarks.hostile [KIND …]
"""

import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from ingest.sandbox import Reader, Spent, UnreadableError
from tests.hostile import hostile_files


def main(kinds: list[str]) -> None:
    """Read every hostile file, two at once, and print a row for each kind, then the worst files."""
    spent: dict[str, Spent] = {}
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder, Reader(note=noted(spent)) as reader:
        files = []
        for name, data in hostile_files(Path(folder, "canary"), "http://127.0.0.1:9"):
            if not kinds or name.partition("-")[0] in kinds:
                path = Path(folder, name)
                path.write_bytes(data)
                files.append(path)
        with ThreadPoolExecutor(2) as pool:
            for path, became in zip(
                files, pool.map(lambda at: outcome(reader, at), files), strict=True
            ):
                outcomes[path.name.partition("-")[0]][became] += 1
    print(f"{'kind':15} {'files':>5} {'seconds':>7} {'MiB':>5} {'together':>8}  outcomes")
    for kind, became in outcomes.items():
        rows = [took for name, took in spent.items() if name.startswith(f"{kind}-")]
        said = ", ".join(f"{count} {name}" for name, count in became.most_common())
        print(
            f"{kind:15} {became.total():5} {max((row.seconds for row in rows), default=0):7.1f} "
            f"{max((row.peak_bytes for row in rows), default=0) >> 20:5} "
            f"{max((row.together_bytes for row in rows), default=0) >> 20:8}  {said}"
        )
    print(f"\n{perf_counter() - start:.0f} s in all. The ten slowest, and the ten largest:")
    for name, took in sorted(spent.items(), key=lambda item: -item[1].seconds)[:10]:
        print(f"{took.seconds:7.1f} s   {name}")
    for name, took in sorted(spent.items(), key=lambda item: -item[1].together_bytes)[:10]:
        print(f"{took.peak_bytes >> 20:7} MiB, together {took.together_bytes >> 20:4}  {name}")


def noted(spent: dict[str, Spent]):  # noqa: ANN201  # a function of the reader's own type
    """Return what the reader tells: of a file read twice, the larger."""

    def note(path: Path, took: Spent) -> None:
        before = spent.get(path.name, Spent())
        spent[path.name] = Spent(
            before.seconds + took.seconds,
            max(before.peak_bytes, took.peak_bytes),
            max(before.together_bytes, took.together_bytes),
        )

    return note


def outcome(reader: Reader, path: Path) -> str:
    """Return "read", or the reason why not."""
    try:
        reader.read(path)
    except UnreadableError as error:
        return str(error.reason)
    return "read"


if __name__ == "__main__":
    main(sys.argv[1:])
