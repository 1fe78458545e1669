"""What it takes to give a library away, take one in, back it up and restore it.

python -m benchmarks.federating LIBRARY FOLDER RECORDS [RECORDS …]

LIBRARY is a filled one, such as that of `kb demo`; its public records are taken again and again,
each with an origin and a title of its own, as if another library gave them. All that is made lies
in FOLDER. Each step is a process of its own, so that its memory is its own too; what is indexed
afterwards is no part of it.
"""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import count, cycle, islice
from pathlib import Path
from time import perf_counter

from sqlalchemy import update

from kb import backups, bags, exchange, lending, matching
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import Status, Visibility
from web import federating
from web.filling import quietly
from web.library import open_library


def _settings(work: Path, name: str = "library") -> Settings:
    return Settings(data=work / name, semantic=False)


def _given(source: Path, work: Path, records: int) -> None:
    """Write the bag of a library that has so many records."""
    library = open_library(Settings(data=source, semantic=False))
    with library.reading() as session:
        lines = [json.loads(line) for line in exchange.lines(session, library="Mbeya")]
    told = (one for one in lines if "record" in one)
    info = {"Maktaba-Kind": lending.KIND, "Maktaba-Form": str(exchange.VERSION)}
    with bags.packed(work / "given.zip", info) as bag:
        named = (
            one
            | {"origin": f"https://mbeya.example/records/{number}", "library": "Mbeya"}
            | {"record": one["record"] | {"title": f"{one['record']['title']} ({number})"}}
            for number, one in zip(count(1), islice(cycle(told), records), strict=False)
        )
        bag.write(lending.RECORDS, "".join(f"{json.dumps(one)}\n" for one in named))
        bag.write(lending.CONCEPTS, "".join(f"{one}\n" for one in matching.told(library.taxonomy)))


def _import(work: Path) -> None:
    library = open_library(_settings(work))
    offer = federating.offered(library, work / "given.zip", name="Mbeya")
    federating.borrow(library, offer, step=quietly)


def _show(work: Path) -> None:
    """Let readers see them all, as no curator could in an afternoon."""
    library = open_library(_settings(work))
    with library.writing() as session:
        shown = {"status": Status.PUBLISHED, "visibility": Visibility.PUBLIC}
        session.execute(update(Record).values(**shown))
        session.commit()


def _export(work: Path) -> None:
    federating.lend(open_library(_settings(work)), work / "out.zip")


def _backup(work: Path) -> None:
    backups.write(work / "backup.zip", settings=_settings(work))


def _verify(work: Path) -> None:
    backups.verify(work / "backup.zip")


def _restore(work: Path) -> None:
    backups.restore(work / "backup.zip", work / "again")


STEPS: dict[str, tuple[Callable[[Path], None], str]] = {
    "import": (_import, "given.zip"),
    "import again": (_import, "given.zip"),
    "show": (_show, ""),
    "export": (_export, "out.zip"),
    "backup": (_backup, "backup.zip"),
    "verify": (_verify, "backup.zip"),
    "restore": (_restore, "backup.zip"),
}


def main(source: Path, folder: Path, records: int) -> None:
    """Take every step with so many records, and print what each took."""
    work = folder / f"of-{records}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    _given(source, work, records)
    for name, (_, file) in STEPS.items():
        begun = perf_counter()
        done = subprocess.run(  # noqa: S603  ourselves
            [sys.executable, "-m", "benchmarks.federating", "--step", name, str(work)],
            check=True,
            capture_output=True,
            text=True,
        )
        cpu, memory = json.loads(done.stdout.splitlines()[-1])
        size = (work / file).stat().st_size / 1e6 if file else 0
        print(
            f"| {records} | {name} | {cpu:.1f} s | {perf_counter() - begun:.0f} s "
            f"| {memory:.0f} MB | {size:.1f} MB |",
            flush=True,
        )


def _step(name: str, work: Path) -> None:
    act, _ = STEPS[name]
    act(work)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))


if __name__ == "__main__":
    if sys.argv[1] == "--step":
        _step(sys.argv[2], Path(sys.argv[3]))
    else:
        for wanted in sys.argv[3:]:
            main(Path(sys.argv[1]), Path(sys.argv[2]), int(wanted))
